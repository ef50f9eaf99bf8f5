"""Waiting for an API that is away without giving up the page: what stands on it, and what was typed, stays.

A run of the page that ends takes away whatever it did not draw, with all that was typed there. So a run that cannot
have its answers does not end: it waits and asks again. The browser says meanwhile what is the matter (``line.js``).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.delta_generator import DeltaGenerator

SCRIPT: Final = "/enter/line.js"
_DRAWN: Final = "page_drawn"
_SLOT: Final = "page_slot"
_TICK_S: Final = 0.25


def begin() -> None:
    """Watch the line to the server from the browser, and make room that a run under way can write to."""
    # a file of this host: the pages' policy lets nothing run that stands in them
    with st.container(key="line"):
        st.html(f"<script src='{SCRIPT}'></script>", unsafe_allow_javascript=True)
        st.session_state[_SLOT] = st.empty()


def keep() -> None:
    """Note that there is a page now which is worth keeping."""
    st.session_state[_DRAWN] = True


def find() -> Callable[[float], None] | None:
    """Give the way to wait; none while there is nothing on the page yet, where words are better than patience."""
    slot: DeltaGenerator | None = st.session_state.get(_SLOT)
    return (lambda pause_s: _wait(slot, pause_s)) if slot is not None and st.session_state.get(_DRAWN) else None


def _wait(slot: DeltaGenerator, pause_s: float) -> None:
    until = time.monotonic() + pause_s
    while time.monotonic() < until:
        # whoever presses something, or leaves, is heard when something is written
        slot.empty()
        time.sleep(_TICK_S)
