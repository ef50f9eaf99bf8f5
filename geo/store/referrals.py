"""Needs referred to a partner, with consent: the only ones whose exact place a partner may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, update

from geo.domain.ids import new_id
from geo.domain.words import ConsentScope, SubjectKind
from geo.errors import Conflict, NotFound
from geo.store.access_tables import referral
from geo.store.audit import record
from geo.store.consents import find_agreed_at
from geo.store.needs import get_need
from geo.store.rows import mine, refused_as_ours

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


def refer(session: Session, need_id: UUID, agreement_id: UUID, *, expires_at: datetime) -> UUID:
    """Let a partner have one need, place included, until it expires.

    Raises
    ------
    NotFound
        If there is no such need.
    Conflict
        If the person has not agreed to it, or it was referred to this partner before.
    """
    get_need(session, need_id)
    agreed_at = find_agreed_at(session, SubjectKind.NEED, need_id, ConsentScope.SHARE_WITH_PARTNER)
    if agreed_at is None:
        raise Conflict("first record that the person agreed to share this with a partner", field="need_id")
    referral_id = new_id()
    values = {"need_id": need_id, "agreement_id": agreement_id, "consent_at": agreed_at, "expires_at": expires_at}
    with refused_as_ours():
        session.execute(insert(referral).values(id=referral_id, **values))
    record(session, "refer", "need", [need_id])
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
