from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import h3
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.domain.ids import new_id
from geo.domain.place import Location, Point
from geo.domain.words import Category, LocationState
from geo.errors import Conflict, InvalidInput
from geo.privacy.cells import cell_centre, cell_of
from geo.store.dwellings import replace_dwellings
from geo.store.needs import delete_need, place_need, update_need
from geo.store.privacy_rules import get_rules, set_rules
from geo.store.releases import find_release, list_households, list_shown, make_release, write_public_places

from tests.api.rfc7946 import check_collection
from tests.factories import add_asset, add_need, located, nowhere, waiting
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.records import Need
    from geo.store.releases import KeptRelease

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
EARLY = MONDAY - timedelta(days=30)
BIG = cell_of(HELSINKI, 8)
SMALL = sorted(map(str, h3.cell_to_children(BIG, 9)))


def add_people(session: Session, count: int, **values: object) -> list[Need]:
    replace_dwellings(session, dict.fromkeys(SMALL, 100))
    places = [cell_centre(SMALL[n % len(SMALL)]) for n in range(count)]
    return [add_need(session, place, **({"received_at": EARLY} | values)) for place in places]


def shown(kept: KeptRelease) -> dict[str, dict[str, str]]:
    read = json.loads(kept.content)
    check_collection(read)
    return {feature["id"]: feature["properties"]["kinds"] for feature in read["features"]}


def release_twice(session: Session, now: datetime = MONDAY) -> KeptRelease:
    make_release(session, now=now - WEEK)
    return make_release(session, now=now)


def public_cell(session: Session, need: Need) -> str | None:
    return session.scalar(text("SELECT public_cell FROM need WHERE id = :id"), {"id": need.id})


def test_a_release_is_made_once_a_week_and_then_stays(session: Session) -> None:
    people = add_people(session, 12)
    kept = release_twice(session)
    assert kept.week == "2026-W47"
    assert shown(kept) == {BIG: {"food": "10-19"}}
    assert [(line.cell, line.kind.value, line.band) for line in list_shown(session)] == [(BIG, "food", "10-19")]
    for need in people:
        delete_need(session, need.id)
    assert make_release(session, now=MONDAY + timedelta(days=6, hours=23)) == kept
    assert find_release(session, "2026-W47") == kept
    assert shown(make_release(session, now=MONDAY + WEEK)) == {}


def test_the_first_release_shows_nothing(session: Session) -> None:
    add_people(session, 40)
    assert list_shown(session) == []
    assert shown(make_release(session, now=MONDAY)) == {}
    assert list_shown(session) == []


def test_what_is_new_waits_for_the_freeze(session: Session) -> None:
    add_people(session, 7)
    late = MONDAY - timedelta(hours=71)
    add_people(session, 6, received_at=late)
    assert shown(release_twice(session)) == {BIG: {"food": "5-9"}}
    assert shown(make_release(session, now=MONDAY + WEEK)) == {BIG: {"food": "10-19"}}


def test_what_was_closed_within_the_freeze_still_counts(session: Session) -> None:
    people = add_people(session, 7)
    make_release(session, now=MONDAY - WEEK)
    for need in people:
        update_need(session, need.id, {"status": "met"})
    closed = text("UPDATE need SET closed_at = :at")
    session.execute(closed, {"at": MONDAY - timedelta(hours=71)})
    assert shown(make_release(session, now=MONDAY)) == {BIG: {"food": "5-9"}}
    assert shown(make_release(session, now=MONDAY + WEEK)) == {}


def test_withheld_unplaced_and_sensitive_needs_are_not_counted(session: Session) -> None:
    add_people(session, 7)
    add_people(session, 9, withheld=True)
    add_people(session, 9, category=Category.MEDICINE)
    add_need(session, None, received_at=EARLY)
    add_need(session, waiting(), received_at=EARLY)
    assert shown(release_twice(session)) == {BIG: {"food": "5-9"}}
    households = list_households(session, before=MONDAY, rules=get_rules(session).rules)
    assert sum(bool(one.kinds) for one in households) == 7


def test_a_household_counts_once_however_many_needs_it_has(session: Session) -> None:
    home = UUID(int=7)
    add_people(session, 6)
    add_people(session, 20, household_id=home)
    assert shown(release_twice(session)) == {BIG: {"food": "5-9"}}


def test_a_random_walk_of_states_leaves_no_trace(session: Session) -> None:
    add_people(session, 8)
    walker = add_people(session, 1)[0]
    rng = random.Random(0)  # noqa: S311 - chooses what to do, guards nothing
    before = release_twice(session, MONDAY - 2 * WEEK)
    for step in range(60):
        change = rng.choice([{"withheld": True}, {"withheld": False}, {"status": "met"}, {"status": "open"}])
        update_need(session, walker.id, change)
        place = rng.choice([located(), waiting(), Location(LocationState.PENDING, address_typed="Testikatu 1")])
        place_need(session, walker.id, place)
        seen = public_cell(session, walker)
        assert seen == SMALL[0] or seen == cell_of(HELSINKI), step
    place_need(session, walker.id, nowhere())
    assert public_cell(session, walker) is None
    assert shown(make_release(session, now=MONDAY)) == shown(before)


def test_200_trembling_edits_leave_the_public_cell_alone(session: Session) -> None:
    replace_dwellings(session, dict.fromkeys(SMALL, 100))
    corner = Point(*reversed(h3.cell_to_boundary(SMALL[0])[0]))
    need = add_need(session, corner)
    told, cells = public_cell(session, need), set()
    rng = random.Random(1)  # noqa: S311 - likewise
    for _ in range(200):
        lon, lat = (rng.choice([-1, 1]) * rng.uniform(5, 15) for _ in range(2))
        moved = Point(corner.lon + lon / 55_600, corner.lat + lat / 111_300)
        cells.add(place_need(session, need.id, located(moved)).cell)
        assert public_cell(session, need) == told
    assert len(cells) > 1


def test_a_second_need_of_a_household_is_told_in_the_same_cell(session: Session) -> None:
    boundary = h3.cell_to_boundary(SMALL[0])[0]
    corner, home = Point(*reversed(boundary)), new_id()
    first = add_need(session, corner, household_id=home)
    told = public_cell(session, first)
    for lon, lat in ((1e-4, 0), (-1e-4, 0), (0, 1e-4), (0, -1e-4)):
        again = add_need(session, Point(corner.lon + lon, corner.lat + lat), household_id=home)
        assert public_cell(session, again) == told
    far = Point(corner.lon + 0.01, corner.lat)
    assert public_cell(session, add_need(session, far, household_id=home)) == cell_of(far)


def test_one_that_is_coarser_than_the_grid_is_left_out(session: Session) -> None:
    add_people(session, 7)
    session.execute(text("UPDATE need SET public_cell = :cell"), {"cell": cell_of(HELSINKI, 7)})
    assert shown(release_twice(session)) == {}


def test_rules_are_pinned_and_counted(session: Session) -> None:
    assert get_rules(session).version == 0
    with operator(session):
        assert set_rules(session, {"k": 10}).version == 1
        assert set_rules(session, {"min_dwellings": 80}).version == 2
        for bad in ({"k": 0}, {"resolution": 15}, {"nonsense": 1}):
            with pytest.raises(InvalidInput):
                set_rules(session, bad)
    assert (get_rules(session).rules.k, get_rules(session).rules.min_dwellings) == (10, 80)


def test_the_grid_stays_once_there_is_a_release(session: Session) -> None:
    add_people(session, 12)
    release_twice(session)
    with operator(session):
        with pytest.raises(Conflict, match="subtracted"):
            set_rules(session, {"resolution": 7})
        set_rules(session, {"k": 6})
        set_rules(session, {"resolution": 7}, restart=True)
    assert find_release(session, "2026-W47") is None
    assert shown(make_release(session, now=MONDAY + WEEK)) == {}


CHANGES = (
    "UPDATE release SET k = 6", "DELETE FROM release", "DELETE FROM release_cell", "DELETE FROM privacy_rule",
    "UPDATE privacy_rule SET k = 6",
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_requests_change_neither_rules_nor_releases(session: Session, change: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text(change))


def test_public_places_are_those_open_to_everybody(session: Session) -> None:
    add_asset(session, Point(24.9412345, 60.1712345), name="Pantry")
    add_asset(session, name="Home", is_private=True)
    add_asset(session, name="Refuge", kind="homeless_shelter")
    add_asset(session, name="Garage of Aino", kind="workshop")
    add_asset(session, None, name="Nowhere")
    closed = add_asset(session, name="Closed")
    session.execute(text("UPDATE asset SET status = 'defunct' WHERE id = :id"), {"id": closed.id})
    read = json.loads(write_public_places(session))
    check_collection(read)
    assert [feature["properties"]["name"] for feature in read["features"]] == ["Pantry"]
    assert read["features"][0]["geometry"]["coordinates"] == [24.9412, 60.1712]
    assert set(read["features"][0]["properties"]) == {"kind", "name", "categories", "opening_hours", "step_free"}
