"""The keys of the review queue: what the buttons' own shortcuts leave out, and a list of all of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.translation import Phrases, tr
from dashboard.widgets.plain import as_html

SCRIPT: Final = "/enter/keys.js"
KEYS: Final = Phrases(
    {
        "next": ("J or ↓", "the next address"),
        "previous": ("K or ↑", "the one before"),
        "pick": ("1 to 5", "choose a suggestion"),
        "aim": ("P", "set a pin; then the arrow keys move it, with Shift in bigger steps"),
        "save": ("Enter", "save"),
        "ask": ("A", "ask again"),
        "outside": ("O", "outside our area"),
        "undo": ("U", "undo what was decided last"),
        "keys": ("?", "this list"),
    }
)


def show() -> None:
    """Draw the list of keys, and hear them; never while somebody writes in a field."""
    with st.popover(tr("Keys"), icon=":material/keyboard:", type="tertiary", key="keys"):
        rows = "".join(f"<dt><kbd>{as_html(key)}</kbd></dt><dd>{as_html(what)}</dd>" for key, what in KEYS.values())
        st.html(f"<dl class='br-keys'>{rows}</dl>")
    # a file of this host: the pages' policy lets nothing run that stands in them
    st.html(f"<script src='{SCRIPT}'></script>", unsafe_allow_javascript=True)
