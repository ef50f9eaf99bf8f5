"""Activities, shifts and promises: laid out by the local clock, nobody twice at once, no role beyond its maximum."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.domain.calendar import ActivityDraft, SignUpState
from geo.domain.hours import Window
from geo.domain.ids import new_id
from geo.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo.store.activities import create_activity, delete_activity, get_activity, lay_out_all, update_activity
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.helpers import delete_helper
from geo.store.shifts import get_shift, list_shifts
from geo.store.sign_ups import add_sign_up, change_state, list_sign_ups

from tests.factories import add_asset, add_helper
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.domain.calendar import Activity, Shift

HELPERS, SHIFTS, AT_ONCE = (64, 1_000, 48) if os.environ.get("BARNRAISER_FULL") else (16, 40, 24)
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
WEEKLY = "DTSTART:20260322T180000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY"
ALL = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))


def add_activity(session: Session, **values: Any) -> Activity:
    usual = {"title": "Kitchen", "schedule": WEEKLY, "roles": {"cook": 2, "driver": 1}, "time_zone": "Europe/Helsinki"}
    return create_activity(session, ActivityDraft(**(usual | values)), now=NOW)


def single(day: int, hour: int, hours: int = 2) -> str:
    on = date(2026, 3, 31) + timedelta(days=day)
    return f"DTSTART:{on:%Y%m%d}T{hour:02}0000\nDURATION:PT{hours}H"


def shifts_of(session: Session, activity: Activity, limit: int = 1000) -> list[Shift]:
    return list(list_shifts(session, ALL, activity_id=activity.id, limit=limit))


def test_a_weekly_evening_stays_in_the_evening_when_the_clocks_change(session: Session) -> None:
    found = shifts_of(session, add_activity(session))
    assert [one.starts_at.hour for one in found[:3]] == [16, 15, 15]
    assert len(found) == 52
    assert all(one.ends_at - one.starts_at == timedelta(hours=2) for one in found)


def test_laying_out_again_adds_what_the_days_have_brought_and_no_more(session: Session) -> None:
    activity = add_activity(session)
    assert lay_out_all(session, now=NOW) == 0
    assert lay_out_all(session, now=NOW + timedelta(weeks=3)) == 3
    assert len(shifts_of(session, activity)) == 55


def test_pages_of_shifts_lose_none_and_repeat_none(session: Session) -> None:
    for _ in range(3):
        add_activity(session)
    whole, paged, after = list_shifts(session, ALL, limit=1000), [], None
    while page := list_shifts(session, ALL, after=after, limit=7):
        paged += page
        after = (page[-1].starts_at, page[-1].id)
    assert paged == list(whole)
    assert len(paged) == 156


def test_a_page_of_shifts_is_read_from_its_index(session: Session) -> None:
    add_activity(session)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    query = (
        "EXPLAIN SELECT id FROM shift WHERE network_id = current_network() AND lower(during) >= :a "
        "AND (lower(during), id) > (:a, :i) ORDER BY lower(during), id LIMIT 10"
    )
    plan = "\n".join(session.scalars(text(query), {"a": NOW, "i": new_id()}))
    assert "ix_shift_start" in plan
    assert "Sort" not in plan


def test_who_has_promised_is_booked_once_at_a_time(session: Session) -> None:
    one, two, later = (shifts_of(session, add_activity(session, schedule=single(1, hour)))[0] for hour in (10, 11, 12))
    helper = add_helper(session)
    first = add_sign_up(session, one.id, helper.id, "cook", now=NOW)
    with pytest.raises(Conflict, match="elsewhere") as refused, session.begin_nested():
        add_sign_up(session, two.id, helper.id, "cook", now=NOW)
    assert "Aino" not in str(refused.value)
    # one ends as the other begins
    add_sign_up(session, later.id, helper.id, "driver", now=NOW)
    with pytest.raises(Conflict), session.begin_nested():
        add_sign_up(session, one.id, helper.id, "driver", now=NOW)
    change_state(session, first.id, SignUpState.CANCELLED, now=NOW)
    again = add_sign_up(session, one.id, helper.id, "driver", now=NOW)
    assert [found.state.value for found in list_sign_ups(session, helper_id=helper.id)] == [
        "cancelled", "signed_up", "signed_up",
    ]  # fmt: skip
    assert get_shift(session, one.id).taken == {"driver": 1}
    assert again.role == "driver"


def test_the_database_itself_refuses_two_promises_at_once_and_a_time_that_is_not_the_shifts(session: Session) -> None:
    one, two = (shifts_of(session, add_activity(session, schedule=single(1, hour)))[0] for hour in (10, 11))
    helper = add_helper(session)
    add_sign_up(session, one.id, helper.id, "cook", now=NOW)
    values = {"id": new_id(), "shift": two.id, "helper": helper.id}
    planted = (
        "INSERT INTO sign_up (id, shift_id, helper_id, role, during) "
        "SELECT :id, id, :helper, 'cook', during FROM shift WHERE id = :shift"
    )
    with pytest.raises(DBAPIError, match="no_double_booking"), session.begin_nested():
        session.execute(text(planted), values)
    elsewhere = planted.replace("during FROM", "tstzrange('2027-01-01', '2027-01-02') FROM")
    with pytest.raises(DBAPIError, match="fk_sign_up_shift"), session.begin_nested():
        session.execute(text(elsewhere), values)


def test_a_full_role_takes_nobody_and_an_unknown_one_is_named(session: Session) -> None:
    shift = shifts_of(session, add_activity(session))[0]
    add_sign_up(session, shift.id, add_helper(session).id, "driver", now=NOW)
    other = add_helper(session)
    with pytest.raises(Conflict, match="full"):
        add_sign_up(session, shift.id, other.id, "driver", now=NOW)
    with pytest.raises(InvalidInput, match="no such role"):
        add_sign_up(session, shift.id, other.id, "captain", now=NOW)
    with pytest.raises(Conflict, match="over"):
        add_sign_up(session, shift.id, other.id, "cook", now=NOW + timedelta(days=30))
    for missing in ((new_id(), other.id), (shift.id, new_id())):
        with pytest.raises(NotFound):
            add_sign_up(session, *missing, "cook", now=NOW)


def test_what_became_of_a_promise_is_noted_and_can_be_put_right(session: Session) -> None:
    shift = shifts_of(session, add_activity(session))[0]
    made = add_sign_up(session, shift.id, add_helper(session).id, "cook", now=NOW)
    with pytest.raises(Conflict, match="yet to begin"):
        change_state(session, made.id, SignUpState.DONE, now=NOW)
    later = shift.ends_at
    assert change_state(session, made.id, SignUpState.NO_SHOW, now=later).state is SignUpState.NO_SHOW
    assert change_state(session, made.id, SignUpState.DONE, now=later).version == 3
    for impossible in (SignUpState.CANCELLED, SignUpState.SIGNED_UP, SignUpState.DONE):
        with pytest.raises(Conflict, match="cannot become"):
            change_state(session, made.id, impossible, now=later)
    with pytest.raises(StaleVersion):
        change_state(session, made.id, SignUpState.NO_SHOW, expected_version=1, now=later)
    session.commit()
    noted = session.scalars(text("SELECT action FROM audit WHERE object_kind = 'sign_up' ORDER BY seq")).all()
    assert noted == ["create", "no_show", "done"]


def test_reminders_wait_for_what_lies_ahead_and_go_with_the_promise(session: Session) -> None:
    shift = shifts_of(session, add_activity(session))[0]
    due = text("SELECT due_at FROM reminder ORDER BY due_at")
    made = add_sign_up(session, shift.id, add_helper(session).id, "cook", now=NOW)
    assert session.scalars(due).all() == [shift.starts_at - timedelta(hours=hours) for hours in (24, 2)]
    change_state(session, made.id, SignUpState.CANCELLED, now=NOW)
    assert session.scalars(due).all() == []
    add_sign_up(session, shift.id, made.helper_id, "cook", now=shift.starts_at - timedelta(hours=3))
    assert session.scalars(due).all() == [shift.starts_at - timedelta(hours=2)]


def test_a_change_moves_what_nobody_promised_and_keeps_the_rest(session: Session) -> None:
    activity = add_activity(session)
    promised = shifts_of(session, activity)[1]
    add_sign_up(session, promised.id, add_helper(session).id, "cook", now=NOW)
    moved = WEEKLY.replace("T180000", "T190000")
    changed = update_activity(session, activity.id, {"schedule": moved, "roles": {"cook": 5}}, now=NOW)
    found = shifts_of(session, activity)
    assert changed.version == 2
    assert promised.id in {one.id for one in found}
    assert len(found) == 53
    assert {tuple(one.roles.items()) for one in found} == {(("cook", 5),)}


def test_removing_an_activity_or_a_helper_leaves_nothing_behind(session: Session) -> None:
    activity, helper = add_activity(session), add_helper(session)
    one, two = shifts_of(session, activity)[:2]
    add_sign_up(session, one.id, helper.id, "cook", now=NOW)
    delete_helper(session, helper.id)
    assert get_shift(session, one.id).taken == {}
    add_sign_up(session, two.id, add_helper(session).id, "cook", now=NOW)
    delete_activity(session, activity.id)
    for table in ("shift", "sign_up", "reminder"):
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608 - names above


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("roles", {}),
        ("roles", {"cook": 0}),
        ("roles", {"cook": 201}),
        ("roles", {" cook": 1}),
        ("roles", {"co\nok": 1}),
        ("roles", {str(n): 1 for n in range(11)}),
        ("schedule", "DTSTART:20260322T180000\nDURATION:PT2H\nRRULE:FREQ=SECONDLY"),
        ("schedule", "every Sunday"),
        ("time_zone", "Europe/Nowhere"),
        ("asset_id", new_id()),
        ("area_id", new_id()),
        ("organization_id", new_id()),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(session: Session, field: str, wrong: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_activity(session, **{field: wrong})
    assert refused.value.field == field
    kept = add_activity(session)
    with pytest.raises(InvalidInput):
        update_activity(session, kept.id, {field: wrong}, now=NOW)


def test_another_network_sees_nothing_and_reaches_nothing(session: Session, connection: Connection) -> None:
    activity, helper, asset = add_activity(session), add_helper(session), add_asset(session)
    shift = shifts_of(session, activity)[0]
    made = add_sign_up(session, shift.id, helper.id, "cook", now=NOW)
    network = new_id()
    with operator(session):
        values = {"id": network, "slug": f"n-{network}"}
        session.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'Other')"), values)
    with make_sessions(connection, network=network)() as stranger:
        for table in ("activity", "shift", "sign_up", "reminder", "access.calendar_feed"):
            assert stranger.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608 - names above
        for call in (
            lambda: get_activity(stranger, activity.id),
            lambda: get_shift(stranger, shift.id),
            lambda: add_sign_up(stranger, shift.id, add_helper(stranger).id, "cook", now=NOW),
            lambda: change_state(stranger, made.id, SignUpState.CANCELLED, now=NOW),
            lambda: delete_activity(stranger, activity.id),
        ):
            with pytest.raises(NotFound):
                call()
        with pytest.raises(InvalidInput):
            add_activity(stranger, asset_id=asset.id)
        own = shifts_of(stranger, add_activity(stranger))[0]
        with pytest.raises(NotFound):
            add_sign_up(stranger, own.id, helper.id, "cook", now=NOW)


@pytest.mark.slow
def test_under_64_at_once_nobody_is_booked_twice_and_no_role_is_overfull(own_db: Engine) -> None:
    """Shifts of many hours that overlap in chains, few places in each role, each helper after all of them."""
    wide = make_engine(own_db.url.render_as_string(hide_password=False), pool_size=AT_ONCE)
    sessions, turnstile = make_sessions(wide), threading.Semaphore(AT_ONCE)
    with transaction(sessions) as session:
        helpers = [add_helper(session, None, public_name=f"H{n}").id for n in range(HELPERS)]
        shifts = [
            shifts_of(session, add_activity(session, schedule=single(1 + n // 12, 2 * (n % 12) % 24, 3)))[0].id
            for n in range(SHIFTS)
        ]
    chance = random.Random(0)  # noqa: S311 - the same order each time
    tries = [(helper, shift) for helper in helpers for shift in shifts]
    chance.shuffle(tries)

    def attempt(number: int) -> str:
        helper, shift = tries[number]
        try:
            # a server has fewer connections than there are people
            with turnstile, transaction(sessions) as session:
                add_sign_up(session, shift, helper, ("cook", "driver")[number % 2], now=NOW)
        except Conflict as refused:
            return str(refused)
        return "in"

    with ThreadPoolExecutor(64) as pool:
        outcomes = list(pool.map(attempt, range(len(tries))))
    wide.dispose()
    assert {outcome.split()[0] for outcome in outcomes} == {"in", "this"}
    with own_db.connect() as connection:
        twice = (
            "SELECT count(*) FROM sign_up a JOIN sign_up b ON a.helper_id = b.helper_id AND a.id < b.id "
            "AND a.during && b.during"
        )
        over = (
            "SELECT count(*) FROM (SELECT u.shift_id FROM sign_up u JOIN shift s ON s.id = u.shift_id "
            "GROUP BY u.shift_id, u.role, s.roles HAVING count(*) > (s.roles ->> u.role)::int) AS o"
        )
        kept = connection.scalar(text("SELECT count(*) FROM sign_up"))
        assert connection.scalar(text(twice)) == 0
        assert connection.scalar(text(over)) == 0
        full = (
            "SELECT count(*) FROM (SELECT u.shift_id FROM sign_up u JOIN shift s ON s.id = u.shift_id "
            "GROUP BY u.shift_id, u.role, s.roles HAVING count(*) = (s.roles ->> u.role)::int) AS o"
        )
        # the load did reach the bound that is tested
        assert connection.scalar(text(full)) > 10
    assert kept == outcomes.count("in")
    assert any("full" in outcome for outcome in outcomes)
    assert any("elsewhere" in outcome for outcome in outcomes)
