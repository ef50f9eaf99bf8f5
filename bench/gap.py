"""Gaps of a whole metropolis against scipy's own pairs and maximum flow.

The floor answers less: how many needs can be served. Ours also says which, by priority, and which places are what
is missing. Both totals must be equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import cKDTree

from geo.analysis.gaps import MODES, Demand, Suits, Supply, allocate
from geo.analysis.reach import StraightReach
from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Mode

from bench.metro import Metro
from bench.outcome import Outcome
from bench.timing import Apart, growth, run_apart, spread_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.timing import Spread

STANDARD_MIN: Final = 15.0
NEEDS_PER_PLACE: Final = 20
SHARES: Final = (0.5, 0.3, 0.2)
"""What share of the needs is of each kind."""
LOADS: Final = {"plenty": 0.9, "scarce": 1.3}
"""Needs over capacity."""
ROUNDS: Final = 3
MEGA: Final = 1e6


@dataclass(frozen=True, slots=True)
class GapScene:
    """Needs and places in metres, and the order in which needs are to be served."""

    demand: Demand
    supply: Supply
    suits: Suits
    order: NDArray[np.int64]


def make_scene(size: int, seed: int, load: float, *, places: int | None = None) -> GapScene:
    """Draw needs and places, a twentieth as many unless told; the room of all is ``size / load``."""
    rng = np.random.default_rng(seed)
    metro, places = Metro.build(size, rng), places or max(1, size // NEEDS_PER_PLACE)
    demand = Demand(
        metro.scatter(size, rng),
        rng.choice(len(SHARES), size, p=SHARES),
        np.full(size, MODES.index(Mode.WALK)),
        rng.choice([0.0, 15.0, 50.0], size),
    )
    room = rng.integers(1, 40, places)
    capacity = np.floor(room * (size / load / room.sum())).astype(np.int64)
    offers = rng.random((places, len(SHARES))) < 0.45
    offers[np.arange(places), rng.integers(len(SHARES), size=places)] = True
    kinds, kind = np.unique(offers, axis=0, return_inverse=True)
    suits = Suits(kinds.T, kinds.T)
    return GapScene(demand, Supply(metro.scatter(places, rng), kind.ravel(), capacity), suits, rng.permutation(size))


def serve_ours(scene: GapScene) -> tuple[int, int]:
    """Count pairs within reach and needs served, by this project."""
    reach = StraightReach.of(StraightLineTravel(), STANDARD_MIN).find(scene.demand, scene.supply, scene.suits).sure
    served = allocate(reach, scene.supply.capacity, scene.order).served
    return int(reach.nnz), int(served.sum())


def serve_floor(scene: GapScene) -> tuple[int, int]:
    """Count the same by scipy alone, in the quickest way it offers."""
    rows, columns = _floor_pairs(scene)
    n, m = len(scene.order), len(scene.supply.capacity)
    source, sink = n + m, n + m + 1
    start = np.concatenate([np.full(n, source), rows, n + np.arange(m)])
    end = np.concatenate([np.arange(n), n + columns, np.full(m, sink)])
    room = np.concatenate([np.ones(n + len(rows)), scene.supply.capacity]).astype(np.int32)
    graph = csr_array((room, (start, end)), shape=(n + m + 2, n + m + 2))
    return len(rows), int(maximum_flow(graph, source, sink).flow_value)


def _floor_pairs(scene: GapScene) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    reach_m = StraightLineTravel().reach_m(STANDARD_MIN, Mode.WALK)
    radius = reach_m - scene.demand.uncertainty_m
    found = []
    for kind in range(len(SHARES)):
        rows = np.flatnonzero(scene.demand.kind == kind)
        columns = np.flatnonzero(scene.suits.sure[kind][scene.supply.kind])
        trees = cKDTree(scene.demand.xy[rows]), cKDTree(scene.supply.xy[columns])
        near = trees[0].sparse_distance_matrix(trees[1], radius.max(), output_type="ndarray")
        within = near["v"] <= radius[rows[near["i"]]]
        found.append((rows[near["i"][within]], columns[near["j"][within]]))
    both = [np.concatenate(part) for part in zip(*found, strict=True)]
    return both[0], both[1]


def run(size: int, seed: int, *, rounds: int = ROUNDS) -> Outcome:
    """Run both contenders turn by turn, each in a process of its own, at the size and at a tenth and a hundredth.

    Raises
    ------
    AssertionError
        If the totals differ.
    """
    ratios: dict[str, float] = {}
    spreads: dict[str, Spread] = {}
    facts: dict[str, float | int | str] = {}
    for load, value in LOADS.items():
        sizes = [s for s in (size // 100, size // 10, size) if s >= NEEDS_PER_PLACE]
        medians = []
        for each in sizes:
            runs = _take_turns(each, seed, value, rounds)
            times = {name: spread_of([r.seconds for r in done]) for name, done in runs.items()}
            medians.append(times["ours"].median)
        spreads |= {f"{load}: {name}": spread for name, spread in times.items()}
        peak = {name: float(np.median([r.peak_bytes for r in done])) for name, done in runs.items()}
        ratios[f"{load}: time, ours / floor"] = times["ours"].median / times["floor"].median
        ratios[f"{load}: memory, ours / floor"] = peak["ours"] / max(peak["floor"], 1.0)
        pairs, served = runs["ours"][0].answer
        facts |= {f"{load}: pairs": pairs, f"{load}: served, equal to the maximum flow": served}
        facts |= {f"{load}: peak MB, {name}": most / MEGA for name, most in peak.items()}
        facts[f"{load}: time grows as size to the power of"] = growth(sizes, medians) if len(sizes) > 1 else 0.0
    return Outcome("gap", size, seed, ratios, spreads, facts)


def _take_turns(size: int, seed: int, load: float, rounds: int) -> dict[str, list[Apart[tuple[int, int]]]]:
    contenders = {"ours": serve_ours, "floor": serve_floor}
    runs: dict[str, list[Apart[tuple[int, int]]]] = {name: [] for name in contenders}
    for _, (name, work) in zip(range(rounds * len(contenders)), cycle(contenders.items()), strict=False):
        runs[name].append(run_apart(make_scene, work, size, seed, load))
    answers = {run.answer for done in runs.values() for run in done}
    if len(answers) != 1:
        raise AssertionError(f"pairs and needs served differ: {answers}")
    return runs
