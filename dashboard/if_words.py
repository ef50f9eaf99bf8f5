"""Imagined changes and what they would do, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.scenarios import ADD, CLOSE, MOVE, REOPEN, RESIZE
from dashboard.sentences import amount
from dashboard.translation import Phrases, listed, set_apart, tr, trn, weekday

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.plan_answers import HelpingPlace, WhatIf
    from dashboard.scenarios import Change, Hours

WHAT: Final = Phrases(
    {ADD: "New place", MOVE: "Move a place", RESIZE: "More or less room", CLOSE: "Close a place", REOPEN: "Other hours"}
)
DAYS: Final = range(7)
"""Of the week, from 0 for Monday."""


def describe(change: Change, places: Mapping[str, HelpingPlace], meta: Meta) -> str:
    """Say in one line what a change is."""
    room = amount(change.room or 0)
    if change.what == ADD:
        kinds = listed(meta.label(word).lower() for word in change.categories)
        return tr("New place for {kinds}, room for {room} a week", kinds=kinds, room=room)
    known = places.get(change.asset_id or "")
    name = known.name if known else tr("A place that is no longer listed")
    if change.what == RESIZE:
        return tr("{name}: room for {room} a week, {before}", name=name, room=room, before=_before(known))
    if change.what == REOPEN and change.hours:
        return tr("{name}: open {hours}", name=name, hours=hours_words(change.hours))
    return tr("{name}: closed", name=name) if change.what == CLOSE else tr("{name}: at another spot", name=name)


def _before(known: HelpingPlace | None) -> str:
    if known is None or known.capacity is None:
        return tr("not known now")
    return tr("{room} now", room=amount(known.capacity))


def hours_words(hours: Hours) -> str:
    """Say when a place would be open."""
    every = len(hours.days) == len(DAYS)
    short = [weekday(day, width="abbreviated") for day in sorted(hours.days)]
    days = tr("every day") if every else tr(", ").join(short)
    return f"{days} {hours.start}:00\u2013{hours.end}:00"


def where(place: tuple[float, float]) -> str:
    """Write a place as coordinates, latitude first as people do."""
    return set_apart(f"{place[1]:.5f}, {place[0]:.5f}")


def reach_of(answer: WhatIf, category: str | None) -> tuple[int, int, int, int]:
    """Add up needs out of reach now, newly and no longer within reach, and out of reach then."""
    chosen = [figures for kind, figures in answer.reach.items() if category in (None, kind)]
    before, newly, no_longer, after = (sum(figures[at] for figures in chosen) for at in range(4))
    return before, newly, no_longer, after


def gaps_of(answer: WhatIf, category: str | None) -> tuple[int, int, int]:
    """Add up demand, and needs without help now and then."""
    chosen = [(now, then) for kind, now, then in answer.kinds if category in (None, kind)]
    demand, before = sum(now.demand for now, _ in chosen), sum(now.gap for now, _ in chosen)
    return demand, before, sum(then.gap for _, then in chosen)


def headline(answer: WhatIf, category: str | None, kind: str) -> str:
    """Say in one sentence what a scenario would do for one kind of need, or for all."""
    _, before, after = gaps_of(answer, category)
    if before == after:
        if kind:
            return tr("As many {kind} needs would be without help as now: {now}.", kind=kind, now=amount(before))
        return tr("As many needs would be without help as now: {now}.", now=amount(before))
    parts = {"now": amount(before), "then": amount(after)}
    return _of_kind(after - before, kind, parts) if kind else _of_all(after - before, parts)


def _of_kind(change: int, kind: str, parts: Mapping[str, str]) -> str:
    if change < 0:
        return trn(
            "{n} fewer {kind} need is without help: {now} now, {then} then.",
            "{n} fewer {kind} needs are without help: {now} now, {then} then.",
            -change,
            kind=kind,
            **parts,
        )
    return trn(
        "{n} more {kind} need is without help: {now} now, {then} then.",
        "{n} more {kind} needs are without help: {now} now, {then} then.",
        change,
        kind=kind,
        **parts,
    )


def _of_all(change: int, parts: Mapping[str, str]) -> str:
    if change < 0:
        return trn(
            "{n} fewer need is without help: {now} now, {then} then.",
            "{n} fewer needs are without help: {now} now, {then} then.",
            -change,
            **parts,
        )
    return trn(
        "{n} more need is without help: {now} now, {then} then.",
        "{n} more needs are without help: {now} now, {then} then.",
        change,
        **parts,
    )


def signed(change: int) -> str:
    """Write a change with its sign and its word, so that no colour is needed."""
    if not change:
        return tr("no change")
    if change > 0:
        return trn("+{n} more", "+{n} more", change)
    return trn("\u2212{n} fewer", "\u2212{n} fewer", -change)
