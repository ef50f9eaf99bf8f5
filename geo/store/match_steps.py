"""The life of a match: proposed, answered, begun, done and confirmed; each step is one transaction with its history.

Rows are held in the order of :mod:`geo.store.match_locks`, so that two steps never wait for each other. What has lapsed
reads as expired at once; :func:`lapse_due` writes it down.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, select, update

from geo.domain.ids import new_id
from geo.domain.match import (
    ANSWER_WITHIN,
    LIVE,
    LONGEST_WAIT,
    START_WITHIN,
    UNDO_WITHIN,
    Match,
    MatchReason,
    check_step,
)
from geo.domain.words import CLOSED_STATUSES, HelperStatus, MatchStatus, NeedStatus
from geo.errors import AskedLately, Conflict, InvalidInput, NotFound, StaleVersion
from geo.store import tables
from geo.store.apart import are_apart
from geo.store.audit import record
from geo.store.match_locks import hold_helpers, hold_lapsed
from geo.store.match_tables import match_event
from geo.store.matches import COLUMNS, get_match, is_due, standing_of
from geo.store.needs import update_need
from geo.store.rows import MAX_LIMIT, get_row, insert_row, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

match, need, helper, asset = tables.match, tables.need, tables.helper, tables.asset
_LIVE = sorted(status.value for status in LIVE)
_CLOSED_UNMET = frozenset(status.value for status in CLOSED_STATUSES - {NeedStatus.MET})
_VERBS = {
    MatchStatus.ACCEPTED: "accept", MatchStatus.DECLINED: "decline", MatchStatus.UNDER_WAY: "start",
    MatchStatus.DONE: "done", MatchStatus.FAILED: "fail", MatchStatus.EXPIRED: "expire",
    MatchStatus.WITHDRAWN: "withdraw",
}  # fmt: skip


def propose_match(  # noqa: PLR0913 - each is said by the caller
    session: Session,
    need_id: UUID,
    *,
    helper_id: UUID | None = None,
    asset_id: UUID | None = None,
    travel_min: float | None = None,
    answer_within: timedelta = ANSWER_WITHIN,
    cool_down: timedelta = timedelta(0),
    anyway: bool = False,
    now: datetime | None = None,
) -> Match:
    """Propose one helper or asset for one need; nobody is assigned by that.

    Parameters
    ----------
    answer_within
        After so long it lapses; at most ``LONGEST_WAIT``.
    cool_down
        Whoever was asked so short a time before is left in peace.
    anyway
        Ask them all the same; that it was said is noted where it made the difference.

    Raises
    ------
    NotFound
        If there is no such need, helper or asset.
    Conflict
        If the need is not open or somebody has claimed it, the helper may not be asked, the two are kept apart, or the
        helper has been asked about it and has not answered.
    AskedLately
        If the helper was asked within the cool-down, about anything.
    InvalidInput
        Unless one of the two is named, and for a wait that is too long.
    """
    if (helper_id is None) == (asset_id is None):
        raise InvalidInput("name a helper or an asset", field="helper_id")
    if not timedelta(0) < answer_within <= LONGEST_WAIT:
        raise InvalidInput("an answer may take 14 days at most", field="answer_within_h")
    moment = now or datetime.now(UTC)
    _lock_open_need(session, need_id)
    hold_lapsed(session, [need_id], moment, () if helper_id is None else (helper_id,))
    _lapse_of_need(session, need_id, moment)
    _check_free(session, need_id)
    _check_side(session, need_id, helper_id, asset_id)
    _check_unasked(session, need_id, helper_id)
    too_soon = helper_id is not None and _was_asked_since(session, helper_id, moment - cool_down)
    if too_soon and not anyway:
        raise AskedLately(field="anyway")
    match_id = new_id()
    values = {
        "id": match_id, "need_id": need_id, "helper_id": helper_id, "asset_id": asset_id, "travel_min": travel_min,
        "expires_at": moment + answer_within,
    }  # fmt: skip
    insert_row(session, match, values)
    _note(session, match_id, moment, None, MatchStatus.PROPOSED)
    if too_soon:
        record(session, "ask_anyway", "match", [match_id])
    if helper_id is not None:
        session.execute(update(helper).where(helper.c.id == helper_id, mine(helper)).values(last_asked_at=moment))
    return get_match(session, match_id, now=moment)


def _check_side(session: Session, need_id: UUID, helper_id: UUID | None, asset_id: UUID | None) -> None:
    if asset_id is not None:
        get_row(session, select(asset.c.id), asset, asset_id)
    if helper_id is not None:
        row = get_row(session, select(helper.c.status), helper, helper_id)
        if row["status"] != HelperStatus.ACTIVE.value:
            raise Conflict("this helper may not be asked at present")
        if are_apart(session, need_id, helper_id):
            raise Conflict("this helper and this household are kept apart")


def _check_unasked(session: Session, need_id: UUID, helper_id: UUID | None) -> None:
    asked = select(match.c.id).where(match.c.need_id == need_id, mine(match), match.c.helper_id == helper_id)
    if session.scalar(asked.where(match.c.status == MatchStatus.PROPOSED.value).limit(1)) is not None:
        raise Conflict("this helper has been asked about this need and has not answered yet")


def _was_asked_since(session: Session, helper_id: UUID, since: datetime) -> bool:
    query = select(helper.c.id).where(helper.c.id == helper_id, mine(helper), helper.c.last_asked_at > since)
    return session.scalar(query) is not None


def step(
    session: Session,
    match_id: UUID,
    then: MatchStatus,
    *,
    reason: MatchReason | None = None,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Match:
    """Take the next step of a match; the need and the helper's load follow in the same transaction.

    Parameters
    ----------
    then
        ``accepted``, ``declined``, ``withdrawn``, ``under_way``, ``done`` or ``failed``.
    reason
        Why it was declined or failed.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If the step does not follow, the proposal or claim has lapsed, or, for accepting, somebody else has claimed the
        need, it is not open, the helper has no room left, or the two are kept apart.
    InvalidInput
        For a reason that does not fit.
    """
    moment = now or datetime.now(UTC)
    if then is MatchStatus.EXPIRED:
        raise InvalidInput("a match expires by itself", field="status")
    row = _lock(session, match_id, expected_version)
    check_step(standing_of(row, moment), then, reason)
    if then is MatchStatus.ACCEPTED:
        hold_lapsed(session, [row["need_id"]], moment, _carrier(row))
        _lapse_of_need(session, row["need_id"], moment, but=match_id)
        _check_claim(session, row)
    _apply(session, row, then, moment, reason=reason)
    return get_match(session, match_id, now=moment)


def confirm(
    session: Session, match_id: UUID, *, expected_version: int | None = None, now: datetime | None = None
) -> Match:
    """Note that the person helped says that help came.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        Unless it is done, and not confirmed yet.
    """
    moment = now or datetime.now(UTC)
    row = _lock(session, match_id, expected_version)
    if row["status"] != MatchStatus.DONE.value or row["confirmed_at"] is not None:
        raise Conflict("only what is done, and not confirmed yet, can be confirmed")
    _write(session, row, {"confirmed_at": moment}, "confirm")
    _note(session, match_id, moment, MatchStatus.DONE, MatchStatus.DONE)
    return get_match(session, match_id, now=moment)


def undo(
    session: Session, match_id: UUID, *, expected_version: int | None = None, now: datetime | None = None
) -> Match:
    """Take the last step back, within a quarter of an hour.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If there is nothing to take back: the last step is too long ago, began the match, was taken back already, or
        the match lapsed by itself; or if the need has been claimed or closed in the meantime.
    """
    moment = now or datetime.now(UTC)
    row = _lock(session, match_id, expected_version)
    last = _last_step(session, match_id)
    before = None if last is None or last["is_undo"] else last["from_status"]
    if last is None or before is None or last["to_status"] == MatchStatus.EXPIRED.value:
        raise Conflict("there is no step that can be taken back")
    if moment - last["at"] > UNDO_WITHIN:
        raise Conflict("the last step is too long ago to be taken back")
    if last["from_status"] == last["to_status"]:
        _write(session, row, {"confirmed_at": None}, "undo")
        _note(session, match_id, moment, MatchStatus.DONE, MatchStatus.DONE, is_undo=True)
        return get_match(session, match_id, now=moment)
    _check_undo(session, row, MatchStatus(before), moment)
    _apply(session, row, MatchStatus(before), moment, ends=last["expires_before"], is_undo=True)
    return get_match(session, match_id, now=moment)


def _check_undo(session: Session, row: RowMapping, before: MatchStatus, moment: datetime) -> None:
    state = session.execute(select(need.c.status, need.c.withheld).where(need.c.id == row["need_id"])).one()
    follows = row["status"] == MatchStatus.DONE.value and state.status == NeedStatus.MET.value
    if state.status in _CLOSED_UNMET or (state.status == NeedStatus.MET.value and not follows):
        raise Conflict("the need has been closed in the meantime")
    if before in LIVE and MatchStatus(row["status"]) not in LIVE:
        hold_lapsed(session, [row["need_id"]], moment, _carrier(row))
        _lapse_of_need(session, row["need_id"], moment, but=row["id"])
        _check_free(session, row["need_id"])


def _carrier(row: RowMapping) -> tuple[UUID, ...]:
    return () if row["helper_id"] is None else (row["helper_id"],)


def _last_step(session: Session, match_id: UUID) -> RowMapping | None:
    query = select(match_event).where(match_event.c.match_id == match_id, mine(match_event))
    return session.execute(query.order_by(match_event.c.id.desc()).limit(1)).mappings().one_or_none()


def _lock(session: Session, match_id: UUID, expected_version: int | None) -> RowMapping:
    need_id = get_row(session, select(match.c.need_id), match, match_id)["need_id"]
    session.execute(select(need.c.id).where(need.c.id == need_id, mine(need)).with_for_update())
    query = select(*COLUMNS, match.c.is_counted).where(match.c.id == match_id, mine(match))
    row = session.execute(query.with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such match")
    if expected_version is not None and row["version"] != expected_version:
        raise StaleVersion
    return row


def _lock_open_need(session: Session, need_id: UUID) -> None:
    query = select(need.c.status, need.c.withheld).where(need.c.id == need_id, mine(need)).with_for_update()
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such need")
    if row.withheld or row.status not in (NeedStatus.OPEN.value, NeedStatus.IN_PROGRESS.value):
        raise Conflict("this need is not open")


def _check_free(session: Session, need_id: UUID) -> None:
    held = select(match.c.id).where(match.c.need_id == need_id, mine(match), match.c.status.in_(_LIVE)).limit(1)
    if session.scalar(held) is not None:
        raise Conflict("somebody has claimed this need already")


def _check_claim(session: Session, row: RowMapping) -> None:
    _lock_open_need(session, row["need_id"])
    _check_free(session, row["need_id"])
    _check_side(session, row["need_id"], row["helper_id"], row["asset_id"])


def _apply(
    session: Session,
    row: RowMapping,
    then: MatchStatus,
    moment: datetime,
    *,
    reason: MatchReason | None = None,
    ends: datetime | None = None,
    is_undo: bool = False,
) -> None:
    was = MatchStatus(row["status"])
    values: dict[str, Any] = {
        "status": then.value,
        "reason": None if reason is None else reason.value,
        "expires_at": ends if is_undo else moment + START_WITHIN if then is MatchStatus.ACCEPTED else None,
        "done_at": moment if then is MatchStatus.DONE else None,
        "confirmed_at": None,
        "is_counted": _count(session, row, then),
    }
    if then is MatchStatus.EXPIRED:
        values["expires_at"] = row["expires_at"]
    _write(session, row, values, "undo" if is_undo else _VERBS[then])
    _note(session, row["id"], moment, was, then, reason=reason, ends=row["expires_at"], is_undo=is_undo)
    _follow(session, row["need_id"], was, then)


def _count(session: Session, row: RowMapping, then: MatchStatus) -> bool:
    """Make a helper's load follow: one more from the claim on, one less when nothing came of it."""
    takes = then in LIVE or then is MatchStatus.DONE
    if row["helper_id"] is None or takes == row["is_counted"]:
        return takes and row["helper_id"] is not None
    change = update(helper).where(helper.c.id == row["helper_id"], mine(helper))
    if takes:
        change = change.where(helper.c.load < helper.c.capacity_per_week).values(load=helper.c.load + 1)
    else:
        change = change.values(load=func.greatest(helper.c.load - 1, 0))
    if not session.execute(change.returning(helper.c.id)).first():
        raise Conflict("this helper has no room left this week")
    return takes


def _follow(session: Session, need_id: UUID, was: MatchStatus, then: MatchStatus) -> None:
    """Make the need follow its match, unless somebody has closed it."""
    state = session.scalar(select(need.c.status).where(need.c.id == need_id, mine(need)))
    wanted = NeedStatus.IN_PROGRESS if then in LIVE else NeedStatus.MET if then is MatchStatus.DONE else NeedStatus.OPEN
    follows = was in LIVE or then in LIVE
    closed = state in _CLOSED_UNMET or (state == NeedStatus.MET.value and was is not MatchStatus.DONE)
    if follows and not closed and state != wanted.value:
        update_need(session, need_id, {"status": wanted.value})


def _write(session: Session, row: RowMapping, values: Mapping[str, Any], action: str) -> None:
    change = update(match).where(match.c.id == row["id"], mine(match))
    with refused_as_ours():
        session.execute(change.values(**values, version=match.c.version + 1, updated_at=func.now()))
    record(session, action, "match", [row["id"]], values)


def _note(
    session: Session,
    match_id: UUID,
    moment: datetime,
    was: MatchStatus | None,
    then: MatchStatus,
    *,
    reason: MatchReason | None = None,
    ends: datetime | None = None,
    is_undo: bool = False,
) -> None:
    values = {
        "match_id": match_id, "at": moment, "from_status": None if was is None else was.value, "to_status": then.value,
        "reason": None if reason is None else reason.value, "expires_before": ends, "is_undo": is_undo,
    }  # fmt: skip
    session.execute(insert(match_event).values(**values))


def _lapse_of_need(session: Session, need_id: UUID, moment: datetime, *, but: UUID | None = None) -> int:
    """Write down what of a need has lapsed; the need is locked already."""
    query = select(*COLUMNS, match.c.is_counted).where(match.c.need_id == need_id, mine(match), is_due(moment))
    rows = session.execute(query.order_by(match.c.id).with_for_update()).mappings().all()
    due = [row for row in rows if row["id"] != but]
    for row in due:
        _apply(session, row, MatchStatus.EXPIRED, moment)
    return len(due)


def list_due(session: Session, *, now: datetime | None = None, limit: int = 1000) -> list[UUID]:
    """List needs that have a proposal or claim that lapsed and is not written down yet."""
    query = select(match.c.need_id).where(mine(match), is_due(now or datetime.now(UTC)))
    return list(session.scalars(query.order_by(match.c.expires_at).limit(min(limit, MAX_LIMIT))))


def lapse_due(session: Session, need_id: UUID, *, now: datetime | None = None) -> int:
    """Write down what of one need has lapsed, so that it is open again; and count it.

    A need somebody is taking a step of at this moment is left for the next round.
    """
    moment = now or datetime.now(UTC)
    query = select(need.c.id).where(need.c.id == need_id, mine(need)).with_for_update(skip_locked=True)
    if session.scalar(query) is None:
        return 0
    hold_lapsed(session, [need_id], moment)
    return _lapse_of_need(session, need_id, moment)


def let_go(session: Session, since: datetime) -> int:
    """Take what was done before a week began off the loads of helpers; and count it."""
    old = and_(mine(match), match.c.is_counted, match.c.status == MatchStatus.DONE.value, match.c.done_at < since)
    query = select(match.c.id, match.c.helper_id).where(old).order_by(match.c.helper_id, match.c.id).limit(1000)
    # whoever is taken back or removed at this moment is left for the next round
    rows = session.execute(query.with_for_update(skip_locked=True)).all()
    if not rows:
        return 0
    fewer = Counter(row.helper_id for row in rows if row.helper_id is not None)
    hold_helpers(session, fewer)
    session.execute(update(match).where(match.c.id == func.any([row.id for row in rows])).values(is_counted=False))
    for helper_id, count in sorted(fewer.items()):
        less = func.greatest(helper.c.load - count, 0)
        session.execute(update(helper).where(helper.c.id == helper_id, mine(helper)).values(load=less))
    record(session, "let_go", "match", count=len(rows))
    return len(rows)
