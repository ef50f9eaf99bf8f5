"""How alike two requests are: symmetric, falling with distance, and never by places that are not well known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.duplicates import PRECISE_M, WITHIN_M, compare, is_likely, same_door
from geo.domain.duplicates import Asking
from geo.domain.words import Category

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOOD = Asking(Category.FOOD, NOON, 2, uncertainty_m=10.0)
ASKING = st.builds(
    Asking,
    st.sampled_from(Category),
    st.integers(-100 * 86_400, 100 * 86_400).map(lambda s: NOON + timedelta(seconds=s)),
    st.integers(1, 50),
    st.none() | st.floats(0, 100_000),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([None, b"1", b"2"]),
    st.integers(1, 1000),
)
METRES = st.floats(0, 100_000)


@given(ASKING, ASKING, METRES)
def test_it_does_not_matter_which_is_named_first(one: Asking, other: Asking, distance_m: float) -> None:
    assert compare(one, other, distance_m) == compare(other, one, distance_m)


@given(ASKING, ASKING, METRES, METRES)
def test_farther_apart_is_never_more_alike(one: Asking, other: Asking, a_m: float, b_m: float) -> None:
    near, far = sorted((a_m, b_m))
    assert compare(one, other, far).bits <= compare(one, other, near).bits


@given(ASKING, ASKING, METRES)
def test_longer_apart_is_never_more_alike(one: Asking, other: Asking, distance_m: float) -> None:
    later = replace(other, received_at=max(one.received_at, other.received_at) + timedelta(days=1))
    latest = replace(later, received_at=later.received_at + timedelta(days=1))
    assert compare(one, latest, distance_m).bits <= compare(one, later, distance_m).bits


@given(ASKING, ASKING, METRES, st.floats(PRECISE_M, 100_000, exclude_min=True))
def test_two_places_that_are_not_well_known_are_no_duplicate(
    one: Asking, other: Asking, distance_m: float, uncertainty_m: float
) -> None:
    vague = replace(one, uncertainty_m=uncertainty_m, reach=None)
    assert not is_likely(compare(vague, replace(other, uncertainty_m=uncertainty_m), distance_m))


@given(ASKING, ASKING, st.floats(WITHIN_M, 100_000))
def test_beyond_what_is_searched_only_the_same_number_is_likely(one: Asking, other: Asking, far_m: float) -> None:
    placed = (
        replace(one, uncertainty_m=one.uncertainty_m or 0.0),
        replace(other, uncertainty_m=other.uncertainty_m or 0),
    )
    assert not is_likely(compare(replace(placed[0], reach=None), placed[1], far_m))


@given(ASKING, ASKING, METRES)
def test_two_needs_of_a_household_are_two(one: Asking, other: Asking, distance_m: float) -> None:
    assert not is_likely(compare(one, replace(other, category=_another(one.category)), distance_m))


def _another(category: Category) -> Category:
    return Category.FOOD if category is not Category.FOOD else Category.WATER


def test_the_same_door_on_the_same_day_is_looked_at() -> None:
    assert is_likely(compare(FOOD, FOOD, 0.0))
    assert not is_likely(compare(FOOD, replace(FOOD, received_at=NOON + timedelta(days=60)), 0.0))


def test_another_flat_is_another_household() -> None:
    assert is_likely(compare(replace(FOOD, unit="A 1"), replace(FOOD, unit="A 1"), 0.0))
    assert not is_likely(compare(replace(FOOD, unit="A 1"), replace(FOOD, unit="A 2"), 0.0))


def test_the_same_number_is_enough_without_a_place_unless_many_give_it() -> None:
    called = replace(FOOD, uncertainty_m=None, reach=b"1", reach_count=2)
    assert is_likely(compare(called, called, None))
    shared = replace(called, reach_count=200)
    assert not is_likely(compare(shared, shared, None))


def test_the_same_door_is_as_probable_as_drawing_shows() -> None:
    rng = np.random.default_rng(0)
    sigma_m, doors = 10 / np.sqrt(-2 * np.log(0.05)), 2_000.0
    side_m, rounds = 200.0, 400_000
    # one place is seen twice, or a second door stands by chance where it does; how often at some eight metres
    twice = np.hypot(*rng.normal(0, sigma_m * np.sqrt(2), (2, rounds)))
    others = np.hypot(*rng.uniform(-side_m / 2, side_m / 2, (2, rounds)))
    ring = 7.5, 8.5
    seen = np.mean((twice > ring[0]) & (twice < ring[1]))
    by_chance = np.mean((others > ring[0]) & (others < ring[1])) * side_m**2 * doors / 1e6
    assert abs(seen / (seen + by_chance) - same_door(10.0, 10.0, 8.0)) < 0.03
