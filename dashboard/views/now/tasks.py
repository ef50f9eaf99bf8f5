"""What to do next: each thing with why, and a way to where it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.now_words import how_many, why_and_where
from dashboard.referral_words import LANES
from dashboard.translation import pointing, tr
from dashboard.views import assets, board, duplicates, entries, matches, referrals, review, turfs
from dashboard.widgets import entry, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.now_answers import Task

_WAITING: Final = {board.LANE: "waiting", board.KIND: board.EVERY_KIND}
LEADS: Final[Mapping[str, tuple[Callable[[], None], str, Mapping[str, Any]]]] = {
    "needs_you": (board.show, "board", _WAITING),
    "helper_near": (matches.show, "matches", {}),
    "unclaimed": (board.show, "board", _WAITING),
    "review": (review.show, "review", {}),
    "entries": (entries.show, "entries", {entries.WHICH: next(iter(entries.SHOWS))}),
    "duplicates": (duplicates.show, "duplicates", {}),
    "referrals": (referrals.show, "referrals", {referrals.LANE: next(iter(LANES))}),
    "turfs": (turfs.show, "turfs", {}),
    "asset_answers": (assets.show, "assets", {assets.LIST: assets.ALL}),
    "assets": (assets.show, "assets", {assets.LIST: assets.TO_CONFIRM}),
}
"""Where each thing is done: a page, its address, and what is chosen on it."""


def show(found: Sequence[Task]) -> None:
    """Draw what there is to do."""
    entry.heading(tr("What to do next"))
    if not found:
        trouble.empty(
            tr("Nothing wants you just now."), tr("What waits too long, or for a person, comes up here by itself.")
        )
        return
    for task in found:
        _draw(task)


def _draw(task: Task) -> None:
    why, label = why_and_where(task.kind)
    with st.container(border=True, key=f"task_{task.kind}"):
        st.html(f"<div class='br-card'><h3>{as_html(how_many(task))}</h3><p>{as_html(why)}</p></div>")
        if task.kind in LEADS and st.button(label, key=f"do_{task.kind}", icon=pointing("arrow_forward")):
            go(*LEADS[task.kind])


def go(page: Callable[[], None], path: str, chosen: Mapping[str, Any]) -> None:
    """Go to another page, with something chosen there."""
    st.session_state.update(chosen)
    st.switch_page(st.Page(page, url_path=path))
