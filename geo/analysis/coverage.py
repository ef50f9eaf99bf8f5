"""From served and unserved needs to rows and totals."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from geo.analysis.tallies import tally_up
from geo.domain.coverage import CoverageRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scipy.sparse import csr_array

    from geo.analysis.tallies import Spot, SpotTally, Tallies
    from geo.domain.coverage import Standard, Totals
    from geo.domain.words import Category

NAMES_IN_REASON: Final = 3


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

    @property
    def tallies(self) -> Tallies:
        """The counts of every place and category."""
        return tally_up(list(zip(self.keys, self.categories, strict=True)), self.served, self.served_best, self.reach)


@dataclass(frozen=True, slots=True)
class Words:
    """What rows call things.

    Attributes
    ----------
    labels
        A readable name for each key; a key without one stands for itself.
    names
        The name of each place of help, by its column in an outcome's ``reach``.
    standard
        The service standard.
    """

    labels: Mapping[str, str]
    names: Sequence[str]
    standard: Standard


def total_up(outcome: Outcome) -> dict[Category, Totals]:
    """Add up each category of an outcome; see :func:`show_totals`."""
    return show_totals(outcome.tallies)


def show_totals(tallies: Tallies) -> dict[Category, Totals]:
    """Give the sums of each category.

    Returns
    -------
    dict
        ``covered_best`` is never less than ``covered``: what surely can be served can be served.
    """
    return {category: tallies.categories[category].totals() for category in sorted(tallies.categories)}


def make_rows(tallies: Tallies, words: Words) -> list[CoverageRow]:
    """Make one row for each place and category that has demand, the widest gap first.

    Parameters
    ----------
    tallies
        The counts.
    words
        What to call things.
    """
    return sorted((make_row(spot, tally, words) for spot, tally in tallies.spots.items()), key=by_gap)


def make_row(spot: Spot, tally: SpotTally, words: Words) -> CoverageRow:
    """Make the row of one place and category."""
    (key, category), totals = spot, tally.totals()
    nearby = _most_reached(tally.within, words.names) if totals.gap > tally.isolated else ()
    label = words.labels.get(key, key)
    return CoverageRow(key, label, category, totals, len(tally.within), tally.isolated, words.standard, nearby)


def by_gap(row: CoverageRow) -> tuple[int, float, str, str, str]:
    """Give what rows are sorted by: the widest gap first."""
    return -row.totals.gap, row.totals.coverage, row.label, row.key, row.category.value


def _most_reached(within: Mapping[int, int], names: Sequence[str]) -> tuple[str, ...]:
    first = nsmallest(NAMES_IN_REASON, within, key=lambda place: (-within[place], names[place], place))
    return tuple(names[place] for place in first)
