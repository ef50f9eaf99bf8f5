"""The map page: where help falls short, the same figures beside it in a list, and a line that adds up."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import streamlit as st

from geo.domain.saved_views import ViewPage

from dashboard import client
from dashboard.opening import as_words
from dashboard.sentences import headline, share_without
from dashboard.translation import tr
from dashboard.views import gaps, place, reveal
from dashboard.views.question import Question, apply, ask
from dashboard.widgets import balance, legend, live_layer, notice, paper_table, saved, theme, trouble
from dashboard.widgets.live_layer import Shown
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Coverage, Gap, Meta
    from dashboard.client import Client

CHOSEN, CAME_IN = "chosen_cell", "came_in"
WORDS: Final = frozenset({"need", "area", "minutes", "mode", "open", "layers", "at", "cell"})
"""What the address says of the map."""


def show() -> None:
    """Draw the page."""
    theme.dress()
    if "first_view" not in st.session_state:
        st.session_state["first_view"] = st.query_params.get("at")
        st.session_state[CHOSEN] = _valid(st.query_params.get("cell"))
    _body()


@st.fragment
def _body() -> None:
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        head = st.container()
        areas = api.list_areas()
        question = ask(meta, areas)
        saved.show(api, ViewPage.MAP, question.as_words(), partial(apply, meta, areas))
        notice.show()
        with st.spinner(tr("Working out who can be reached …"), show_time=False):
            coverage = api.get_coverage(**question.as_query())
        with head:
            _head(meta, question, coverage)
        _map_and_list(api, meta, question, coverage)


def _head(meta: Meta, question: Question, coverage: Coverage) -> None:
    sentence = headline(
        coverage.demand,
        coverage.gap,
        kind=question.kind,
        standard_min=question.minutes,
        mode=question.mode,
        when=as_words(question.slot),
    )
    where = meta.network if question.area is None else f"{meta.network} · {question.area.name}"
    st.html(f"<div class='br-head'><p class='br-over'>{as_html(where)}</p><h1>{as_html(sentence)}</h1></div>")
    everywhere = " " + tr("everywhere") if question.area else ""
    balance.show(coverage.balance, kind=question.kind.strip(), where=everywhere)


def _map_and_list(api: Client, meta: Meta, question: Question, coverage: Coverage) -> None:
    left, right = st.columns([1.75, 1], gap="medium")
    rows = coverage.rows
    shown = Shown(
        layers=question.layers,
        category=question.category,
        minutes=question.minutes,
        mode=question.mode,
        open_at=question.open_at,
        area=question.area.id if question.area else None,
        cell=st.session_state.get(CHOSEN),
        step=legend.step_of([coverage.widest]),
    )
    with left:
        live_layer.show(meta, shown, at=st.session_state["first_view"], on_pick=_picked)
        worst = share_without(rows[0], meta.label(rows[0].category)) if rows and legend.is_gap(rows[0].gap) else None
        legend.show(question.layers, step=shown.step, kind=question.kind, limit=question.limit, example=worst)
    with right:
        _list(api, meta, question, rows)

    def more(offset: int) -> tuple[Gap, ...]:
        return api.get_coverage(**question.as_query(), offset=offset).rows

    gaps.show_table(meta, rows, count=coverage.count, more=more, on_choose=choose)
    paper_table.show(meta, rows, coverage.count, datetime.now(ZoneInfo(meta.time_zone)))


def _list(api: Client, meta: Meta, question: Question, rows: tuple[Gap, ...]) -> None:
    chosen = st.session_state.get(CHOSEN)
    if chosen:
        here = api.get_coverage(**question.as_query(), cell=chosen).rows
        place.show(meta, question, chosen, list(here), on_leave=lambda: choose(None))
    else:
        gaps.show_worst(meta, rows, on_choose=choose)


def find_asked(*, at_first: bool) -> dict[str, list[str]]:
    """Give what an address asks of the map where it names no page, as addresses did while the map was the first page.

    Only how somebody comes in counts, and only once: a page that is gone to later is meant.
    """
    is_new = not st.session_state.get(CAME_IN)
    st.session_state[CAME_IN] = True
    if not (at_first and is_new and WORDS & set(st.query_params)):
        return {}
    return {name: st.query_params.get_all(name) for name in WORDS & set(st.query_params)}


def _valid(cell: str | None) -> str | None:
    return cell if live_layer.is_cell(cell) else None


def _picked() -> None:
    choose(live_layer.picked())


def choose(cell: str | None) -> None:
    """Remember which cell is looked at, in the page and in its address."""
    st.session_state[CHOSEN] = _valid(cell)
    reveal.forget()
    if st.session_state[CHOSEN]:
        st.query_params["cell"] = st.session_state[CHOSEN]
    elif "cell" in st.query_params:
        del st.query_params["cell"]
