"""Who is signed in, in which network, and the way out: at the top of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

import streamlit as st

from dashboard import client
from dashboard.access_words import ROLES
from dashboard.client import ApiTrouble
from dashboard.translation import LANGUAGES, language, tr
from dashboard.widgets import theme
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.access_answers import Me

LEFT: Final = "signed_out"
GOES_TO: Final = "goes_to_network"
PICKED: Final = "language_picked"


def find() -> Me | None:
    """Ask who is signed in; nobody while the API does not say, which each page tells by itself."""
    try:
        return client.connect().get_me()
    except (ApiTrouble, LookupError, TypeError, ValueError):
        return None


def is_leaving() -> bool:
    """Draw nothing but the way out once somebody has signed out, or is on the way to another network."""
    if st.session_state.get(LEFT):
        theme.dress()
        out, again = as_html(tr("You are signed out.")), as_html(tr("Sign in again"))
        told = f"<div class='br-empty'><strong>{out}</strong><a href='/enter' target='_top'>{again}</a></div>"
        st.html(f"{told}<script src='/enter/leave.js'></script>", unsafe_allow_javascript=True)
        return True
    if goal := st.session_state.pop(GOES_TO, None):
        going = f"<p role='status' data-network='{UUID(goal)}'>{as_html(tr('Going over …'))}</p>"
        st.html(f"{going}<script src='/enter/switch.js'></script>", unsafe_allow_javascript=True)
        return True
    return False


def show(me: Me) -> None:
    """Draw the person's corner of the page."""
    label = f"**{as_label(me.name)}** {as_label(me.here)}"
    with st.container(key="who"), st.popover(label, icon=":material/person:", width="content"):
        role = ROLES.get(me.role, me.role)
        st.html(
            f"<div class='br-who'><strong>{as_html(me.name)}</strong>"
            f"<p>{as_html(tr('{role} of {network}', role=role, network=me.here))}</p></div>"
        )
        for home in me.homes:
            if home.id != me.network:
                label = tr("Go over to {network}", network=as_label(home.name))
                st.button(label, key=f"go_{home.id}", on_click=go_to, args=(home.id,), width="stretch")
        st.selectbox(
            tr("Language"), list(LANGUAGES), index=list(LANGUAGES).index(language()), format_func=LANGUAGES.__getitem__,
            key=PICKED, on_change=_speak,
        )  # fmt: skip
        st.button(tr("Sign out"), key="sign_out", icon=":material/logout:", on_click=sign_out, width="stretch")


def go_to(network: str) -> None:
    """Go over to another network."""
    st.session_state[GOES_TO] = network


def _speak() -> None:
    speak(st.session_state[PICKED])


def speak(code: str | None) -> bool:
    """Keep the language somebody reads, none being their browser's; tell whether it was kept."""
    try:
        client.connect().choose_language(code)
    except ApiTrouble:
        st.toast(tr("Your language was not kept: the service does not answer."), icon=":material/error:")
        return False
    return True


def sign_out() -> None:
    """End the session, and forget all this page knew."""
    try:
        client.connect().sign_out()
    except ApiTrouble as trouble:
        if not trouble.is_over:
            st.toast(tr("You are still signed in: the service does not answer."), icon=":material/error:")
            return
    st.session_state.clear()
    st.session_state[LEFT] = True
