"""Now: the organizer's first page. What changed, what to do next, what waits longest, and lines that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.now_words import flow_pieces, headline
from dashboard.sentences import amount
from dashboard.translation import tr
from dashboard.views.now import gaps, longest, tasks, visit
from dashboard.widgets import balance, notice, theme, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from geo.domain.now import NeedFlow

    from dashboard.answers import Meta
    from dashboard.now_answers import FirstLook
    from dashboard.views.now.visit import Since

SHOWN: Final = 8


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        head = st.container()
        since = visit.choose(api, meta)
        told = api.get_now(since=since.at, limit=SHOWN)
        with head:
            _head(meta, told, since)
        notice.show()
        _flow(told.flow, since.ago)
        left, right = st.columns([1.25, 1], gap="medium")
        with left:
            tasks.show(told.tasks)
        with right:
            longest.show(meta, told.longest)
            grown = st.container(key="now_gaps")
        balance.show(told.balance)
        # worked out anew, and slower than the rest: what is there already can be read meanwhile
        with grown, trouble.guarded():
            gaps.show(api, meta, since.at.date(), since.ago)


def _head(meta: Meta, told: FirstLook, since: Since) -> None:
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(headline(told.tasks))}</h1>"
        f"<p class='br-lead'>{as_html(since.tell(told.flow))}</p></div>"
    )


def _flow(flow: NeedFlow, ago: str) -> None:
    """Draw how needs came and went, as a line that adds up."""
    sides = flow_pieces(flow)
    said = " = ".join(" + ".join(f"{amount(count)} {words}" for count, words in side) for side in sides)
    drawn = "<span class='br-sign'>=</span>".join(
        "<span class='br-sign'>+</span>".join(
            f"<span><b>{amount(count)}</b> {as_html(words)}</span>" for count, words in side
        )
        for side in sides
    )
    label = as_html(tr("Needs since {ago}: {said}", ago=ago, said=said))
    st.html(f"<div class='br-balance' role='group' aria-label='{label}'>{drawn}</div>")
