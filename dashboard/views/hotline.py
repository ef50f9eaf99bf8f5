"""The hotline: a page of ours for whoever answers calls, which keeps what is typed while the server is away.

It is shown in a frame, because what a page of Streamlit holds goes when its server does.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import client
from dashboard.translation import tr
from dashboard.widgets import theme, trouble

PAGE: Final = "/hotline"
HEIGHT_PX: Final = 1_250


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        client.connect().get_me()
        st.iframe(PAGE, height=HEIGHT_PX, alt=tr("Hotline"))
        st.link_button(tr("Open this page alone"), PAGE, icon=":material/open_in_new:")
