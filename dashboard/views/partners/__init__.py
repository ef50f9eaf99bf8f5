"""Partners: what was agreed with each, what it sees, what it does with it, and its keys."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import client
from dashboard.translation import tr
from dashboard.views.partners import agreed
from dashboard.widgets import notice, once, proof, theme, trouble
from dashboard.widgets.plain import as_html

MANAGES: Final = "manage_access"


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        me = api.get_me()
        lead = tr("Other organizations see as much as was agreed with them, and read it with a key.")
        st.html(
            f"<div class='br-head'><p class='br-over'>{as_html(me.here)}</p><h1>{as_html(tr('Partners'))}</h1>"
            f"<p class='br-lead'>{as_html(lead)}</p></div>"
        )
        with st.container(key="partners_notice"):
            notice.show()
        once.show()
        if me.may(MANAGES):
            agreed.show(api, me)
        else:
            trouble.empty(tr("Agreements are not yours to see."), tr("Ask an organizer of this network."))
        proof.ask()
