"""Needs referred to a partner, with consent: the only ones whose exact place a partner may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, update

from geo.domain.ids import new_id
from geo.errors import NotFound
from geo.store.access_tables import referral
from geo.store.audit import record
from geo.store.rows import mine, refused_as_ours

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


def refer(session: Session, need_id: UUID, agreement_id: UUID, *, consent_at: datetime, expires_at: datetime) -> UUID:
    """Let a partner have one need, place included, until it expires.

    Parameters
    ----------
    consent_at
        When the person agreed to it.

    Raises
    ------
    Conflict
        If it was referred to this partner before.
    InvalidInput
        If there is no such need or agreement.
    """
    referral_id = new_id()
    values = {"need_id": need_id, "agreement_id": agreement_id, "consent_at": consent_at, "expires_at": expires_at}
    with refused_as_ours():
        session.execute(insert(referral).values(id=referral_id, **values))
    record(session, "create", referral.name, [referral_id], values)
    return referral_id


def end_referral(session: Session, referral_id: UUID) -> None:
    """Take a referral back; the partner no longer has the need.

    Raises
    ------
    NotFound
        If the network has no such referral.
    """
    theirs = update(referral).where(referral.c.id == referral_id, mine(referral))
    ended = theirs.values(ended_at=func.now(), expires_at=func.now()).returning(referral.c.id)
    if session.execute(ended).one_or_none() is None:
        raise NotFound("there is no such referral")
    record(session, "end", referral.name, [referral_id])
