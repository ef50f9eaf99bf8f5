"""Directories: services of a 211 or another list looked at first, taken in, brought up to date, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import client
from dashboard.translation import tr, trn
from dashboard.views.directories import bringing, here, looked
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.directory_answers import DirectoryHere


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta, found = api.get_meta(), api.list_directories()
        _head(meta, found)
        # a room of its own, so that what is below stays the same and keeps the keyboard
        with st.container(key="directory_notice"):
            notice.show()
        bringing.show(is_first=not found)
        with trouble.guarded():
            looked.show(meta, found)
        here.show(found)


def _head(meta: Meta, found: Sequence[DirectoryHere]) -> None:
    title = trn("{n} directory here", "{n} directories here", len(found)) if found else tr("Directories")
    lead = tr(
        "Services that a 211 or another directory lists. Look first at what would become of each; what you have "
        "changed yourselves stays, and what looks like one of yours is never merged by itself."
    )
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )
