"""Two outcomes side by side, and their difference in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from geo.domain.what_if import ChangedRow, ReachChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geo.analysis.coverage import Outcome
    from geo.domain.words import Category

NAMED_ACTIONS = 3
What = TypeVar("What")


def compare(before: Outcome, after: Outcome, labels: Mapping[str, str]) -> list[ChangedRow]:
    """List the rows whose gap or reach differs, the greatest improvement first.

    Parameters
    ----------
    before, after
        Of the same needs in the same order.
    labels
        A readable name for each key; a key without one stands for itself.
    """
    where = list(zip(before.keys, before.categories, strict=True))
    demand, (gained, lost) = Counter(where), _list_moved(before, after)
    gap_before, gap_after = (_count(where, ~np.array(one.served, dtype=bool)) for one in (before, after))
    newly, no_longer = _count(where, gained), _count(where, lost)
    rows = [
        ChangedRow(
            at[0], labels.get(at[0], at[0]), at[1], demand[at], gap_before[at], gap_after[at], newly[at], no_longer[at]
        )
        for at in demand
    ]
    changed = [row for row in rows if row.change or row.newly_within or row.no_longer_within]
    return sorted(changed, key=lambda row: (row.change, row.label, row.key, row.category))


def compare_reach(before: Outcome, after: Outcome) -> dict[Category, ReachChange]:
    """Count the needs of each category that no help is within reach of, before and after.

    Parameters
    ----------
    before, after
        Of the same needs in the same order.
    """
    gained, lost = _list_moved(before, after)
    flags = (~_list_within(before), gained, lost, ~_list_within(after))
    counts = [_count(before.categories, some) for some in flags]
    return {
        category: ReachChange(*(count[category] for count in counts)) for category in sorted(set(before.categories))
    }


def _list_moved(before: Outcome, after: Outcome) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the needs that come within reach of help, and those that no longer are."""
    then, now = _list_within(before), _list_within(after)
    return now & ~then, then & ~now


def _list_within(outcome: Outcome) -> NDArray[np.bool_]:
    within: NDArray[np.bool_] = np.diff(outcome.reach.indptr) > 0
    return within


def _count(of: Sequence[What], marked: NDArray[np.bool_]) -> Counter[What]:
    return Counter(of[at] for at in np.flatnonzero(marked).tolist())


def say_change(actions: Sequence[str], rows: Sequence[ChangedRow]) -> str:
    """Say in one sentence what actions would do.

    Parameters
    ----------
    actions
        Each as a phrase such as ``closing Corner pantry``.
    rows
        From :func:`compare`.
    """
    if not actions:
        return "Nothing is changed."
    subject = _list(actions)
    subject = subject[0].upper() + subject[1:]
    change = sum(row.change for row in rows)
    by_place: dict[str, int] = defaultdict(int)
    for row in rows:
        by_place[row.label] += row.change
    if not change:
        moved = sum(row.change for row in rows if row.change > 0)
        swapped = f"; {_needs(moved)} in other places would be without help instead" if moved else ""
        return f"{subject} leaves as many needs without help as now{swapped}."
    most = max(by_place, key=lambda label: (by_place[label] * (1 if change > 0 else -1), label))
    there = min(abs(by_place[most]), abs(change))
    part = f", {'all' if there == abs(change) else there} of them in {most}" if abs(change) > 1 else f", in {most}"
    if change > 0:
        return f"{subject} leaves {_needs(change, more=True)} without help{part}."
    return f"{subject} gives help to {_needs(-change, more=True)}{part}."


def _needs(count: int, *, more: bool = False) -> str:
    return f"{count} {'more ' if more else ''}need{'' if count == 1 else 's'}"


def _list(actions: Sequence[str]) -> str:
    shown = list(actions[:NAMED_ACTIONS])
    if len(actions) > NAMED_ACTIONS:
        others = len(actions) - NAMED_ACTIONS
        shown.append(f"{others} other change{'' if others == 1 else 's'}")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
