"""Canvassers' phones: each is enrolled by a code that is scanned once, and can be ended at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import phone_state
from dashboard.sentences import plural
from dashboard.widgets import entry, notice, once, proof, trouble
from dashboard.widgets.once import Shown

if TYPE_CHECKING:
    from dashboard.access_answers import Connected, Enrolment, Me, Phone
    from dashboard.client import Client

LABEL, DAYS = "phone_label", "phone_days"
MOST_DAYS: Final = 30


def show(api: Client, _: Me) -> None:
    """Draw the phones."""
    _add()
    phones = api.list_phones()
    good = [phone for phone in phones if phone.ended_at is None]
    past = [phone for phone in phones if phone.ended_at is not None]
    if good:
        entry.heading(plural(len(good), "phone", "phones"))
    else:
        trouble.empty("No phone hands anything in yet.", "Add one above, and scan its code with the phone.")
    for phone in good:
        _one(phone)
    if past:
        with st.expander(f"{plural(len(past), 'phone', 'phones')} that ended", icon=":material/history:"):
            for phone in past:
                entry.line(phone.id, phone.label, [phone_state(phone)], over=True)


def _add() -> None:
    with st.expander("Add a phone", icon=":material/add_to_home_screen:"), st.form("add_phone", border=False):
        left, right = st.columns([2, 1])
        left.text_input(
            "What you call it", key=LABEL, max_chars=60, placeholder="Turf 3", help="Not the name of who carries it."
        )
        right.number_input("Days it may hand in", 1, MOST_DAYS, value=14, step=1, key=DAYS)
        st.form_submit_button("Make the code", type="primary", on_click=_send)


def _send() -> None:
    label, days = str(st.session_state.get(LABEL) or "").strip(), int(st.session_state.get(DAYS) or 1)
    if not label:
        notice.refuse("Give the phone a name, such as the turf it is used in.")
        return

    def done(made: Enrolment) -> None:
        st.session_state[LABEL] = ""
        _code(made)

    proof.attempt(lambda api: api.add_phone(label, days), done)


def _code(made: Enrolment) -> None:
    note = (
        "Scan the code with the phone, or open the link on it. It works once and only for the next 15 minutes; "
        "a new one can be made at any time."
    )
    once.keep(Shown(f"The code for {made.phone.label}", note, made.link, made.qr_svg))


def _one(phone: Phone) -> None:
    room = entry.line(phone.id, phone.label, [phone_state(phone)])
    room.button("New code", key=f"code_{phone.id}", on_click=_renew, args=(phone,))
    ask = "What this phone carries now is good no more: from then on it hands in by ODK Collect."
    entry.sure(room, f"odk_{phone.id}", ("ODK Collect", "Set up ODK Collect"), ask, partial(_connect, phone))
    ask = "Nothing this phone carries will be good any more. It cannot be taken back; a new phone can be added."
    entry.sure(room, phone.id, ("End", "End this phone"), ask, partial(_end, phone))


def _renew(phone: Phone) -> None:
    proof.attempt(lambda api: api.renew_code(phone.id), _code)


def _connect(phone: Phone) -> None:
    proof.attempt(lambda api: api.connect_odk(phone.id), _settings)


def _settings(made: Connected) -> None:
    note = (
        "In ODK Collect choose “Configure with QR code” and scan it. For Enketo and other programs, type what stands "
        "below. It is shown this once; the forms that are asked come by themselves."
    )
    typed = f"Server: {made.server_url}\nUser: {made.user}\nPassword: {made.password}"
    scan = "Scan this in ODK Collect"
    once.keep(Shown(f"ODK Collect for {made.phone.label}", note, typed, made.qr_svg, scan=scan))


def _end(phone: Phone) -> None:
    def done(_: object) -> None:
        once.forget()
        notice.say(f"{phone.label} has ended. Nothing it carries is good any more.")

    proof.attempt(lambda api: api.end_phone(phone.id), done)
