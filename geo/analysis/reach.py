"""The right help within reach of each need: what every way of finding it answers, and the straight-line one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from scipy.sparse import csr_array

from geo.analysis.gaps import MODES
from geo.analysis.pairs import find_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo.analysis.gaps import Demand, Suits, Supply
    from geo.domain.travel import TravelModel

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


class Reached(NamedTuple):
    """Help within reach, shape ``(n, m)`` of ``int8`` each, an entry of 1 for each pair, indices in order.

    ``sure`` holds the pairs within the standard from wherever in its circle of uncertainty the need may be, and whose
    kinds are known to suit; ``best`` those within it from somewhere in the circle, and whose kinds may suit. Each
    entry of ``sure`` is one of ``best``.
    """

    sure: csr_array
    best: csr_array


class ReachFinder(Protocol):
    """Finds the right help within reach of each need."""

    def find(self, demand: Demand, supply: Supply, suits: Suits) -> Reached:
        """Find it.

        What is within reach of a need depends on the need and the place alone, never on the others: the answer for
        some needs, or some places, is those rows, or columns, of the answer for all.
        """


@dataclass(frozen=True, slots=True)
class StraightReach:
    """Reach as the crow flies.

    Attributes
    ----------
    reach_m
        Straight-line metres within the standard, one for each of ``MODES``.
    """

    reach_m: FloatArray

    @classmethod
    def of(cls, model: TravelModel, standard_min: float) -> StraightReach:
        """Ask a travel model how far a standard in minutes reaches."""
        return cls(np.array([model.reach_m(standard_min, mode) for mode in MODES]))

    def find(self, demand: Demand, supply: Supply, suits: Suits) -> Reached:
        """Compare each distance with the reach of the need, less or more the radius of its uncertainty.

        Help that goes to the household has a reach of its own in its stead.

        Parameters
        ----------
        demand, supply
            In one plane system.
        suits
            Which kinds of help suit which kinds of need.

        Returns
        -------
        Reached
            Cost grows with the number of pairs found, plus ``(n + m) log m`` for each kind of need.
        """
        found = list(self._find_each_kind(demand, supply, suits))
        rows, columns, sure = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else _NONE
        return reached_of(rows, columns, sure, (len(demand.xy), len(supply.xy)))

    def _find_each_kind(
        self, demand: Demand, supply: Supply, suits: Suits
    ) -> Iterator[tuple[IntArray, IntArray, BoolArray]]:
        goes = np.zeros(len(supply.xy), dtype=bool) if supply.reach_m is None else ~np.isnan(supply.reach_m)
        reach_m = self.reach_m[demand.mode]
        for kind in np.unique(demand.kind).tolist():
            rows, fits = np.flatnonzero(demand.kind == kind), suits.best[kind][supply.kind]
            known = suits.sure[kind][supply.kind]
            still, going = np.flatnonzero(fits & ~goes), np.flatnonzero(fits & goes)
            if still.size:
                near = find_pairs(demand.xy[rows], (reach_m + demand.uncertainty_m)[rows], supply.xy[still])
                row, column = rows[near.row], still[near.column]
                surely = near.distance_m <= (reach_m - demand.uncertainty_m)[row]
                yield row, column, surely & known[column]
            if supply.reach_m is not None and going.size:
                own_m, off_m = supply.reach_m[going], demand.uncertainty_m
                near = find_pairs(demand.xy[rows], off_m[rows], supply.xy[going], own_m)
                row, column = rows[near.row], going[near.column]
                yield row, column, (near.distance_m <= own_m[near.column] - off_m[row]) & known[column]


_NONE = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))


def reached_of(row: IntArray, column: IntArray, sure: BoolArray, shape: tuple[int, int]) -> Reached:
    """Make both tables from pairs, each named once.

    Parameters
    ----------
    row, column
        The need and the place of each pair, in any order.
    sure
        Whether the pair counts surely; if not, at best.
    shape
        Needs and places.
    """
    both = csr_array((sure.astype(np.int8) + np.int8(1), (row, column)), shape=shape)
    both.sort_indices()
    is_sure = both.data == 2  # noqa: PLR2004 - one, and one more for sure
    ends = np.concatenate([[0], np.cumsum(is_sure)])[both.indptr].astype(both.indptr.dtype)
    ones = np.ones(len(both.data), dtype=np.int8)
    return Reached(
        csr_array((ones[: ends[-1]], both.indices[is_sure], ends), shape=shape),
        csr_array((ones, both.indices, both.indptr), shape=shape),
    )
