from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import geodesic_m, metric_crs, to_degrees, to_metres
from geo.errors import InvalidGeometry, UnsupportedCrs

lons, lats = st.floats(-170, 170), st.floats(-80, 80)


@given(lons, lats, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_plane_distance_is_true_distance(lon: float, lat: float, d_lon: float, d_lat: float) -> None:
    lon_b, lat_b = [lon, lon + d_lon], [lat, lat + d_lat]
    xy = to_metres(lon_b, lat_b, metric_crs(lon_b, lat_b))
    plane = float(np.hypot(*(xy[0] - xy[1])))
    true = float(geodesic_m(lon, lat, lon + d_lon, lat + d_lat))
    assert plane == pytest.approx(true, rel=2e-4, abs=1e-3)


@given(lons, lats)
def test_there_and_back_within_a_millimetre(lon: float, lat: float) -> None:
    crs = metric_crs([lon], [lat])
    back = to_degrees(to_metres([lon], [lat], crs), crs)
    assert float(geodesic_m(lon, lat, back[0, 0], back[0, 1])) < 1e-3


def test_the_same_neighbourhood_gets_the_same_system() -> None:
    assert metric_crs([24.94], [60.17]) == metric_crs([24.95, 24.96], [60.18, 60.165])


def test_a_planar_degree_sort_is_wrong_at_helsinki() -> None:
    here, east, north = (24.94, 60.17), (24.958, 60.17), (24.94, 60.1809)
    assert abs(east[0] - here[0]) > abs(north[1] - here[1])
    assert geodesic_m(*here, *east) < geodesic_m(*here, *north)


@pytest.mark.parametrize("lon", [[], [float("nan")], [float("inf")], [0.0, 30.0]])
def test_refuses_areas_without_a_system(lon: list[float]) -> None:
    with pytest.raises(InvalidGeometry):
        metric_crs(lon, [60.0] * len(lon))


def test_refuses_the_poles() -> None:
    with pytest.raises(UnsupportedCrs):
        metric_crs([0.0], [89.0])
