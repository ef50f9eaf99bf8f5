"""Figures that are kept are those of everything worked out anew, whatever changes."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.words import Category, Mode
from geo.errors import StillReckoning
from geo.store import live_coverage
from geo.store.areas import delete_area
from geo.store.assets import delete_asset
from geo.store.coverage import Question, compute_coverage
from geo.store.engine import PARTNER_ROLE, Acting, make_sessions, transaction
from geo.store.live_coverage import LiveCoverages
from geo.store.needs import count_balance, delete_need, update_need

from tests.factories import add_asset, add_helper, add_need, nowhere
from tests.geo.store.live_town import EACH_WAY, MODEL, QUESTIONS, Town, make_areas, near, same
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.balance import Balance


@EACH_WAY
@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_the_figures_are_those_worked_out_anew(
    session: Session, seed: int, questions: list[Question]
) -> None:
    live, town = LiveCoverages(), Town(seed)
    make_areas(session)
    for step in range(90):
        town.step(session)
        if step % 3 == 0:
            same(session, live, questions)
    same(session, live, questions)


@EACH_WAY
def test_the_figures_are_kept_and_not_worked_out_again(
    session: Session, monkeypatch: pytest.MonkeyPatch, questions: list[Question]
) -> None:
    live = LiveCoverages()
    add_need(session)
    asset = add_asset(session)
    same(session, live, questions)

    def never(*_: object) -> None:
        raise AssertionError("worked out again")

    monkeypatch.setattr("geo.store.live_coverage._begin", never)
    add_need(session)
    same(session, live, questions)
    add_asset(session, capacity_per_week=3)
    add_helper(session)
    same(session, live, questions)
    delete_asset(session, asset.id)
    same(session, live, questions)


def test_what_was_made_of_the_figures_is_kept_while_they_are_the_same(session: Session) -> None:
    need = add_need(session, near(random.Random(0)))  # noqa: S311 - the same every time
    live = LiveCoverages()
    first = live.find(session, QUESTIONS[0])
    assert first is not None
    again = live.find(session, QUESTIONS[0])
    assert again is not None
    assert again.ground is first.ground
    delete_need(session, need.id)
    add_need(session, near(random.Random(1)))  # noqa: S311 - the same every time
    second = live.find(session, QUESTIONS[0])
    assert second is not None
    assert second.ground.keys == [row.key for row in second.rows] != first.ground.keys


def test_figures_are_not_worked_out_twice_at_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    add_need(session)
    live = LiveCoverages()
    monkeypatch.setattr("geo.store.live_coverage.PATIENCE_S", 0.01)
    begin = live_coverage._begin

    def meanwhile(session: Session, question: Question) -> Any:
        with ThreadPoolExecutor(1) as somebody, pytest.raises(StillReckoning):
            somebody.submit(live.find, session, question).result()
        return begin(session, question)

    monkeypatch.setattr("geo.store.live_coverage._begin", meanwhile)
    assert live.find(session, QUESTIONS[0]) is not None
    monkeypatch.setattr("geo.store.live_coverage._begin", begin)
    same(session, live)


def test_the_balance_is_counted_again_once_a_need_has_changed(session: Session) -> None:
    need, other, _stays = (add_need(session) for _ in range(3))
    live = LiveCoverages()

    def told() -> Balance:
        figures = live.find(session, QUESTIONS[0])
        assert figures is not None
        balance = figures.balance(session, None)
        assert balance == figures.balance(session, None) == count_balance(session)
        assert figures.balance(session, Category.FOOD) == count_balance(session, category=Category.FOOD)
        return balance

    assert told().located == 3
    # a need without a place is in no row and in no total
    add_need(session, nowhere())
    assert told().no_location == 1
    update_need(session, need.id, {"withheld": True})
    assert told().withheld == 1
    delete_need(session, other.id)
    assert told().received == 3


def test_a_change_of_areas_or_of_the_plane_is_seen(session: Session) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session)
    same(session, live)
    make_areas(session)
    same(session, live)
    far = add_need(session, Point(HELSINKI.lon + 2.0, HELSINKI.lat + 1.0))
    same(session, live)
    delete_need(session, far.id)
    same(session, live)


def test_a_failure_half_way_leaves_nothing_half_done(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session)
    same(session, live)
    add_need(session)
    with monkeypatch.context() as patch:
        patch.setattr("geo.analysis.live.coverage.LiveCoverage.set_need", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            live.find(session, QUESTIONS[0])
    same(session, live)


def test_only_so_many_states_are_kept(session: Session) -> None:
    live = LiveCoverages(most_states=2)
    add_need(session)
    for minutes in range(3, 9):
        live.find(session, Question(MODEL, float(minutes), Mode.WALK, "hex"))
    assert len(live._states) == 2


def test_somebody_who_sees_a_part_gets_no_figures_of_the_whole(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with transaction(sessions) as session:
        add_need(session)
        assert LiveCoverages().find(session, QUESTIONS[0]) is not None
    with transaction(sessions, Acting(role=PARTNER_ROLE)) as session:
        assert LiveCoverages().find(session, QUESTIONS[0]) is None


def test_networks_have_figures_of_their_own(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    from geo.domain.ids import new_id

    other = new_id()
    with own_db.begin() as connection:
        connection.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, 'other', 'Other')"), {"id": other})
    with transaction(sessions) as session:
        add_need(session)
        same(session, live)
    with transaction(sessions, Acting(other)) as session:
        assert live.find(session, QUESTIONS[0]) is None
        same(session, live)


def test_removing_areas_counts_too(session: Session) -> None:
    live = LiveCoverages()
    make_areas(session)
    add_need(session)
    same(session, live)
    report = compute_coverage(session, Question(MODEL, 8, Mode.BICYCLE, "area"), live=live)
    assert [row.key for row in report.rows] == ["block"]
    delete_area(session, next(a for a in _areas(session) if a.slug == "block").id)
    same(session, live)


def _areas(session: Session) -> Any:
    from geo.store.areas import list_areas

    return list_areas(session)
