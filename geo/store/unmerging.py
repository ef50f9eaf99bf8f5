"""Taking back what was decided about two requests: they are apart again, and as they were before.

What was changed in between stays changed: a value is put back where it is still what the merge had made of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update

from geo.domain.duplicates import Fact, PairState
from geo.domain.match import LIVE
from geo.domain.words import CLOSED_STATUSES, MatchStatus, NeedStatus
from geo.errors import Conflict
from geo.store import tables
from geo.store.audit import record
from geo.store.contacts import contact_as_json, contact_from_json, delete_contact, find_contact, put_contact
from geo.store.duplicate_tables import need_merge, need_pair
from geo.store.exact_rows import read_exact, write_exact
from geo.store.match_locks import hold_needs
from geo.store.match_tables import kept_apart
from geo.store.merges import STANDS
from geo.store.merging import PLAIN, WATCHED
from geo.store.message_tables import preference
from geo.store.people_tables import consent
from geo.store.rows import get_row, mine, update_row
from geo.store.sealing import unseal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

need, match = tables.need, tables.match
_LIVE = sorted(status.value for status in LIVE)
_CLOSED = frozenset(status.value for status in CLOSED_STATUSES)


def undo_decision(session: Session, pair_id: UUID, *, now: datetime | None = None) -> None:
    """Take back what was said about a pair, which waits again then; two that were merged are two again.

    Raises
    ------
    NotFound
        If there is no such pair.
    Conflict
        If nothing was said about it, one of the two was merged with a third since, or what was so before has faded.
    KeysUnavailable
        If the session has no keys.
    """
    state = get_row(session, select(need_pair.c.state), need_pair, pair_id)["state"]
    if state == PairState.WAITING.value:
        raise Conflict("nothing was decided about this pair")
    if state == PairState.MERGED.value:
        _unmerge(session, pair_id, now or datetime.now(UTC))
    waits = {"state": PairState.WAITING.value, "decided_by": None, "decided_at": None}
    decided = and_(need_pair.c.id == pair_id, mine(need_pair), need_pair.c.state == state)
    if session.execute(update(need_pair).where(decided).values(**waits).returning(need_pair.c.id)).first() is None:
        raise Conflict("somebody has taken it back already")
    record(session, "undo", need_pair.name, [pair_id])


def _unmerge(session: Session, pair_id: UUID, moment: datetime) -> None:
    row = _hold(session, pair_id)
    kept_id, merged_id, moved = row["kept_id"], row["merged_id"], row["moved"]
    told = unseal(session, row["id"], row["sealed"])
    before, after = told["before"], told["after"]
    _restore_fields(session, kept_id, before, after, moved["take"])
    _restore_contact(session, kept_id, before, after)
    _remove_added(session, moved)
    _let_talk(session, kept_id, moved["stopped_at"])
    has_helped = _move_back(session, moved["matches"], merged_id)
    is_met = get_row(session, select(need.c.status), need, kept_id)["status"] == NeedStatus.MET.value
    if has_helped or not is_met:
        _reopen(session, kept_id, {"status": before["need"]["status"]}, after["need"]["status"])
    closed = {"status": NeedStatus.MET.value, "closed_at": moment}
    _reopen(session, merged_id, closed if has_helped else {"status": before["merged_status"]}, NeedStatus.MERGED.value)
    undone = {"sealed": None, "key_id": None, "undone_by": func.current_actor(), "undone_at": moment}
    session.execute(update(need_merge).where(need_merge.c.id == row["id"], mine(need_merge)).values(**undone))
    record(session, "undo", need_merge.name, [kept_id, merged_id])


def _hold(session: Session, pair_id: UUID) -> RowMapping:
    query = select(need_merge).where(need_merge.c.pair_id == pair_id, STANDS, mine(need_merge))
    first = session.execute(query).mappings().one_or_none()
    if first is None:
        raise Conflict("somebody has taken it back already")
    ids = [first["kept_id"], first["merged_id"]]
    hold_needs(session, ids)
    theirs = or_(
        match.c.need_id == func.any(ids), match.c.id == func.any([UUID(one) for one in first["moved"]["matches"]])
    )
    session.execute(select(match.c.id).where(theirs, mine(match)).order_by(match.c.id).with_for_update())
    row = session.execute(query.with_for_update()).mappings().one_or_none()
    if row is None:
        raise Conflict("somebody has taken it back already")
    _check_newest(session, row)
    return row


def _check_newest(session: Session, row: RowMapping) -> None:
    ids = [row["kept_id"], row["merged_id"]]
    touching = or_(need_merge.c.kept_id == func.any(ids), need_merge.c.merged_id == func.any(ids))
    newer = select(need_merge.c.id).where(touching, STANDS, mine(need_merge), need_merge.c.id > row["id"])
    if session.scalar(newer.limit(1)) is not None:
        raise Conflict("one of the two was merged with a third since; take that back first")
    if row["sealed"] is None:
        raise Conflict("what was so before has faded; this merge cannot be taken back any more")


def _restore_fields(
    session: Session, kept_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any], take: Sequence[str]
) -> None:
    query = select(*(need.c[name] for name in WATCHED))
    now = get_row(session, query, need, kept_id)
    facts = [fact for fact in PLAIN if fact.value in take]
    same = [fact for fact in facts if all(now[name] == after["need"][name] for name in PLAIN[fact])]
    if Fact.PLACE in same and read_exact(session, kept_id) == after["exact"]:
        write_exact(session, kept_id, before["exact"])
    elif Fact.PLACE in same:
        same.remove(Fact.PLACE)
    values = {name: before["need"][name] for fact in same for name in PLAIN[fact]}
    update_row(session, need, kept_id, values, action="undo")


def _restore_contact(session: Session, kept_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    if before["contact"] == after["contact"]:
        return
    found = find_contact(session, "need_id", kept_id)
    if found is None or contact_as_json(found) != after["contact"]:
        return
    delete_contact(session, "need_id", kept_id)
    if before["contact"] is not None:
        put_contact(session, "need_id", kept_id, contact_from_json(before["contact"]))


def _remove_added(session: Session, moved: Mapping[str, Any]) -> None:
    """Remove what the merge itself added; a consent that was withdrawn since stays, because a no counts."""
    for table, name in ((kept_apart, "apart"), (consent, "consents")):
        gone = delete(table).where(table.c.id == func.any(_uuids(moved[name])), mine(table))
        session.execute(gone if table is kept_apart else gone.where(consent.c.withdrawn_at.is_(None)))


def _let_talk(session: Session, kept_id: UUID, stopped_at: str | None) -> None:
    """Let messages come again, unless somebody has said stop since."""
    if stopped_at is None:
        return
    ours = preference.c.need_id == kept_id, preference.c.updated_at == datetime.fromisoformat(stopped_at)
    session.execute(update(preference).where(*ours, mine(preference)).values(is_stopped=False))


def _move_back(session: Session, ids: Sequence[str], merged_id: UUID) -> bool:
    """Give matches back; and tell whether one of them has been done meanwhile."""
    theirs = update(match).where(match.c.id == func.any(_uuids(ids)), mine(match))
    values = {"need_id": merged_id, "version": match.c.version + 1, "updated_at": func.now()}
    return MatchStatus.DONE.value in session.scalars(theirs.values(**values).returning(match.c.status)).all()


def _uuids(ids: Sequence[str]) -> list[UUID]:
    return [UUID(one) for one in ids]


def _reopen(session: Session, need_id: UUID, was: Mapping[str, Any], made: str) -> None:
    """Let a request stand as its own matches say, or else as before; one that somebody closed stays closed.

    Parameters
    ----------
    was
        How it stands where no match says otherwise.
    made
        How the merge had left it.
    """
    counts = select(
        func.count().filter(match.c.status.in_(_LIVE)).label("live"),
        func.count().filter(match.c.status == MatchStatus.DONE.value).label("done"),
    )
    found = session.execute(counts.where(match.c.need_id == need_id, mine(match))).one()
    status = get_row(session, select(need.c.status), need, need_id)["status"]
    is_done = status == NeedStatus.MET.value and found.done
    if is_done or status in _CLOSED - {made, NeedStatus.MET.value}:
        return
    then = {"status": NeedStatus.IN_PROGRESS.value} if found.live else dict(was)
    if then["status"] != status:
        update_row(session, need, need_id, {"closed_at": None} | then, action="undo")
