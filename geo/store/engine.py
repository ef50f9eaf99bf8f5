"""Engines and sessions: one place where a connection is configured and a transaction begins."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from geo.errors import KeysUnavailable
from geo.store.audit import keep_audit
from geo.store.lost_connections import notice_lost_connections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from geo.privacy.keyring import KeyRing

DEFAULT_NETWORK: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The network every installation starts with."""

_NARROW: Final = "SELECT set_config('barnraiser.network', %s, true), set_config('barnraiser.actor', %s, true)"
_NARROW_TO_ROLE: Final = (
    "SELECT set_config('barnraiser.network', %s, true), set_config('barnraiser.actor', %s, true), "
    "set_config('role', %s, true)"
)
_NARROW_TO_AUTH: Final = f"{_NARROW_TO_ROLE}, set_config('plan_cache_mode', 'force_generic_plan', true)"
"""As the driver takes them: every transaction begins with one, so nothing is put together for it. Who is asking is
found by keys that are equal or not, so one plan serves for all: making it takes twelve times as long as running it.
"""
APP_ROLE: Final = "barnraiser_app"
"""The role organizers' requests run as: it owns nothing and sees one network's rows, whatever a query forgets."""
AUTH_ROLE: Final = "barnraiser_auth"
"""The role that signs people in: it sees secrets' hashes, and nothing anybody asked for or offered."""
DEVICE_ROLE: Final = "barnraiser_device"
"""The role of a phone at the door: it hands in, and reads back what it handed in itself."""
PARTNER_ROLE: Final = "barnraiser_partner"
"""The role of a partner's key: the cells of its agreement, and places referred to it."""
OWN_RIGHTS: Final = "none"
"""No role: the connection's own rights, the operator's, whatever a transaction around has given up."""

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
        turns generic and a large box then takes 400 times as long. No query starts processes of its own: for a page
        of a thousand places that takes longer than the page, and others are waiting for the same processors. What
        analysis reads loses nothing by it: under the policies the planner takes an index and no further process for
        reading and counting a whole table of 100,000 places, whether it may or not.
    """
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in ("postgresql", "postgres"):
        msg = "the database URL must begin with postgresql://"
        raise ValueError(msg)
    options = (
        f"-c statement_timeout={int(statement_timeout_s * 1000)} "
        "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000 "
        "-c plan_cache_mode=force_custom_plan -c max_parallel_workers_per_gather=0 -c timezone=UTC"
    )
    engine = create_engine(
        f"postgresql+psycopg://{rest}",
        # an error's text goes to logs, and what was bound may be an address
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=10,
        connect_args={"options": options, "connect_timeout": 5, "application_name": "barnraiser"},
    )
    notice_lost_connections(engine)
    return engine


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a transaction runs: which network, as which database role, and who asked.

    Without a role it keeps the connection's own rights: the operator's, for the command line and for loads that copy
    rows past the policies.
    """

    network: UUID | None = DEFAULT_NETWORK
    role: str | None = APP_ROLE
    actor: UUID | None = None
    kind: str = "operator"

    def settings(self) -> tuple[str, ...]:
        """Give what the database is told, for the length of one transaction: network, actor, and a role if there is."""
        told = (str(self.network or ""), str(self.actor or ""))
        return (*told, self.role) if self.role else told


def make_sessions(
    bind: Engine | Connection,
    *,
    network: UUID = DEFAULT_NETWORK,
    role: str | None = APP_ROLE,
    actor: UUID | None = None,
    keys: KeyRing | None = None,
) -> SessionFactory:
    """Make the factory every part of the program takes its sessions from.

    Parameters
    ----------
    bind
        The engine, or in tests one connection inside an outer transaction.
    network, role, actor
        For whom sessions act unless :func:`transaction` is told otherwise; see :class:`Acting`.
    keys
        What seals and opens contact data; without them no contact can be stored or read.

    Returns
    -------
    sqlalchemy.orm.sessionmaker
        Sessions that know their network, and have given up every other right, from their first statement. All is set
        for each transaction, so a pooled connection never carries it on.
    """
    on_connection = not isinstance(bind, Engine)
    factory = sessionmaker(
        bind=bind,
        autoflush=False,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint" if on_connection else "conditional_savepoint",
        info={"acting": Acting(network, role, actor), "keys": keys},
    )
    event.listen(factory, "after_begin", _narrow)
    keep_audit(factory, _who)
    return factory


def act_for(session: Session, network: UUID, actor: UUID, kind: str) -> None:
    """Say, once it is known, for whom a transaction goes on: which network, and who; its role stays.

    Parameters
    ----------
    network, actor, kind
        As in :class:`Acting`.
    """
    acting = replace(session.info["acting"], network=network, actor=actor, kind=kind)
    session.info["acting"] = acting
    _narrow(session, None, session.connection())


def work_as(session: Session, role: str) -> None:
    """Go on with the rights of a role, for the same network and on behalf of whoever it was until now.

    Parameters
    ----------
    role
        Of the rest of the transaction; one that has given up its rights does not get them back.
    """
    session.info["acting"] = replace(session.info["acting"], role=role)
    _narrow(session, None, session.connection())


def _narrow(session: Session, _transaction: SessionTransaction | None, connection: Connection) -> None:
    acting: Acting = session.info["acting"]
    narrow = _NARROW_TO_AUTH if acting.role == AUTH_ROLE else _NARROW_TO_ROLE if acting.role else _NARROW
    connection.exec_driver_sql(narrow, acting.settings())


def _who(session: Session) -> tuple[str, UUID | None]:
    acting: Acting = session.info["acting"]
    return acting.kind, acting.actor


def keys_of(session: Session | SessionFactory) -> KeyRing:
    """Give the keys a session carries, or those a factory hands on.

    Raises
    ------
    KeysUnavailable
        If it was made without.
    """
    info = session.info if isinstance(session, Session) else session.kw["info"]
    keys: KeyRing | None = info["keys"]
    if keys is None:
        raise KeysUnavailable("this job was started without the installation's keys")
    return keys


@contextmanager
def transaction(sessions: SessionFactory, acting: Acting | None = None) -> Iterator[Session]:
    """Run one unit of work: committed at the end, rolled back on any error.

    Parameters
    ----------
    sessions
        From :func:`make_sessions`.
    acting
        For whom, when not for whom the factory was made.

    Yields
    ------
    sqlalchemy.orm.Session
        A session nobody inside commits.
    """
    with sessions(info={"acting": acting}) if acting else sessions() as session:
        yield session
        session.commit()


@contextmanager
def snapshot(sessions: SessionFactory, acting: Acting | None = None) -> Iterator[Session]:
    """Read many things as they stood at one moment, whatever others write meanwhile; otherwise a :func:`transaction`.

    Parameters
    ----------
    sessions
        From :func:`make_sessions`, over an engine.
    acting
        For whom, when not for whom the factory was made.

    Yields
    ------
    sqlalchemy.orm.Session
        For reading: what somebody has changed since cannot be changed in it.
    """
    with transaction(sessions, acting) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
