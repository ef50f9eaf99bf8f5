"""One line of a list of people, phones or keys: what it is on the left, what can be done with it on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamlit.delta_generator import DeltaGenerator


def line(key: str, title: str, lines: Sequence[str], *, tag: str = "", over: bool = False) -> DeltaGenerator:
    """Draw an entry and give room for its buttons; ``over`` greys what is no longer good."""
    row = st.container(key=f"row_{key}", horizontal=True, vertical_alignment="center", gap="small")
    mark = f" <span class='br-tag'>{as_html(tag)}</span>" if tag else ""
    told = "".join(f"<p>{as_html(text)}</p>" for text in lines if text)
    grey = " br-past" if over else ""
    row.html(f"<div class='br-entry{grey}'><h3><bdi>{as_html(title)}</bdi>{mark}</h3>{told}</div>")
    return row


def sure(room: DeltaGenerator, key: str, words: tuple[str, str], ask: str, do: Callable[[], None]) -> None:
    """Offer what cannot be undone: the first press says what it means, the second does it.

    Parameters
    ----------
    words
        What the two buttons say.
    """
    with room.popover(words[0], key=f"ask_{key}", width="content"):
        st.html(f"<p class='br-ask'>{as_html(ask)}</p>")
        st.button(words[1], key=f"do_{key}", type="primary", on_click=do, width="stretch")


def heading(text: str) -> None:
    """Draw the heading of a list."""
    st.html(f"<h2 class='br-section'>{as_html(text)}</h2>")
