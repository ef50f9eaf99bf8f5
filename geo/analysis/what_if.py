"""Two outcomes side by side, and their difference in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from geo.domain.what_if import ChangedRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo.analysis.coverage import Outcome
    from geo.domain.words import Category

NAMED_ACTIONS = 3


def compare(before: Outcome, after: Outcome, labels: Mapping[str, str]) -> list[ChangedRow]:
    """List the rows whose gap differs, the greatest improvement first.

    Parameters
    ----------
    before, after
        Of the same needs in the same order.
    labels
        A readable name for each key; a key without one stands for itself.
    """
    where = list(zip(before.keys, before.categories, strict=True))
    gap_before, gap_after, demand = _count_unserved(before), _count_unserved(after), Counter(where)
    rows = [
        ChangedRow(at[0], labels.get(at[0], at[0]), at[1], demand[at], gap_before[at], gap_after[at]) for at in demand
    ]
    changed = [row for row in rows if row.change]
    return sorted(changed, key=lambda row: (row.change, row.label, row.key, row.category))


def _count_unserved(outcome: Outcome) -> Counter[tuple[str, Category]]:
    where = zip(outcome.keys, outcome.categories, outcome.served, strict=True)
    return Counter((key, category) for key, category, served in where if not served)


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
