"""One cell looked at closely: how its needs fare and who could help soonest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.words import URGENCY_RANK, Urgency

from dashboard import client
from dashboard.sentences import URGENCY, how_far, share_without, since
from dashboard.told_words import say
from dashboard.translation import number, pointing, tr, trn
from dashboard.views import reveal
from dashboard.views.gaps import card
from dashboard.widgets import trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.answers import Gap, Meta, Nearby, Need
    from dashboard.client import Client
    from dashboard.views.question import Question

NEEDS: Final = 3
"""Needs whose nearest helpers are looked up at once."""

EACH: Final = 2
"""Helpers, and places, named for each need."""

OTHERS: Final = 4


def show(meta: Meta, question: Question, cell: str, rows: list[Gap], *, on_leave: Callable[[], None]) -> None:
    """Draw what is known about one cell."""
    with st.container(key="place", border=True):
        st.button(tr("Back to the list"), key="leave", type="tertiary", icon=pointing("arrow_back"), on_click=on_leave)
        if rows:
            title = f"<h2 class='br-section'>{as_html(rows[0].label)}</h2>"
            st.html(title + card(rows[0], meta.label(rows[0].category), where=False))
            _others(meta, rows[1:])
        else:
            trouble.empty(tr("No gap is reckoned here"), tr("No open need with a place is counted in this cell."))
        with trouble.guarded():
            _needs(meta, question, cell)


def _others(meta: Meta, rows: list[Gap]) -> None:
    if rows:
        lines = [share_without(row, meta.label(row.category)) for row in rows[:OTHERS]]
        st.caption("  \n".join(as_label(line) for line in lines))


def _needs(meta: Meta, question: Question, cell: str) -> None:
    api = client.connect()
    needs = sorted(api.list_needs(cell=cell, category=question.category), key=_most_urgent_first)
    if not needs:
        return
    st.html(f"<h2 class='br-section'>{as_html(tr('Who could help soonest'))}</h2>")
    for need in needs[:NEEDS]:
        with st.container(key=f"need_{need.id}"):
            st.html(_one(meta, api, need))
            reveal.show(need.id)
    if len(needs) > NEEDS:
        st.caption(
            trn(
                "The {shown} most urgent of {n} open need in this cell.",
                "The {shown} most urgent of {n} open needs in this cell.",
                len(needs),
                shown=number(NEEDS),
            )
        )


def _most_urgent_first(need: Need) -> tuple[int, float]:
    return URGENCY_RANK[Urgency(need.urgency)], need.received_at.timestamp()


def _one(meta: Meta, api: Client, need: Need) -> str:
    title = tr(
        "{kind}, {urgency}: {household}, asked {ago}",
        kind=meta.label(need.category),
        urgency=URGENCY.get(need.urgency, need.urgency).lower(),
        household=trn("one person", "household of {n}", need.household_size),
        ago=since(need.received_at),
    )
    kinds = ("helper", "asset")
    results = [found for kind in kinds for found in api.find_nearest(need.id, kind=kind, limit=EACH)]
    found = "".join(_helper(result) for result in results)
    nobody = f"<li>{as_html(tr('Nobody with room this week offers this in reach.'))}</li>"
    return f"<div class='br-need'><h3>{as_html(title)}</h3><ul>{found or nobody}</ul></div>"


def _helper(result: Nearby) -> str:
    return f"<li dir='auto'><b>{as_html(result.name)}</b>: {as_html(say(result.reason) or how_far(result))}</li>"
