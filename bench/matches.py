"""Whom to ask about every need of a town, four helpers to a need, beside the same assignment on the pairs that remain.

The floor is SciPy's assignment on sparse pairs, given those pairs finished: nobody is sought, measured, kept apart,
priced or explained. Each floor run takes one slot a helper for each need it may be asked about, as ours does.
"""

from __future__ import annotations

from time import perf_counter, process_time
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from geo.analysis.gaps import MODES
from geo.analysis.proposing import Proposed, propose
from geo.analysis.prospects import Asking, Offering
from geo.analysis.suiting import CATEGORIES, Offers, Wants
from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Mode

from bench.metro import Metro, degrees_of
from bench.outcome import Outcome
from bench.timing import growth, spread_of

HELPERS_PER_NEED: Final = 4
LARGEST: Final = 5_000
MOST_EACH: Final = 2
FAIR_MIN: Final = 5.0
LANGUAGES: Final = ("fi", "sv", "ar", "so", "en", "ru")


def make_town(needs: int, seed: int) -> tuple[Asking, Offering]:
    """Draw needs and helpers: five categories, six languages, three ways of travelling, some full and some asked."""
    rng = np.random.default_rng(seed)
    helpers = needs * HELPERS_PER_NEED
    metro = Metro.build(helpers, rng)
    category = rng.integers(0, 5, needs)
    weight = rng.choice([0.5, 1.0, 2.0, 4.0], needs)
    spoken = [",".join(rng.choice(LANGUAGES, rng.integers(0, 3), replace=False)) for _ in range(needs)]
    asking = Asking(
        Wants(category, spoken, np.zeros(needs, dtype=bool)),
        degrees_of(metro.scatter(needs, rng)),
        weight,
        weight * 240.0 + rng.uniform(0, 120, needs),
        np.full(needs, 30.0),
        np.zeros(needs, dtype=bool),
    )
    offers = [
        Offers(
            frozenset(CATEGORIES[at] for at in rng.choice(5, rng.integers(1, 3), replace=False)),
            tuple(rng.choice(LANGUAGES, rng.integers(1, 3), replace=False).tolist()),
        )
        for _ in range(helpers)
    ]
    mode = rng.choice([MODES.index(one) for one in (Mode.WALK, Mode.BICYCLE, Mode.CAR)], helpers, p=[0.5, 0.3, 0.2])
    offering = Offering(
        offers, degrees_of(metro.scatter(helpers, rng)), mode, rng.choice([10.0, 20.0, 30.0], helpers),
        rng.integers(0, 4, helpers), rng.integers(0, 3, helpers), mode == MODES.index(Mode.CAR),
        rng.random(helpers) < 0.8, rng.random(helpers) < 0.9,
    )  # fmt: skip
    return asking, offering


def run(size: int, seed: int) -> Outcome:
    """Measure at a tenth, a fifth and the whole of a size; above ``LARGEST`` needs, the size is cut to that.

    Raises
    ------
    RuntimeError
        If the floor serves another number of needs, or our bound is passed.
    """
    size = min(size, LARGEST)
    facts: dict[str, float | int | str] = {}
    times: list[tuple[int, float]] = []
    for part in (size // 10, size // 5, size):
        asking, offering = make_town(part, seed)
        start, work = perf_counter(), process_time()
        found = propose(
            asking, offering, np.empty((0, 2), np.int64), model=StraightLineTravel(), most_each=MOST_EACH,
            fair_min=FAIR_MIN,
        )  # fmt: skip
        ours_s, work_s = perf_counter() - start, process_time() - work
        floor_s = _floor(asking, offering, found)
        facts[f"{part:,} needs, seconds"] = round(ours_s, 3)
        facts[f"{part:,} needs, seconds of work alone"] = round(work_s, 3)
        times.append((part, work_s))
        facts[f"{part:,} needs, floor seconds"] = round(floor_s, 3)
    gap = (found.assigned.objective - found.bound) / max(abs(found.assigned.objective), 1.0)
    facts |= {
        "helpers": len(offering.room),
        "pairs": found.measured,
        "needs matched": len(found.need),
        "gap": round(max(0.0, gap), 9),
        "work grows as needs to the power of": growth([part for part, _ in times], [work for _, work in times]),
    }
    ratios = {"batch over the bare assignment": ours_s / floor_s}
    return Outcome("matches", size, seed, ratios, {"batch": spread_of([ours_s]), "floor": spread_of([floor_s])}, facts)


def _floor(asking: Asking, offering: Offering, found: Proposed) -> float:
    need, helper, minutes = found.pairs
    slots = np.minimum(offering.room, MOST_EACH)
    begins, times = np.cumsum(slots) - slots, slots[helper]
    of = np.repeat(np.arange(len(need)), times)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(times) - times, times)
    cost = (minutes * asking.weight[need])[of] + FAIR_MIN * (offering.load[helper[of]] + nth) + 1.0
    total, each = int(slots.sum()), np.arange(len(asking.weight))
    rows, columns = np.concatenate([need[of], each]), np.concatenate([begins[helper[of]] + nth, total + each])
    table = csr_array(
        (np.concatenate([cost, asking.left_out + 1e7]), (rows, columns)), shape=(len(each), total + len(each))
    )
    start = perf_counter()
    taken = min_weight_full_bipartite_matching(table)[1]
    elapsed_s = perf_counter() - start
    if int((taken < total).sum()) != len(found.need):
        raise RuntimeError("the floor serves another number of needs")
    return elapsed_s
