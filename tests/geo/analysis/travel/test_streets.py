"""What the engine is asked and what is made of its answers, in a town whose ways are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.travel.streets import FASTEST_M_PER_MIN, NEAR_STREET_M, Blocks, ValhallaTravel
from geo.crs import geodesic_m, metric_crs, to_degrees, to_metres
from geo.domain.words import Mode
from geo.errors import TravelFailed

from tests.streets import EXTENT_M, INFO, GridTown, grid_town, to_street, way_m

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LON, LAT = 24.94, 60.17
CRS = metric_crs([LON], [LAT])
MIDDLE = to_metres([LON], [LAT], CRS)[0]
MODEL = grid_town(LON, LAT)
near = st.tuples(st.floats(-2_300, 2_300), st.floats(-2_300, 2_300))


def degrees(xy: object) -> NDArray[np.float64]:
    return to_degrees(np.asarray(xy, float).reshape(-1, 2) + MIDDLE, CRS)


def expected(a: tuple[float, float], b: tuple[float, float], pace: float, walk: float) -> float:
    # the way over degrees and back, so that a tie between two streets falls as it does in the town
    start, end = (to_metres(*degrees(each).T, CRS)[0] - MIDDLE for each in (a, b))
    walked = [float(np.hypot(*(to_street(p) - p))) for p in (start, end)]
    if max(walked) > NEAR_STREET_M:
        return float("inf")
    along = round(way_m(to_street(start), to_street(end)) / pace * 60) / 60 + sum(walked) / walk
    straight_m = float(np.hypot(*(start - end)))
    return min(along, straight_m / walk) if straight_m <= sum(walked) else along


@given(a=near, b=near)
def test_a_way_is_walk_streets_and_walk(a: tuple[float, float], b: tuple[float, float]) -> None:
    for mode, pace, walk in (
        (Mode.WALK, 80, 80),
        (Mode.WHEELCHAIR, 55, 55),
        (Mode.BICYCLE, 240, 80),
        (Mode.CAR, 400, 80),
    ):
        found = float(MODEL.matrix(degrees(a), degrees(b), mode)[0, 0])
        # a hundredth of a minute: the town measures on a plane, the engine answers in whole seconds
        assert found == pytest.approx(expected(a, b, pace, walk), abs=0.03)


@given(a=near, b=near, mode=st.sampled_from(list(Mode)))
def test_the_bounds_hold_for_every_pair(a: tuple[float, float], b: tuple[float, float], mode: Mode) -> None:
    start, end = degrees(a), degrees(b)
    found = float(MODEL.matrix(start, end, mode)[0, 0])
    straight_m = float(geodesic_m(*start[0], *end[0]))
    assert MODEL.minutes(straight_m, mode) <= found + 1e-9
    if np.isfinite(found):
        assert straight_m <= MODEL.reach_m(found, mode) + 1e-6


def test_a_place_off_the_streets_is_walked_to_and_one_far_off_is_out_of_reach() -> None:
    edge, off, sea = degrees([[EXTENT_M, 0], [EXTENT_M + 200, 0], [EXTENT_M + 300, 0]])
    found = MODEL.matrix([edge], [off, sea], Mode.WALK)[0]
    assert found[0] == pytest.approx(200 / 80, abs=0.03)
    assert found[1] == np.inf
    ((shape,),) = MODEL.isochrones([sea], [10], Mode.WALK)
    assert shape.is_empty


def test_the_way_to_the_street_shortens_the_reach() -> None:
    from_edge, from_off = (
        MODEL.isochrones(degrees(xy), [5], Mode.WALK)[0][0] for xy in ([EXTENT_M, 0], [EXTENT_M + 200, 0])
    )
    assert from_off.area == pytest.approx(from_edge.area * ((5 - 200 / 80) / 5) ** 2, rel=0.02)


@given(count=st.integers(1, 7), sources=st.integers(1, 3), targets=st.integers(1, 3))
def test_asking_in_blocks_changes_nothing(count: int, sources: int, targets: int) -> None:
    rng = np.random.default_rng(count)
    a, b = degrees(rng.uniform(-2_300, 2_300, (count, 2))), degrees(rng.uniform(-2_000, 2_000, (5, 2)))
    small = ValhallaTravel(GridTown(LON, LAT), INFO, FASTEST_M_PER_MIN, Blocks(sources, targets))
    assert np.array_equal(small.matrix(a, b, Mode.WALK), MODEL.matrix(a, b, Mode.WALK))
    minutes = [5, 10, 15, 20, 30]
    assert small.isochrones(a, minutes, Mode.WALK) == MODEL.isochrones(a, minutes, Mode.WALK)


def test_contours_come_back_in_the_order_asked() -> None:
    (shapes,) = MODEL.isochrones(degrees([0, 0]), [20, 5, 10], Mode.WALK)
    assert [shape.area > 0 for shape in shapes] == [True] * 3
    assert shapes[1].area < shapes[2].area < shapes[0].area


class Odd:
    """An engine that answers what it is given."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    def ask(self, action: str, body: Mapping[str, Any]) -> Any:
        return self.answers[action] if action in self.answers else GridTown(LON, LAT).ask(action, body)

    def close(self) -> None:
        return


BOW_TIE = {"type": "Polygon", "coordinates": [[[24.9, 60.1], [25.0, 60.2], [25.0, 60.1], [24.9, 60.2], [24.9, 60.1]]]}
LINE = {"type": "LineString", "coordinates": [[24.9, 60.1], [25.0, 60.2]]}


@pytest.mark.parametrize(
    "answers",
    [
        {"locate": None},
        {"locate": []},
        {"locate": [{"edges": [{"correlated_lon": 24.9}]}]},
        {"locate": {"error_code": 100}},
        {"sources_to_targets": {}},
        {"sources_to_targets": {"error_code": 154}},
        {"sources_to_targets": {"sources_to_targets": {"durations": [[1, 2]]}}},
        {"sources_to_targets": {"sources_to_targets": {"durations": [[-1]]}}},
        {"sources_to_targets": {"sources_to_targets": {"durations": "x"}}},
        {"isochrone": {"features": [{"properties": {"contour": 10}, "geometry": BOW_TIE}]}},
        {"isochrone": {"features": [{"properties": {"contour": 10}, "geometry": LINE}]}},
        {"isochrone": {"features": [{"geometry": LINE}]}},
        {"isochrone": []},
    ],
)
def test_an_answer_that_cannot_be_used_is_a_failure(answers: dict[str, Any]) -> None:
    model = ValhallaTravel(Odd(answers), INFO, FASTEST_M_PER_MIN)

    def use() -> None:
        model.matrix(degrees([0, 0]), degrees([50, 100]), Mode.WALK)
        model.isochrones(degrees([0, 0]), [10], Mode.WALK)

    with pytest.raises(TravelFailed):
        use()


@pytest.mark.parametrize("code", [170, 171, 442])
def test_no_way_is_an_answer(code: int) -> None:
    refused = {"error_code": code}
    model = ValhallaTravel(Odd({"sources_to_targets": refused, "isochrone": refused}), INFO, FASTEST_M_PER_MIN)
    assert model.matrix(degrees([0, 0]), degrees([500, 100]), Mode.WALK).tolist() == [[np.inf]]
    assert model.isochrones(degrees([0, 0]), [10], Mode.WALK)[0][0].is_empty
    nowhere = ValhallaTravel(Odd({"locate": refused}), INFO, FASTEST_M_PER_MIN)
    assert nowhere.matrix(degrees([0, 0]), degrees([500, 100]), Mode.WALK).tolist() == [[np.inf]]
