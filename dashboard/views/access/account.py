"""One's own account: the password, one-time codes, other networks, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import ROLES
from dashboard.translation import number, tr
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
        role = ROLES.get(me.role, me.role).lower()
        told = tr(
            "You are {name}, {role} of {network}.",
            name=f"<b>{as_html(me.name)}</b>", role=as_html(role), network=as_html(me.here),
        )  # fmt: skip
        st.html(f"<p class='br-note'>{told}</p>")
        _password()
    _codes(me)
    if len(me.homes) > 1:
        _networks(me)
    entry.heading(tr("Leave"))
    st.button(tr("Sign out"), key="account_sign_out", icon=":material/logout:", on_click=who.sign_out)


def _password() -> None:
    entry.heading(tr("Password"))
    with st.form("password", border=True, width=560):
        for key, label in ((NEW, tr("New password")), (AGAIN, tr("The same once more"))):
            st.text_input(label, type="password", key=key, max_chars=200, autocomplete="new-password")
        st.caption(
            tr(
                "{least} characters or more. Four words that do not belong together are easy to keep in mind.",
                least=number(LEAST),
            )
        )
        st.form_submit_button(tr("Change the password"), on_click=_change)


def _change() -> None:
    new, again = (str(st.session_state.get(key) or "") for key in (NEW, AGAIN))
    if len(new) < LEAST:
        notice.refuse(tr("A password has {least} characters or more. Nothing was changed.", least=number(LEAST)))
        return
    if new != again:
        notice.refuse(tr("The two are not the same. Nothing was changed."))
        return

    def done(_: object) -> None:
        st.session_state[NEW] = st.session_state[AGAIN] = ""
        notice.say(tr("Your password is changed. Your other sessions and your scripts' tokens have ended."))

    proof.attempt(lambda api: api.change_password(new), done)


def _codes(me: Me) -> None:
    entry.heading(tr("One-time codes"))
    offer: TotpOffer | None = st.session_state.get(OFFER)
    if offer:
        _confirm(offer)
        return
    told = tr(
        "An authenticator app on your phone shows six digits that change every half minute. With them, a password "
        "somebody has seen is not enough to come in."
    )
    st.html(f"<p class='br-note'>{as_html(told)}</p>")
    with st.container(horizontal=True):
        again = tr("Set up another app") if me.has_totp else tr("Set up one-time codes")
        st.button(again, key="totp_begin", icon=":material/qr_code_2:", on_click=_begin)
        if not me.has_totp:
            return
        room = st.container(width="content")
        ask = tr("Your password alone will let anybody in again. You can set codes up anew at any time.")
        words = tr("Turn them off"), tr("Turn them off now")
        entry.sure(room, key="totp", words=words, ask=ask, do=_turn_off)


def _begin() -> None:
    def offered(offer: TotpOffer) -> None:
        st.session_state[OFFER] = offer

    proof.attempt(lambda api: api.offer_totp(), offered)


def _confirm(offer: TotpOffer) -> None:
    with st.form("totp", border=True, width=560):
        scan = tr("Scan this with your authenticator app, then type the digits it shows.")
        st.html(f"<p class='br-note'>{as_html(scan)}</p>")
        if offer.qr_svg.startswith("<svg"):
            st.image(offer.qr_svg, width=QR_WIDTH)
        st.caption(tr("No camera? Type this into the app:"))
        st.code(offer.secret, language=None, wrap_lines=True)
        st.text_input(tr("Six digits"), key=DIGITS, max_chars=8, autocomplete="one-time-code")
        with st.container(horizontal=True):
            st.form_submit_button(tr("Turn them on"), type="primary", on_click=_turn_on, args=(offer,))
            st.form_submit_button(tr("Not now"), on_click=_put_away)


def _put_away() -> None:
    st.session_state.pop(OFFER, None)


def _turn_on(offer: TotpOffer) -> None:
    code = str(st.session_state.get(DIGITS) or "").strip()

    def done(_: object) -> None:
        _put_away()
        notice.say(tr("One-time codes are on. You will be asked for them when you next sign in."))

    proof.attempt(lambda api: api.set_totp(offer.secret, code), done)


def _turn_off() -> None:
    def done(_: object) -> None:
        notice.say(tr("One-time codes are off."))

    proof.attempt(lambda api: api.clear_totp(), done)


def _networks(me: Me) -> None:
    entry.heading(tr("Your other networks"))
    for home in me.homes:
        if home.id != me.network:
            over = as_label(tr("Go over to {network}", network=home.name))
            st.button(over, key=f"over_{home.id}", on_click=who.go_to, args=(home.id,))
