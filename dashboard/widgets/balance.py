"""The balance line: always visible, and it always adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import amount
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from geo.domain.balance import Balance

PARTS: Final = (
    ("located", "located"),
    ("approximate", "approximate"),
    ("needs_review", "waiting for a place"),
    ("no_location", "no location"),
    ("withheld", "withheld"),
    ("closed", "closed"),
)


def in_words(balance: Balance, of: str, where: str = "") -> str:
    """Write the line as one sentence."""
    counts = balance.as_dict()
    parts = " + ".join(f"{amount(counts[name])} {words}" for name, words in PARTS)
    return f"{amount(balance.received)} {of} received{where} = {parts}"


def show(balance: Balance, *, of: str = "needs", where: str = "") -> None:
    """Draw the line; ``of`` names what is counted, ``where`` follows when the page shows only a part of it."""
    counts = balance.as_dict()
    pieces = [_piece(counts[name], words, waits=name == "needs_review") for name, words in PARTS]
    total = (
        f"<span><b>{amount(balance.received)}</b> {as_html(of)} received{as_html(where)}</span>"
        "<span class='br-sign'>=</span>"
    )
    line = "<span class='br-sign'>+</span>".join(pieces)
    st.html(
        f"<div class='br-balance' role='group' aria-label='{as_html(in_words(balance, of, where))}'>{total}{line}</div>"
    )


def _piece(count: int, words: str, *, waits: bool) -> str:
    mark = " class='br-wait'" if waits and count else ""
    return f"<span{mark}><b>{amount(count)}</b> {words}</span>"
