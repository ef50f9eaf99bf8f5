"""Waiting for an API that is away without giving up the page: what stands on it, and what was typed, stays.

A run of the page that ends takes away whatever it did not draw, with all that was typed there. So a run that cannot
have its answers does not end: it waits and asks again. The browser says meanwhile what is the matter (``line.js``).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import translation
from dashboard.translation import Phrases, tr
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.delta_generator import DeltaGenerator

SCRIPT: Final = "/enter/line.js"
WORDS: Final = Phrases(
    {
        "away": "The server is not answering.",
        "dataless": "The service that holds the data is not answering.",
        "over": "Your session has ended.",
        "lost": "The connection was lost.",
        "slow": "This takes longer than usual.",
        "back": "The connection is back.",
        "kept": "What you typed stays here.",
        "goes-on": "This page goes on by itself as soon as it can.",
        "sign-in": "Sign in again",
        "in-a-tab": "in a new tab, then go on here.",
    }
)
"""What the browser says of the line to the server, by the name it is handed over under."""
_DRAWN: Final = "page_drawn"
_SLOT: Final = "page_slot"
_TOLD: Final = "page_words"
_TICK_S: Final = 0.25


def begin() -> None:
    """Watch the line to the server from the browser, and make room that a run under way can write to."""
    # nobody has said yet who looks: in the language of the run before, or else the browser's
    translation.choose(st.session_state.get(translation.USED))
    # a file of this host: the pages' policy lets nothing run that stands in them
    with st.container(key="line"):
        st.session_state[_TOLD] = st.empty()
        tell()
        st.html(f"<script src='{SCRIPT}'></script>", unsafe_allow_javascript=True)
        # pressed by the browser once the line is back: a server started anew knows no part of a page by itself
        st.button(tr("Try again now"), key="line_again")
        st.session_state[_SLOT] = st.empty()


def tell() -> None:
    """Hand the browser its words, in the language of now: again as soon as it is known who looks."""
    words = "".join(f" data-{name}='{as_html(text)}'" for name, text in WORDS.items())
    st.session_state[_TOLD].html(f"<span{words}></span>")


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
