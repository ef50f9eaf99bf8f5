"""Answers of outside services, kept for a while: found by a keyed hash of the question, and sealed.

A point tells an address as surely as its words do, so nothing of an answer lies in the open. Whoever has the database
alone can neither read an answer nor try whether a question was asked.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.outside import Outcome
from geo.errors import InvalidInput, KeysUnavailable
from geo.store.engine import keys_of
from geo.store.locations import MAX_CANDIDATES, candidate_from_json, candidate_to_json
from geo.store.remote_tables import geocode_cache
from geo.store.rows import mine, refused_as_ours
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

    from geo.domain.outside import OutsideService
    from geo.domain.place import Candidate
    from geo.geocode.remote.question import Question

MOST_ROWS: Final = 2_000
"""Answers one network keeps; the oldest leave."""
KEEP_FAILED: Final = timedelta(minutes=5)
"""How long a service that failed is not asked the same again."""
_MOST_BYTES: Final = 12_000


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, or that there was none, or that asking failed."""

    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()


def question_hash(session: Session, service: OutsideService, question: Question) -> bytes:
    """Hash what is asked of whom, under a key of the network's own that is not in the database.

    Returns
    -------
    bytes
        HMAC-SHA-256; the same question to another service, or in another network, has another one.
    """
    network = session.scalar(select(func.current_network()))
    key = keys_of(session).derive(f"geocode-cache:{network}")
    asked = (service.provider.value, service.endpoint, service.country or "", service.town or "", question.key)
    return hmac.new(key, "\0".join(asked).encode(), hashlib.sha256).digest()


def find_kept(session: Session, asked: bytes, *, now: datetime) -> Kept | None:
    """Find an answer that is still good; nothing when there is none, or it can no longer be opened."""
    good = (geocode_cache.c.query_hash == asked, geocode_cache.c.expires_at > now, mine(geocode_cache))
    sealed = session.scalar(select(geocode_cache.c.sealed).where(*good))
    if sealed is None:
        return None
    try:
        content = unseal(session, _owner(asked), sealed)
    except KeysUnavailable:
        return None
    return Kept(Outcome(content["outcome"]), tuple(candidate_from_json(kept) for kept in content["candidates"]))


def keep_answer(session: Session, asked: bytes, kept: Kept, service: OutsideService, *, now: datetime) -> None:
    """Keep an answer as long as the network says; one that cannot be kept is left."""
    lasts = {
        Outcome.FOUND: timedelta(days=service.keep_days),
        Outcome.NONE: timedelta(days=service.keep_none_days),
        Outcome.FAILED: KEEP_FAILED,
    }[kept.outcome]
    if not lasts:
        return
    content = {
        "outcome": kept.outcome.value,
        "candidates": [candidate_to_json(c) for c in kept.candidates[:MAX_CANDIDATES]],
    }
    try:
        with session.begin_nested(), refused_as_ours():
            sealed, key_id = seal(session, _owner(asked), content, most=_MOST_BYTES)
            values = {"sealed": sealed, "key_id": key_id, "made_at": now, "expires_at": now + lasts}
            statement = insert(geocode_cache).values(query_hash=asked, **values)
            keys = [geocode_cache.c.network_id, geocode_cache.c.query_hash]
            session.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
    except InvalidInput:
        # a rotation has just retired the key it was sealed with, or it is too large: it can be asked again
        return
    _bound(session)


def _bound(session: Session) -> None:
    kept = select(geocode_cache.c.query_hash).where(mine(geocode_cache)).order_by(geocode_cache.c.made_at.desc())
    oldest = kept.offset(MOST_ROWS).scalar_subquery()
    session.execute(delete(geocode_cache).where(geocode_cache.c.query_hash.in_(oldest), mine(geocode_cache)))


def forget_expired(session: Session, *, now: datetime) -> int:
    """Remove what is past its date; give how many went."""
    gone = session.execute(delete(geocode_cache).where(geocode_cache.c.expires_at <= now, mine(geocode_cache)))
    return cast("CursorResult[Any]", gone).rowcount


def forget_answers(session: Session) -> None:
    """Remove all that is kept of the network: a service that is no longer allowed answers nobody."""
    session.execute(delete(geocode_cache).where(mine(geocode_cache)))


def _owner(asked: bytes) -> UUID:
    return UUID(bytes=asked[:16])
