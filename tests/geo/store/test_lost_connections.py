"""A connection that was lost while it waited is noticed without asking, and one that waited long is asked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from geo.store.engine import make_engine
from geo.store.lost_connections import notice_lost_connections

if TYPE_CHECKING:
    from collections.abc import Iterator

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def pool(engine: Engine) -> Iterator[Engine]:
    opened = make_engine(engine.url.render_as_string(hide_password=False), pool_size=2)
    yield opened
    opened.dispose()


@pytest.fixture
def asked(pool: Engine, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections the server was asked about, one after the other."""
    found: list[object] = []
    ping = pool.dialect.do_ping

    def counting(connection: object) -> bool:
        found.append(connection)
        return ping(connection)  # type: ignore[arg-type] # a connection of the driver

    monkeypatch.setattr(pool.dialect, "do_ping", counting)
    return found


def pid(pool: Engine) -> int:
    with pool.connect() as connection:
        return int(connection.scalar(PID) or 0)


def end(engine: Engine, *pids: int) -> None:
    """End connections as a server does that is started anew, and wait until they are gone."""
    with engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(p) FROM unnest(CAST(:pids AS int[])) p"), {"pids": [*pids]}
        )
        left = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:pids)")
        while connection.scalar(left, {"pids": [*pids]}):
            connection.rollback()
            time.sleep(0.01)


def test_a_connection_that_is_there_is_not_asked_about(pool: Engine, asked: list[object]) -> None:
    assert len({pid(pool) for _ in range(5)}) == 1
    assert asked == []


def test_a_connection_the_server_ended_is_given_to_nobody(pool: Engine, engine: Engine, asked: list[object]) -> None:
    before = pid(pool)
    end(engine, before)
    assert pid(pool) != before
    assert len(asked) == 1


def test_all_that_were_lost_together_are_replaced_at_once(pool: Engine, engine: Engine, asked: list[object]) -> None:
    with pool.connect() as one, pool.connect() as two:
        lost = {int(one.scalar(PID) or 0), int(two.scalar(PID) or 0)}
    end(engine, *lost)
    with pool.connect() as one, pool.connect() as two:
        assert not lost & {one.scalar(PID), two.scalar(PID)}
    assert len(asked) == 1


def test_a_connection_that_waited_long_is_asked(pool: Engine, asked: list[object]) -> None:
    notice_lost_connections(pool, asked_after_s=-1.0)
    assert pid(pool) == pid(pool)
    assert len(asked) >= 1


def test_one_that_does_not_answer_is_replaced(pool: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    notice_lost_connections(pool, asked_after_s=-1.0)
    before = pid(pool)

    def silent(_connection: object) -> bool:
        monkeypatch.undo()
        raise pool.dialect.loaded_dbapi.OperationalError  # type: ignore[attr-defined] # of the driver

    monkeypatch.setattr(pool.dialect, "do_ping", silent)
    assert pid(pool) != before
