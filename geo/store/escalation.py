"""Proposals nobody answers: the next helper is asked in a wider ring, and then organizers are told; each time once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from geo.domain.escalation import LOOKED_BACK, Escalation, EscalationReport
from geo.domain.match import UNANSWERED_MOST
from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.proposing import ProposalAsked
from geo.domain.words import MatchStatus, NeedStatus
from geo.store import tables
from geo.store.accounts import list_people
from geo.store.audit import record
from geo.store.escalation_tables import escalation
from geo.store.matches import is_due
from geo.store.messages import find_state, queue_message
from geo.store.network import get_network
from geo.store.proposing import propose_matches
from geo.store.rows import MAX_LIMIT, mine
from geo.store.telling import ask_helper, asked_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel

BATCH: Final = 100
DASHBOARD: Final = "/dash/"
need, match = tables.need, tables.match
_COLUMNS: Final = [escalation.c[name] for name in ("need_id", "match_id", "level", "at", "next_match_id", "told_at")]


def escalate(
    session: Session, *, model: TravelModel, origin: str, now: datetime | None = None, limit: int = BATCH
) -> EscalationReport:
    """Look after proposals that nobody has answered within the network's hours; doing so again changes nothing.

    Where a helper had been asked by a message, the next best within the widened ring is proposed and asked, until
    ``UNANSWERED_MOST`` have not answered. Otherwise, and where there is nobody else, organizers are told. Nobody is
    assigned: whoever is asked says yes or no.

    Parameters
    ----------
    session
        With keys, because links are made.
    model
        Measures from helpers to households.
    origin
        Scheme and host that links are written with.
    """
    moment = now or datetime.now(UTC)
    hours = get_network(session).escalate_after_h
    rows = session.execute(_unanswered(moment, hours, limit)).all()
    held = _hold(session, {row.need_id for row in rows})
    noted = [one for row in rows if row.need_id in held and (one := _note(session, row, moment))]
    if not noted:
        return EscalationReport()
    asked = _ask_next(session, noted, float(hours), model, origin, moment)
    rest = [one for one in noted if one["need_id"] not in asked]
    _tell_organizers(session, rest, origin, moment)
    record(session, "escalate", match.name, [one["match_id"] for one in noted])
    return EscalationReport(len(noted), len(asked), len({one["need_id"] for one in rest}))


def _unanswered(moment: datetime, hours: int, limit: int) -> Any:  # noqa: ANN401 - a statement
    """Find proposals without an answer for long enough, of needs nobody has claimed, that are not noted yet."""
    waits = or_(match.c.status == MatchStatus.EXPIRED.value, match.c.status == MatchStatus.PROPOSED.value)
    return (
        select(match.c.id, match.c.need_id)
        .join(need, need.c.id == match.c.need_id)
        .where(mine(match), waits, match.c.helper_id.is_not(None))
        .where(match.c.created_at <= moment - timedelta(hours=hours), match.c.created_at > moment - LOOKED_BACK)
        .where(mine(need), need.c.status == NeedStatus.OPEN.value, not_(need.c.withheld))
        .where(~exists().where(escalation.c.match_id == match.c.id, mine(escalation)))
        .order_by(match.c.created_at, match.c.id)
        .limit(limit)
    )


def _hold(session: Session, needs: set[UUID]) -> set[UUID]:
    """Hold needs as every step of their matches does; one that somebody holds at the moment comes up next time."""
    free = select(need.c.id).where(need.c.id.in_(needs), mine(need), need.c.status == NeedStatus.OPEN.value)
    return set(session.scalars(free.order_by(need.c.id).with_for_update(skip_locked=True)))


def _note(session: Session, row: Any, moment: datetime) -> dict[str, Any] | None:  # noqa: ANN401 - a row of the statement above
    before = select(func.count()).where(escalation.c.need_id == row.need_id, mine(escalation))
    values = {"need_id": row.need_id, "match_id": row.id, "level": (session.scalar(before) or 0) + 1, "at": moment}
    once = insert(escalation).values(**values).on_conflict_do_nothing(index_elements=["match_id"])
    made = session.scalar(once.returning(escalation.c.id))
    return None if made is None else values | {"id": made}


def _ask_next(
    session: Session, noted: Sequence[dict[str, Any]], hours: float, model: TravelModel, origin: str, moment: datetime
) -> dict[UUID, UUID]:
    """Propose and ask the next best for the needs that a message had gone out for; give their proposals by need."""
    going = {
        one["need_id"]
        for one in noted
        if one["level"] < UNANSWERED_MOST and find_state(session, asked_key(one["match_id"])) is not None
    }
    # nobody else is asked while somebody's answer is still waited for
    waits = select(match.c.need_id).where(
        mine(match), match.c.need_id.in_(going), match.c.status == MatchStatus.PROPOSED.value, not_(is_due(moment))
    )
    ids = tuple(sorted(going - set(session.scalars(waits))))
    if not ids:
        return {}
    wanted = ProposalAsked(need_ids=ids, answer_within_h=min(hours, 336.0), keep=True)
    made = propose_matches(session, wanted, model=model, now=moment)
    found = {pair.need_id: pair.match_id for pair in made.pairs if pair.match_id is not None}
    for one in noted:
        if one["need_id"] in found:
            ask_helper(session, found[one["need_id"]], origin=origin, now=moment)
            this = update(escalation).where(escalation.c.id == one["id"], mine(escalation))
            session.execute(this.values(next_match_id=found[one["need_id"]]))
    return found


def _tell_organizers(session: Session, rest: Sequence[dict[str, Any]], origin: str, moment: datetime) -> None:
    if not rest:
        return
    ids = [one["id"] for one in rest]
    session.execute(update(escalation).where(escalation.c.id.in_(ids), mine(escalation)).values(told_at=moment))
    parameters = {"count": len({one["need_id"] for one in rest}), "link": f"{origin}{DASHBOARD}"}
    for person in list_people(session):
        if person.disabled_at is None:
            queue_message(
                session, key=f"escalation:{max(ids)}:{person.id}",
                recipient=Recipient(RecipientKind.PERSON, person.id),
                template=Template.ORGANIZER_WAITING, parameters=parameters,
            )  # fmt: skip


def list_escalations(session: Session, *, limit: int = 100) -> Sequence[Escalation]:
    """List what organizers were told of and nobody has settled yet, the longest waiting first.

    A need leaves the list when it is claimed or closed, or once somebody was asked about it again.
    """
    newer = match.alias("newer")
    asked_since = exists().where(
        newer.c.need_id == escalation.c.need_id, newer.c.network_id == escalation.c.network_id,
        newer.c.created_at > escalation.c.at,
    )  # fmt: skip
    query = (
        select(*_COLUMNS)
        .join(need, need.c.id == escalation.c.need_id)
        .where(mine(escalation), escalation.c.told_at.is_not(None), need.c.status == NeedStatus.OPEN.value)
        .where(not_(need.c.withheld), ~asked_since)
        .order_by(escalation.c.id)
        .limit(min(limit, MAX_LIMIT))
    )
    return [Escalation(**row) for row in session.execute(query).mappings()]
