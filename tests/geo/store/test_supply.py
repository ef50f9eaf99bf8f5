"""Help counts only if usable now, and whatever does not count is counted by reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import ProgrammingError

from geo.analysis.travel import StraightLineTravel
from geo.domain.hours import Opening, Window
from geo.domain.ids import new_id
from geo.domain.words import Access, AssetStatus, Category, Mode, StepFree, Vehicle
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.coverage import Question, compute_coverage
from geo.store.network import get_network, hour_from, set_speech
from geo.store.supply import count_excluded, list_supply

from tests.factories import add_asset, add_helper, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageReport

MODEL = StraightLineTravel()
WEDNESDAY = datetime(2026, 6, 3, 12, tzinfo=UTC)
SUNDAYS = "DTSTART:20260104T180000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU"


def hour(text: str) -> Window:
    start = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return Window(start, start + timedelta(hours=1))


SUNDAY_EVENING, MONDAY_NOON = hour("2026-06-07T18:00"), hour("2026-06-08T12:00")


def report(session: Session, *, category: Category | None = None, **asked: Any) -> CoverageReport:
    return compute_coverage(session, Question(MODEL, 5.0, **asked), category=category)


def speak(session: Session, **said: Any) -> None:
    with operator(session):
        set_speech(session, **said)


def add_match(session: Session, asset_id: UUID, status: str, at: datetime = WEDNESDAY) -> None:
    values = {"id": new_id(), "need_id": add_need(session).id, "asset_id": asset_id, "status": status}
    session.execute(insert(tables.match).values(**values, updated_at=at))


def test_all_that_is_known_of_help_is_read(session: Session) -> None:
    add_asset(
        session, step_free=StepFree.YES, languages=("fi",), interpreter=True, opening_hours="24/7", schedule=SUNDAYS
    )
    add_helper(session, vehicle=Vehicle.BICYCLE, max_travel_min=15, availability=SUNDAYS)
    asset, helper = sorted(list_supply(session), key=lambda h: h.is_helper)
    assert (asset.step_free, asset.languages, asset.interpreter) == (StepFree.YES, ("fi",), True)
    assert (asset.opening_hours, asset.schedule, asset.mode) == ("24/7", SUNDAYS, None)
    assert (helper.mode, helper.max_travel_min, helper.schedule) == (Mode.BICYCLE, 15, SUNDAYS)
    assert helper.offers.step_free is None
    assert {asset.opening, helper.opening} == {Opening.OPEN}


def test_only_what_is_open_in_the_window_counts_and_the_rest_is_counted(session: Session) -> None:
    add_asset(session, opening_hours="Mo-Fr 10:00-17:00", source_ref="1")
    add_asset(session, opening_hours="24/7", source_ref="2")
    add_asset(session, opening_hours="ask at the door", source_ref="3")
    add_helper(session, availability=SUNDAYS)
    add_helper(session)
    found = {h.opening_hours or h.schedule: h.opening for h in list_supply(session, window=SUNDAY_EVENING)}
    assert found == {"24/7": "open", "ask at the door": "unknown", SUNDAYS: "open", None: "unknown"}
    assert count_excluded(session, window=SUNDAY_EVENING) == {
        "asset closed at that time": 1, "asset hours not known": 1, "helper hours not known": 1,
    }  # fmt: skip
    assert count_excluded(session, window=MONDAY_NOON) == {
        "asset hours not known": 1, "helper closed at that time": 1, "helper hours not known": 1,
    }  # fmt: skip
    assert count_excluded(session) == {}
    assert len(list_supply(session)) == 5


def test_hours_that_are_not_known_serve_at_best_and_not_surely(session: Session) -> None:
    add_need(session)
    add_asset(session)
    (row,) = report(session, window=SUNDAY_EVENING).rows
    assert (row.totals.covered, row.totals.covered_best) == (0, 1)
    assert report(session).rows[0].totals.covered == 1


def test_hours_are_meant_in_the_networks_zone(session: Session) -> None:
    add_asset(session, opening_hours="Mo-Fr 10:00-17:00")
    nine_utc = hour("2026-06-08T07:00")
    assert list_supply(session, window=nine_utc) == []
    speak(session, time_zone="Europe/Helsinki")
    assert len(list_supply(session, window=nine_utc)) == 1
    assert hour_from(session, datetime(2026, 6, 8, 10)) == nine_utc  # noqa: DTZ001 - by the network's clock


def test_this_weeks_matches_take_an_assets_room(session: Session) -> None:
    asset = add_asset(session, capacity_per_week=6)
    last_week = WEDNESDAY - timedelta(days=4)
    for status in ("accepted", "under_way", "done", "proposed", "declined", "failed", "expired"):
        add_match(session, asset.id, status)
    add_match(session, asset.id, "accepted", last_week)
    add_match(session, asset.id, "done", last_week)
    assert [h.capacity for h in list_supply(session, now=WEDNESDAY)] == [2]
    for _ in range(2):
        add_match(session, asset.id, "accepted")
    assert list_supply(session, now=WEDNESDAY) == []
    assert count_excluded(session, now=WEDNESDAY) == {"asset full": 1}


def test_some_can_be_read_alone(session: Session) -> None:
    asset, helper, other = add_asset(session), add_helper(session), add_helper(session)
    assert [h.id for h in list_supply(session, only={asset.id, helper.id})] == sorted([asset.id, helper.id])
    assert list_supply(session, only=[]) == []
    assert other.id in {h.id for h in list_supply(session)}


def test_the_first_reason_counts(session: Session) -> None:
    closed = {"opening_hours": "off"}
    add_asset(session, None, status=AssetStatus.INACTIVE, capacity_per_week=None, source_ref="1", **closed)
    add_asset(session, None, capacity_per_week=None, source_ref="2", **closed)
    add_asset(session, capacity_per_week=None, source_ref="3", **closed)
    add_asset(session, capacity_per_week=0, source_ref="4", **closed)
    add_asset(session, source_ref="5", **closed)
    assert count_excluded(session, window=MONDAY_NOON) == {
        "asset capacity not known": 1, "asset closed at that time": 1, "asset full": 1, "asset not active": 1,
        "asset without a place": 1,
    }  # fmt: skip


def test_help_without_a_shared_language_does_not_count(session: Session) -> None:
    add_need(session, languages=("ar",))
    add_helper(session, languages=("fi",))
    found = report(session)
    assert found.totals[Category.FOOD].gap == 1
    assert found.unsuited == {Category.FOOD: {"no shared language": 1}}
    add_helper(session, languages=("fi",), interpreter=True)
    assert report(session).totals[Category.FOOD].gap == 0
    assert report(session).unsuited == {}


def test_a_place_that_names_no_language_speaks_the_networks(session: Session) -> None:
    add_need(session, languages=("ar",))
    add_asset(session)
    assert report(session).totals[Category.FOOD].gap == 0
    speak(session, languages=["fi", "sv"])
    assert report(session).totals[Category.FOOD].gap == 1
    speak(session, languages=["fi", "ar"])
    assert report(session).totals[Category.FOOD].gap == 0


@pytest.mark.parametrize(
    ("step_free", "covered", "best"), [("yes", 1, 1), ("limited", 1, 1), ("unknown", 0, 1), ("no", 0, 0)]
)
def test_a_wheelchair_needs_a_way_in(session: Session, step_free: str, covered: int, best: int) -> None:
    add_need(session, access=(Access.WHEELCHAIR,))
    add_asset(session, step_free=StepFree(step_free))
    found = report(session)
    (row,) = found.rows
    assert (row.totals.covered, row.totals.covered_best) == (covered, best)
    reasons = {Category.FOOD: {"no way in known to be free of steps": 1}}
    assert found.unsuited == ({} if covered else reasons)
    add_helper(session)
    assert report(session).rows[0].totals.covered == 1


@pytest.mark.parametrize(
    "said", [{"time_zone": "Mars/Base"}, {"languages": ["Finnish"]}, {"languages": ["fi-" + "x" * 20]}]
)
def test_a_zone_or_language_that_is_none_is_refused(session: Session, said: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        speak(session, **said)
    assert refused.value.field in said


def test_the_network_is_in_utc_and_has_said_nothing_at_first(session: Session) -> None:
    assert (get_network(session).time_zone, get_network(session).languages) == ("UTC", ())
    speak(session, languages=["fi", "fi", "en"])
    assert get_network(session).languages == ("fi", "en")


@pytest.mark.parametrize("theirs", [{"slug": "taken"}, {"requires_totp": True}, {"service_area": None}])
def test_an_organizer_cannot_write_what_of_the_network_is_the_operators(
    session: Session, theirs: dict[str, Any]
) -> None:
    with pytest.raises(ProgrammingError):
        session.execute(update(tables.network).values(**theirs))


def test_an_organizer_says_how_their_own_network_is_set_up_and_no_other(session: Session) -> None:
    other = new_id()
    with operator(session):
        session.execute(insert(tables.network).values(id=other, slug="other", name="Other", time_zone="Europe/Paris"))
    session.execute(update(tables.network).values(time_zone="Asia/Tokyo"))
    with operator(session):
        rows = session.execute(select(tables.network.c.id, tables.network.c.time_zone)).all()
    zones = {row.id: row.time_zone for row in rows}
    assert zones[other] == "Europe/Paris"
    assert set(zones.values()) == {"Europe/Paris", "Asia/Tokyo"}
