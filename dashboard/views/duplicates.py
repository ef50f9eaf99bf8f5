"""Duplicates: two requests that may be one, side by side, until a person has said what they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import client
from dashboard.board_words import about
from dashboard.duplicate_words import FACTS, drawing, headline, reasons, table
from dashboard.sentences import since
from dashboard.translation import Phrases, listed, number, tr
from dashboard.widgets import entry, notice, theme, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.duplicate_answers import Pair, Pairs

LIST: Final = "duplicates_list"
AT: Final = "duplicates_at"
LAST: Final = "duplicates_last"
LISTS: Final = Phrases({"waiting": "To decide", "merged": "Merged", "different": "Not the same"})


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        chosen = st.session_state.get(LIST) or "waiting"
        found = api.list_duplicates(chosen)
        lead = as_html(
            tr(
                "Nothing is merged by itself. The earlier request goes on, the later one is closed as merged, and that "
                "can be undone. Whoever asked is told nothing different."
            )
        )
        st.html(f"<div class='br-head'><h1>{as_html(headline(found.count))}</h1><p class='br-lead'>{lead}</p></div>")
        notice.show()
        _lists()
        if chosen == "waiting":
            _decide(meta, found)
        else:
            _decided(meta, found)


def _lists() -> None:
    with st.container(key="lists", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            tr("Which list"),
            list(LISTS),
            default=next(iter(LISTS)),
            format_func=LISTS.__getitem__,
            key=LIST,
            label_visibility="collapsed",
            required=True,
            wrap=True,
        )
        last = st.session_state.get(LAST)
        st.button(
            tr("Undo last"), key="undo_last", type="tertiary", shortcut="u", disabled=last is None, on_click=_undo,
            args=(last,), icon=":material/undo:",
        )  # fmt: skip


def _decide(meta: Meta, found: Pairs) -> None:
    if not found.items:
        trouble.empty(
            tr("No two requests look like one."), tr("New requests are compared as they come in, within a minute.")
        )
        return
    ids = [pair.id for pair in found.items]
    wanted = st.session_state.get(AT)
    at = ids.index(wanted) if wanted in ids else 0
    pair = found.items[at]
    _steps(ids, at, found.count)
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        st.html(table(meta, pair))
        _choice(pair)
    with right:
        entry.heading(tr("Why they are shown"))
        st.html(reasons(pair) + drawing(pair))
    keys = tr("M merges, N says they are not the same, U undoes what was decided last; J and K go on and back.")
    st.caption(keys)


def _steps(ids: Sequence[str], at: int, count: int) -> None:
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        entry.heading(tr("{n} of {all}", n=number(at + 1), all=number(count)))
        for key, label, by, shortcut in (("previous", tr("Back"), -1, "k"), ("next", tr("Next"), 1, "j")):
            there = 0 <= at + by < len(ids)
            to = ids[at + by] if there else ids[at]
            st.button(label, key=key, type="tertiary", shortcut=shortcut, disabled=not there, on_click=_go, args=(to,))


def _go(pair_id: str) -> None:
    st.session_state[AT] = pair_id


def _choice(pair: Pair) -> None:
    """Offer what the earlier may take of the later, and the two answers."""
    with st.container(key="choice"):
        if pair.facts:
            entry.heading(tr("Take from the later request"))
        for fact in pair.facts:
            st.checkbox(FACTS[fact], key=f"take_{pair.id}_{fact}")
        with st.container(key="answers", horizontal=True):
            st.button(
                tr("Merge"),
                key="merge",
                type="primary",
                shortcut="m",
                icon=":material/merge:",
                on_click=_merge,
                args=(pair,),
            )
            st.button(
                tr("Not the same"), key="different", shortcut="n", icon=":material/call_split:", on_click=_separate,
                args=(pair,),
            )  # fmt: skip


def _merge(pair: Pair) -> None:
    take = [fact for fact in pair.facts if st.session_state.get(f"take_{pair.id}_{fact}")]
    attempt(lambda api: api.merge_pair(pair, take), partial(_done, pair.id, tr("The two are one request now.")))


def _separate(pair: Pair) -> None:
    said = tr("They are two requests, and are not shown together again.")
    attempt(lambda api: api.say_different(pair.id), partial(_done, pair.id, said))


def _done(pair_id: str, said: str, _answer: Any) -> None:  # noqa: ANN401 - whatever was answered
    st.session_state[LAST] = pair_id
    notice.say(said, undo=notice.Undo(tr("Undo"), _undo, (pair_id,)))


def _undo(pair_id: str) -> None:
    attempt(lambda api: api.undo_pair(pair_id), partial(_undone, pair_id))


def _undone(pair_id: str, _answer: Any) -> None:  # noqa: ANN401 - whatever was answered
    st.session_state.pop(LAST, None)
    st.session_state[AT] = pair_id
    notice.say(tr("Taken back. Both requests are as they were."))


def _decided(meta: Meta, found: Pairs) -> None:
    if not found.items:
        trouble.empty(tr("Nothing was decided so yet."), tr("What you decide is listed here, and can be undone."))
    for pair in found.items:
        with st.container(key=f"row_{pair.id}", horizontal=True, vertical_alignment="center"):
            both = (since(one.need.received_at) for one in (pair.earlier, pair.later))
            came = tr("came {times}", times=listed(both))
            st.html(
                f"<div class='br-entry'><h3>{as_html(about(meta, pair.earlier.need))}</h3><p>{as_html(came)}</p></div>"
            )
            st.button(
                tr("Undo"), key=f"undo_{pair.id}", icon=":material/undo:", disabled=not pair.can_undo, on_click=_undo,
                args=(pair.id,),
            )  # fmt: skip
