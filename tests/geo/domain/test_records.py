from __future__ import annotations

import math
from uuid import UUID

import pytest

from geo.domain.balance import Balance
from geo.domain.coverage import Totals
from geo.domain.ids import new_id
from geo.domain.place import Candidate, GeocodeResult, Location, Point, location_from_geocode
from geo.domain.words import Decision, LocationState, MatchQuality
from geo.errors import GeoError, InvalidGeometry


def test_ids_increase_and_are_version_seven() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(isinstance(i, UUID) and i.version == 7 for i in ids)


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 0), (0, math.inf), (181, 0), (0, -91)])
def test_a_point_is_finite_and_on_the_globe(lon: float, lat: float) -> None:
    with pytest.raises(InvalidGeometry):
        Point(lon, lat)


def test_a_balance_that_does_not_add_up_cannot_exist() -> None:
    assert Balance(6, 1, 1, 1, 1, 1, 1).mapped == 2
    with pytest.raises(GeoError):
        Balance(7, 1, 1, 1, 1, 1, 1)


def test_totals_add_up() -> None:
    assert Totals(4, 1, 2).gap == 3
    assert Totals(0, 0, 0).coverage == 1.0
    with pytest.raises(GeoError):
        Totals(1, 2, 2)


def test_a_mapped_location_needs_its_point_and_uncertainty() -> None:
    with pytest.raises(InvalidGeometry):
        Location(LocationState.LOCATED)
    with pytest.raises(InvalidGeometry):
        Location(LocationState.LOCATED, point=Point(1, 1))
    with pytest.raises(InvalidGeometry):
        Location(LocationState.NEEDS_REVIEW, point=Point(1, 1), uncertainty_m=1)


def answer(decision: Decision, quality: MatchQuality) -> GeocodeResult:
    return GeocodeResult(decision, (Candidate(Point(24.9, 60.1), "Somewhere 1", quality, 15, 100, "test"),))


@pytest.mark.parametrize(
    ("decision", "quality", "state"),
    [
        (Decision.ACCEPT, MatchQuality.ROOFTOP, LocationState.LOCATED),
        (Decision.ACCEPT, MatchQuality.STREET, LocationState.APPROXIMATE),
        (Decision.REVIEW, MatchQuality.ROOFTOP, LocationState.NEEDS_REVIEW),
        (Decision.NONE, MatchQuality.NONE, LocationState.NEEDS_REVIEW),
    ],
)
def test_only_an_accepted_answer_places_a_need(decision: Decision, quality: MatchQuality, state: LocationState) -> None:
    location = location_from_geocode("Somewhere 1", answer(decision, quality))
    assert location.state is state
    assert (location.point is None) == (state is LocationState.NEEDS_REVIEW)
    assert location.address_typed == "Somewhere 1"
