"""The chain of what has happened, worked out anew: each link is hashed with the one before, so that no change is quiet.

This is written apart from the database's trigger, and shares no code with it. What is hashed is the hash of the link
before, 32 bytes, followed by one JSON list in UTF-8: network, seq, microseconds since 1970, actor, actor_kind, action,
object_kind, object_ids, fields and count, with ``", "`` between members.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from geo.domain.audit import AuditEntry, Head, Link

BEGINNING: Final = bytes(32)
"""What stands for the link before the first."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def canonical(network_id: UUID, entry: AuditEntry) -> str:
    """Write an entry the one way it is hashed."""
    parts = [
        str(network_id),
        entry.seq,
        (entry.at - _EPOCH) // _MICROSECOND,
        None if entry.actor is None else str(entry.actor),
        entry.actor_kind,
        entry.action,
        entry.object_kind,
        [str(one) for one in entry.object_ids],
        list(entry.fields),
        entry.count,
    ]
    return json.dumps(parts, ensure_ascii=False)


def hash_link(prev: bytes, network_id: UUID, entry: AuditEntry) -> bytes:
    """Hash an entry together with the hash of the one before it."""
    return hashlib.sha256(prev + canonical(network_id, entry).encode()).digest()


def first_broken(links: Iterable[Link]) -> int | None:
    """Find the first place where a network's chain is not whole.

    Parameters
    ----------
    links
        All of them, by their numbers; read once.

    Returns
    -------
    int or None
        Counted from 1: a link that was changed, or where one is missing or too many.
    """
    before = BEGINNING
    for place, link in enumerate(links, 1):
        due = hash_link(before, link.network_id, link.entry)
        if (link.entry.seq, link.prev, link.hash) != (place, before, due):
            return place
        before = due
    return None


def first_missing(exported: Iterable[Head], hashes: Mapping[int, bytes]) -> Head | None:
    """Find the first head kept elsewhere that a chain no longer has: its tail was cut, or it was written anew.

    Parameters
    ----------
    exported
        Heads of one network.
    hashes
        The chain's hashes by number.
    """
    return next((h for h in sorted(exported, key=lambda h: h.seq) if hashes.get(h.seq) != h.hash), None)
