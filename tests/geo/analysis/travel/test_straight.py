from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import contains_xy

from geo.analysis.travel import DETOUR_FACTOR, SPEED_M_PER_MIN, StraightLineTravel
from geo.crs import geodesic_m
from geo.domain.words import Mode
from geo.errors import InvalidInput

MODEL = StraightLineTravel()
modes = st.sampled_from(list(Mode))
places = st.tuples(st.floats(24.9, 25.0), st.floats(60.1, 60.2))


@given(a=places, b=places, mode=modes)
def test_the_matrix_is_the_straight_line_times_the_detour(
    a: tuple[float, float], b: tuple[float, float], mode: Mode
) -> None:
    (found,) = MODEL.matrix([a], [b], mode)[0]
    straight_m = float(geodesic_m(*a, *b))
    assert found == pytest.approx(straight_m * DETOUR_FACTOR / SPEED_M_PER_MIN[mode])
    assert found == pytest.approx(MODEL.minutes(straight_m, mode))


@given(a=places, b=places, mode=modes, minutes=st.floats(1, 60))
def test_a_circle_holds_what_the_matrix_says(
    a: tuple[float, float], b: tuple[float, float], mode: Mode, minutes: float
) -> None:
    ((circle,),) = MODEL.isochrones([a], [minutes], mode)
    travel_min = float(MODEL.matrix([a], [b], mode)[0, 0])
    assert circle.is_valid
    # a circle of 96 corners is undercut by half a thousandth
    if travel_min <= minutes * 0.999:
        assert contains_xy(circle, *b)
    if travel_min > minutes * 1.001:
        assert not contains_xy(circle, *b)


def test_what_is_beyond_the_limit_is_out_of_reach() -> None:
    assert MODEL.matrix([[24.94, 60.17]], [[24.95, 60.17], [25.4, 60.17]], Mode.WALK, 30).tolist()[0][1] == np.inf
    assert MODEL.matrix([], [[24.94, 60.17]], Mode.WALK).shape == (0, 1)


@pytest.mark.parametrize("point", [[200.0, 10.0], [10.0, 95.0], [float("nan"), 10.0], [float("inf"), 10.0]])
def test_refuses_what_is_no_place(point: list[float]) -> None:
    with pytest.raises(InvalidInput):
        MODEL.matrix([point], [[24.94, 60.17]], Mode.WALK)


@pytest.mark.parametrize("minutes", [0.0, -1.0, 241.0, float("nan")])
def test_refuses_minutes_that_nothing_can_be_drawn_for(minutes: float) -> None:
    with pytest.raises(InvalidInput):
        MODEL.isochrones([[24.94, 60.17]], [minutes], Mode.WALK)
