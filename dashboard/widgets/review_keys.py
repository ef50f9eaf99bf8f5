"""The keys of the review queue: what the buttons' own shortcuts leave out, and a list of all of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

SCRIPT: Final = "/enter/keys.js"
KEYS: Final = (
    ("J or ↓", "the next address"),
    ("K or ↑", "the one before"),
    ("1 to 5", "choose a suggestion"),
    ("P", "set a pin; then the arrow keys move it, with Shift in bigger steps"),
    ("Enter", "save"),
    ("A", "ask again"),
    ("O", "outside our area"),
    ("U", "undo what was decided last"),
    ("?", "this list"),
)


def show() -> None:
    """Draw the list of keys, and hear them; never while somebody writes in a field."""
    with st.popover("Keys", icon=":material/keyboard:", type="tertiary", key="keys"):
        rows = "".join(f"<dt><kbd>{key}</kbd></dt><dd>{what}</dd>" for key, what in KEYS)
        st.html(f"<dl class='br-keys'>{rows}</dl>")
    # a file of this host: the pages' policy lets nothing run that stands in them
    st.html(f"<script src='{SCRIPT}'></script>", unsafe_allow_javascript=True)
