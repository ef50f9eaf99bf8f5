"""The balance line: always visible, and it always adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import amount
from dashboard.translation import Phrases, trn
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from geo.domain.balance import Balance


_PARTS: Final = Phrases(
    {
        "located": "located",
        "approximate": "approximate",
        "needs_review": "waiting for a place",
        "no_location": "no location",
        "withheld": "withheld",
        "closed": "closed",
    }
)


def show(balance: Balance, *, kind: str = "", where: str = "") -> None:
    """Draw the line; ``kind`` names what is counted, ``where`` follows when the page shows only a part of it."""
    counts, words = balance.as_dict(), dict(_PARTS)
    plain = [f"{amount(counts[name])} {word}" for name, word in words.items()]
    spoken = as_html(f"{_received(balance.received, kind, amount(balance.received))}{where} = {' + '.join(plain)}")
    # the words are ours, the kind may be a network's own
    total = _received(balance.received, as_html(kind), f"<b>{amount(balance.received)}</b>")
    line = "<span class='br-sign'>+</span>".join(
        _piece(counts[name], word, waits=name == "needs_review") for name, word in words.items()
    )
    st.html(
        f"<div class='br-balance' role='group' aria-label='{spoken}'><span>{total}{as_html(where)}</span>"
        f"<span class='br-sign'>=</span>{line}</div>"
    )


def _received(value: float, kind: str, count: str) -> str:
    if kind:
        return trn("{count} {kind} need received", "{count} {kind} needs received", value, count=count, kind=kind)
    return trn("{count} need received", "{count} needs received", value, count=count)


def _piece(count: int, words: str, *, waits: bool) -> str:
    mark = " class='br-wait'" if waits and count else ""
    return f"<span{mark}><b>{amount(count)}</b> {as_html(words)}</span>"
