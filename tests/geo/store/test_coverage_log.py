"""The log of what has changed: no commit is missed, whoever writes at once, late or very much."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.store.coverage_log import changes_query, mark_now, prune_changes, read_changes
from geo.store.engine import make_sessions, transaction
from geo.store.live_coverage import LiveCoverages

from tests.factories import add_asset, add_need
from tests.geo.store.live_town import QUESTIONS, Town, make_areas, same

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session


@pytest.mark.own_db
def test_writers_at_once_and_late_commits_are_never_missed(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    with transaction(sessions) as session:
        make_areas(session)
    stop = threading.Event()

    def write(seed: int) -> None:
        town = Town(seed)
        for _ in range(12):
            with transaction(sessions) as session:
                for _ in range(town.rng.randint(1, 4)):
                    town.step(session)

    def read(_: int) -> None:
        while not stop.is_set():
            with transaction(sessions) as session:
                for question in QUESTIONS:
                    live.find(session, question)

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read, number) for number in range(2)]
        try:
            list(pool.map(write, range(3)))
        finally:
            stop.set()
        assert [reader.result() for reader in readers] == [None, None]
    with transaction(sessions) as session:
        same(session, live)


@pytest.mark.own_db
def test_a_transaction_that_began_before_and_commits_after_is_read(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    with transaction(sessions) as session:
        add_need(session)
        add_asset(session, capacity_per_week=5)
    with sessions() as late:
        need = add_need(late)
        with transaction(sessions) as session:
            add_need(session)
        with transaction(sessions) as session:
            same(session, live)
            mark = mark_now(session)
        late.commit()
    with transaction(sessions) as session:
        assert need.id in read_changes(session, mark).needs
        same(session, live)


@pytest.mark.own_db
def test_what_is_pruned_before_it_is_read_makes_all_be_read_again(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    with transaction(sessions) as session:
        add_need(session)
    with transaction(sessions) as session:
        same(session, live)
        before = mark_now(session)
    with transaction(sessions) as session:
        add_need(session)
    later = datetime.now(UTC) + timedelta(hours=2)
    with transaction(make_sessions(own_db, role=None)) as session:
        prune_changes(session, now=later)
    with transaction(sessions) as session:
        assert read_changes(session, before).everything
        now = mark_now(session)
        same(session, live)
    with transaction(sessions) as session:
        assert read_changes(session, now).needs == frozenset()
        assert not read_changes(session, now).everything


@pytest.mark.own_db
def test_changes_are_read_by_their_index(own_db: Engine) -> None:
    with transaction(make_sessions(own_db, role=None)) as session:
        session.execute(
            text(
                "INSERT INTO restricted.coverage_change (network_id, txid, kind, record_id) "
                "SELECT current_network(), i, 'need', gen_random_uuid() FROM generate_series(1, 20000) AS i"
            )
        )
        session.execute(text("ANALYZE restricted.coverage_change"))
        statement = changes_query(19_990).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN (FORMAT JSON) {statement}")).scalar_one()
    assert "ix_coverage_change_since" in json.dumps(plan)


def test_a_request_may_read_the_log_and_not_write_it(session: Session) -> None:
    allowed = session.execute(
        text(
            "SELECT has_table_privilege('barnraiser_app', 'restricted.coverage_change', p) "
            "FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p"
        )
    ).scalars()
    assert list(allowed) == [True, False, False, False]


def test_a_statement_that_changes_very_much_is_one_entry(session: Session) -> None:
    mark = mark_now(session)
    session.execute(
        text(
            "INSERT INTO need (id, household_id, category) "
            "SELECT id, id, 'food' FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 5001)) AS made"
        )
    )
    assert read_changes(session, mark).everything
