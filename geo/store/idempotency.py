"""Keys that clients give to what they may have to send twice, and the record each one made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, text

from geo.errors import Erased, IdempotencyClash
from geo.store import tables
from geo.store.erased import is_erased
from geo.store.rows import mine

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

idempotency = tables.idempotency


def find_made(session: Session, key: UUID, *, route: str, body_hash: bytes) -> UUID | None:
    """Find the record a key made before; holds the key until the transaction ends.

    Parameters
    ----------
    key
        Chosen by the client.
    route
        What it was used for.
    body_hash
        SHA-256 of the body.

    Raises
    ------
    IdempotencyClash
        If it was used for something else or with another body.
    Erased
        If the record it made was erased.
    """
    # two copies of one request at the same moment wait for each other here
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))")
    session.execute(lock, {"key": str(key)})
    columns = (idempotency.c.route, idempotency.c.body_hash, idempotency.c.record_id)
    known = session.execute(select(*columns).where(idempotency.c.key == key, mine(idempotency))).one_or_none()
    if known is None:
        if is_erased(session, "key", key):
            raise Erased
        return None
    if (known.route, known.body_hash) != (route, body_hash):
        raise IdempotencyClash
    return known.record_id  # type: ignore[no-any-return] # the column is a UUID


def remember(session: Session, key: UUID, *, route: str, body_hash: bytes, record_id: UUID) -> None:
    """Keep what a key made."""
    values = {"key": key, "route": route, "body_hash": body_hash, "record_id": record_id}
    session.execute(insert(idempotency).values(**values))


def count_keys(session: Session) -> int:
    """Count the keys kept."""
    return session.scalar(select(func.count()).select_from(idempotency).where(mine(idempotency))) or 0
