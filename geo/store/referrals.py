"""Needs referred to a partner's service, with consent: the only ones whose exact place a partner may have.

Who has a need is decided in the database, by how its referral stands; see the function ``access.referred_needs``. What
has run out reads as expired at once; :func:`lapse_referrals` writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_, case, func, insert, select, update

from geo.domain.ids import new_id
from geo.domain.principals import Tier
from geo.domain.referrals import Referral, ReferralEvent, ReferralReason, ReferralState
from geo.domain.words import CLOSED_STATUSES, Category, ConsentScope, NeedStatus, SubjectKind
from geo.errors import Conflict, InvalidInput
from geo.store import tables
from geo.store.access_tables import agreement, referral, referral_event
from geo.store.agreements import get_agreement
from geo.store.assets import get_asset
from geo.store.audit import record
from geo.store.consents import find_agreed_at
from geo.store.needs import get_need, update_need
from geo.store.rows import get_row, list_rows, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement

need, asset = tables.need, tables.asset
STATE: Final = case(
    (and_(referral.c.ended_at.is_(None), referral.c.expires_at <= func.now()), ReferralState.EXPIRED.value),
    else_=referral.c.state,
)
_OWN: Final = (
    "id", "need_id", "agreement_id", "asset_id", "reason", "consent_at", "created_at", "created_by", "answered_at",
    "ended_at", "expires_at", "reminded_at",
)  # fmt: skip
_COLUMNS: Final = [
    *(referral.c[name] for name in _OWN),
    STATE.label("state"),
    agreement.c.name.label("partner"),
    asset.c.name.label("service"),
    need.c.category,
    need.c.status.label("need_status"),
]
_EVENT: Final = [
    referral_event.c[name] for name in ("referral_id", "at", "actor", "from_state", "to_state", "reason", "is_undo")
]


@dataclass(frozen=True, slots=True)
class ReferralFilter:
    """Which referrals to list; an empty field does not filter."""

    state: ReferralState | None = None
    need_id: UUID | None = None
    agreement_id: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values."""
        found: list[ColumnElement[bool]] = []
        if self.state is not None:
            found.append(STATE.in_([self.state.value]))
        if self.need_id is not None:
            found.append(referral.c.need_id == self.need_id)
        if self.agreement_id is not None:
            found.append(referral.c.agreement_id == self.agreement_id)
        return found


def refer(
    session: Session, need_id: UUID, agreement_id: UUID, *, asset_id: UUID | None = None, expires_at: datetime
) -> UUID:
    """Let a partner have one need, place included, until it has answered or the time is over.

    Parameters
    ----------
    asset_id
        The service it is for: one of the agreement's organization, for this kind of need.
    expires_at
        Never beyond the agreement.

    Raises
    ------
    NotFound
        If there is no such need, agreement or service.
    Conflict
        If the person has not agreed to it, the need is closed, this partner has it already, or the agreement is not for
        needs one by one or is over.
    InvalidInput
        If the service is not the partner's or not for this kind of need.
    """
    wanted = get_need(session, need_id)
    session.execute(select(need.c.id).where(need.c.id == need_id, mine(need)).with_for_update())
    partner = _running_agreement(session, agreement_id)
    if wanted.status in CLOSED_STATUSES:
        raise Conflict("this need is closed", field="need_id")
    if asset_id is not None:
        _check_service(session, partner, asset_id, wanted.category)
    agreed_at = find_agreed_at(session, SubjectKind.NEED, need_id, ConsentScope.SHARE_WITH_PARTNER)
    if agreed_at is None:
        raise Conflict("first record that the person agreed to share this with a partner", field="need_id")
    session.execute(select(func.access.end_referrals(need_id, ReferralState.EXPIRED.value, None)))
    referral_id = new_id()
    values = {
        "id": referral_id, "need_id": need_id, "agreement_id": agreement_id, "asset_id": asset_id,
        "consent_at": agreed_at, "expires_at": min(expires_at, partner.expires_at),
    }  # fmt: skip
    with refused_as_ours():
        session.execute(insert(referral).values(values))
    _note(session, referral_id, None, ReferralState.WAITING, wanted.status)
    record(session, "refer", "need", [need_id])
    return referral_id


def _running_agreement(session: Session, agreement_id: UUID) -> Agreement:
    found = get_agreement(session, agreement_id)
    if found.ended_at is not None or found.expires_at <= datetime.now(UTC):
        raise Conflict("this agreement is over")
    if found.tier is not Tier.REFERRAL:
        raise Conflict("this agreement is not for needs handed over one by one")
    return found


def _check_service(session: Session, partner: Agreement, asset_id: UUID, category: Category) -> None:
    service = get_asset(session, asset_id)
    if partner.organization_id is None or service.organization_id != partner.organization_id:
        raise InvalidInput("this is not a service of the partner", field="asset_id")
    if category not in service.categories:
        raise InvalidInput("this service is not for this kind of need", field="asset_id")


def _note(
    session: Session,
    referral_id: UUID,
    was: ReferralState | None,
    then: ReferralState,
    stood: NeedStatus,
    *,
    is_undo: bool = False,
) -> None:
    values = {
        "referral_id": referral_id, "from_state": None if was is None else was.value, "to_state": then.value,
        "need_before": stood.value, "is_undo": is_undo,
    }  # fmt: skip
    session.execute(insert(referral_event).values(values))


def end_referral(session: Session, referral_id: UUID) -> None:
    """Take a referral back; the partner no longer has the need. Doing so again changes nothing.

    Raises
    ------
    NotFound
        If the network has no such referral.
    """
    row = _hold(session, referral_id)
    ended = select(func.access.end_referrals(row["need_id"], ReferralState.WITHDRAWN.value, referral_id))
    session.execute(ended)
    record(session, "end", referral.name, [referral_id])


def undo_referral(session: Session, referral_id: UUID) -> Referral:
    """Take the last step of a referral back: what was taken back runs again, what was answered waits again.

    The need stands as it stood before that step, unless somebody else has changed it since.

    Raises
    ------
    NotFound
        If the network has no such referral.
    Conflict
        If there is no step to take back, its time is over, the person no longer agrees, the partner was given the need
        again meanwhile, or the need was closed by something else.
    """
    row = _hold(session, referral_id)
    last = _last_step(session, referral_id)
    if last is None or last["is_undo"] or last["from_state"] is None or row["state"] == ReferralState.EXPIRED.value:
        raise Conflict("there is no step that can be taken back")
    before = ReferralState(last["from_state"])
    _check_undo(session, row, last)
    _running_agreement(session, row["agreement_id"])
    _stand_as_before(session, row, last)
    change = update(referral).where(referral.c.id == referral_id, mine(referral))
    values: dict[str, Any] = {"state": before.value, "reason": None, "ended_at": None}
    if before is ReferralState.WAITING:
        values["answered_at"] = None
    with refused_as_ours():
        session.execute(change.values(values))
    _note(session, referral_id, ReferralState(row["state"]), before, NeedStatus(row["need_status"]), is_undo=True)
    record(session, "undo", referral.name, [referral_id])
    return get_referral(session, referral_id)


def _check_undo(session: Session, row: RowMapping, last: RowMapping) -> None:
    if row["expires_at"] <= datetime.now(UTC):
        raise Conflict("the time of this referral is over; refer the need anew")
    agreed = find_agreed_at(session, SubjectKind.NEED, row["need_id"], ConsentScope.SHARE_WITH_PARTNER)
    if agreed is None:
        raise Conflict("the person no longer agrees to this", field="need_id")
    stands = NeedStatus(row["need_status"])
    by_this = stands is NeedStatus.MET and last["to_state"] == ReferralState.SERVED.value
    if stands in CLOSED_STATUSES and not by_this:
        raise Conflict("the need has been closed in the meantime")


def _stand_as_before(session: Session, row: RowMapping, last: RowMapping) -> None:
    """Let the need follow a step that is taken back, where it followed that step."""
    stands, before = NeedStatus(row["need_status"]), last["need_before"]
    made = {ReferralState.SERVED.value: NeedStatus.MET, ReferralState.ACCEPTED.value: NeedStatus.IN_PROGRESS}
    followed = made.get(last["to_state"], NeedStatus.OPEN)
    if before is None or stands is not followed or NeedStatus(before) in CLOSED_STATUSES:
        return
    if before != stands.value:
        update_need(session, row["need_id"], {"status": before})


def _hold(session: Session, referral_id: UUID) -> RowMapping:
    """Hold the need first, as every step of its matches does, and then the referral."""
    need_id = get_row(session, select(referral.c.need_id), referral, referral_id)["need_id"]
    session.execute(select(need.c.id).where(need.c.id == need_id, mine(need)).with_for_update())
    session.execute(select(referral.c.id).where(referral.c.id == referral_id, mine(referral)).with_for_update())
    return get_row(session, _query(), referral, referral_id)


def _last_step(session: Session, referral_id: UUID) -> RowMapping | None:
    query = select(referral_event).where(referral_event.c.referral_id == referral_id, mine(referral_event))
    return session.execute(query.order_by(referral_event.c.id.desc()).limit(1)).mappings().one_or_none()


def _query() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(agreement, and_(agreement.c.id == referral.c.agreement_id, mine(agreement)))
        .join(need, and_(need.c.id == referral.c.need_id, mine(need)))
        .outerjoin(asset, and_(asset.c.id == referral.c.asset_id, mine(asset)))
    )


def get_referral(session: Session, referral_id: UUID) -> Referral:
    """Read one referral.

    Raises
    ------
    NotFound
        If the network has no such referral.
    """
    return _from_row(get_row(session, _query(), referral, referral_id))


def list_referrals(
    session: Session, *, where: ReferralFilter | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[Referral]:
    """List referrals in the order they were made."""
    asked = (where or ReferralFilter()).conditions()
    return [_from_row(row) for row in list_rows(session, _query(), referral, where=asked, after=after, limit=limit)]


def count_referrals(session: Session) -> Mapping[ReferralState, int]:
    """Count the network's referrals by how they stand; every state has its number."""
    query = select(STATE, func.count()).where(mine(referral)).group_by(STATE)
    counted = {ReferralState(state): int(number) for state, number in session.execute(query)}
    return {state: counted.get(state, 0) for state in ReferralState}


def list_referral_events(session: Session, referral_id: UUID, *, limit: int = 100) -> Sequence[ReferralEvent]:
    """List the steps of a referral, the first first.

    Raises
    ------
    NotFound
        If the network has no such referral.
    """
    get_row(session, select(referral.c.id), referral, referral_id)
    query = select(*_EVENT).where(referral_event.c.referral_id == referral_id, mine(referral_event))
    rows = session.execute(query.order_by(referral_event.c.id).limit(limit)).mappings()
    return [_event(row) for row in rows]


def lapse_referrals(session: Session, *, limit: int = 100) -> int:
    """Write down which referrals have run out, so that their needs are open again; and count them."""
    due = select(referral.c.need_id, referral.c.id).where(
        mine(referral), referral.c.ended_at.is_(None), referral.c.expires_at <= func.now()
    )
    rows = session.execute(due.order_by(referral.c.need_id).limit(limit)).all()
    count = 0
    for row in rows:
        # a need somebody is taking a step of at this moment is left for the next round
        held = select(need.c.id).where(need.c.id == row.need_id, mine(need)).with_for_update(skip_locked=True)
        if session.scalar(held) is not None:
            ended = session.scalars(select(func.access.end_referrals(row.need_id, ReferralState.EXPIRED.value, row.id)))
            count += len(ended.all())
    if count:
        record(session, "expire", referral.name, count=count)
    return count


def _from_row(row: RowMapping) -> Referral:
    values = dict(row)
    words = {
        "state": ReferralState(values["state"]),
        "reason": None if values["reason"] is None else ReferralReason(values["reason"]),
        "category": Category(values["category"]),
        "need_status": NeedStatus(values["need_status"]),
    }
    return Referral(**values | words)


def _event(row: RowMapping) -> ReferralEvent:
    values = dict(row)
    words = {
        "from_state": None if values["from_state"] is None else ReferralState(values["from_state"]),
        "to_state": ReferralState(values["to_state"]),
        "reason": None if values["reason"] is None else ReferralReason(values["reason"]),
    }
    return ReferralEvent(**values | words)
