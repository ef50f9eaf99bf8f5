"""E2SFCA scores of all tracts of Chicago, from points to figures, beside pysal/access in the same run.

Each run is a process of its own; reading the files and importing the libraries is not measured, on either side.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.analysis.access.decay import Step
from geo.analysis.access.measures import floating_catchment
from geo.analysis.access.pairs import CostPairs
from geo.analysis.pairs import find_pairs

from bench.outcome import Outcome
from bench.timing import run_apart, spread_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

METRES: Final = "EPSG:2790"
BANDS: Final = {5_000: 1.0, 10_000: 0.68, 15_000: 0.22}
SUPPLY: Final = ("doc", "dentist")
ROUNDS: Final = 3
CLOSE: Final = 1e-12


def run(size: int, seed: int, *, reference: Path, peers_at: Path | None) -> Outcome:
    """Measure; the size is that of the reference data.

    Parameters
    ----------
    reference
        The folder of reference data.
    peers_at
        Where ``access`` is installed; only ours runs when left out.

    Raises
    ------
    RuntimeError
        If a score differs from the published one, or from the peer's.
    """
    folder = reference / "chicago"
    seconds: dict[str, list[float]] = {"ours": [], "access": []}
    peaks: dict[str, list[int]] = {"ours": [], "access": []}
    answers: dict[str, NDArray[np.float64]] = {}
    for _ in range(ROUNDS):
        for name, prepare, work in (("ours", read_ours, score_ours), ("access", read_peer, score_peer)):
            if name == "access" and peers_at is None:
                continue
            apart = run_apart(prepare, work, folder, peers_at)
            seconds[name].append(apart.seconds)
            peaks[name].append(apart.peak_bytes)
            answers[name] = apart.answer
    farthest = max(float(np.abs(got - read_published(folder)).max()) for got in answers.values())
    if not farthest <= CLOSE:
        raise RuntimeError(f"a score differs from the published one by {farthest}")
    ratios = {}
    if peers_at is not None:
        ratios = {
            "time, ours over access": float(np.median(seconds["ours"]) / np.median(seconds["access"])),
            "memory, ours over access": float(np.median(peaks["ours"]) / np.median(peaks["access"])),
        }
    return Outcome(
        bench="catchments",
        size=len(answers["ours"]),
        seed=seed,
        ratios=ratios,
        spreads={name: spread_of(taken) for name, taken in seconds.items() if taken},
        facts={
            "asked size, not used": size,
            "farthest from the published score": farthest,
            **{f"MB at most, {name}": float(np.median(taken)) / 1e6 for name, taken in peaks.items() if taken},
        },
    )


def read_published(folder: Path) -> NDArray[np.float64]:
    """Read the scores that the reference data carries, shape ``(tracts, 2)``, tracts in order of their ids."""
    import pandas as pd

    table = pd.read_csv(folder / "access_reference_outputs.csv").sort_values("geoid")
    return table[[f"e2sfca_{kind}" for kind in SUPPLY]].to_numpy(np.float64)


def read_ours(folder: Path, _: Path | None) -> Any:  # noqa: ANN401 - points, people, supply
    """Read tracts as points in metres, people and supply."""
    people, supply = _frames(folder)
    xy = np.column_stack([people.geometry.x, people.geometry.y])
    return xy, people["pop"].to_numpy(np.float64), [supply[kind].to_numpy(np.float64) for kind in SUPPLY]


def score_ours(given: Any) -> NDArray[np.float64]:  # noqa: ANN401 - as above
    """Score from points to figures."""
    xy, people, supply = given
    near = find_pairs(xy, np.full(len(xy), float(max(BANDS))), xy)
    cost = np.hypot(*(xy[near.row] - xy[near.column]).T)
    pairs = CostPairs(near.row, near.column, cost, len(xy), len(xy))
    decay = Step(tuple(map(float, BANDS)), tuple(BANDS.values()))
    return np.column_stack([floating_catchment(pairs, people, capacity, decay) for capacity in supply])


def read_peer(folder: Path, peers_at: Path) -> Any:  # noqa: ANN401 - two frames
    """Read the same as frames, and import the peer."""
    # behind our own packages, so that the peer brings nothing but itself
    sys.path.append(str(peers_at))
    __import__("access")
    return _frames(folder)


def score_peer(given: Any) -> NDArray[np.float64]:  # noqa: ANN401 - two frames
    """Score with the peer, from points to figures."""
    import importlib

    people, supply = given
    peer, weights = importlib.import_module("access"), importlib.import_module("access.weights")
    scores = peer.Access(demand_df=people, demand_value="pop", supply_df=supply, supply_value=list(SUPPLY))
    scores.create_euclidean_distance(threshold=max(BANDS))
    found = scores.enhanced_two_stage_fca(
        name="e", cost="euclidean", max_cost=max(BANDS), weight_fn=weights.step_fn(dict(BANDS))
    )
    return np.asarray(found.loc[people.index, [f"e_{kind}" for kind in SUPPLY]], np.float64)


def _frames(folder: Path) -> tuple[Any, Any]:
    import geopandas

    def read(name: str) -> Any:  # noqa: ANN401 - a frame
        frame = geopandas.read_file(folder / f"chicago_metro_{name}.geojson").to_crs(METRES)
        return frame.assign(geoid=frame["geoid"].astype("int64")).set_index("geoid").sort_index()

    return read("pop"), read("docs_dentists")
