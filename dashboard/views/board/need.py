"""One need looked at closely: how it stands, who could help soonest, what has been tried, and how to close it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_words import REASONS, about, stands, step_words, who_asks
from dashboard.sentences import day, how_long, since
from dashboard.told_words import say
from dashboard.translation import Phrases, at_time, number, tr, trn
from dashboard.views import reveal
from dashboard.views.board import steps
from dashboard.views.referrals import referring
from dashboard.widgets import entry, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta, Need
    from dashboard.board_answers import Card, Matched, Step, Stuck, Suggested
    from dashboard.client import Client

LIVE: Final = ("proposed", "accepted", "under_way")
EACH: Final = {"helper": 4, "asset": 2}
"""How many helpers and places are named."""
_WHERE: Final = Phrases(
    {
        "located": "has a place on the map",
        "confirmed": "has a confirmed place",
        "approximate": "is placed roughly",
        "needs_review": "waits for a place in the review queue",
        "pending": "is being placed",
        "none": "has no place, so nobody can be said to be near",
    }
)


def show(api: Client, meta: Meta, card: Card, stuck: Stuck | None) -> None:
    """Draw everything about one need."""
    need = card.need
    known = api.list_matches_of("needs", need.id)
    _words(meta, need, stuck)
    with st.container(key=f"tools_{need.id}", horizontal=True, vertical_alignment="center"):
        reveal.show(need.id)
        referring.offer(need)
        _close(need)
    referring.show(api, need)
    referring.lines(api, need)
    live = [one for one in known if one.match.status in LIVE]
    for one in live:
        steps.show(one)
    if need.status == "met":
        for one in known:
            if one.match.status == "done":
                steps.show(one)
    elif not any(one.match.status in LIVE[1:] for one in live):
        _suggest(api, need, {one.match.helper_id for one in live})
    _history(api, known)


def _words(meta: Meta, need: Need, stuck: Stuck | None) -> None:
    waited = tr("asked for {ago}", ago=since(need.received_at))
    small = f"{waited} · {_WHERE.get(need.location_state, need.location_state)}"
    st.html(
        f"<blockquote class='br-quote'><small>{as_html(small)}</small><b>{as_html(about(meta, need))}</b>"
        f" · {as_html(who_asks(need))}</blockquote>"
    )
    if stuck is not None:
        st.warning(as_label(_why_stuck(stuck)), icon=":material/front_hand:")


def _why_stuck(stuck: Stuck) -> str:
    if stuck.reason:
        return tr(
            "This one needs you: help did not come about, because {why}. Nobody is proposed until you have looked.",
            why=REASONS.get(stuck.reason, stuck.reason),
        )
    return trn(
        "This one needs you: {n} question has gone without an answer. Nobody is proposed by itself any more.",
        "This one needs you: {n} questions have gone without an answer. Nobody is proposed by itself any more.",
        stuck.unanswered,
    )


def _close(need: Need) -> None:
    if need.status == "met":
        again = tr("Open again")
        st.button(again, key=f"reopen_{need.id}", icon=":material/undo:", on_click=steps.reopen, args=(need,))
        return
    with st.popover(tr("Close this need"), key=f"close_{need.id}", type="tertiary", icon=":material/done_all:"):
        st.button(tr("It was met"), key=f"met_{need.id}", on_click=steps.close, args=(need, "met"), width="stretch")
        label = tr("It is not wanted any more")
        st.button(label, key=f"gone_{need.id}", on_click=steps.close, args=(need, "withdrawn"), width="stretch")
        st.caption(tr("It stays counted, and can be opened again."))


def _suggest(api: Client, need: Need, asked: set[str | None]) -> None:
    entry.heading(tr("Who could help soonest"))
    with trouble.guarded():
        found = [one for kind, limit in EACH.items() for one in api.suggest(need.id, kind=kind, limit=limit)]
        for one in found:
            _one(need, one, is_asked=one.id in asked)
        if not found:
            trouble.empty(
                tr("Nobody can be named."),
                tr("Nobody with room this week offers this in reach, or the need has no place yet."),
            )


def _one(need: Need, one: Suggested, *, is_asked: bool) -> None:
    tag = tr("place") if one.kind == "asset" else ""
    room = entry.line(f"{need.id}_{one.id}", one.name, [say(one.reason) or how_long(one.travel_min, one.mode)], tag=tag)
    label = tr("Asked") if is_asked else tr("Ask") if one.kind == "helper" else tr("Use this")
    room.button(
        label,
        key=f"ask_{need.id}_{one.id}",
        icon=None if is_asked else ":material/send:",
        disabled=is_asked,
        on_click=partial(steps.ask, need, one),
    )


def _history(api: Client, known: Sequence[Matched]) -> None:
    past = [one for one in known if one.match.status not in LIVE]
    if not known:
        return
    names = tr("What has been tried ({n})", n=number(len(known))) if past else tr("The steps so far")
    with st.expander(names, icon=":material/history:"):
        people = {person.id: person.name for person in api.list_people()}
        for one in known:
            _tried(api, one, people)


def _tried(api: Client, one: Matched, people: dict[str, str]) -> None:
    lines = [_step_line(step, people) for step in api.list_steps(one.match.id)]
    room = entry.line(f"past_{one.match.id}", one.who or tr("Somebody no longer here"), [stands(one.match), *lines])
    if one.match.helper_id:
        steps.offer_apart(room, one)


def _step_line(step: Step, people: dict[str, str]) -> str:
    parts = {"day": day(step.at), "time": at_time(step.at), "what": step_words(step)}
    if step.actor in people:
        return tr("{day} {time} UTC: {what}, noted by {who}", who=people[step.actor], **parts)
    return tr("{day} {time} UTC: {what}", **parts)
