"""One need or place changed in a whole metropolis, every figure brought up to date, against working it all out anew.

What is measured is the whole change: the help within reach is found, who is served is put right, surely and at best,
and rows and totals are made. After all changes the figures are compared with those worked out anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from geo.analysis.catchments import CatchmentReach
from geo.analysis.coverage import Words, make_rows, show_totals
from geo.analysis.gaps import MODES, Suits, allocate
from geo.analysis.live.coverage import LiveCoverage, LiveNeed, LivePlace
from geo.analysis.live.reach import PlainReach, ShapedReach
from geo.analysis.reach import StraightReach
from geo.analysis.tallies import tally_up
from geo.analysis.travel import StraightLineTravel
from geo.domain.coverage import Standard
from geo.domain.words import Category, Mode

from bench.gap import LOADS, STANDARD_MIN, GapScene, make_scene
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from geo.analysis.live.reach import LiveReach
    from geo.analysis.reach import ReachFinder
    from geo.analysis.tallies import Spot, Tallies

    from bench.timing import Spread


MOST_PLACES: Final = 10_000
CHANGES: Final = 400
STREETS_SHARE: Final = 10
CORNERS: Final = 300
CELL_M: Final = 350.0
"""Rows are squares of this side, about the size of an H3 cell of resolution 9."""
CATEGORIES: Final = (Category.FOOD, Category.WATER, Category.MEDICINE)
STANDARD: Final = Standard(STANDARD_MIN, Mode.WALK)
FINDER: Final = StraightReach.of(StraightLineTravel(), STANDARD_MIN)


@dataclass(slots=True)
class Town:
    """The needs and places as they are now."""

    needs: dict[int, LiveNeed]
    places: dict[int, LivePlace]


class Taken(NamedTuple):
    """Seconds by the clock, and those of work alone: on a shared machine the clock counts others' work too."""

    wall_s: float
    busy_s: float


class Found(NamedTuple):
    """What is measured so far; see :class:`bench.outcome.Outcome`."""

    ratios: dict[str, float]
    spreads: dict[str, Spread]
    facts: dict[str, float | int | str]


def places_for(size: int) -> int:
    """Say how many places a scene has: a hundredth of the needs, so that a million have ten thousand."""
    return max(1, size // (1_000_000 // MOST_PLACES))


def build(scene: GapScene, streets: CatchmentReach | None = None) -> Town:
    """Write a scene as needs and places, with what is within reach along streets where it is drawn."""
    rank = np.empty(len(scene.order), dtype=np.int64)
    rank[scene.order] = np.arange(len(rank))
    walk, demand, supply = MODES.index(Mode.WALK), scene.demand, scene.supply
    asked = zip(demand.xy.tolist(), demand.kind.tolist(), demand.uncertainty_m.tolist(), rank.tolist(), strict=True)
    offered = zip(supply.xy.tolist(), supply.kind.tolist(), supply.capacity.tolist(), strict=True)
    needs = [
        LiveNeed(spot_of(x, y, kind), (x, y), kind, walk, about_m, 1000 * priority)
        for (x, y), kind, about_m, priority in asked
    ]
    places = [
        LivePlace(f"Place {number}", (x, y), kind, capacity, shapes=tuple(streets.shapes[:, number]) if streets else ())
        for number, ((x, y), kind, capacity) in enumerate(offered)
    ]
    return Town(dict(enumerate(needs)), dict(enumerate(places)))


def spot_of(x: float, y: float, kind: int) -> Spot:
    """Name the square a point is in, and the category."""
    return f"{x // CELL_M:.0f}/{y // CELL_M:.0f}", CATEGORIES[kind]


def as_is(keys: Collection[str]) -> Mapping[str, str]:
    """Give squares their own name."""
    return {key: key for key in keys}


def start(town: Town, suits: Suits, reach: LiveReach) -> LiveCoverage:
    """Work everything out once."""

    def judge(needs: Sequence[int], places: Sequence[int]) -> Suits:
        return Suits(*(table[np.ix_(needs, places)] for table in suits))

    return LiveCoverage(town.needs, town.places, reach=reach, judge=judge, standard=STANDARD)


def change_needs(town: Town, live: LiveCoverage, rng: np.random.Generator) -> Iterator[Taken]:
    """Move needs to where others are, with another category and urgency, and time each."""
    size = len(town.needs)
    for step in range(CHANGES):
        key, other = rng.integers(size, size=2).tolist()
        kind = int(rng.integers(len(CATEGORIES)))
        x, y = town.needs[other].at
        priority = int(rng.integers(size)) * 1000 + 1 + step
        town.needs[key] = replace(
            town.needs[key], spot=spot_of(x + 7.0, y, kind), at=(x + 7.0, y), like=kind, priority=priority
        )
        began, busy = perf_counter(), thread_time()
        live.set_need(key, town.needs[key])
        _ = live.rows(as_is), live.totals
        yield Taken(perf_counter() - began, thread_time() - busy)


def change_places(town: Town, live: LiveCoverage, rng: np.random.Generator) -> Iterator[Taken]:
    """Give places room for a few more or fewer, and time each."""
    for _ in range(CHANGES // 4):
        key = int(rng.integers(len(town.places)))
        capacity = max(0, town.places[key].capacity + int(rng.integers(-3, 4)))
        town.places[key] = replace(town.places[key], capacity=capacity)
        began, busy = perf_counter(), thread_time()
        live.set_place(key, town.places[key])
        _ = live.rows(as_is), live.totals
        yield Taken(perf_counter() - began, thread_time() - busy)


def work_out(scene: GapScene, finder: ReachFinder = FINDER) -> Tallies:
    """Work out all rows and totals of a scene, from arrays."""
    reached = finder.find(scene.demand, scene.supply, scene.suits)
    sure, best = (allocate(reach, scene.supply.capacity, scene.order).served for reach in reached)
    squares = (scene.demand.xy // CELL_M).astype(np.int64).tolist()
    spots = [(f"{x}/{y}", CATEGORIES[kind]) for (x, y), kind in zip(squares, scene.demand.kind.tolist(), strict=True)]
    return tally_up(spots, sure, best, reached.sure)


def check(town: Town, live: LiveCoverage, scene: GapScene, finder: ReachFinder) -> int:
    """Compare all figures with those worked out anew, and count the rows.

    Raises
    ------
    AssertionError
        If any differs.
    """
    needs, places = list(town.needs.values()), list(town.places.values())
    demand = replace(
        scene.demand, xy=np.array([need.at for need in needs]), kind=np.array([need.like for need in needs])
    )
    supply = replace(scene.supply, capacity=np.array([place.capacity for place in places]))
    order = np.argsort(np.array([need.priority for need in needs]))
    tallies = work_out(GapScene(demand, supply, scene.suits, order), finder)
    rows = make_rows(tallies, Words({}, [place.name for place in places], STANDARD))
    if show_totals(tallies) != live.totals or rows != list(live.rows(as_is)):
        raise AssertionError("figures kept up to date differ from those worked out anew")
    return len(rows)


def draw_streets(scene: GapScene, rng: np.random.Generator) -> CatchmentReach:
    """Draw around each place a jagged shape of many corners, about as wide as somebody walks along streets."""
    turn = np.linspace(0.0, 2 * np.pi, CORNERS, endpoint=False)
    way_m = StraightLineTravel().reach_m(STANDARD_MIN, Mode.WALK)
    out_m = way_m * rng.uniform(0.75, 1.0, (len(scene.supply.xy), CORNERS))
    corners = scene.supply.xy[:, None] + out_m[..., None] * np.column_stack([np.cos(turn), np.sin(turn)])
    shapes = np.full((len(MODES), len(corners)), None, dtype=object)
    shapes[MODES.index(Mode.WALK)] = shapely.polygons(corners)
    return CatchmentReach(shapes)


def run(size: int, seed: int) -> Outcome:
    """Measure both loads at the size as the crow flies, and at a tenth of it along streets."""
    found = Found({}, {}, {})
    for name, load in LOADS.items():
        measure(found, name, make_scene(size, seed, load, places=places_for(size)), seed)
        part = max(1, size // STREETS_SHARE)
        scene = make_scene(part, seed, load, places=places_for(part))
        measure(found, f"{name}, streets", scene, seed, draw_streets(scene, np.random.default_rng(seed)))
    return Outcome("live", size, seed, found.ratios, found.spreads, found.facts)


def measure(found: Found, name: str, scene: GapScene, seed: int, streets: CatchmentReach | None = None) -> None:
    """Measure one scene, and write down what is found."""
    began = perf_counter()
    work_out(scene, streets or FINDER)
    anew_s = perf_counter() - began
    town = build(scene, streets)
    live = start(town, scene.suits, ShapedReach() if streets else PlainReach(FINDER))
    live.rows(as_is)
    rng = np.random.default_rng(seed)
    times = {"need": list(change_needs(town, live, rng)), "room": list(change_places(town, live, rng))}
    found.facts[f"{name}: rows, all equal to those worked out anew"] = check(town, live, scene, streets or FINDER)
    for what, taken in times.items():
        walls, busy = zip(*taken, strict=True)
        found.spreads[f"{name}: one {what} changed"] = spread_of(walls)
        found.ratios[f"{name}: anew / one {what} changed"] = anew_s / spread_of(walls).median
        found.facts[f"{name}: one {what} changed, the worst, ms"] = max(walls) * 1000
        found.facts[f"{name}: one {what} changed, work alone, median, ms"] = spread_of(busy).median * 1000
        found.facts[f"{name}: one {what} changed, work alone, the worst, ms"] = max(busy) * 1000
    found.facts[f"{name}: all anew, s"] = anew_s
