from __future__ import annotations

import numpy as np

from geo.crs import geodesic_m, metric_crs, to_degrees, to_metres
from geo.domain.place import Point
from geo.privacy.cells import cell_centre, cell_of, cell_polygon
from geo.privacy.settled import MOVED_M, settled_cell

from tests.grid import HELSINKI

CELL = cell_of(HELSINKI)


def beyond_edge(outside_m: float) -> Point:
    """A place so far outside the middle of an edge of the cell; negative is inside."""
    centre = cell_centre(CELL)
    lon, lat = np.array(cell_polygon(CELL).exterior.coords).T
    crs = metric_crs(lon, lat)
    corners, middle = to_metres(lon, lat, crs), to_metres([centre.lon], [centre.lat], crs)[0]
    edge = (corners[0] + corners[1]) / 2
    along = corners[1] - corners[0]
    away = np.array([along[1], -along[0]]) / np.hypot(*along)
    away = away if (edge - middle) @ away > 0 else -away
    (found,) = to_degrees((edge + away * outside_m)[None], crs)
    return Point(*map(float, found))


def test_a_trembling_place_at_an_edge_keeps_its_cell_through_200_edits() -> None:
    rng = np.random.default_rng(0)
    told, actual = CELL, set()
    for _ in range(200):
        place = beyond_edge(float(rng.choice([-1, 1]) * rng.uniform(0, 15)))
        actual.add(cell_of(place))
        told = settled_cell(told, place)
        assert told == CELL
    assert len(actual) > 1


def test_a_move_well_outside_changes_the_cell_and_going_back_a_little_does_not() -> None:
    assert settled_cell(CELL, beyond_edge(MOVED_M - 2)) == CELL
    moved = settled_cell(CELL, beyond_edge(MOVED_M + 2))
    assert moved == cell_of(beyond_edge(MOVED_M + 2)) != CELL
    assert settled_cell(moved, beyond_edge(-20)) == moved


def test_small_steps_add_up() -> None:
    told = CELL
    for step in range(0, 400, 10):
        told = settled_cell(told, beyond_edge(float(step)))
    end = beyond_edge(390)
    centre = cell_centre(told)
    assert told != CELL
    assert geodesic_m(centre.lon, centre.lat, end.lon, end.lat) < 350


def test_another_continent_is_a_move() -> None:
    assert settled_cell(CELL, Point(-58.4, -34.6)) == cell_of(Point(-58.4, -34.6))
    assert settled_cell(None, HELSINKI) == CELL
