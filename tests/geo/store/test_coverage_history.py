from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from geo.analysis.travel import StraightLineTravel
from geo.domain.place import Point
from geo.domain.words import Category, Mode
from geo.privacy.cells import cell_of
from geo.store.coverage import Question, compute_coverage
from geo.store.coverage_history import KEEP_DAYS, WHOLE, compare, day_query, keep_day, last_day_query, prune_days
from geo.store.coverage_tables import coverage_day
from geo.store.engine import make_sessions, transaction
from geo.store.needs import delete_need

from api.daily import keep_today
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

QUESTION = Question(StraightLineTravel(), 5.0, Mode.WALK, "hex")
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
ELSEWHERE = Point(HELSINKI.lon + 0.05, HELSINKI.lat)


def keep(session: Session, now: datetime = NOW, *, replace: bool = False) -> int:
    with operator(session):
        return keep_day(session, QUESTION, now=now, replace=replace)


def test_a_day_is_kept_once_and_adds_up(session: Session) -> None:
    add_need(session)
    add_need(session, ELSEWHERE, category=Category.WATER)
    add_asset(session)
    assert keep(session) == len(Category) + 2
    assert keep(session, NOW + timedelta(hours=3)) == 0
    rows = session.execute(select(coverage_day)).all()
    report = compute_coverage(session, Question(QUESTION.model, 5.0))
    for category in Category:
        whole = next(row for row in rows if (row.key, row.category) == (WHOLE, category.value))
        parts = [row for row in rows if row.key != WHOLE and row.category == category.value]
        totals = report.totals.get(category)
        assert whole.demand == sum(row.demand for row in parts) == (totals.demand if totals else 0)
        assert whole.covered == sum(row.covered for row in parts) == (totals.covered if totals else 0)


def test_a_day_may_be_kept_anew(session: Session) -> None:
    add_need(session)
    keep(session)
    add_need(session)
    assert keep(session, replace=True) == len(Category) + 1
    demand = select(coverage_day.c.demand).where(coverage_day.c.key == cell_of(HELSINKI))
    assert session.scalars(demand).all() == [2]


def test_what_has_changed_is_told_with_what_worsened_first(session: Session) -> None:
    gone = add_need(session, ELSEWHERE)
    add_need(session)
    add_asset(session, capacity_per_week=1)
    keep(session)
    assert compare(session, QUESTION, NOW.date()).rows == ()
    delete_need(session, gone.id)
    for _ in range(3):
        add_need(session)
    found = compare(session, QUESTION, NOW.date() + timedelta(days=7))
    assert found.since == NOW.date()
    worse, better = found.rows
    assert (worse.key, worse.demand_then, worse.gap_then, worse.demand, worse.gap) == (cell_of(HELSINKI), 1, 0, 4, 3)
    assert (better.key, better.gap_then, better.demand, better.gap_change) == (cell_of(ELSEWHERE), 1, 0, -1)
    assert (found.totals[Category.FOOD].gap_then, found.totals[Category.FOOD].gap) == (1, 3)
    assert sum(row.gap_change for row in found.rows) == found.totals[Category.FOOD].gap_change
    assert set(found.totals) == {Category.FOOD}


def test_a_day_without_needs_is_a_day_too(session: Session) -> None:
    keep(session)
    add_need(session)
    found = compare(session, QUESTION, NOW.date())
    assert [(row.demand_then, row.demand) for row in found.rows] == [(0, 1)]


def test_the_last_day_up_to_the_one_asked_for_is_compared(session: Session) -> None:
    for days in (0, 2, 5):
        keep(session, NOW + timedelta(days=days))
    asked = [NOW.date() + timedelta(days=days) for days in (-1, 0, 1, 4, 5, 99)]
    assert [compare(session, QUESTION, day).since for day in asked] == [
        None, date(2026, 3, 8), date(2026, 3, 8), date(2026, 3, 10), date(2026, 3, 13), date(2026, 3, 13),
    ]  # fmt: skip


def test_other_questions_have_days_of_their_own(session: Session) -> None:
    keep(session)
    for other in (
        Question(QUESTION.model, 6.0, Mode.WALK, "hex"),
        Question(QUESTION.model, 5.0, Mode.CAR, "hex"),
        Question(QUESTION.model, 5.0, Mode.WALK, "area"),
    ):
        assert compare(session, other, NOW.date()).since is None


def test_days_go_when_they_were_kept_long_enough(session: Session) -> None:
    for days in (0, 1):
        keep(session, NOW + timedelta(days=days))
    with operator(session):
        prune_days(session, now=NOW + timedelta(days=KEEP_DAYS + 1))
    assert session.scalars(select(coverage_day.c.day).distinct()).all() == [date(2026, 3, 9)]


@pytest.mark.own_db
def test_the_round_keeps_today_by_cell_and_by_area_once(own_db: Engine) -> None:
    with transaction(make_sessions(own_db)) as session:
        add_need(session)
    operators = make_sessions(own_db, role=None)
    assert keep_today(operators, 5.0, model=StraightLineTravel(), now=NOW) == 2 * (len(Category) + 1)
    assert keep_today(operators, 5.0, model=StraightLineTravel(), now=NOW) == 0
    assert keep_today(operators, 5.0, model=StraightLineTravel(), now=NOW, replace=True) == 2 * (len(Category) + 1)


@pytest.mark.own_db
def test_a_day_is_read_by_its_key(own_db: Engine) -> None:
    with transaction(make_sessions(own_db, role=None)) as session:
        session.execute(
            text(
                "INSERT INTO coverage_day (by, standard_min, mode, travel_model, day, category, key, label, demand, "
                "covered, covered_best) "
                "SELECT 'hex', 5, 'walk', 'straight_line', date '2026-01-01' + d, 'food', k::text, 'x', 1, 1, 1 "
                "FROM generate_series(1, 100) AS d, generate_series(1, 300) AS k"
            )
        )
        session.execute(text("ANALYZE coverage_day"))
        for query in (day_query(QUESTION, date(2026, 2, 1)), last_day_query(QUESTION, date(2026, 2, 1))):
            statement = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = session.execute(text(f"EXPLAIN (FORMAT JSON) {statement}")).scalar_one()
            assert "coverage_day" in json.dumps(plan)
            assert "Seq Scan" not in json.dumps(plan)


def test_a_request_may_read_days_and_not_write_them(session: Session) -> None:
    rights = text(
        "SELECT has_table_privilege('barnraiser_app', 'coverage_day', p) "
        "FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p"
    )
    assert list(session.execute(rights).scalars()) == [True, False, False, False]
