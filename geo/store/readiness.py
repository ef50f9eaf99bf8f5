"""Whether the database answers and has the schema this code expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError

from geo.store.access_tables import credential
from geo.store.migrate import head_revision, revision_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a request would find."""

    database: bool
    migrated: bool

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return self.database and self.migrated


def check_ready(sessions: SessionFactory) -> Readiness:
    """Ask the database which revision it is at."""
    try:
        with sessions() as session:
            current = revision_of(session.connection())
    except SQLAlchemyError:
        return Readiness(database=False, migrated=False)
    return Readiness(database=True, migrated=current == head_revision())


def depends_on_keys(engine: Engine) -> bool:
    """Tell whether anything is stored that only the installation's keys can open or check.

    Parameters
    ----------
    engine
        On a migrated database, with the operator's rights.
    """
    with engine.connect() as connection:
        return bool(connection.scalar(select(exists(select(credential.c.id)))))
