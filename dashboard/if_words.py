"""Imagined changes and what they would do, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.plan_words import needs_of
from dashboard.scenarios import ADD, CLOSE, MOVE, REOPEN, RESIZE
from dashboard.sentences import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.plan_answers import HelpingPlace, WhatIf
    from dashboard.scenarios import Change, Hours

WHAT: Final = {
    ADD: "New place",
    MOVE: "Move a place",
    RESIZE: "More or less room",
    CLOSE: "Close a place",
    REOPEN: "Other hours",
}
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GONE: Final = "A place that is no longer listed"


def describe(change: Change, places: Mapping[str, HelpingPlace], meta: Meta) -> str:
    """Say in one line what a change is."""
    if change.what == ADD:
        kinds = " and ".join(meta.label(word).lower() for word in change.categories)
        return f"New place for {kinds}, room for {amount(change.room or 0)} a week"
    known = places.get(change.asset_id or "")
    name = known.name if known else GONE
    if change.what == RESIZE:
        return f"{name}: room for {amount(change.room or 0)} a week, {_before(known)}"
    if change.what == REOPEN and change.hours:
        return f"{name}: open {hours_words(change.hours)}"
    return f"{name}: {'closed' if change.what == CLOSE else 'at another spot'}"


def _before(known: HelpingPlace | None) -> str:
    return "not known now" if known is None or known.capacity is None else f"{amount(known.capacity)} now"


def hours_words(hours: Hours) -> str:
    """Say when a place would be open."""
    every = len(hours.days) == len(DAYS)
    days = "every day" if every else ", ".join(DAYS[day][:3] for day in sorted(hours.days))
    return f"{days} {hours.start}:00\u2013{hours.end}:00"


def where(place: tuple[float, float]) -> str:
    """Write a place as coordinates, latitude first as people do."""
    return f"{place[1]:.5f}, {place[0]:.5f}"


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
        return f"As many {needs_of(2, kind).partition(' ')[2]} would be without help as now: {amount(before)}."
    count = abs(before - after)
    words = f"{'fewer' if after < before else 'more'} {needs_of(count, kind).partition(' ')[2]}"
    verb = "is" if count == 1 else "are"
    return f"{amount(count)} {words} {verb} without help: {amount(before)} now, {amount(after)} then."


def signed(change: int) -> str:
    """Write a change with its sign and its word, so that no colour is needed."""
    if not change:
        return "no change"
    return f"{'+' if change > 0 else chr(0x2212)}{amount(abs(change))} {'more' if change > 0 else 'fewer'}"
