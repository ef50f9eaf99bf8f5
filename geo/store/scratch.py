"""A database for a while: migrated and empty, of its own, and gone afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from geo.store.engine import make_engine
from geo.store.lease import lease_database
from geo.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@contextmanager
def open_scratch(home: Path, url: str | None, *, statement_timeout_s: float = 60.0) -> Iterator[Engine]:
    """Open an engine on a new database, and drop the database at the end whatever happened.

    Parameters
    ----------
    home
        The folder of the private cluster, shared with other jobs; the last one out stops its server.
    url
        A PostGIS to use instead; its role must be allowed to create databases.
    statement_timeout_s
        Seconds after which the server gives up on a statement.

    Yields
    ------
    sqlalchemy.Engine
        On a database at the newest revision, with nothing in it.

    Raises
    ------
    ClusterError
        If the private cluster cannot be run.
    """
    with lease_database(home, url) as server, _new_database(server) as fresh:
        engine = make_engine(fresh, statement_timeout_s=statement_timeout_s)
        try:
            migrate(engine)
            yield engine
        finally:
            engine.dispose()


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    address, name = make_url(server), f"barnraiser_scratch_{uuid4().hex[:12]}"
    admin = address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
