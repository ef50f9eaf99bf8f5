"""A need as whoever asked sees it by their link, and what they say about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import case, select

from geo.domain.links import Answer, OwnNeed, asked_state
from geo.domain.match import LIVE, MatchReason
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.words import CLOSED_STATUSES, MatchStatus, NeedStatus
from geo.errors import Conflict
from geo.store import tables
from geo.store.audit import record
from geo.store.match_locks import hold_needs
from geo.store.match_steps import confirm, step
from geo.store.matches import MatchFilter, get_match, list_matches
from geo.store.merges import merged_with, standing_for
from geo.store.messages import drop_waiting
from geo.store.needs import get_need, update_need
from geo.store.preferences import find_preference, stop_contacting
from geo.store.rows import mine
from geo.store.telling import release, release_others

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.match import Match

need, match = tables.need, tables.match


def get_own_need(session: Session, need_id: UUID, *, now: datetime | None = None) -> OwnNeed:
    """Read a need as whoever asked may see it; one that was merged stands as what it was merged into.

    Raises
    ------
    NotFound
        If there is no such need.
    """
    asked, stands = get_need(session, need_id), standing_for(session, need_id)
    found = get_need(session, stands)
    counts = _that_counts(session, stands, now or datetime.now(UTC))
    status = None if counts is None else counts.status
    is_confirmed = counts is not None and counts.confirmed_at is not None
    state = asked_state(found.status, status, is_confirmed=is_confirmed)
    stopped = find_preference(session, Recipient(RecipientKind.NEED, need_id)).is_stopped
    return OwnNeed(state, asked.category, asked.received_at, stopped)


def _that_counts(session: Session, need_id: UUID, now: datetime) -> Match | None:
    """Find the match that counts: the live one, or else the last that was done."""
    wanted = [status.value for status in (*LIVE, MatchStatus.DONE)]
    live_first = case((match.c.status == MatchStatus.DONE.value, 1), else_=0)
    query = select(match.c.id).where(match.c.need_id == need_id, mine(match), match.c.status.in_(wanted))
    match_id = session.scalar(query.order_by(live_first, match.c.updated_at.desc(), match.c.id.desc()).limit(1))
    found = None if match_id is None else get_match(session, match_id, now=now)
    return None if found is None or found.status is MatchStatus.EXPIRED else found


def answer(session: Session, need_id: UUID, said: Answer, *, now: datetime | None = None) -> OwnNeed:
    """Do what whoever asked says; saying the same again changes nothing more.

    ``still``: what a helper calls done is open again. ``helped``: what is done is confirmed, what is under way is done
    and confirmed, and what nobody claimed is met. ``not_any_more``: the need is withdrawn and its helpers are released.
    ``stop``: no message comes any more, about this and whatever else the household asked for.

    Raises
    ------
    NotFound
        If there is no such need.
    Conflict
        If that cannot be said any more.
    """
    moment = now or datetime.now(UTC)
    # held first, as every step of its matches does
    stands = standing_for(session, need_id)
    hold_needs(session, [need_id, stands])
    before = get_own_need(session, need_id, now=moment)
    if said is Answer.STOP:
        _stop(session, need_id)
        return get_own_need(session, need_id, now=moment)
    if said not in before.answers and not _is_said(session, stands, said):
        raise Conflict("the request has been closed in the meantime")
    {Answer.STILL: _still, Answer.HELPED: _helped, Answer.NOT_ANY_MORE: _withdraw}[said](session, stands, moment)
    return get_own_need(session, need_id, now=moment)


def _is_said(session: Session, need_id: UUID, said: Answer) -> bool:
    """Tell whether a need stands so already, because it was said before."""
    ended = {Answer.HELPED: NeedStatus.MET, Answer.NOT_ANY_MORE: NeedStatus.WITHDRAWN}
    return get_need(session, need_id).status is ended.get(said)


def _still(session: Session, need_id: UUID, moment: datetime) -> None:
    record(session, "still_needed", need.name, [need_id])
    counts = _that_counts(session, need_id, moment)
    if counts is not None and counts.status is MatchStatus.DONE and counts.confirmed_at is None:
        update_need(session, need_id, {"status": NeedStatus.OPEN.value})


def _helped(session: Session, need_id: UUID, moment: datetime) -> None:
    counts = _that_counts(session, need_id, moment)
    if counts is not None and counts.status is MatchStatus.ACCEPTED:
        counts = step(session, counts.id, MatchStatus.UNDER_WAY, now=moment)
    if counts is not None and counts.status is MatchStatus.UNDER_WAY:
        counts = step(session, counts.id, MatchStatus.DONE, now=moment)
    if counts is not None and counts.status is MatchStatus.DONE and counts.confirmed_at is None:
        confirm(session, counts.id, now=moment)
    if get_need(session, need_id).status not in CLOSED_STATUSES:
        update_need(session, need_id, {"status": NeedStatus.MET.value})
    release_others(session, need_id)


def _withdraw(session: Session, need_id: UUID, moment: datetime) -> None:
    if get_need(session, need_id).status is NeedStatus.WITHDRAWN:
        return
    # closed first, so that nothing opens it again
    update_need(session, need_id, {"status": NeedStatus.WITHDRAWN.value})
    release_others(session, need_id)
    for one in _live(session, need_id, moment):
        step(session, one.id, MatchStatus.FAILED, reason=MatchReason.NOT_WANTED, now=moment)
        if one.helper_id is not None:
            release(session, one.id, one.helper_id)


def _live(session: Session, need_id: UUID, moment: datetime) -> Sequence[Match]:
    return [
        one
        for status in sorted(LIVE)
        for one in list_matches(session, where=MatchFilter(need_id=need_id, status=status), now=moment)
    ]


def _stop(session: Session, need_id: UUID) -> None:
    """Leave a whole household alone, in the order of its needs' ids, and what those were merged with."""
    household = select(need.c.household_id).where(need.c.id == need_id, mine(need)).scalar_subquery()
    theirs = select(need.c.id).where(need.c.household_id == household, mine(need))
    for found in sorted(merged_with(session, session.scalars(theirs).all())):
        to = Recipient(RecipientKind.NEED, found)
        stop_contacting(session, to)
        drop_waiting(session, recipient=to)
