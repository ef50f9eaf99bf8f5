"""What a map shows of a scenario: cells that would fare otherwise, and its changes by number."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.scenarios import ADD, CLOSE, MOVE
from dashboard.translation import Phrases, tr
from dashboard.widgets.if_layer import Mark, Picture
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboard.plan_answers import HelpingPlace, WhatIf
    from dashboard.scenarios import Change, Scenario
    from dashboard.views.what_if.asking import IfQuestion, Judged

SHOWS: Final = "if_shows"
GAP, REACH = "gap", "reach"
NAMES: Final = Phrases({"gap": "Without help", "reach": "Out of reach"})


def choose() -> None:
    """Draw the choice of what the cells on the maps tell."""
    st.segmented_control(
        tr("Cells show the change of needs"), list(NAMES), default=GAP, required=True, format_func=NAMES.__getitem__,
        key=SHOWS,
    )  # fmt: skip


def make(question: IfQuestion, judged: Judged, places: Mapping[str, HelpingPlace]) -> Picture:
    """Make the picture of one scenario."""
    is_reach = st.session_state.get(SHOWS) == REACH
    cells = () if judged.answer is None else tuple(_sum(judged.answer, question.category, is_reach=is_reach).items())
    return Picture(cells, tuple(_marks(judged.scenario, places)), is_reach)


def _sum(answer: WhatIf, category: str | None, *, is_reach: bool) -> dict[str, int]:
    cells: dict[str, int] = defaultdict(int)
    for row in answer.cells:
        if category in (None, row.category):
            cells[row.key] += row.no_longer_within - row.newly_within if is_reach else row.change
    return {cell: change for cell, change in cells.items() if change}


def _marks(scenario: Scenario, places: Mapping[str, HelpingPlace]) -> Iterator[Mark]:
    for at, change in enumerate(scenario.changes):
        known = places.get(change.asset_id or "")
        origin = None if known is None else known.place
        place = change.place or origin
        if place is not None:
            is_placed = change.what in (ADD, MOVE)
            yield Mark(
                at + 1, place, change.what == CLOSE, can_drag=is_placed, origin=origin if change.what == MOVE else None
            )


def legend() -> None:
    """Say what the signs on the maps mean."""
    keys = (
        ("br-if-better", "\u2212", tr("fewer needs: better, with a whole edge")),
        ("br-if-worse", "+", tr("more needs: worse, with a broken edge")),
        ("br-if-number", "1", tr("a change, by its number in the list; a moved place has a line from where it is")),
    )
    drawn = "".join(
        f"<span class='br-key'><span class='br-mark {name}' aria-hidden='true'>{sign}</span>"
        f"<span>{as_html(words)}</span></span>"
        for name, sign, words in keys
    )
    label = as_html(tr("What the map shows"))
    st.html(f"<div class='br-legend' role='group' aria-label='{label}'>{drawn}</div>")


def is_placed(change: Change) -> bool:
    """Tell whether a change has a place of its own that can be put elsewhere."""
    return change.what in (ADD, MOVE)
