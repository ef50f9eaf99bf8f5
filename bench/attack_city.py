"""A made-up city for the attacks on what is released: homes among many dwellings, whose needs come and go for weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import numpy as np

from geo.crs import metric_crs, to_degrees
from geo.domain.place import Point
from geo.domain.words import Category, Urgency
from geo.privacy.cells import cell_of, parent_cell
from geo.privacy.partners import CoarseNeed, week_of
from geo.privacy.public_file import write_release
from geo.privacy.release import NOTHING_YET, Household, Release, compute_release
from geo.privacy.rules import ReleaseRules, public_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CENTRE: Final = Point(24.94, 60.19)
SIDE_M: Final = 6_000.0
HUBS: Final = 14
DWELLINGS_PER_HOME: Final = 20
FEWEST_DWELLINGS: Final = 40_000
START: Final = datetime(2026, 1, 5, tzinfo=UTC)
_SHARES: Final = (0.3, 0.05, 0.1, 0.05, 0.12, 0.08, 0.1, 0.1, 0.05, 0.05)


@dataclass(frozen=True)
class City:
    """Dwellings in metres from the corner and in cells; homes are some of them, each with one household in need."""

    xy: NDArray[np.float64]
    points: Sequence[Point]
    cells: Sequence[str]
    homes: NDArray[np.int64]
    categories: Sequence[Category]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    weeks: int

    @classmethod
    def build(cls, homes: int, weeks: int, seed: int) -> City:
        """Draw a city of six kilometres a side with quarters and a thin spread between them."""
        rng = np.random.default_rng(seed)
        count = max(DWELLINGS_PER_HOME * homes, FEWEST_DWELLINGS)
        hubs = rng.uniform(0.1, 0.9, (HUBS, 2)) * SIDE_M
        which = rng.choice(HUBS, count, p=rng.dirichlet(np.full(HUBS, 3.0)))
        near = hubs[which] + rng.normal(0, 1, (count, 2)) * rng.uniform(250, 700, HUBS)[which, None]
        spread = rng.uniform(0, SIDE_M, (count, 2))
        xy = np.clip(np.where(rng.random((count, 1)) < 0.1, spread, near), 0, SIDE_M)
        points = place(xy)
        chosen = rng.choice(count, homes, replace=False)
        first = rng.integers(-20, weeks, homes)
        kinds = [list(Category)[i] for i in rng.choice(len(Category), homes, p=_SHARES)]
        last = first + rng.geometric(1 / 20, homes)
        return cls(xy, points, [cell_of(p) for p in points], chosen, kinds, first, last, weeks)

    def homes_by_cell(self, resolution: int) -> dict[str, int]:
        """Count dwellings by cell."""
        cells, counts = np.unique([parent_cell(c, resolution) for c in self.cells], return_counts=True)
        return dict(zip(map(str, cells), map(int, counts), strict=True))

    def home_cells(self) -> list[str]:
        """Give each home's cell of resolution 9."""
        return [self.cells[i] for i in self.homes]

    def moved(self, homes: NDArray[np.int64]) -> City:
        """Give the same households in other dwellings."""
        return replace(self, homes=homes)

    def without(self, gone: NDArray[np.bool_]) -> City:
        """Give the city in which some households never asked."""
        never = np.where(gone, self.weeks + 1, self.first)
        return replace(self, first=never, last=np.where(gone, self.weeks + 1, self.last))

    def in_need(self, week: int) -> NDArray[np.bool_]:
        """Tell which households have an open need in a week."""
        return (self.first <= week) & (week < self.last)

    def who(self, week: int) -> list[int]:
        """List the households that have an open need in a week."""
        return [int(i) for i in np.flatnonzero(self.in_need(week))]

    def households(self, week: int) -> list[Household]:
        """List who is counted in a week."""
        cells = self.home_cells()
        return [Household(UUID(int=i), cells[i], public_kinds([self.categories[i]])) for i in self.who(week)]

    def releases(self, rules: ReleaseRules) -> list[Release]:
        """Make every week's release, each from the one before."""
        dwellings, state, made = self.homes_by_cell(9), NOTHING_YET, list[Release]()
        for week in range(self.weeks):
            made.append(compute_release(self.households(week), dwellings, state, rules))
            state = made[-1].state
        return made

    def files(self, rules: ReleaseRules) -> list[bytes]:
        """Write every week's file."""
        named = ((week_of(START + timedelta(weeks=i)), made) for i, made in enumerate(self.releases(rules)))
        return [write_release(made.cells, rules, week, {}) for week, made in named]

    def coarse_needs(self, week: int) -> list[CoarseNeed]:
        """List the needs a partner might be given in a week."""
        cells, urgencies = self.home_cells(), list(Urgency)
        return [
            CoarseNeed(
                UUID(int=10_000_000 + i),
                cells[i],
                self.categories[i],
                urgencies[i % len(urgencies)],
                START + timedelta(weeks=int(self.first[i])),
            )
            for i in self.who(week)
        ]


def place(xy: NDArray[np.float64]) -> list[Point]:
    """Put metres from the city's corner on the globe."""
    crs = metric_crs([CENTRE.lon], [CENTRE.lat])
    return [Point(float(lon), float(lat)) for lon, lat in to_degrees(xy - SIDE_M / 2, crs)]
