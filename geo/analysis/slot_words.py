"""The worst of a week in plain sentences: who goes without, and when.

A day has three parts, morning (8 to 12 o'clock), afternoon (12 to 18) and evening (18 to 22). Nights are in the rows
and not in the sentences: hardly anything is open then, and every sentence would say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geo.domain.languages import language_name
from geo.domain.slots import EVERYBODY, NOT_STATED, OTHERS, WEEKDAYS, SlotGap
from geo.domain.words import CATEGORY_LABELS, Access, Category

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from geo.analysis.slots import SlotCounts, Week
    from geo.domain.slots import GroupBy

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

PARTS: Final = {"morning": range(8, 12), "afternoon": range(12, 18), "evening": range(18, 22)}
AWAKE: Final = range(8, 22)
MOST_GAPS: Final = 20
_RUN: Final = 3
_UNSURE: Final = 2
_HOUSEHOLDS: Final = {
    Access.WHEELCHAIR.value: "a household with a wheelchair",
    Access.NO_CAR.value: "a household without a car",
    Access.NO_PHONE.value: "a household without a telephone",
    OTHERS: "other households",
}
Part = tuple[int, str]


class Named(NamedTuple):
    """One category and one group, as sentences name them."""

    category: Category
    group: str


def find_worst(week: Week, counts: SlotCounts, named: Sequence[Named], *, by: GroupBy, minutes: str) -> list[SlotGap]:
    """Find the widest gaps between 8 and 22 o'clock.

    Parameters
    ----------
    week, counts
        The slots, and the needs of each by group.
    named
        The groups, in the order of ``counts``.
    by
        By what the needs are grouped.
    minutes
        The standard in words, such as ``5 minutes on foot``.

    Returns
    -------
    list of SlotGap
        At most ``MOST_GAPS``, the most needs times hours first. For each group: when nobody could help, when nobody
        within reach could, when nobody within reach is known to be there, and the worst part of a day in which some are
        helped and others not, with the number who go without in each of its hours.
    """
    found = [gap for g, name in enumerate(named) for gap in _gaps(week, counts, g, name, by=by, minutes=minutes)]
    found.sort(key=lambda gap: (-gap.gap * gap.hours, -gap.gap, gap.sentence))
    return found[:MOST_GAPS]


def _gaps(week: Week, counts: SlotCounts, g: int, name: Named, *, by: GroupBy, minutes: str) -> Iterable[SlotGap]:
    demand = int(counts.demand[g])
    if not demand:
        return
    who, told = describe(name, by), set[Part]()
    missing = ((counts.without, ""), (counts.isolated, f" within {minutes}"), (counts.unsure, f" within {minutes}"))
    for level, (table, where) in enumerate(missing):
        parts = [part for part in _parts(week, table[:, g] == demand) if part not in told]
        if parts:
            known = " is known to be there" if level == _UNSURE else ""
            yield _gap(week, name, demand, demand, parts, f"No {who}{known}{where} {when(parts)}.")
        told.update(parts)
    gaps = {part: _least(counts.gap[:, g], _slots(week, part)) for part in _all_parts() if part not in told}
    worst = max(gaps, key=lambda part: gaps[part], default=None)
    if worst is not None and (gap := gaps[worst]):
        needs = f"{gap} of {demand} needs go without {_article(who)}{who}"
        yield _gap(week, name, demand, gap, [worst], f"{needs} {when([worst])}.")


def _gap(week: Week, name: Named, demand: int, gap: int, parts: Sequence[Part], sentence: str) -> SlotGap:
    hours = sum(int(_slots(week, part).sum()) for part in parts)
    return SlotGap(name.category, name.group, demand, gap, hours, sentence)


def _all_parts() -> list[Part]:
    return [(day, part) for day in range(len(WEEKDAYS)) for part in PARTS]


def _slots(week: Week, part: Part) -> BoolArray:
    day, name = part
    found: BoolArray = (week.weekday == day) & np.isin(week.hour, PARTS[name])
    return found


def _parts(week: Week, holds: BoolArray) -> list[Part]:
    """List the parts of days throughout which something holds."""
    return [part for part in _all_parts() if holds[_slots(week, part)].all()]


def _least(gap: IntArray, slots: BoolArray) -> int:
    return int(gap[slots].min()) if slots.any() else 0


def _article(noun: str) -> str:
    return "" if "help" in noun.split() else "an " if noun[0] in "AEIOU" and not noun.startswith("Uk") else "a "


def describe(name: Named, by: GroupBy) -> str:
    """Say what a group wants, such as ``Arabic-speaking driver``."""
    noun = "driver" if name.category is Category.TRANSPORT else f"help with {CATEGORY_LABELS[name.category].lower()}"
    if name.category is Category.HOUSEHOLD:
        noun = "help in the household"
    if by == "none" or name.group == EVERYBODY:
        return noun
    if by == "language":
        if name.group in (NOT_STATED, OTHERS):
            whom = "households that named no language" if name.group == NOT_STATED else "other languages"
            return f"{noun} for {whom}"
        return f"{language_name(name.group)}-speaking {noun}"
    return f"{noun} for {_HOUSEHOLDS.get(name.group, f'needs of {name.group} urgency')}"


def when(parts: Collection[Part]) -> str:
    """Say in which parts of which days, such as ``on Sunday evening``.

    Whole days come first, then parts of days, those of the same days together.
    """
    days = {part: {day for day, name in parts if name == part} for part in PARTS}
    whole = set.intersection(*days.values())
    said = [_days(whole)] if whole else []
    left = {part: frozenset(on - whole) for part, on in days.items()}
    alike = [on for on in dict.fromkeys(left.values()) if on]
    said += [_days(on, _list([part for part in left if left[part] == on])) for on in alike]
    return _list(said)


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _days(days: Collection[int], parts: str = "") -> str:
    if parts and len(days) == 1:
        return f"on {WEEKDAYS[min(days)]} {parts}"
    return f"in the {parts} {_day_names(days)}" if parts else _day_names(days)


def _day_names(days: Collection[int]) -> str:
    ordered = sorted(days)
    for known, name in ((range(7), "on any day"), (range(5, 7), "at the weekend"), (range(5), "on weekdays")):
        if ordered == list(known):
            return name
    if len(ordered) >= _RUN and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"from {WEEKDAYS[ordered[0]]} to {WEEKDAYS[ordered[-1]]}"
    return f"on {_list([WEEKDAYS[day] for day in ordered])}"
