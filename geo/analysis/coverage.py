"""From served and unserved needs to rows, totals and reasons in plain words."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from geo.domain.coverage import CoverageRow, Totals
from geo.domain.words import CATEGORY_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo.analysis.flow import Reach
    from geo.domain.words import Category

NAMES_IN_REASON = 3
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each need, aligned with ``keys`` and ``categories``: plain lists of one length."""

    keys: Sequence[str]
    categories: Sequence[Category]
    served: Sequence[bool]
    served_best: Sequence[bool]
    reach: Reach


def total_up(outcome: Outcome) -> dict[Category, Totals]:
    """Add up each category.

    Returns
    -------
    dict
        ``covered_best`` is never less than ``covered``: what surely can be served can be served.
    """
    counts = _count(zip(outcome.categories, outcome.served, outcome.served_best, strict=True))
    return {category: counts[category] for category in sorted(counts)}


def make_rows(outcome: Outcome, *, labels: Mapping[str, str], names: Sequence[str], minutes: str) -> list[CoverageRow]:
    """Make one row for each place and category that has demand, the widest gap first.

    Parameters
    ----------
    outcome
        What became of each need.
    labels
        A readable name for each key.
    names
        The name of each place of help, by its index in ``outcome.reach``.
    minutes
        The standard in words, such as ``5 minutes on foot``.
    """
    where = list(zip(outcome.keys, outcome.categories, strict=True))
    totals = _count(zip(where, outcome.served, outcome.served_best, strict=True))
    within: dict[tuple[str, Category], Counter[int]] = defaultdict(Counter)
    isolated: Counter[tuple[str, Category]] = Counter()
    for key, reach in zip(where, outcome.reach, strict=True):
        within[key].update(reach)
        isolated[key] += not reach
    rows = [
        CoverageRow(
            key=key,
            label=labels.get(key, key),
            category=category,
            totals=found,
            supply=len(within[key, category]),
            out_of_reach=isolated[key, category],
            why=_explain(
                found,
                isolated[key, category],
                _most_reached(within[key, category], names),
                category=category,
                minutes=minutes,
            ),
        )
        for (key, category), found in totals.items()
    ]
    return sorted(rows, key=lambda row: (-row.totals.gap, row.totals.coverage, row.label, row.key, row.category))


def _count(items: Iterable[tuple[Key, bool, bool]]) -> dict[Key, Totals]:
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, served, served_best in items:
        tally = sums[key]
        tally[0] += 1
        tally[1] += bool(served)
        tally[2] += bool(served_best)
    return {key: Totals(demand, sure, max(sure, best)) for key, (demand, sure, best) in sums.items()}


def _most_reached(within: Counter[int], names: Sequence[str]) -> str:
    ranked = sorted(within, key=lambda place: (-within[place], names[place]))
    shown = ", ".join(names[place] for place in ranked[:NAMES_IN_REASON])
    others = len(ranked) - NAMES_IN_REASON
    return f"{shown} and {others} more" if others > 0 else shown


def _explain(found: Totals, isolated: int, nearby: str, *, category: Category, minutes: str) -> str:
    if found.gap == 0:
        return f"All {found.demand} can be served within {minutes}."
    full = found.gap - min(isolated, found.gap)
    reasons = []
    if isolated:
        reasons.append(
            f"{isolated} of {found.demand} have no help with {CATEGORY_LABELS[category].lower()} within {minutes}"
        )
    if full:
        reasons.append(f"{full} of {found.demand} find the help within reach full ({nearby})")
    return "; ".join(reasons) + "."
