"""The board: every need by how it stands, the most pressing and longest waiting first, and what to do about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from geo.domain.saved_views import ViewPage

from dashboard import client
from dashboard.board_answers import Card
from dashboard.board_words import LANE_EMPTY, LANE_LEADS, LANES, about, board_headline, card_line, lane_label
from dashboard.translation import number, pointing, tr, trn
from dashboard.views.board import need, several
from dashboard.widgets import balance, notice, saved, theme, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.board_answers import Board, Lane, Stuck
    from dashboard.client import Client

LANE: Final = "board_lane"
KIND: Final = "board_kind"
OPEN: Final = "board_need"
ALONE: Final = "board_alone"
"""A need that another page has led to, in whichever lane it is."""
EVERY_KIND: Final = ""
SHOWN: Final = 50


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        wanted, kind = st.session_state.get(LANE) or next(iter(LANES)), st.session_state.get(KIND) or None
        board = api.get_board(wanted, category=kind, limit=SHOWN)
        stuck = {one.need_id: one for one in api.list_stuck()}
        _head(meta, board)
        _choose(meta, board.lanes)
        saved.show(api, ViewPage.BOARD, _words(board.lane, kind), _apply)
        notice.show()
        several.show_left(open_alone)
        if st.session_state.get(ALONE):
            _alone(api, meta, stuck)
        elif board.cards:
            _work(api, meta, board, stuck)
        else:
            trouble.empty(*LANE_EMPTY[board.lane])
        where = " " + tr("in {kind}", kind=meta.label(kind).lower()) if kind else ""
        balance.show(board.balance, where=where)


def _head(meta: Meta, board: Board) -> None:
    lane = board.lanes[board.lane]
    pressing = lane.pressing if board.lane != "done" else 0
    lead = LANE_LEADS[board.lane] + (" " + trn("{n} is urgent.", "{n} are urgent.", pressing) if pressing else "")
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p>"
        f"<h1>{as_html(board_headline(lane))}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _choose(meta: Meta, lanes: Mapping[str, Lane]) -> None:
    with st.container(key="board_choice", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            tr("How they stand"),
            list(LANES),
            default=next(iter(LANES)),
            format_func=lambda lane: lane_label(lanes[lane]),
            key=LANE,
            label_visibility="collapsed",
            required=True,
            wrap=True,
            on_change=_other_lane,
        )
        kinds = dict(meta.categories)
        st.selectbox(
            tr("Kind of need"),
            [EVERY_KIND, *kinds],
            format_func=lambda kind: kinds.get(kind, tr("Every kind")),
            key=KIND,
            label_visibility="collapsed",
            on_change=_other_lane,
            width=190,
        )


def _words(lane: str, kind: str | None) -> dict[str, str]:
    return {"lane": lane} | ({"kind": kind} if kind else {})


def _apply(words: Mapping[str, Any]) -> None:
    st.session_state[LANE], st.session_state[KIND] = words.get("lane", next(iter(LANES))), words.get("kind", EVERY_KIND)
    _other_lane()


def _other_lane() -> None:
    st.session_state.pop(OPEN, None)
    st.session_state.pop(ALONE, None)


def open_alone(need_id: str) -> None:
    """Look at one need, whichever lane it is in, when the page is drawn next."""
    st.session_state[ALONE] = need_id


def _alone(api: Client, meta: Meta, stuck: Mapping[str, Stuck]) -> None:
    st.button(tr("Back to the lanes"), key="board_lanes", icon=pointing("arrow_back"), on_click=_other_lane)
    with st.container(key="board_open"), trouble.guarded():
        found = api.get_need(st.session_state[ALONE])
        need.show(api, meta, Card("", found, None, None, 0), stuck.get(found.id))


def _work(api: Client, meta: Meta, board: Board, stuck: Mapping[str, Stuck]) -> None:
    at = next((n for n, card in enumerate(board.cards) if card.need.id == st.session_state.get(OPEN)), 0)
    left, right = st.columns([1, 1.9], gap="medium")
    with left:
        _list(meta, board, at, stuck)
    # the list stays when what is known about the one need does not come
    with right, st.container(key="board_open"), trouble.guarded():
        need.show(api, meta, board.cards[at], stuck.get(board.cards[at].need.id))


def _list(meta: Meta, board: Board, at: int, stuck: Mapping[str, Stuck]) -> None:
    _steps(board, at)
    several.show(meta, board, at)
    with st.container(key="waiting"):
        for place, card in enumerate(board.cards):
            with several.beside(meta, card):
                st.button(
                    card_label(meta, card, is_stuck=card.need.id in stuck),
                    key=f"wait_{card.need.id}",
                    type="primary" if place == at else "secondary",
                    width="stretch",
                    on_click=open_need,
                    args=(card.need.id,),
                )
    rest = board.lanes[board.lane].count - len(board.cards)
    if rest > 0:
        st.caption(
            trn(
                "and {n} more, which follows as these are dealt with",
                "and {n} more, which follow as these are dealt with",
                rest,
            )
        )


def _steps(board: Board, at: int) -> None:
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        place = tr("{n} of {all}", n=number(at + 1), all=number(board.lanes[board.lane].count))
        st.html(f"<h2 class='br-section'>{as_html(place)}</h2>")
        for key, label, by, shortcut in (("previous", tr("Back"), -1, "k"), ("next", tr("Next"), 1, "j")):
            there = 0 <= at + by < len(board.cards)
            st.button(
                label,
                key=key,
                type="tertiary",
                shortcut=shortcut,
                disabled=not there,
                on_click=open_need,
                args=(board.cards[at + by].need.id if there else "",),
            )


def card_label(meta: Meta, card: Card, *, is_stuck: bool) -> str:
    """Write one need as a button's label: what is asked for, how it stands, and whether it wants a person."""
    line = " · ".join([tr("needs you"), card_line(card)] if is_stuck else [card_line(card)])
    return f"**{as_label(about(meta, card.need))}**  \n{as_label(line)}"


def open_need(need_id: str) -> None:
    """Look at another need."""
    st.session_state[OPEN] = need_id
