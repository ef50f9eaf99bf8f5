"""What partners do with their agreements, and what a partner sees: the feed's own function, run as that partner."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from geo.domain.agreements import AgreementUse, DayUse
from geo.store.access_tables import credential, quota_use, referral
from geo.store.agreement_edits import can_undo_change
from geo.store.agreement_tables import canary
from geo.store.agreements import get_agreement
from geo.store.audit_tables import audit
from geo.store.engine import PARTNER_ROLE, Acting, transaction
from geo.store.partner_feed import partner_features
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement
    from geo.store.engine import SessionFactory

SHOWN_DAYS: Final = 30
PREVIEW: Final = "organizer_as_partner"
"""What the audit calls a look through a partner's eyes."""
_EPOCH: Final = date(1970, 1, 1)


def get_use(session: Session, agreement_id: UUID, *, now: datetime | None = None) -> AgreementUse:
    """Tell how an agreement is used.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    moment = now or datetime.now(UTC)
    found = get_agreement(session, agreement_id)
    theirs = (credential.c.agreement_id == agreement_id, mine(credential), credential.c.revoked_at.is_(None))
    live = select(func.count()).where(*theirs, credential.c.expires_at > moment)
    seen = select(func.max(credential.c.last_seen_at)).where(*theirs[:2])
    looked = select(func.coalesce(func.sum(audit.c.count), 0)).where(
        audit.c.network_id == func.current_network(), audit.c.actor == agreement_id, audit.c.action == "reveal",
        audit.c.actor_kind == "partner", audit.c.at >= moment - timedelta(days=SHOWN_DAYS),
    )  # fmt: skip
    runs = select(func.count()).where(
        referral.c.agreement_id == agreement_id, mine(referral), referral.c.ended_at.is_(None),
        referral.c.expires_at > moment,
    )  # fmt: skip
    fed = select(func.count()).where(
        canary.c.agreement_id == agreement_id, mine(canary), canary.c.planted_at <= moment, canary.c.ends_at > moment
    )
    today = list_days(session, agreement_id, now=moment, days=1)
    return AgreementUse(
        agreement_id=agreement_id,
        quota_per_day=found.quota_per_day,
        used_today=sum(one.records for one in today),
        last_seen_at=session.scalar(seen),
        live_keys=session.scalar(live) or 0,
        looks=int(session.scalar(looked) or 0),
        referrals_running=session.scalar(runs) or 0,
        canaries=(session.scalar(fed) or 0) if found.is_marked else 0,
        can_undo=found.ended_at is None and can_undo_change(session, agreement_id),
    )


def list_days(
    session: Session, agreement_id: UUID, *, now: datetime | None = None, days: int = SHOWN_DAYS
) -> Sequence[DayUse]:
    """List what a partner drew on each of the last days on which it drew anything, the newest first."""
    today = ((now or datetime.now(UTC)).date() - _EPOCH).days
    query = (
        select(quota_use.c.day, quota_use.c.used)
        .where(quota_use.c.agreement_id == agreement_id, mine(quota_use), quota_use.c.day > today - days)
        .order_by(quota_use.c.day.desc())
    )
    return [DayUse(_EPOCH + timedelta(days=row.day), row.used) for row in session.execute(query)]


def preview_features(sessions: SessionFactory, network: UUID, agreement: Agreement) -> list[dict[str, Any]]:
    """Give what a partner's key gives now: the feed's own function, in a transaction with the partner's few rights.

    Nothing is drawn from its quota. The exact places of referred needs are among it, and noted as shown.

    Parameters
    ----------
    network
        Whose agreement it is.
    """
    acting = Acting(network, PARTNER_ROLE, agreement.id, PREVIEW)
    with transaction(sessions, acting) as session:
        return partner_features(session, agreement)
