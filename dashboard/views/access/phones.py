"""Canvassers' phones: each is enrolled by a code that is scanned once, and can be ended at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import phone_state
from dashboard.translation import tr, trn
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
        entry.heading(trn("{n} phone", "{n} phones", len(good)))
    else:
        trouble.empty(tr("No phone hands anything in yet."), tr("Add one above, and scan its code with the phone."))
    for phone in good:
        _one(phone)
    if past:
        ended = trn("{n} phone that ended", "{n} phones that ended", len(past))
        with st.expander(ended, icon=":material/history:"):
            for phone in past:
                entry.line(phone.id, phone.label, [phone_state(phone)], over=True)


def _add() -> None:
    with st.expander(tr("Add a phone"), icon=":material/add_to_home_screen:"), st.form("add_phone", border=False):
        left, right = st.columns([2, 1])
        left.text_input(
            tr("What you call it"),
            key=LABEL,
            max_chars=60,
            placeholder=tr("Turf 3"),
            help=tr("Not the name of who carries it."),
        )
        right.number_input(tr("Days it may hand in"), 1, MOST_DAYS, value=14, step=1, key=DAYS)
        st.form_submit_button(tr("Make the code"), type="primary", on_click=_send)


def _send() -> None:
    label, days = str(st.session_state.get(LABEL) or "").strip(), int(st.session_state.get(DAYS) or 1)
    if not label:
        notice.refuse(tr("Give the phone a name, such as the turf it is used in."))
        return

    def done(made: Enrolment) -> None:
        st.session_state[LABEL] = ""
        _code(made)

    proof.attempt(lambda api: api.add_phone(label, days), done)


def _code(made: Enrolment) -> None:
    note = tr(
        "Scan the code with the phone, or open the link on it. It works once and only for the next 15 minutes; "
        "a new one can be made at any time."
    )
    once.keep(Shown(tr("The code for {phone}", phone=made.phone.label), note, made.link, made.qr_svg))


def _one(phone: Phone) -> None:
    room = entry.line(phone.id, phone.label, [phone_state(phone)])
    room.button(tr("New code"), key=f"code_{phone.id}", on_click=_renew, args=(phone,))
    ask = tr("What this phone carries now is good no more: from then on it hands in by ODK Collect.")
    words, do = (tr("ODK Collect"), tr("Set up ODK Collect")), partial(_connect, phone)
    entry.sure(room, key=f"odk_{phone.id}", words=words, ask=ask, do=do)
    ask = tr("Nothing this phone carries will be good any more. It cannot be taken back; a new phone can be added.")
    entry.sure(room, phone.id, (tr("End"), tr("End this phone")), ask, partial(_end, phone))


def _renew(phone: Phone) -> None:
    proof.attempt(lambda api: api.renew_code(phone.id), _code)


def _connect(phone: Phone) -> None:
    proof.attempt(lambda api: api.connect_odk(phone.id), _settings)


def _settings(made: Connected) -> None:
    note = tr(
        "In ODK Collect choose “Configure with QR code” and scan it. For Enketo and other programs, type what stands "
        "below. It is shown this once; the forms that are asked come by themselves."
    )
    typed = tr(
        "Server: {server}\nUser: {user}\nPassword: {password}",
        server=made.server_url, user=made.user, password=made.password,
    )  # fmt: skip
    scan = tr("Scan this in ODK Collect")
    once.keep(Shown(tr("ODK Collect for {phone}", phone=made.phone.label), note, typed, made.qr_svg, scan=scan))


def _end(phone: Phone) -> None:
    def done(_: object) -> None:
        once.forget()
        notice.say(tr("{phone} has ended. Nothing it carries is good any more.", phone=phone.label))

    proof.attempt(lambda api: api.end_phone(phone.id), done)
