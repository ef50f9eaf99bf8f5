"""Hot spots: where more demand goes unmet, together with the cells around, than chance would put there.

Gi* of Getis and Ord 1992 (doi:10.1111/j.1538-4632.1992.tb00261.x) in the standardised form of Ord and Getis 1995
(doi:10.1111/j.1538-4632.1995.tb00912.x), by ``esda``. Its normal approximation is poor for counts that are mostly 0, so
significance comes from permutations of the values over the other cells, one-sided, because only a high is a gap. Many
cells are looked at in one go, so findings are held to a false discovery rate: Benjamini and Hochberg 1995
(doi:10.1111/j.2517-6161.1995.tb02031.x), which keeps it under the positive dependence of neighbours (Benjamini and
Yekutieli 2001, doi:10.1214/aos/1013699998).

Neighbours are rings of the hexagonal grid, not a distance in metres: cells of one resolution differ in width by up to a
third over the globe, within one town by less than a hundredth.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import h3
import numpy as np
from scipy import sparse

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

LEAST_CELLS: Final = 30
"""Fewer cells with neighbours are no sample to find anything in."""
MOST_CELLS: Final = 20_000
MOST_RINGS: Final = 3
FDR_LEVEL: Final = 0.05
LEAST_PERMUTATIONS, MOST_PERMUTATIONS = 1_999, 99_999
_FOR_EACH_CELL: Final = 20
_MOST_DRAWN: Final = 10_000_000


class Finding(StrEnum):
    """What came of looking for hot spots."""

    FOUND = "found"
    NONE = "none"
    TOO_FEW_CELLS = "too_few_cells"
    ALL_ALIKE = "all_alike"


@dataclass(frozen=True, slots=True)
class HotSpots:
    """What each cell came to, in the order given.

    Attributes
    ----------
    finding
        Whether anything was found, or why nothing could be.
    z
        Shape ``(n,)``: Gi* in standard deviations. Not a number for a cell without neighbours, and where all are alike.
    p, q
        Shape ``(n,)``: the chance of so high a sum under permutation, and the false discovery rate at which the cell
        would be called hot. Not a number where nothing was tested.
    is_hot
        Shape ``(n,)``: ``q`` is at most the level.
    islands
        How many cells have no neighbour among these; they are not tested.
    """

    finding: Finding
    z: FloatArray
    p: FloatArray
    q: FloatArray
    is_hot: BoolArray
    islands: int


def find_hot_spots(
    cells: Sequence[str],
    values: ArrayLike,
    *,
    rings: int = 1,
    level: float = FDR_LEVEL,
    permutations: int | None = None,
    seed: int = 0,
) -> HotSpots:
    """Find the cells where values are high together with those around.

    Parameters
    ----------
    cells
        H3 cells of one resolution, each once. What is not among them is not known, not 0.
    values
        Shape ``(n,)``, finite, none below 0; here unmet needs.
    rings
        How many rings of cells around count as neighbours.
    level
        The share of findings that may be false on average, above 0 and below 1.
    permutations
        How many; the least ``p`` is ``1 / (permutations + 1)``. When left out, twenty for each cell within bounds of
        time, so that a single cell can be found among many.
    seed
        Of the permutations.

    Returns
    -------
    HotSpots
        The same for the same input. Time grows with the cells, and with permutations x neighbours.

    Raises
    ------
    InvalidInput
        For a cell that does not exist or stands twice, cells of several resolutions, more than ``MOST_CELLS``, or an
        option out of bounds.
    """
    amount = _check(cells, values, rings=rings, level=level, permutations=permutations)
    near = find_neighbours(cells, rings)
    times = choose_permutations(near) if permutations is None else permutations
    tested = np.diff(near.indptr) > 0
    nothing = np.full(len(amount), np.nan)
    islands = int(np.count_nonzero(~tested))
    cold = np.zeros(len(amount), bool)
    is_flat = not len(amount) or np.ptp(amount) == 0
    z = nothing if is_flat else np.where(tested, star_scores(near, amount), np.nan)
    if np.count_nonzero(tested) < LEAST_CELLS:
        return HotSpots(Finding.TOO_FEW_CELLS, z, nothing, nothing, cold, islands)
    if is_flat:
        return HotSpots(Finding.ALL_ALIKE, z, nothing, nothing, cold, islands)
    p, q = nothing.copy(), nothing.copy()
    p[tested] = _permuted(near, amount, np.flatnonzero(tested), times, seed)
    q[tested] = false_discovery_rates(p[tested])
    hot = np.where(tested, q, 1.0) <= level
    return HotSpots(Finding.FOUND if hot.any() else Finding.NONE, z, p, q, hot, islands)


def find_neighbours(cells: Sequence[str], rings: int) -> sparse.csr_array:
    """Lay out which cells are within so many rings of each other, the cell itself left out.

    Returns
    -------
    scipy.sparse.csr_array
        Shape ``(n, n)``, 1 for neighbours. Rings are counted cell by cell; across a pentagon too.
    """
    index = {cell: at for at, cell in enumerate(cells)}
    found = [
        (at, index[other])
        for cell, at in index.items()
        for other in map(str, h3.grid_disk(cell, rings))
        if other != cell and other in index
    ]
    row, column = np.array(found, np.int64).reshape(-1, 2).T
    shape = (len(cells), len(cells))
    near = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
    near.sort_indices()
    return near


def star_scores(near: sparse.csr_array, values: FloatArray) -> FloatArray:
    """Give Gi* in standard deviations, each cell counted among its own neighbours.

    Parameters
    ----------
    near
        From :func:`find_neighbours`.
    values
        Shape ``(n,)``, not all alike.
    """
    from esda.getisord import G_Local
    from libpysal.graph import Graph

    # esda sees each cell among its own neighbours, so that a cell alone needs no special case
    graph = Graph.from_sparse(sparse.coo_array(near + sparse.eye_array(near.shape[0], format="csr")))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(G_Local(values, graph, transform="B", permutations=0, star=True).Zs, np.float64)


def false_discovery_rates(p: ArrayLike) -> FloatArray:
    """Give the least false discovery rate at which each test would be a finding.

    The step-up procedure of Benjamini and Hochberg 1995: ``q_(i) = min over j >= i of p_(j) n / j``.

    Parameters
    ----------
    p
        Shape ``(n,)``, from 0 to 1.
    """
    chance = np.asarray(p, np.float64)
    order = np.argsort(chance, kind="stable")
    scaled = chance[order] * len(chance) / np.arange(1, len(chance) + 1)
    rates = np.empty(len(chance))
    rates[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return rates


def choose_permutations(near: sparse.csr_array) -> int:
    """Choose how often to permute: enough to find one cell among all, as far as time allows."""
    most = _MOST_DRAWN // max(int(np.unique(np.diff(near.indptr)).sum()), 1)
    return max(LEAST_PERMUTATIONS, min(_FOR_EACH_CELL * int(near.shape[0]) - 1, most, MOST_PERMUTATIONS))


def _permuted(
    near: sparse.csr_array, values: FloatArray, cells: NDArray[np.int64], times: int, seed: int
) -> FloatArray:
    """Compare each cell's sum of neighbours with sums of as many values from anywhere but the cell itself.

    The cell keeps its own value, so the sum of the neighbours alone decides. Cells with equally many neighbours share
    their draws from all cells; a draw that holds the cell itself is no draw for it and is left out, so that those
    left are drawn from its others alone.
    """
    counts = np.diff(near.indptr)
    # sums of the same numbers in another order differ by rounding
    reached = np.asarray(near @ values) * (1 - 1e-12)
    chance = np.empty(len(values))
    for count in np.unique(counts[cells]).tolist():
        # a stream for each number of neighbours, so that cells elsewhere change nothing
        draws = _draw(np.random.default_rng([seed, count]), len(values), count, times)
        sums = values[draws].sum(axis=1)
        as_high = times - np.searchsorted(np.sort(sums), reached, side="left")
        held, in_draw = draws.ravel(), np.repeat(sums, count)
        own = np.bincount(held, minlength=len(values))
        own_high = np.bincount(held, in_draw >= reached[held], minlength=len(values))
        alike = cells[counts[cells] == count]
        chance[alike] = ((as_high - own_high + 1) / (times - own + 1))[alike]
    return chance[cells]


def _draw(rng: np.random.Generator, among: int, count: int, times: int) -> NDArray[np.int64]:
    """Draw ``count`` different numbers below ``among``, so many times."""
    if among < 4 * count**2:
        return np.array([rng.permutation(among)[:count] for _ in range(times)])
    drawn = rng.integers(0, among, (times, count))
    # a row with a number twice is drawn again as a whole, which leaves all rows equally likely
    while (twice := np.flatnonzero((np.diff(np.sort(drawn, axis=1), axis=1) == 0).any(axis=1))).size:
        drawn[twice] = rng.integers(0, among, (twice.size, count))
    return drawn


def _check(
    cells: Sequence[str], values: ArrayLike, *, rings: int, level: float, permutations: int | None
) -> FloatArray:
    amount = np.asarray(values, np.float64)
    if amount.shape != (len(cells),) or not (np.isfinite(amount).all() and (amount >= 0).all()):
        raise InvalidInput("give one number from 0 on for each cell", field="values")
    if len(cells) > MOST_CELLS:
        raise InvalidInput(f"at most {MOST_CELLS} cells can be looked at together", field="cells")
    if not all(map(h3.is_valid_cell, cells)) or len({*map(h3.get_resolution, cells)}) > 1:
        raise InvalidInput("give cells of one resolution", field="cells")
    if len(set(cells)) != len(cells):
        raise InvalidInput("a cell stands twice", field="cells")
    if not 1 <= rings <= MOST_RINGS:
        raise InvalidInput(f"rings must be from 1 to {MOST_RINGS}", field="rings")
    if not 0 < level < 1 or (permutations is not None and permutations < 1):
        raise InvalidInput("the level must lie between 0 and 1, and permutations must be 1 or more", field="level")
    return amount
