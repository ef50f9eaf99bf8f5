"""Agreements with partners, the keys issued under them, and what was drawn of the daily quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.domain.ids import new_id
from geo.domain.principals import Agreement, Credential, CredentialKind, Tier
from geo.domain.words import Category
from geo.errors import InvalidInput, NotFound
from geo.privacy.cells import drawn_from
from geo.store.access_tables import agreement, quota_use, referral
from geo.store.audit import record
from geo.store.credentials import end_by, issue, list_credentials, revoke, revoke_all
from geo.store.rows import MAX_LIMIT, get_row, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.privacy.tokens import Token

MAX_KEY: Final = timedelta(days=90)
GRACE: Final = timedelta(hours=24)
MAX_LIVE_KEYS: Final = 2
COLUMNS: Final = [
    agreement.c[name]
    for name in (
        "id", "name", "tier", "cells", "categories", "fields", "purpose", "quota_per_day", "expires_at", "ended_at",
        "created_at", "organization_id", "is_marked", "version",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """What is agreed: ``cells`` come from the area, snapped to whole cells before this is made."""

    name: str
    tier: Tier
    cells: frozenset[str]
    categories: frozenset[Category]
    purpose: str
    expires_at: datetime
    fields: tuple[str, ...] = ()
    quota_per_day: int = 10_000
    organization_id: UUID | None = None
    is_marked: bool = False


def agreement_from_row(row: RowMapping | Mapping[str, Any]) -> Agreement:
    """Read an agreement from a row that has ``COLUMNS``."""
    values = dict(row)
    words = {
        "tier": Tier(values["tier"]),
        "cells": frozenset(values["cells"]),
        "categories": frozenset(Category(word) for word in values["categories"]),
        "fields": tuple(values["fields"]),
    }
    return Agreement(**(values | words))


def make_agreement(session: Session, draft: AgreementDraft) -> Agreement:
    """Store an agreement.

    Raises
    ------
    InvalidInput
        If its area has no whole cell, or figures were to be marked.
    Conflict
        If there is one with this name.
    """
    if not draft.cells:
        raise InvalidInput("the area is too small to hold the middle of a cell", field="area")
    if draft.is_marked and draft.tier is Tier.AGGREGATE:
        raise InvalidInput("figures cannot be marked, only feeds of single needs", field="is_marked")
    agreement_id = new_id()
    values = {
        "id": agreement_id,
        "name": draft.name,
        "tier": draft.tier.value,
        "cells": sorted(draft.cells),
        "reach": sorted(drawn_from(draft.cells)),
        "categories": sorted(word.value for word in draft.categories),
        "fields": list(draft.fields),
        "purpose": draft.purpose,
        "quota_per_day": draft.quota_per_day,
        "expires_at": draft.expires_at,
        "organization_id": draft.organization_id,
        "is_marked": draft.is_marked,
    }
    with refused_as_ours():
        session.execute(insert(agreement).values(**values))
    record(session, "create", agreement.name, [agreement_id], values.keys() - {"id"})
    return get_agreement(session, agreement_id)


def get_agreement(session: Session, agreement_id: UUID) -> Agreement:
    """Read one agreement.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return agreement_from_row(get_row(session, select(*COLUMNS), agreement, agreement_id))


def list_agreements(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Agreement]:
    """List the network's agreements, by when they were made."""
    query = select(*COLUMNS).where(mine(agreement)).order_by(agreement.c.id).limit(min(limit, MAX_LIMIT))
    if after is not None:
        query = query.where(tuple_(agreement.c.id) > tuple_(after))
    return [agreement_from_row(row) for row in session.execute(query).mappings()]


def end_agreement(session: Session, agreement_id: UUID) -> None:
    """End an agreement: its keys open nothing from now on.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    theirs = update(agreement).where(agreement.c.id == agreement_id, mine(agreement))
    ended = theirs.values(ended_at=func.coalesce(agreement.c.ended_at, func.now())).returning(agreement.c.id)
    if session.execute(ended).one_or_none() is None:
        raise NotFound("there is no such agreement")
    revoke_all(session, agreement_id=agreement_id)
    record(session, "end", agreement.name, [agreement_id])
    _end_referrals(session, agreement_id)


def _end_referrals(session: Session, agreement_id: UUID) -> None:
    runs = select(referral.c.need_id, referral.c.id).where(
        referral.c.agreement_id == agreement_id, mine(referral), referral.c.ended_at.is_(None)
    )
    rows = session.execute(runs.order_by(referral.c.need_id)).all()
    for row in rows:
        session.execute(select(func.access.end_referrals(row.need_id, "withdrawn", row.id)))
    if rows:
        record(session, "end", referral.name, [row.id for row in rows])


def issue_key(session: Session, agreement_id: UUID, *, label: str, lasts: timedelta = MAX_KEY) -> Token:
    """Issue a key. With two live ones the older ends at once; the other one has a day, so that nothing breaks.

    Parameters
    ----------
    lasts
        Ninety days at most, and never beyond the agreement.

    Raises
    ------
    NotFound
        If the agreement is not there or has ended.
    """
    found = get_agreement(session, agreement_id)
    now = datetime.now(UTC)
    if found.ended_at is not None or found.expires_at <= now:
        raise NotFound("there is no such agreement")
    live = list_keys(session, agreement_id)
    for key in live[: max(0, len(live) - MAX_LIVE_KEYS + 1)]:
        revoke(session, key.id)
    end_by(session, now + GRACE, agreement_id=agreement_id)
    lasts = min(lasts, MAX_KEY, found.expires_at - now)
    record(session, "issue_key", agreement.name, [agreement_id])
    return issue(session, CredentialKind.PARTNER, lasts, label=label, agreement_id=agreement_id)


def list_keys(session: Session, agreement_id: UUID) -> Sequence[Credential]:
    """List the live keys of an agreement, oldest first."""
    return list_credentials(session, kinds=[CredentialKind.PARTNER], agreement_id=agreement_id)


def draw_quota(session: Session, agreement_id: UUID, records: int, *, day: int) -> int:
    """Count records a partner is given, and tell how many it has had that day.

    Parameters
    ----------
    day
        Days since 1970, UTC.
    """
    taken = upsert(quota_use).values(agreement_id=agreement_id, day=day, used=records)
    more = taken.on_conflict_do_update(
        index_elements=["network_id", "agreement_id", "day"], set_={"used": quota_use.c.used + records}
    )
    return session.scalar(more.returning(quota_use.c.used)) or 0
