"""One's own account: the password, one-time codes, other networks, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import ROLES
from dashboard.widgets import entry, notice, proof, who
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.access_answers import Me, TotpOffer
    from dashboard.client import Client

NEW, AGAIN, OFFER, DIGITS = "new_password", "new_password_again", "totp_offer", "totp_digits"
QR_WIDTH: Final = 220
LEAST: Final = 12


def show(_: Client, me: Me) -> None:
    """Draw the account of whoever looks."""
    if not me.needs_totp:
        role = ROLES.get(me.role, me.role)
        st.html(
            f"<p class='br-note'>You are <b>{as_html(me.name)}</b>, {as_html(role.lower())} of {as_html(me.here)}.</p>"
        )
        _password()
    _codes(me)
    if len(me.homes) > 1:
        _networks(me)
    entry.heading("Leave")
    st.button("Sign out", key="account_sign_out", icon=":material/logout:", on_click=who.sign_out)


def _password() -> None:
    entry.heading("Password")
    with st.form("password", border=True, width=560):
        for key, label in ((NEW, "New password"), (AGAIN, "The same once more")):
            st.text_input(label, type="password", key=key, max_chars=200, autocomplete="new-password")
        st.caption(f"{LEAST} characters or more. Four words that do not belong together are easy to keep in mind.")
        st.form_submit_button("Change the password", on_click=_change)


def _change() -> None:
    new, again = (str(st.session_state.get(key) or "") for key in (NEW, AGAIN))
    if len(new) < LEAST:
        notice.refuse(f"A password has {LEAST} characters or more. Nothing was changed.")
        return
    if new != again:
        notice.refuse("The two are not the same. Nothing was changed.")
        return

    def done(_: object) -> None:
        st.session_state[NEW] = st.session_state[AGAIN] = ""
        notice.say("Your password is changed. Your other sessions and your scripts' tokens have ended.")

    proof.attempt(lambda api: api.change_password(new), done)


def _codes(me: Me) -> None:
    entry.heading("One-time codes")
    offer: TotpOffer | None = st.session_state.get(OFFER)
    if offer:
        _confirm(offer)
        return
    st.html(
        "<p class='br-note'>An authenticator app on your phone shows six digits that change every half minute. With "
        "them, a password somebody has seen is not enough to come in.</p>"
    )
    with st.container(horizontal=True):
        again = "Set up another app" if me.has_totp else "Set up one-time codes"
        st.button(again, key="totp_begin", icon=":material/qr_code_2:", on_click=_begin)
        if not me.has_totp:
            return
        room = st.container(width="content")
        ask = "Your password alone will let anybody in again. You can set codes up anew at any time."
        entry.sure(room, "totp", ("Turn them off", "Turn them off now"), ask, _turn_off)


def _begin() -> None:
    def offered(offer: TotpOffer) -> None:
        st.session_state[OFFER] = offer

    proof.attempt(lambda api: api.offer_totp(), offered)


def _confirm(offer: TotpOffer) -> None:
    with st.form("totp", border=True, width=560):
        st.html("<p class='br-note'>Scan this with your authenticator app, then type the digits it shows.</p>")
        if offer.qr_svg.startswith("<svg"):
            st.image(offer.qr_svg, width=QR_WIDTH)
        st.caption("No camera? Type this into the app:")
        st.code(offer.secret, language=None, wrap_lines=True)
        st.text_input("Six digits", key=DIGITS, max_chars=8, autocomplete="one-time-code")
        with st.container(horizontal=True):
            st.form_submit_button("Turn them on", type="primary", on_click=_turn_on, args=(offer,))
            st.form_submit_button("Not now", on_click=_put_away)


def _put_away() -> None:
    st.session_state.pop(OFFER, None)


def _turn_on(offer: TotpOffer) -> None:
    code = str(st.session_state.get(DIGITS) or "").strip()

    def done(_: object) -> None:
        _put_away()
        notice.say("One-time codes are on. You will be asked for them when you next sign in.")

    proof.attempt(lambda api: api.set_totp(offer.secret, code), done)


def _turn_off() -> None:
    def done(_: object) -> None:
        notice.say("One-time codes are off.")

    proof.attempt(lambda api: api.clear_totp(), done)


def _networks(me: Me) -> None:
    entry.heading("Your other networks")
    for home in me.homes:
        if home.id != me.network:
            st.button(f"Go over to {as_label(home.name)}", key=f"over_{home.id}", on_click=who.go_to, args=(home.id,))
