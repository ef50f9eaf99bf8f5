"""Ten more places of help for a town: step by step beside a mixed-integer program, on the same needs and capacities.

The program is the floor: HiGHS through SciPy, to the end or to a minute. The step-by-step way is what the service
answers above the size where the program takes long.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.analysis import siting_capacity, siting_growth
from geo.analysis.pairs import find_pairs
from geo.analysis.siting_exact import Found, Ground, TimeOver
from geo.analysis.siting_room import Room
from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Mode

from bench.metro import Metro
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD_MIN: Final = 15.0
NEEDS_PER_PLACE: Final = 40
CANDIDATES: Final = 300
OPENED: Final = 10
LOAD: Final = 1.3
"""Needs over the room there is."""
LARGEST: Final = 50_000
TIME_LIMIT_S: Final = 60.0
_CLOSE: Final = 1e-6


def make_room(size: int, seed: int, *, time_limit_s: float = TIME_LIMIT_S, candidates: int = CANDIDATES) -> Room:
    """Draw so many needs of three weights, places with less room than is needed, and candidates with room for 40."""
    rng = np.random.default_rng(seed)
    metro, places = Metro.build(size, rng), max(1, size // NEEDS_PER_PLACE)
    needs, spots = metro.scatter(size, rng), metro.scatter(places + candidates, rng)
    reach_m = StraightLineTravel().reach_m(STANDARD_MIN, Mode.WALK)
    near = find_pairs(needs, np.full(size, reach_m), spots)
    room = rng.integers(1, 40, places)
    capacity = np.concatenate([np.floor(room * (size / LOAD / room.sum())), np.full(candidates, 40.0)])
    held = np.arange(places + candidates) < places
    row, column = (np.asarray(at, np.int64) for at in (near.row, near.column))
    order = np.lexsort((column, row))
    ground = Ground(row[order], column[order], np.zeros(len(row)), np.ones(size), held, time_limit_s)
    return Room.lay(ground, rng.choice([1.0, 2.0, 3.0], size), capacity)


def run(
    size: int, seed: int, *, time_limit_s: float = TIME_LIMIT_S, candidates: int = CANDIDATES, opened: int = OPENED
) -> Outcome:
    """Measure; above ``LARGEST`` needs, the size is cut to that.

    Raises
    ------
    RuntimeError
        If one way claims a bound that the other way passes.
    """
    size = min(size, LARGEST)
    room = make_room(size, seed, time_limit_s=time_limit_s, candidates=candidates)
    base = room.worth(room.ground.held)
    greedy_s, greedy = _time(lambda: siting_growth.serve_most(room, opened))
    try:
        exact_s, exact = _time(lambda: siting_capacity.serve_most(room, opened))
    except TimeOver:
        exact_s, exact = time_limit_s, Found(base, np.empty(0, np.int64), is_optimal=False, bound=greedy.bound)
    for one, other in ((greedy, exact), (exact, greedy)):
        if one.objective > other.bound * (1 + _CLOSE):
            raise RuntimeError("one way serves more than the other says can be served")
    best = max(greedy.objective, exact.objective)
    return Outcome(
        bench="sites",
        size=size,
        seed=seed,
        ratios={
            "time, step by step over the program": greedy_s / exact_s,
            "worth added, step by step over the program": (greedy.objective - base) / max(exact.objective - base, 1e-9),
        },
        spreads={"step by step": spread_of([greedy_s]), "program": spread_of([exact_s])},
        facts={
            "pairs": len(room.ground.row),
            "places there": int(room.ground.held.sum()),
            "candidates": candidates,
            "opened": opened,
            "program proven the best": "yes" if exact.is_optimal else "no",
            "step by step, gap to its own bound": (greedy.bound - greedy.objective) / greedy.objective,
            "program, gap to its own bound": (exact.bound - exact.objective) / max(exact.objective, 1e-9),
            "step by step, short of the best found": (best - greedy.objective) / best,
        },
    )


def _time(work: Callable[[], Found]) -> tuple[float, Found]:
    start = perf_counter()
    found = work()
    return perf_counter() - start, found
