"""From served and unserved needs to rows, totals and reasons in plain words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.sparse import csr_array

from geo.domain.coverage import CoverageRow, Totals
from geo.domain.words import CATEGORY_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from geo.domain.words import Category

NAMES_IN_REASON = 3
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each need, aligned with ``keys`` and ``categories``: plain lists of one length.

    ``reach`` has a row for each need and a column for each place of help, and an entry where the one surely reaches
    the other.
    """

    keys: Sequence[str]
    categories: Sequence[Category]
    served: Sequence[bool]
    served_best: Sequence[bool]
    reach: csr_array


@dataclass(frozen=True, slots=True)
class Words:
    """What rows call things.

    Attributes
    ----------
    labels
        A readable name for each key; a key without one stands for itself.
    names
        The name of each place of help, by its column in an outcome's ``reach``.
    minutes
        The standard in words, such as ``5 minutes on foot``.
    """

    labels: Mapping[str, str]
    names: Sequence[str]
    minutes: str


def total_up(outcome: Outcome) -> dict[Category, Totals]:
    """Add up each category.

    Returns
    -------
    dict
        ``covered_best`` is never less than ``covered``: what surely can be served can be served.
    """
    counts = _count(zip(outcome.categories, outcome.served, outcome.served_best, strict=True))
    return {category: counts[category] for category in sorted(counts)}


def make_rows(outcome: Outcome, words: Words) -> list[CoverageRow]:
    """Make one row for each place and category that has demand, the widest gap first.

    Parameters
    ----------
    outcome
        What became of each need.
    words
        What to call things.
    """
    where = list(zip(outcome.keys, outcome.categories, strict=True))
    totals = _count(zip(where, outcome.served, outcome.served_best, strict=True))
    number = {spot: index for index, spot in enumerate(totals)}
    spots = np.array([number[spot] for spot in where], dtype=np.int64)
    within = _count_within(spots, outcome.reach, len(totals))
    isolated = np.bincount(spots[np.diff(outcome.reach.indptr) == 0], minlength=len(totals)).tolist()
    return in_order(
        make_row(spot, totals[spot], _row_of(within, index), isolated[index], words) for spot, index in number.items()
    )


def make_row(
    spot: tuple[str, Category], totals: Totals, within: Mapping[int, int], isolated: int, words: Words
) -> CoverageRow:
    """Make the row of one place and category.

    Parameters
    ----------
    spot
        Its key and category.
    totals
        Its needs.
    within
        For each place of help how many of the needs surely reach it, where any does.
    isolated
        How many reach none.
    words
        What to call things.
    """
    key, category = spot
    nearby = _most_reached(within, words.names) if totals.gap > isolated else ""
    why = _explain(totals, isolated, nearby, category=category, minutes=words.minutes)
    return CoverageRow(key, words.labels.get(key, key), category, totals, len(within), isolated, why)


def in_order(rows: Iterable[CoverageRow]) -> list[CoverageRow]:
    """Sort rows, the widest gap first."""
    return sorted(rows, key=lambda row: (-row.totals.gap, row.totals.coverage, row.label, row.key, row.category))


def _count_within(spots: NDArray[np.int64], reach: csr_array, count: int) -> csr_array:
    """Count, for each spot and place of help, the needs that reach it."""
    ones = np.ones(len(spots), dtype=np.int32)
    return csr_array((ones, (spots, np.arange(len(spots)))), shape=(count, len(spots))) @ reach


def _row_of(table: csr_array, index: int) -> dict[int, int]:
    span = slice(table.indptr[index], table.indptr[index + 1])
    return dict(zip(table.indices[span].tolist(), table.data[span].tolist(), strict=True))


def _count(items: Iterable[tuple[Key, bool, bool]]) -> dict[Key, Totals]:
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, served, served_best in items:
        tally = sums[key]
        tally[0] += 1
        tally[1] += bool(served)
        tally[2] += bool(served_best)
    return {key: Totals(demand, sure, max(sure, best)) for key, (demand, sure, best) in sums.items()}


def _most_reached(within: Mapping[int, int], names: Sequence[str]) -> str:
    first = nsmallest(NAMES_IN_REASON, within, key=lambda place: (-within[place], names[place], place))
    shown = ", ".join(names[place] for place in first)
    others = len(within) - NAMES_IN_REASON
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
