"""The organizer's first look against plain counting, whatever became of the needs, and the indexes it is read by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import text

from geo.crs import GEOD
from geo.domain.board import Lane
from geo.domain.now import LONGEST_BACK, LOOKED_AT, NEAR_M, UNCLAIMED_DAYS, NeedFlow, Task, TaskKind
from geo.domain.place import Point
from geo.domain.words import CLOSED_STATUSES, Category, HelperStatus, NeedStatus, Urgency
from geo.errors import GeoError, InvalidInput
from geo.store.apart import keep_apart
from geo.store.board import list_board
from geo.store.engine import make_sessions, transaction
from geo.store.helpers import HOME_UNCERTAINTY_M, update_helper
from geo.store.keys import register_keys
from geo.store.match_steps import propose_match
from geo.store.needs import count_balance, list_needs, update_need
from geo.store.now import flow_query, get_now, longest_query
from geo.store.to_do import tasks_query

from tests.factories import add_asset, add_helper, add_need, located, waiting
from tests.geo.store.test_board import a_town
from tests.grid import HELSINKI
from tests.rights import operator
from tests.ring import RING

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select
    from sqlalchemy.orm import Session

    from geo.domain.now import Now

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=UNCLAIMED_DAYS, hours=1)
NEVER = date(2000, 1, 1)


def look(session: Session, *, since: datetime = NOW - timedelta(days=1), **values: Any) -> Now:
    asked = {"unconfirmed_since": NEVER, "now": NOW, "limit": 1000} | values
    return get_now(session, count_balance(session), since=since, **asked)


def to_do(session: Session, **values: Any) -> dict[TaskKind, int]:
    return {task.kind: task.count for task in look(session, **values).tasks}


def east(metres: float) -> Point:
    lon, lat, _ = GEOD.fwd(HELSINKI.lon, HELSINKI.lat, 90, metres)
    return Point(float(lon), float(lat))


def close_at_random(session: Session, rng: np.random.Generator) -> None:
    for need in list_needs(session, limit=1000):
        if need.status not in CLOSED_STATUSES and rng.random() < 0.3:
            way = (NeedStatus.MET, NeedStatus.WITHDRAWN, NeedStatus.EXPIRED)[int(rng.integers(3))]
            update_need(session, need.id, {"status": way.value})
        when = need.received_at + (NOW - need.received_at) * rng.random()
        with operator(session):
            moved = text("UPDATE need SET closed_at = :at WHERE id = :id AND closed_at IS NOT NULL")
            session.execute(moved, {"at": when, "id": need.id})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("back_h", [0, 30, 24 * 20])
def test_what_came_and_went_is_what_counting_finds(session: Session, seed: int, back_h: int) -> None:
    a_town(session, seed)
    close_at_random(session, np.random.default_rng(seed))
    since = NOW - timedelta(hours=back_h)
    flow, needs = look(session, since=since).flow, list_needs(session, limit=1000)
    still = [need for need in needs if need.status not in CLOSED_STATUSES]
    gone = [need for need in needs if need.closed_at is not None and need.closed_at >= since]
    assert len(gone) + len(still) <= len(needs)
    assert flow.open_now == len(still)
    assert flow.came_in == sum(need.received_at >= since for need in [*still, *gone])
    assert flow.open_then == sum(need.received_at < since for need in [*still, *gone])
    for way in (NeedStatus.MET, NeedStatus.WITHDRAWN, NeedStatus.EXPIRED, NeedStatus.MERGED):
        assert getattr(flow, way.value) == sum(need.status is way for need in gone)
    assert flow.open_then + flow.came_in == flow.closed + flow.open_now


@pytest.mark.parametrize("seed", range(4))
def test_the_longest_waiting_are_the_first_lane_by_age(session: Session, seed: int) -> None:
    a_town(session, seed)
    board = [card.need for card in list_board(session, Lane.WAITING, limit=1000, now=NOW)]
    in_order = sorted(board, key=lambda need: (need.received_at, need.id))
    found = look(session)
    assert list(found.longest) == in_order
    assert list(look(session, limit=3).longest) == in_order[:3]
    old = [need for need in board if need.received_at <= NOW - timedelta(days=UNCLAIMED_DAYS)]
    assert {task.kind: task.count for task in found.tasks}.get(TaskKind.UNCLAIMED, 0) == len(old)


def test_a_helper_is_near_only_when_surely_so_and_of_use(session: Session) -> None:
    need = add_need(session, received_at=LONG_AGO)
    assert to_do(session) == {TaskKind.UNCLAIMED: 1}
    too_far = east(NEAR_M - HOME_UNCERTAINTY_M + 5)
    for values in ({"categories": (Category.WATER,)}, {"at": too_far}, {"at": None}, {"capacity_per_week": 0}):
        add_helper(session, **values)
        assert TaskKind.HELPER_NEAR not in to_do(session)
    helper = add_helper(session, at=east(NEAR_M - HOME_UNCERTAINTY_M - 5))
    assert to_do(session)[TaskKind.HELPER_NEAR] == 1
    update_helper(session, helper.id, {"status": HelperStatus.PAUSED.value})
    assert TaskKind.HELPER_NEAR not in to_do(session)
    update_helper(session, helper.id, {"status": HelperStatus.ACTIVE.value})
    keep_apart(session, helper.id, need.id)
    assert TaskKind.HELPER_NEAR not in to_do(session)


@pytest.mark.parametrize("seed", range(3))
def test_who_has_a_helper_near_is_what_measuring_each_pair_finds(session: Session, seed: int) -> None:
    rng = np.random.default_rng(seed)
    homes = [east(float(rng.uniform(-20_000, 20_000))) for _ in range(9)]
    for home in homes:
        add_helper(session, at=home)
    expected = 0
    for number in range(25):
        at, off_m = east(float(rng.uniform(-20_000, 20_000))), float(rng.choice([0, 300, 900]))
        add_need(session, located(at, uncertainty_m=off_m), received_at=LONG_AGO - timedelta(minutes=number))
        away = min(GEOD.inv(at.lon, at.lat, home.lon, home.lat)[2] for home in homes)
        expected += away + off_m + HOME_UNCERTAINTY_M <= NEAR_M
    assert to_do(session).get(TaskKind.HELPER_NEAR, 0) == expected
    assert expected > 0


def test_only_the_longest_waiting_are_looked_at_for_a_helper(session: Session) -> None:
    add_helper(session)
    for number in range(LOOKED_AT + 3):
        add_need(session, received_at=LONG_AGO - timedelta(minutes=number))
    found = to_do(session)
    assert (found[TaskKind.HELPER_NEAR], found[TaskKind.UNCLAIMED]) == (LOOKED_AT, LOOKED_AT + 3)


def test_a_need_somebody_was_asked_about_is_not_unclaimed_until_it_lapses(session: Session) -> None:
    need, helper = add_need(session, received_at=LONG_AGO), add_helper(session)
    propose_match(session, need.id, helper_id=helper.id, now=NOW)
    assert not to_do(session)
    later = look(session, since=NOW, now=NOW + timedelta(days=3))
    assert [one.id for one in later.longest] == [need.id]


def test_a_withheld_need_is_nobodys_task_and_counts_as_open(session: Session) -> None:
    add_need(session, received_at=LONG_AGO, withheld=True)
    found = look(session)
    assert (found.flow.open_now, found.longest, found.tasks) == (1, [], [])


def test_review_and_assets_to_confirm_are_counted(session: Session) -> None:
    add_need(session, waiting(), urgency=Urgency.LOW)
    add_need(session, waiting(), urgency=Urgency.CRITICAL)
    add_asset(session)
    assert to_do(session) == {TaskKind.REVIEW: 2}
    tomorrow = (NOW + timedelta(days=2)).date()
    assert to_do(session, unconfirmed_since=tomorrow) == {TaskKind.REVIEW: 2, TaskKind.ASSETS: 1}


def test_it_is_counted_no_further_than_it_is_told(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.store.to_do.MOST_COUNTED", 2)
    for number in range(3):
        assert look(session).tasks == ([Task(TaskKind.UNCLAIMED, number)] if number else [])
        add_need(session, received_at=LONG_AGO)
    assert look(session).tasks == [Task(TaskKind.UNCLAIMED, 2, is_more=True)]


@pytest.mark.parametrize("since", [NOW + timedelta(seconds=1), NOW - LONGEST_BACK - timedelta(seconds=1)])
def test_since_when_is_bounded(session: Session, since: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        look(session, since=since)
    assert refused.value.field == "since"


@pytest.mark.parametrize("at", range(7))
def test_a_flow_that_does_not_add_up_is_none(at: int) -> None:
    right = [3, 2, 1, 1, 0, 0, 3]
    assert NeedFlow(NOW, *right).closed == 2
    right[at] += 1
    with pytest.raises(GeoError):
        NeedFlow(NOW, *right)


def plan_of(session: Session, query: Select[Any]) -> str:
    compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    return "\n".join(session.scalars(text(f"EXPLAIN {compiled}")))


CITY = """
    INSERT INTO need
        (id, household_id, category, location_state, match_quality, cell, received_at, status, closed_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'food', 'located', 'rooftop', '891126d3317ffff',
        now() - n * interval '2 hours', CASE WHEN n % 5 = 0 THEN 'met' ELSE 'open' END,
        CASE WHEN n % 5 = 0 THEN now() - n * interval '1 hour' END
    FROM generate_series(1, 4000) AS n;
    INSERT INTO restricted.location_exact (id, need_id, geom)
    SELECT gen_random_uuid(), id, ST_SetSRID(ST_MakePoint(24 + random(), 60 + random()), 4326) FROM need;
    INSERT INTO helper
    SELECT (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid()))).*
    FROM helper h, generate_series(1, 2000);
    INSERT INTO restricted.location_exact (id, helper_id, geom)
    SELECT gen_random_uuid(), h.id, ST_SetSRID(ST_MakePoint(24 + random(), 60 + random()), 4326)
    FROM helper h WHERE NOT EXISTS (SELECT FROM restricted.location_exact e WHERE e.helper_id = h.id);
    ANALYZE helper;
    ANALYZE need;
    ANALYZE restricted.location_exact
"""
"""Needs of a year, one in five of them closed, and helpers all around; and the planner is told of them."""


def a_city(session: Session) -> None:
    add_helper(session)
    with operator(session):
        session.execute(text(CITY))


@pytest.mark.own_db
def test_it_is_read_by_its_indexes(own_db: Engine) -> None:
    # in a database of its own: what other tests rolled back makes an index look larger than it is
    register_keys(own_db, RING)
    with transaction(make_sessions(own_db, keys=RING)) as session:
        a_city(session)
        flow = plan_of(session, flow_query(NOW - timedelta(days=1)))
        assert "ix_need_received" in flow
        assert "ix_need_closed" in flow
        longest = plan_of(session, longest_query(NOW, 10))
        assert "ix_need_waiting" in longest
        assert "Sort" not in longest
        tasks = plan_of(session, tasks_query(NOW, NOW.date(), NEVER))
        assert "ix_need_waiting" in tasks
        # a helper near is sought around each need, not among all helpers
        assert "ix_location_exact_helper_geog" in tasks, tasks
