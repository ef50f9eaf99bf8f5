"""Doing what may want the password once more: it is asked for in a small form, and what was begun is then finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import client
from dashboard.client import CODE, PROOF, REFUSED, ApiTrouble
from dashboard.translation import tr
from dashboard.widgets import notice
from dashboard.widgets.plain import as_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.client import Client

BEGUN: Final = "begun"
PASSWORD: Final = "proof_password"  # noqa: S105 - the name of a field
DIGITS: Final = "proof_code"
WANTS_CODE: Final = "proof_wants_code"
WRONG: Final = "proof_wrong"


@dataclass(frozen=True, slots=True)
class _Begun:
    """Something that waits for the password."""

    do: Callable[[Client], Any]
    then: Callable[[Any], None]


def attempt(do: Callable[[Client], Any], then: Callable[[Any], None]) -> None:
    """Do something now, or once the password has been given; what goes wrong is said on the page.

    Parameters
    ----------
    do
        What to ask of the API.
    then
        What follows when it was done; gets the answer.
    """
    try:
        answer = do(client.connect())
    except ApiTrouble as trouble:
        if trouble.kind == PROOF:
            st.session_state[BEGUN] = _Begun(do, then)
        elif not trouble.is_over:  # an ended session is told by the page itself
            notice.refuse(notice.in_words(trouble))
        return
    then(answer)


def ask() -> None:
    """Ask for the password, if something waits for it."""
    if BEGUN in st.session_state:
        st.dialog(tr("Your password once more"), on_dismiss=forget)(_dialog)()


def forget() -> None:
    """Give up what was begun; what was typed on the page stays there."""
    for name in (BEGUN, PASSWORD, DIGITS, WANTS_CODE, WRONG):
        st.session_state.pop(name, None)


def _dialog() -> None:
    if BEGUN not in st.session_state:
        st.rerun()
    st.write(tr("This changes who may come in. Your password then counts for five minutes."))
    if wrong := st.session_state.pop(WRONG, None):
        st.error(as_label(wrong), icon=":material/error:")
    with st.form("proof", border=False):
        st.text_input(tr("Password"), type="password", key=PASSWORD, max_chars=200, autocomplete="current-password")
        if st.session_state.get(WANTS_CODE):
            st.text_input(
                tr("Six digits from your authenticator app"), key=DIGITS, max_chars=8, autocomplete="one-time-code"
            )
        st.form_submit_button(tr("Go on"), type="primary", on_click=_prove)


def _prove() -> None:
    given, code = str(st.session_state.get(PASSWORD) or ""), st.session_state.get(DIGITS)
    if not given:
        st.session_state[WRONG] = tr("Give your password.")
        return
    try:
        client.connect().prove(given, code or None)
    except ApiTrouble as trouble:
        _tell(trouble, had_code=bool(code))
        return
    begun: _Begun = st.session_state[BEGUN]
    forget()
    attempt(begun.do, begun.then)


def _tell(trouble: ApiTrouble, *, had_code: bool) -> None:
    if trouble.kind == CODE:
        st.session_state[WANTS_CODE] = True
        fits = tr("These digits do not fit. Wait for the next ones and try again.")
        st.session_state[WRONG] = fits if had_code else tr("Your account also asks for the six digits of your app.")
    elif trouble.kind == REFUSED:
        st.session_state[WRONG] = tr("This is not your password.")
    elif trouble.is_over:
        forget()
    else:
        st.session_state[WRONG] = str(trouble)
