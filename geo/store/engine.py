"""Engines and sessions: one place where a connection is configured and a transaction begins."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

DEFAULT_NETWORK: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The network every installation starts with."""

_NARROW: Final = text(
    "SELECT set_config(name, value, true) "
    "FROM unnest(CAST(:names AS text[]), CAST(:settings AS text[])) AS s (name, value)"
)
APP_ROLE: Final = "barnraiser_app"
"""The role requests run as: it owns nothing and sees one network's rows, whatever a query forgets."""

SessionFactory = sessionmaker[Session]


def make_engine(url: str, *, statement_timeout_s: float = 10.0, pool_size: int = 8) -> Engine:
    """Open a pool to a PostGIS database.

    Parameters
    ----------
    url
        A libpq or SQLAlchemy URL; the psycopg 3 driver is chosen whatever the URL names.
    statement_timeout_s
        Seconds after which the server gives up on a statement.
    pool_size
        Connections kept open.

    Returns
    -------
    sqlalchemy.Engine
        Box and keyset queries are planned afresh each time: after a few small boxes a prepared statement
        turns generic and a large box then takes 400 times as long.
    """
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in ("postgresql", "postgres"):
        msg = "the database URL must begin with postgresql://"
        raise ValueError(msg)
    options = (
        f"-c statement_timeout={int(statement_timeout_s * 1000)} "
        "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000 "
        "-c plan_cache_mode=force_custom_plan -c timezone=UTC"
    )
    return create_engine(
        f"postgresql+psycopg://{rest}",
        # an error's text goes to logs, and what was bound may be an address
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 5, "application_name": "barnraiser"},
    )


def make_sessions(
    bind: Engine | Connection, *, network: UUID = DEFAULT_NETWORK, role: str | None = APP_ROLE
) -> SessionFactory:
    """Make the factory every part of the program takes its sessions from.

    Parameters
    ----------
    bind
        The engine, or in tests one connection inside an outer transaction.
    network
        The network the sessions act for; set for each transaction, so a pooled connection never carries it on.

    role
        The role to act in, for each transaction likewise; ``None`` keeps the connection's own, for the operator's
        bulk loads, which copy rows past the policies.

    Returns
    -------
    sqlalchemy.orm.sessionmaker
        Sessions that know their network, and have given up every other right, from their first statement.
    """
    on_connection = not isinstance(bind, Engine)
    factory = sessionmaker(
        bind=bind,
        autoflush=False,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint" if on_connection else "conditional_savepoint",
    )

    settings = {"barnraiser.network": str(network)} | ({"role": role} if role else {})
    values = {"names": list(settings), "settings": list(settings.values())}

    def narrow(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        connection.execute(_NARROW, values)

    event.listen(factory, "after_begin", narrow)
    return factory


@contextmanager
def transaction(sessions: SessionFactory) -> Iterator[Session]:
    """Run one unit of work: committed at the end, rolled back on any error.

    Yields
    ------
    sqlalchemy.orm.Session
        A session nobody inside commits.
    """
    with sessions() as session:
        yield session
        session.commit()
