"""Fixtures every test may use: a template database made once, a clone for each session, a transaction for each test."""

from __future__ import annotations

import gc
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.engine import URL, Connection, make_url

from geo.store.cluster import ensure_database_url
from geo.store.engine import SessionFactory, make_engine, make_sessions
from geo.store.keys import register_keys
from geo.store.migrate import migrate

from data.demo import DemoReport, run_demo
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing

ROOT = Path(__file__).parent.parent
# no test is timed; and a run tells of the change that is tested, so each draws the same examples. With BARNRAISER_FULL
# set they are others each time.
settings.register_profile("house", deadline=None, derandomize=not os.environ.get("BARNRAISER_FULL"), print_blob=True)
settings.load_profile("house")
DEMO_NOW = datetime(2026, 3, 1, tzinfo=UTC)
MIGRATIONS = ROOT / "geo" / "store" / "migrations" / "versions"


def pytest_collection_finish() -> None:
    """Leave what was imported out of every collection of garbage to come, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _template_name() -> str:
    digest = hashlib.sha256()
    for path in sorted(MIGRATIONS.glob("*.py")):
        digest.update(path.read_bytes())
    return f"barnraiser_template_{digest.hexdigest()[:12]}"


@pytest.fixture(scope="session")
def server_url() -> URL:
    """Where PostGIS answers: the given one, or the private cluster, started when needed. Missing means failure."""
    home = Path(os.environ.get("BARNRAISER_TEST_HOME", ROOT / ".barnraiser" / "test"))
    given = os.environ.get("BARNRAISER_DATABASE_URL")
    url = make_url(ensure_database_url(home, given))
    if given is None:
        _leave_the_disk_alone(url)
    return url


def _leave_the_disk_alone(url: URL) -> None:
    """Let nobody wait for the disk: each of hundreds of cloned databases would, and none outlives this run.

    What is tested by killing holds without: what a killed process wrote stays with the operating system.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=NullPool, hide_parameters=True
    )
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("ALTER SYSTEM SET full_page_writes = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def admin(server_url: URL) -> Iterator[Engine]:
    """An engine on the maintenance database that may create and drop databases."""
    # without a pool, because the advisory lock is let go only when its connection is closed
    engine = create_engine(
        server_url.set(drivername="postgresql+psycopg", database="postgres"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )
    yield engine
    engine.dispose()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Keep other runs of the tests away from the template; a pooled connection would hold the lock till its end."""
    connection.execute(text("SELECT pg_advisory_lock(4242)"))
    try:
        yield
    finally:
        connection.execute(text("SELECT pg_advisory_unlock(4242)"))


@pytest.fixture(scope="session")
def template(admin: Engine, server_url: URL) -> str:
    """The name of a migrated, empty database; built once for each state of the migrations."""
    name = _template_name()
    with admin.connect() as connection, _alone(connection):
        known = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name})
        if not known:
            building = f"{name}_building"
            connection.execute(text(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{building}"'))
            engine = make_engine(server_url.set(database=building).render_as_string(hide_password=False))
            migrate(engine)
            engine.dispose()
            connection.execute(text(f'ALTER DATABASE "{building}" RENAME TO "{name}"'))
    return name


def _clone(admin: Engine, template: str) -> str:
    name = f"barnraiser_test_{uuid4().hex[:12]}"
    with admin.connect() as connection, _alone(connection):
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
    return name


def _drop(admin: Engine, name: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def engine(admin: Engine, template: str, server_url: URL) -> Iterator[Engine]:
    """The session's database; nothing is ever committed to it."""
    name = _clone(admin, template)
    opened = make_engine(server_url.set(database=name).render_as_string(hide_password=False))
    register_keys(opened, RING)
    yield opened
    opened.dispose()
    _drop(admin, name)


@pytest.fixture
def own_db(admin: Engine, template: str, server_url: URL) -> Iterator[Engine]:
    """A database of the test's own, for real commits."""
    name = _clone(admin, template)
    opened = make_engine(server_url.set(database=name).render_as_string(hide_password=False))
    yield opened
    opened.dispose()
    _drop(admin, name)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """One connection inside an outer transaction that is always rolled back."""
    with engine.connect() as opened:
        outer = opened.begin()
        yield opened
        outer.rollback()


@pytest.fixture(scope="session")
def demo_instant() -> datetime:
    """An instant of the made-up past."""
    return DEMO_NOW


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    """An installation's keys, kept in no file."""
    return RING


@pytest.fixture
def sessions(connection: Connection, keys: KeyRing) -> SessionFactory:
    """Sessions whose commits are savepoints of the test's transaction."""
    return make_sessions(connection, keys=keys)


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """One session in the test's transaction."""
    with sessions() as opened:
        yield opened


@dataclass(frozen=True)
class DemoCity:
    """The demonstration as it came out: its database, its home folder and its report."""

    engine: Engine
    home: Path
    report: DemoReport
    now: datetime


@pytest.fixture(scope="session")
def demo_city(
    admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCity]:
    """The whole main job, run once for the session in a database of its own; tests only read it."""
    name = _clone(admin, template)
    opened = make_engine(server_url.set(database=name).render_as_string(hide_password=False))
    home = tmp_path_factory.mktemp("demo")
    register_keys(opened, RING)
    report = run_demo(make_sessions(opened, role=None, keys=RING), home=home, now=DEMO_NOW)
    yield DemoCity(opened, home, report, DEMO_NOW)
    opened.dispose()
    _drop(admin, name)
