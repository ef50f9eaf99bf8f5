"""The balance line: always visible, and it always adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.domain.gap_words import BALANCE_PARTS, amount, balance_words

from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from geo.domain.balance import Balance


def show(balance: Balance, *, of: str = "needs", where: str = "") -> None:
    """Draw the line; ``of`` names what is counted, ``where`` follows when the page shows only a part of it."""
    counts = balance.as_dict()
    pieces = [_piece(counts[name], words, waits=name == "needs_review") for name, words in BALANCE_PARTS]
    total = (
        f"<span><b>{amount(balance.received)}</b> {as_html(of)} received{as_html(where)}</span>"
        "<span class='br-sign'>=</span>"
    )
    line = "<span class='br-sign'>+</span>".join(pieces)
    spoken = as_html(balance_words(balance, of, where))
    st.html(f"<div class='br-balance' role='group' aria-label='{spoken}'>{total}{line}</div>")


def _piece(count: int, words: str, *, waits: bool) -> str:
    mark = " class='br-wait'" if waits and count else ""
    return f"<span{mark}><b>{amount(count)}</b> {words}</span>"
