"""All figures of a metropolis, surely and at best, from arrays to every total, and how time grows with the needs.

The floor is scipy's pairs and maximum flow: one number, how many can surely be served. Ours also says which, at
best too, and counts them for each square and category.
"""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Final

from geo.analysis.coverage import show_totals

from bench.gap import LOADS, GapScene, make_scene, serve_floor
from bench.live import places_for, work_out
from bench.outcome import Outcome
from bench.timing import growth, run_apart, spread_of

if TYPE_CHECKING:
    from bench.timing import Spread

LEAST: Final = 100
STEP: Final = 10
MEGA: Final = 1e6


def make_town(size: int, seed: int, load: float) -> GapScene:
    """Draw needs, and a hundredth as many places."""
    return make_scene(size, seed, load, places=places_for(size))


def count_all(scene: GapScene) -> tuple[int, int, float]:
    """Work out all figures; give how many are surely served, how many rows there are, and the seconds of work alone."""
    busy = process_time()
    tallies = work_out(scene)
    covered = sum(totals.covered for totals in show_totals(tallies).values())
    return covered, len(tallies.spots), process_time() - busy


def run(size: int, seed: int) -> Outcome:
    """Measure the size, a tenth and a hundredth of it, each in a process of its own, and the floor at the size.

    Raises
    ------
    AssertionError
        If the floor serves another number.
    """
    ratios: dict[str, float] = {}
    spreads: dict[str, Spread] = {}
    facts: dict[str, float | int | str] = {}
    for name, load in LOADS.items():
        sizes = [each for each in (size // STEP**2, size // STEP, size) if each >= LEAST]
        ours = [run_apart(make_town, count_all, each, seed, load) for each in sizes]
        floor = run_apart(make_town, serve_floor, size, seed, load)
        served, rows, busy_s = ours[-1].answer
        if served != floor.answer[1]:
            raise AssertionError(f"{served} are served, and {floor.answer[1]} by the floor")
        ratios[f"{name}: time, all figures / floor"] = ours[-1].seconds / floor.seconds
        ratios[f"{name}: memory, all figures / floor"] = ours[-1].peak_bytes / max(floor.peak_bytes, 1)
        spreads |= {f"{name}: {each} needs": spread_of([one.seconds]) for each, one in zip(sizes, ours, strict=True)}
        spreads[f"{name}: floor"] = spread_of([floor.seconds])
        facts |= {f"{name}: served, equal to the maximum flow": served, f"{name}: rows": rows}
        facts[f"{name}: work alone, s"] = busy_s
        facts[f"{name}: pairs"] = floor.answer[0]
        facts[f"{name}: peak MB above the input"] = ours[-1].peak_bytes / MEGA
        if len(sizes) > 1:
            facts[f"{name}: time grows as size to the power of"] = growth(sizes, [one.seconds for one in ours])
    return Outcome("whole", size, seed, ratios, spreads, facts)
