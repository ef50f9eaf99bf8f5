"""Reminders of referrals that nobody has answered and that end soon, to whoever handed the need over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, literal, select, update

from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.referrals import REMIND_BEFORE, ReferralState
from geo.store.access_tables import referral
from geo.store.accounts import list_people
from geo.store.audit import record
from geo.store.messages import queue_message
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

BATCH: Final = 100
PAGE: Final = "/dash/referrals"


def remind_referrals(session: Session, *, origin: str, now: datetime | None = None, limit: int = BATCH) -> int:
    """Queue a message for each unanswered referral that ends soon, once, and mark it in the same transaction.

    It goes to whoever referred the need; to every organizer where that is nobody of the network any more.

    Parameters
    ----------
    origin
        Scheme and host the link is written with.

    Returns
    -------
    int
        How many referrals were reminded of; less than ``limit`` when none is left.
    """
    moment = now or datetime.now(UTC)
    due = select(referral.c.id, referral.c.created_by, referral.c.expires_at).where(
        mine(referral), referral.c.ended_at.is_(None), referral.c.reminded_at.is_(None),
        referral.c.state == ReferralState.WAITING.value, referral.c.expires_at > moment,
        referral.c.expires_at <= moment + REMIND_BEFORE,
        # a short one is not reminded of in the moment it is made
        literal(moment) - referral.c.created_at >= referral.c.expires_at - moment,
    )  # fmt: skip
    rows = session.execute(due.order_by(referral.c.id).limit(limit).with_for_update(skip_locked=True)).all()
    if not rows:
        return 0
    people = [one.id for one in list_people(session) if one.disabled_at is None]
    for row in rows:
        _remind(session, row.id, row.expires_at, _whom(row.created_by, people), origin)
    ids = [row.id for row in rows]
    session.execute(update(referral).where(referral.c.id == func.any(ids), mine(referral)).values(reminded_at=moment))
    record(session, "remind", referral.name, ids)
    return len(rows)


def _whom(made_by: UUID | None, people: Sequence[UUID]) -> Sequence[UUID]:
    return [made_by] if made_by is not None and made_by in people else people


def _remind(session: Session, referral_id: UUID, at: datetime, whom: Sequence[UUID], origin: str) -> None:
    for person_id in whom:
        queue_message(
            session, key=f"referral:{referral_id}:{person_id}", recipient=Recipient(RecipientKind.PERSON, person_id),
            template=Template.REFERRAL_ENDING, parameters={"link": f"{origin}{PAGE}", "at": at},
        )  # fmt: skip
