from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon

from geo.analysis.catchments import CatchmentReach
from geo.analysis.gaps import MODES, Demand, Suits, Supply
from geo.analysis.reach import StraightReach
from geo.errors import InvalidInput


def scene(seed: int, n: int, m: int) -> tuple[CatchmentReach, Demand, Supply, Suits]:
    rng = np.random.default_rng(seed)
    shapes = np.full((len(MODES), m), None, dtype=object)
    for mode in range(len(MODES)):
        for place in range(m):
            if rng.random() < 0.8:
                middle, radius = rng.uniform(0, 100, 2), rng.uniform(5, 60)
                turned = np.sort(rng.uniform(0, 2 * np.pi, 9))
                corners = middle + radius * np.column_stack([np.cos(turned), np.sin(turned)])
                hole = Point(*middle).buffer(radius / 9)
                drawn = Polygon(corners).difference(hole)
                shapes[mode, place] = MultiPolygon(list(getattr(drawn, "geoms", [drawn])))
            elif rng.random() < 0.5:
                shapes[mode, place] = MultiPolygon()
    kinds, helps = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    best = rng.random((kinds, helps)) < 0.7
    demand = Demand(
        rng.uniform(-20, 120, (n, 2)), rng.integers(0, kinds, n), rng.integers(0, len(MODES), n),
        np.where(rng.random(n) < 0.4, 0.0, rng.uniform(0, 30, n)),
    )  # fmt: skip
    supply = Supply(rng.uniform(0, 100, (m, 2)), rng.integers(0, helps, m), np.ones(m, np.int64))
    return CatchmentReach(shapes), demand, supply, Suits(best & (rng.random(best.shape) < 0.7), best)


def brute_force(reach: CatchmentReach, demand: Demand, supply: Supply, suits: Suits) -> tuple[np.ndarray, np.ndarray]:
    sure, best = (np.zeros((len(demand.xy), len(supply.xy)), bool) for _ in range(2))
    for i, xy in enumerate(demand.xy):
        for j in range(len(supply.xy)):
            shape, off_m = reach.shapes[demand.mode[i], j], demand.uncertainty_m[i]
            if shape is None or shape.is_empty:
                continue
            kinds = demand.kind[i], supply.kind[j]
            best[i, j] = suits.best[kinds] and shape.distance(Point(xy)) <= off_m
            inside = shape.contains(Point(xy)) and shape.boundary.distance(Point(xy)) > off_m
            sure[i, j] = suits.sure[kinds] and inside
    return sure, best


@given(seed=st.integers(0, 10**6), n=st.integers(0, 12), m=st.integers(0, 6))
def test_equals_brute_force(seed: int, n: int, m: int) -> None:
    reach, demand, supply, suits = scene(seed, n, m)
    found = reach.find(demand, supply, suits)
    sure, best = brute_force(reach, demand, supply, suits)
    assert np.array_equal(found.sure.toarray() > 0, sure)
    assert np.array_equal(found.best.toarray() > 0, best)
    assert (sure <= best).all()
    assert found.sure.has_sorted_indices
    assert found.best.has_sorted_indices


@given(seed=st.integers(0, 10**6))
def test_what_a_need_or_a_place_reaches_is_its_own(seed: int) -> None:
    reach, demand, supply, suits = scene(seed, 10, 6)
    whole = reach.find(demand, supply, suits)
    rows, places = np.array([7, 2, 4]), np.array([5, 0, 3])
    some = Demand(demand.xy[rows], demand.kind[rows], demand.mode[rows], demand.uncertainty_m[rows])
    few = Supply(supply.xy[places], supply.kind[places], supply.capacity[places])
    part = reach.take(places).find(some, few, suits)
    assert np.array_equal(part.best.toarray(), whole.best.toarray()[np.ix_(rows, places)])
    assert np.array_equal(part.sure.toarray(), whole.sure.toarray()[np.ix_(rows, places)])


@given(seed=st.integers(0, 10**6), reach_m=st.floats(5, 60))
def test_circles_reach_as_the_crow_flies(seed: int, reach_m: float) -> None:
    _, demand, supply, suits = scene(seed, 12, 5)
    circles = np.array([[Point(*xy).buffer(reach_m, quad_segs=256) for xy in supply.xy]] * len(MODES), dtype=object)
    ours = CatchmentReach(circles).find(demand, supply, suits)
    crow = StraightReach(np.full(len(MODES), reach_m)).find(demand, supply, suits)
    gap = np.hypot(*(demand.xy[:, None] - supply.xy[None]).transpose(2, 0, 1))
    off = demand.uncertainty_m[:, None]
    # a circle of corners is undercut by less than a hundred-thousandth
    for mine, theirs, edge in ((ours.sure, crow.sure, reach_m - off), (ours.best, crow.best, reach_m + off)):
        clear = np.abs(gap - edge) > reach_m * 1e-4
        assert np.array_equal(mine.toarray()[clear], theirs.toarray()[clear])


def test_there_must_be_a_shape_for_each_place() -> None:
    reach, demand, supply, suits = scene(0, 3, 4)
    with pytest.raises(InvalidInput):
        reach.take(np.array([0, 1])).find(demand, supply, suits)


def test_nothing_is_repaired_or_changed() -> None:
    reach, demand, supply, suits = scene(1, 8, 5)
    before = shapely.to_wkb(reach.shapes)
    reach.find(demand, supply, suits)
    assert (shapely.to_wkb(reach.shapes) == before).all()
