"""Settings: how this network is set up, one's own language, and what is decided where Barnraiser runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.access_answers import ADMIN
from dashboard.translation import LANGUAGES, listed, tr
from dashboard.views import made_up
from dashboard.views.made_up import MANAGES
from dashboard.views.settings import ours, theirs
from dashboard.widgets import entry, notice, theme, trouble, who
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.access_answers import Me
    from dashboard.client import Client
    from dashboard.setup_answers import Setup

BROWSERS: Final = ""
"""The language that the browser asks for."""


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        me, setup = api.get_me(), api.get_setup()
        _head(api, me, setup)
        notice.show()
        if me.may(MANAGES):
            ours.edit(setup)
        else:
            ours.read(setup)
        _my_language(me)
        if me.may(MANAGES):
            made_up.show(api)
        theirs.show(setup.installation)


def _head(api: Client, me: Me, setup: Setup) -> None:
    lead = tr("How this network is set up, what language you read, and what is decided where Barnraiser runs.")
    if not me.may(MANAGES):
        admins = listed(person.name for person in api.list_people() if person.role == ADMIN)
        lead += " " + tr("Only admins change the network: {admins}.", admins=admins or tr("whoever runs this server"))
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(setup.network.name)}</p>"
        f"<h1>{as_html(tr('Settings'))}</h1><p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _my_language(me: Me) -> None:
    entry.heading(tr("Your language"))
    offered = [BROWSERS, *LANGUAGES]
    st.selectbox(
        tr("The language you read these pages in, on every device"),
        offered,
        index=offered.index(me.language if me.language in LANGUAGES else BROWSERS),
        format_func=lambda code: LANGUAGES.get(code) or tr("As my browser asks"),
        # another one each time it changes, so that the corner of the page may change it as well
        key=f"my_language_{me.language}",
        on_change=_speak,
        args=(f"my_language_{me.language}",),
        width=560,
    )


def _speak(key: str) -> None:
    code = st.session_state[key] or None
    if who.speak(code):
        st.session_state.pop(who.PICKED, None)
