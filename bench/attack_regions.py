"""How small an area an attacker can narrow each home down to, knowing everything about everybody else.

A place is feasible when the home could stand there and every published byte would be the same. That covers every attack
on those bytes at once, whatever an attacker thinks of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import numpy as np

from geo.domain.words import Category
from geo.privacy.cells import parent_cell
from geo.privacy.partners import coarse_cell, coarse_feed, snap_area
from geo.privacy.rules import LEAST_DWELLINGS, ReleaseRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry import Polygon

    from bench.attack_city import City

KEY: Final = b"an attacker does not have this key"
RULES: Final = ReleaseRules()


@dataclass(frozen=True, slots=True)
class Regions:
    """For each home the cells and dwellings that an attacker cannot tell from the true one."""

    cells: NDArray[np.float64]
    dwellings: NDArray[np.int64]

    @property
    def broken(self) -> int:
        """How many homes are narrowed below one cell or fifty dwellings."""
        return int(((self.cells < 1) | (self.dwellings < LEAST_DWELLINGS)).sum())

    def as_dict(self) -> dict[str, Any]:
        """Give the figures that matter."""
        return {
            "homes": len(self.cells),
            "fewest cells": float(self.cells.min()),
            "fewest dwellings": int(self.dwellings.min()),
            "median dwellings": int(np.median(self.dwellings)),
            "homes below one cell or 50 dwellings": self.broken,
        }


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner of the coarse tier: its number, its cells and its categories."""

    id: UUID
    area: frozenset[str]
    categories: frozenset[Category]


def make_partners(shapes: Sequence[Polygon]) -> list[Partner]:
    """Make partners of all categories, one for each area."""
    return [Partner(UUID(int=i), snap_area(shape), frozenset(Category)) for i, shape in enumerate(shapes, start=1)]


def partner_feeds(city: City, partners: Sequence[Partner], week: int) -> list[list[dict[str, Any]]]:
    """Give what each partner has in a week."""
    homes, needs = city.homes_by_cell(9), city.coarse_needs(week)
    return [coarse_feed(needs, homes, area=p.area, categories=p.categories, key=KEY, partner_id=p.id) for p in partners]


def told_cells(city: City, partners: Sequence[Partner] = ()) -> list[str]:
    """Give for each home the finest cell that anybody may be told, which the test of regions then has to confirm."""
    homes = city.homes_by_cell(9)
    fine = (coarse_cell(cell, homes) if partners else None for cell in city.home_cells())
    return [told or parent_cell(own, RULES.resolution) for told, own in zip(fine, city.home_cells(), strict=True)]


def measure_regions(city: City, partners: Sequence[Partner] = (), *, rounds: int, seed: int = 0) -> Regions:
    """Move every home about within what is told of it, see that no byte changes, and count where it may stand.

    Parameters
    ----------
    city
        The city.
    partners
        Who puts their feeds together with the public files; nobody for the public alone.
    rounds
        How often all homes are moved at once.
    seed
        Of the moves.

    Raises
    ------
    AssertionError
        If a byte changes: then something told more than the cell.
    """
    seen, told = _seen(city, partners), told_cells(city, partners)
    there: dict[str, NDArray[np.int64]] = _dwellings_in(city, set(told))
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        elsewhere = np.array([rng.choice(there[cell]) for cell in told])
        if _seen(city.moved(elsewhere), partners) != seen:
            raise AssertionError("what is published depends on where in its cell a home stands")
    counts = np.array([len(there[cell]) for cell in told])
    regions = Regions(np.ones(len(told)), counts)
    for home in np.flatnonzero(counts < LEAST_DWELLINGS):
        _widen(city, partners, seen, int(home), regions)
    return regions


def _seen(city: City, partners: Sequence[Partner]) -> tuple[Any, ...]:
    feeds = [partner_feeds(city, partners, week) for week in range(city.weeks)] if partners else []
    return city.files(RULES), feeds


def _dwellings_in(city: City, cells: set[str]) -> dict[str, NDArray[np.int64]]:
    """List the dwellings of each cell, whichever of the two grids it is of."""
    found: dict[str, list[int]] = {cell: [] for cell in cells}
    for number, own in enumerate(city.cells):
        for cell in {own, parent_cell(own, RULES.resolution)} & cells:
            found[cell].append(number)
    return {cell: np.array(numbers) for cell, numbers in found.items()}


def _widen(city: City, partners: Sequence[Partner], seen: tuple[Any, ...], home: int, regions: Regions) -> None:
    """Look for other cells in which a home of a thin cell, which is told nowhere, would leave no trace either."""
    by_cell = city.homes_by_cell(RULES.resolution)
    own = parent_cell(city.home_cells()[home], RULES.resolution)
    for cell in sorted(by_cell, key=lambda c: by_cell[c]):
        if regions.dwellings[home] >= LEAST_DWELLINGS:
            return
        if cell == own:
            continue
        there = next(i for i, c in enumerate(city.cells) if parent_cell(c, RULES.resolution) == cell)
        homes = city.homes.copy()
        homes[home] = there
        if _seen(city.moved(homes), partners) == seen:
            regions.cells[home] += 1
            regions.dwellings[home] += by_cell[cell]
