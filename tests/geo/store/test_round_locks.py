"""Rounds that many keep, begin and leave at once: each step is done or refused, and none is lost."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from geo.domain.driver_rounds import DriverRound, StopDraft
from geo.errors import Conflict, GeoError
from geo.store.driver_rounds import list_rounds
from geo.store.engine import make_sessions
from geo.store.helpers import delete_helper
from geo.store.matches import list_matches
from geo.store.needs import delete_need
from geo.store.round_keeping import keep_round

from tests.factories import add_need
from tests.geo.store.driver_rounds import MODEL, NOW, S, add_driver, draft_of, kept, near, step_round

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session


@pytest.mark.own_db
def test_whoever_leaves_while_a_round_begins_waits_or_is_waited_for(own_db: Engine) -> None:
    """Steps, outcomes and removals at once: each is done or refused, and none is ended by the database."""
    sessions = make_sessions(own_db)
    rounds: list[tuple[DriverRound, list[UUID]]] = []
    for _ in range(6):
        with sessions.begin() as session:
            rounds.append(kept(session, 3))
    faults: list[Exception] = []

    def attempt(work: Callable[[Session], object]) -> None:
        try:
            with sessions.begin() as session:
                work(session)
        except GeoError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
            faults.append(error)

    for made, needs in rounds:
        works: list[Callable[[Session], object]] = [
            partial(step_round, round_id=made.id, then=S.GIVEN, now=NOW),
            partial(step_round, round_id=made.id, then=S.GIVEN, now=NOW),
            partial(delete_helper, helper_id=made.helper_id),
            partial(delete_need, need_id=needs[1]),
        ]
        threads = [threading.Thread(target=attempt, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    with sessions() as session:
        assert list_rounds(session) == []


@pytest.mark.own_db
def test_one_need_is_kept_on_one_round_however_many_keep_it_at_once(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with sessions.begin() as session:
        needs = [add_need(session, near(at)).id for at in range(3)]
        drivers = [add_driver(session) for _ in range(6)]
    outcomes: list[bool] = []

    def keep(driver: UUID, order: list[UUID]) -> None:
        try:
            with sessions.begin() as session:
                keep_round(session, draft_of(driver, *(StopDraft(one) for one in order)), model=MODEL, now=NOW)
        except Conflict:
            outcomes.append(False)
        else:
            outcomes.append(True)

    orders = [needs, needs[::-1]] * 3
    threads = [threading.Thread(target=keep, args=(d, o)) for d, o in zip(drivers, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 5 + [True]
    with sessions() as session:
        assert [one.stop_count for one in list_rounds(session)] == [3]
        assert len(list_matches(session, now=NOW)) == 3
