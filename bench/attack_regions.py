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

    cells: NDArray[np.int64]
    dwellings: NDArray[np.int64]

    @property
    def broken(self) -> int:
        """How many homes are narrowed below one cell or fifty dwellings."""
        return int(((self.cells < 1) | (self.dwellings < LEAST_DWELLINGS)).sum())

    def as_dict(self) -> dict[str, Any]:
        """Give the figures that matter."""
        return {
            "homes": len(self.cells),
            "fewest cells": int(self.cells.min()),
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

    A home in a cell of fewer than fifty dwellings is told of nowhere, so it is moved among all such cells.

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
    inside = _dwellings_in(city, set(told))
    thin = {cell for cell, dwellings in inside.items() if len(dwellings) < LEAST_DWELLINGS}
    untold = np.concatenate([inside[cell] for cell in sorted(thin)]) if thin else np.array([], dtype=np.int64)
    there = [untold if cell in thin else inside[cell] for cell in told]
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        elsewhere = np.array([rng.choice(places) for places in there])
        if _seen(city.moved(elsewhere), partners) != seen:
            raise AssertionError("what is published depends on where in its cell a home stands")
    cells = np.array([len(thin) if cell in thin else 1 for cell in told])
    return Regions(cells, np.array([len(places) for places in there]))


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
