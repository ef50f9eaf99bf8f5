"""What has changed in needs and assets since a position: for those who may see records one by one.

A transaction is told by its own number. Only what is below the lowest number of those under way is given, in the order
of numbers: nothing can appear later before a position that was given, however late it commits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from sqlalchemy import Select, Table, delete, not_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.domain.changes import Change, ChangePage, GoneReason
from geo.domain.words import CLOSED_STATUSES, Audience
from geo.errors import InvalidInput, PositionForgotten
from geo.store import tables
from geo.store.assets import COLUMNS as ASSET_COLUMNS
from geo.store.assets import asset_from_row
from geo.store.change_tables import change_floor, record_change
from geo.store.coverage_log import mark_now
from geo.store.feeds import asset_feature, need_feature
from geo.store.needs import COLUMNS as NEED_COLUMNS
from geo.store.needs import IS_CLOSED, need_from_row
from geo.store.rows import list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

Pulled = Literal["needs", "assets"]
KEEP: Final = timedelta(days=30)
"""Whoever has not asked for so long reads everything again."""
_POSITION: Final = re.compile(r"([sl])\.([0-9]{1,20})\.([0-9]{1,18})\.([0-9]{1,18}|[0-9a-f-]{36})")
_NOTHING: Final = UUID(int=0)
_CLUSTER: Final = text("SELECT this_cluster()")
_SETTLED: Final = text("record_change.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_FROM: Final[Mapping[Pulled, tuple[Select[Any], Table]]] = {
    "needs": (select(*NEED_COLUMNS), tables.need),
    "assets": (select(*ASSET_COLUMNS), tables.asset),
}


@dataclass(frozen=True, slots=True)
class _Position:
    """In the first reading: the mark it began at and the last id read. Later: the last change that was given."""

    cluster: str
    txid: int
    last: int | UUID
    is_first: bool = False

    def __str__(self) -> str:
        return f"{'s' if self.is_first else 'l'}.{self.cluster}.{self.txid}.{self.last}"


def read_changes(
    session: Session, collection: Pulled, audience: Audience, *, since: str | None = None, limit: int = 1000
) -> ChangePage:
    """Read what has changed: at first everything there is, then what came, changed and went.

    Parameters
    ----------
    since
        ``next`` of the page before; nothing at first.
    limit
        Changes at most.

    Returns
    -------
    ChangePage
        A need is in it while it is open. Applied in order, from any position, the changes give what there is; a change
        may be told twice.

    Raises
    ------
    InvalidInput
        If the position is none of ours.
    PositionForgotten
        If what has happened since is no longer kept, or is that of a database that was restored elsewhere.
    """
    cluster = session.execute(_CLUSTER).scalar_one()
    position = _begin(session, cluster) if since is None else _read(since)
    if position.cluster != cluster:
        raise PositionForgotten
    _check_kept(session, position)
    if position.is_first:
        return _first_reading(session, collection, audience, position, limit)
    return _later(session, collection, audience, position, limit)


def _begin(session: Session, cluster: str) -> _Position:
    # taken before the first record is read: what was under way then is told later
    return _Position(cluster, mark_now(session), _NOTHING, is_first=True)


def _read(since: str) -> _Position:
    found = _POSITION.fullmatch(since)
    if found is None or (found[1] == "s") != ("-" in found[4]):
        raise InvalidInput("this is no position of ours", field="cursor")
    try:
        last = UUID(found[4]) if "-" in found[4] else int(found[4])
        return _Position(found[2], int(found[3]), last, is_first=found[1] == "s")
    except ValueError:
        raise InvalidInput("this is no position of ours", field="cursor") from None


def _check_kept(session: Session, position: _Position) -> None:
    floor = session.execute(select(change_floor.c.txid, change_floor.c.id).where(mine(change_floor))).one_or_none()
    if floor is not None and (position.txid, _number_of(position.last)) < (floor.txid, floor.id):
        raise PositionForgotten


def _first_reading(
    session: Session, collection: Pulled, audience: Audience, position: _Position, limit: int
) -> ChangePage:
    # a need that is closed is not there
    open_ones = [not_(IS_CLOSED)] if collection == "needs" else []
    rows = list_rows(session, *_FROM[collection], where=open_ones, after=_id_of(position.last), limit=limit)
    changes = tuple(_as_it_is(collection, row, audience) for row in rows)
    if len(rows) < limit:
        # what has changed while it was read follows at once
        return ChangePage(changes, str(_Position(position.cluster, position.txid, 0)), has_more=True)
    reached = _Position(position.cluster, position.txid, rows[-1]["id"], is_first=True)
    return ChangePage(changes, str(reached), has_more=True)


def _later(session: Session, collection: Pulled, audience: Audience, position: _Position, limit: int) -> ChangePage:
    noted = session.execute(changes_query(collection, position.txid, _number_of(position.last), limit)).all()
    if any(row.record_id is None for row in noted):
        raise PositionForgotten
    # each record once, where it was noted last
    ids = list(dict.fromkeys(row.record_id for row in reversed(noted)))[::-1]
    query, table = _FROM[collection]
    found = session.execute(query.where(mine(table), table.c.id.in_(ids))).mappings().all()
    now = {row["id"]: _as_it_is(collection, row, audience) for row in found}
    why = GoneReason.GONE if audience is Audience.PARTNER else GoneReason.REMOVED
    changes = tuple(now.get(each) or Change(str(each), None, why) for each in ids)
    txid, last = (noted[-1].txid, noted[-1].id) if noted else (position.txid, position.last)
    return ChangePage(changes, str(_Position(position.cluster, txid, last)), has_more=len(noted) == limit)


def _as_it_is(collection: Pulled, row: RowMapping, audience: Audience) -> Change:
    if collection == "assets":
        return Change(str(row["id"]), asset_feature(asset_from_row(row), audience))
    need = need_from_row(row)
    if need.status in CLOSED_STATUSES:
        return Change(str(need.id), None, GoneReason(need.status.value))
    return Change(str(need.id), need_feature(need, audience))


def changes_query(collection: Pulled, txid: int, last: int, limit: int) -> Select[Any]:
    """Ask for what is noted after a position and can no longer be overtaken."""
    noted = ["needs"] if collection == "needs" else ["assets", "homes"]
    columns = record_change.c.txid, record_change.c.id, record_change.c.record_id
    query = select(*columns).where(mine(record_change), record_change.c.collection.in_(noted), _SETTLED)
    key = tuple_(record_change.c.txid, record_change.c.id)
    return query.where(key > tuple_(txid, last)).order_by(record_change.c.txid, record_change.c.id).limit(limit)


def prune_changes(session: Session, *, now: datetime) -> int:
    """Forget what was noted long ago; whoever has not read it since reads everything again.

    Parameters
    ----------
    session
        With the operator's rights.

    Returns
    -------
    int
        How many were forgotten.
    """
    old: list[Any] = [mine(record_change), record_change.c.changed_at < now - KEEP, _SETTLED]
    gone = session.execute(delete(record_change).where(*old).returning(record_change.c.txid, record_change.c.id)).all()
    if gone:
        txid, last = max((row.txid, row.id) for row in gone)
        new = upsert(change_floor).values(txid=txid, id=last)
        above = tuple_(change_floor.c.txid, change_floor.c.id) < tuple_(new.excluded.txid, new.excluded.id)
        values = {"txid": new.excluded.txid, "id": new.excluded.id}
        session.execute(new.on_conflict_do_update(index_elements=["network_id"], set_=values, where=above))
    return len(gone)


def _id_of(last: int | UUID) -> UUID:
    return last if isinstance(last, UUID) else _NOTHING


def _number_of(last: int | UUID) -> int:
    return 0 if isinstance(last, UUID) else last
