"""Referrals as the partner has them: its own, the need behind one while it runs, and what it answers.

Every statement here runs as the partner's role, which sees its own referrals and no others; the answer goes through one
function of the database, which checks the same again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import column, func, select

from geo.domain.referrals import OwnReferral, ReferralReason, ReferralState, check_answer
from geo.domain.words import Category
from geo.errors import Conflict, NotFound
from geo.store import tables
from geo.store.access_tables import referral
from geo.store.audit import record
from geo.store.partner_feed import referred_feature, referred_name
from geo.store.referrals import STATE
from geo.store.rows import MAX_LIMIT, mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement

asset = tables.asset
_GIVEN: Final = (
    "id", "lon", "lat", "uncertainty_m", "category", "urgency", "household_size", "languages", "access", "expires_at",
    "referral_id",
)  # fmt: skip
_LISTED: Final = [
    referral.c.id, referral.c.reason, referral.c.created_at.label("referred_at"), referral.c.answered_at,
    referral.c.expires_at, STATE.label("state"), asset.c.name.label("service"),
]  # fmt: skip


def list_own_referrals(
    session: Session,
    partner: Agreement,
    *,
    state: ReferralState | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> Sequence[OwnReferral]:
    """List a partner's own referrals in the order they were made; where the needs are is not among it.

    Parameters
    ----------
    session
        One that acts as ``PARTNER_ROLE`` for the agreement.
    """
    query = (
        select(*_LISTED)
        .outerjoin(asset, asset.c.id == referral.c.asset_id)
        .where(mine(referral), referral.c.agreement_id == partner.id)
        .order_by(referral.c.id)
        .limit(min(limit, MAX_LIMIT))
    )
    if state is not None:
        query = query.where(STATE.in_([state.value]))
    if after is not None:
        query = query.where(referral.c.id > after)
    rows = session.execute(query).mappings().all()
    has = {row["referral_id"]: row for row in _given(session)} if rows else {}
    return [_own(session, partner, row, has.get(row["id"])) for row in rows]


def get_own_referral(session: Session, partner: Agreement, referral_id: UUID) -> OwnReferral:
    """Read one of a partner's own referrals.

    Raises
    ------
    NotFound
        If this partner has none with this id.
    """
    query = (
        select(*_LISTED)
        .outerjoin(asset, asset.c.id == referral.c.asset_id)
        .where(mine(referral), referral.c.agreement_id == partner.id, referral.c.id == referral_id)
    )
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such referral")
    return _own(session, partner, row, _find_given(session, referral_id))


def look_at_referral(session: Session, partner: Agreement, referral_id: UUID) -> dict[str, Any]:
    """Give the need behind a referral as its feature, the exact place included; the look is noted.

    Raises
    ------
    NotFound
        If this partner has none with this id, or no longer has the need.
    """
    row = _find_given(session, referral_id)
    if row is None:
        raise NotFound("there is no such referral")
    record(session, "reveal", "need", [row["id"]], ("point", *partner.fields))
    return referred_feature(session, partner, row)


def answer_referral(
    session: Session,
    partner: Agreement,
    referral_id: UUID,
    said: ReferralState,
    *,
    reason: ReferralReason | None = None,
) -> OwnReferral:
    """Answer a referral; the need follows in the same transaction. Saying the same again changes nothing.

    ``accepted`` keeps the need with the partner, who has to go there; every other answer ends that.

    Raises
    ------
    NotFound
        If this partner has none with this id.
    InvalidInput
        If that is no answer, or the reason does not fit.
    Conflict
        If the referral is over.
    """
    before = get_own_referral(session, partner, referral_id)
    if (before.state, before.reason) != (said, reason):
        check_answer(before.state, said, reason)
    why = None if reason is None else reason.value
    became = session.scalar(select(func.access.answer_referral(referral_id, said.value, why)))
    if became == "unknown":
        raise NotFound("there is no such referral")
    if became == "over":
        raise Conflict("this referral is over, or was answered so already")
    if became == "answered":
        record(session, "answer", referral.name, [referral_id], (said.value,))
    return get_own_referral(session, partner, referral_id)


def _given(session: Session) -> Sequence[RowMapping]:
    source = func.access.referred_needs().table_valued(*(column(name) for name in _GIVEN))
    return session.execute(select(source)).mappings().all()


def _find_given(session: Session, referral_id: UUID) -> RowMapping | None:
    source = func.access.referred_needs().table_valued(*(column(name) for name in _GIVEN))
    return session.execute(select(source).where(source.c.referral_id == referral_id)).mappings().one_or_none()


def _own(session: Session, partner: Agreement, row: RowMapping, has: RowMapping | None) -> OwnReferral:
    return OwnReferral(
        id=row["id"],
        state=ReferralState(row["state"]),
        reason=None if row["reason"] is None else ReferralReason(row["reason"]),
        service=row["service"],
        category=None if has is None else Category(has["category"]),
        feature_id=None if has is None else referred_name(session, partner, has["id"]),
        referred_at=row["referred_at"],
        answered_at=row["answered_at"],
        expires_at=row["expires_at"],
    )
