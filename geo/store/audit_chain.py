"""The chains themselves: walked from end to end, and their heads kept in a second place and compared with it.

A chain shows by itself what was changed, left out or put in. That its tail was cut, or that all of it was written
anew, shows only beside a head that was kept elsewhere.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select, text

from geo.domain.audit import Head, Link
from geo.privacy.chain import first_broken, first_missing
from geo.store.audit import COLUMNS, entry_from_row
from geo.store.audit_tables import audit
from geo.store.sql import load_queries
from geo.store.tables import network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.engine import Result
    from sqlalchemy.orm import Session

HEADS_FILE: Final = "audit-heads.jsonl"
_BATCH: Final = 2000
_MINE: Final = audit.c.network_id == func.current_network()
_ACT_FOR: Final = text("SELECT set_config('barnraiser.network', :network, true)")


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How a network's chain was found.

    Attributes
    ----------
    entries
        How many it has.
    broken_at
        The first place, counted from 1, where it is not whole.
    missing
        The first head kept elsewhere that it no longer has.
    heads
        How many heads it was compared with.
    """

    network_id: UUID
    slug: str
    entries: int
    broken_at: int | None
    missing: Head | None
    heads: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is amiss."""
        return self.broken_at is None and self.missing is None

    @property
    def fault(self) -> str:
        """What is amiss, in words; empty when nothing is."""
        if self.broken_at is not None:
            return f"network {self.slug}: the chain is broken at entry {self.broken_at}"
        if self.missing is not None:
            when = _written(self.missing.at)
            return f"network {self.slug}: entry {self.missing.seq}, the newest on {when}, is gone or another"
        return ""


def check_chains(session: Session, exported: Iterable[Head] = (), *, by_hand: bool = False) -> list[ChainReport]:
    """Walk the chain of every network the session may see.

    Parameters
    ----------
    exported
        Heads kept in a second place.
    by_hand
        Hash each entry here, trusting the server with nothing but the rows; slower.
    """
    kept = list(exported)
    networks = session.execute(select(network.c.id, network.c.slug).order_by(network.c.slug)).all()
    found = []
    for network_id, slug in networks:
        heads = [head for head in kept if head.network_id == network_id]
        with _acting_for(session, network_id):
            broken = _find_broken_by_hand(session) if by_hand else _find_broken(session)
            entries = session.scalar(select(func.count()).select_from(audit).where(_MINE)) or 0
            missing = first_missing(heads, _hashes(session, [head.seq for head in heads]))
        found.append(ChainReport(network_id, slug, entries, broken, missing, len(heads)))
    return found


def list_heads(session: Session) -> list[Head]:
    """List the last link of the chain of every network that has one."""
    found = []
    for network_id in session.scalars(select(network.c.id).order_by(network.c.slug)).all():
        with _acting_for(session, network_id):
            last = select(audit.c.seq, audit.c.hash).where(_MINE).order_by(audit.c.seq.desc()).limit(1)
            row = session.execute(last).one_or_none()
        if row is not None:
            found.append(Head(network_id, row.seq, bytes(row.hash), datetime.now(UTC)))
    return found


@contextmanager
def _acting_for(session: Session, network_id: UUID) -> Iterator[None]:
    before = session.scalar(select(func.current_network()))
    session.execute(_ACT_FOR, {"network": str(network_id)})
    yield
    session.execute(_ACT_FOR, {"network": "" if before is None else str(before)})


def _find_broken(session: Session) -> int | None:
    found: int | None = session.scalar(text(load_queries("audit")["first_broken"]))
    return found


def _find_broken_by_hand(session: Session) -> int | None:
    query = select(*COLUMNS, audit.c.network_id, audit.c.prev, audit.c.hash).where(_MINE).order_by(audit.c.seq)
    with session.execute(query.execution_options(yield_per=_BATCH)) as rows:
        return first_broken(_links(rows))


def _links(rows: Result[Any]) -> Iterator[Link]:
    for row in rows.mappings():
        values = dict(row)
        network_id, prev, own = (values.pop(name) for name in ("network_id", "prev", "hash"))
        yield Link(network_id, entry_from_row(values), bytes(prev), bytes(own))


def _hashes(session: Session, numbers: Sequence[int]) -> dict[int, bytes]:
    wanted = func.unnest(bindparam("numbers", list(numbers), ARRAY(BigInteger)))
    query = select(audit.c.seq, audit.c.hash).where(_MINE, audit.c.seq.in_(select(wanted)))
    return {row.seq: bytes(row.hash) for row in session.execute(query)}


def read_heads(path: Path) -> list[Head]:
    """Read the heads kept in a file; a line that was cut short is left out."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [head for line in lines if (head := _head_from(line)) is not None]


def append_heads(heads: Iterable[Head], path: Path) -> list[Head]:
    """Add heads to a file, and come back only once they are on the disk.

    Returns
    -------
    list
        Those that were added: a head that is the newest of its network in the file already is not.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+", encoding="utf-8") as file:
        # two servers of one home may do this at the same moment
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        newest = {head.network_id: head for line in before.splitlines() if (head := _head_from(line)) is not None}
        fresh = [head for head in heads if _differs(head, newest.get(head.network_id))]
        start = "\n" if before and not before.endswith("\n") else ""
        file.write(start + "".join(json.dumps(head_as_dict(head)) + "\n" for head in fresh))
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _differs(head: Head, known: Head | None) -> bool:
    return known is None or (head.seq, head.hash) != (known.seq, known.hash)


def head_as_dict(head: Head) -> dict[str, Any]:
    """Give a head as it is kept."""
    return {"at": _written(head.at), "network": str(head.network_id), "seq": head.seq, "hash": head.hash.hex()}


def _head_from(line: str) -> Head | None:
    try:
        kept = json.loads(line)
        at = datetime.fromisoformat(kept["at"])
        return Head(UUID(kept["network"]), int(kept["seq"]), bytes.fromhex(kept["hash"]), at)
    except (ValueError, KeyError, TypeError):
        return None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
