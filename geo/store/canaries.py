"""Canaries: needs that nobody has, in one partner's feed, and a note where one is seen elsewhere.

They have a table of their own and are none of the needs: no count, figure, match or map of the network can meet them.
The feed alone reads both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.domain.canaries import Canary, CanaryAsker, CanaryDoor, CanaryHit
from geo.domain.words import Category, Urgency
from geo.privacy.canaries import CanaryDraft, Look, count_wanted, draw_canary, look_as_fed, look_of
from geo.privacy.partners import CoarseNeed, opaque_id
from geo.store.access_tables import agreement, credential
from geo.store.agreement_tables import canary, canary_hit
from geo.store.agreements import COLUMNS, agreement_from_row
from geo.store.audit import record
from geo.store.dwellings import get_dwellings
from geo.store.engine import keys_of
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement

MAX_LISTED: Final = 1000
MOST_COUNTED: Final = 1_000_000
_OWN: Final = [
    canary.c[name]
    for name in (
        "id", "agreement_id", "name", "cell", "category", "urgency", "received_at", "planted_at", "ends_at",
    )
]  # fmt: skip
_FED: Final = [canary.c[name] for name in ("id", "cell", "category", "urgency", "received_at")]


@dataclass(frozen=True, slots=True)
class KnownCanary:
    """Whose a name is that was seen somewhere: which canary of which agreement, in which network."""

    id: UUID
    network_id: UUID
    agreement_id: UUID


def list_fed(session: Session, partner: Agreement, *, now: datetime | None = None) -> list[CoarseNeed]:
    """List the canaries that stand in a partner's feed now, as the feed takes needs; none where it is not marked.

    Parameters
    ----------
    session
        One that acts as ``PARTNER_ROLE`` for the agreement.
    """
    if not partner.is_marked:
        return []
    moment = now or datetime.now(UTC)
    runs = (canary.c.planted_at <= moment, canary.c.ends_at > moment)
    query = select(*_FED).where(mine(canary), canary.c.agreement_id == partner.id, *runs).order_by(canary.c.id)
    return [_as_need(row) for row in session.execute(query.limit(MAX_LISTED))]


def _as_need(row: Any) -> CoarseNeed:  # noqa: ANN401 - a row
    return CoarseNeed(row.id, row.cell, Category(row.category), Urgency(row.urgency), row.received_at)


def list_marked(session: Session, *, now: datetime) -> Sequence[Agreement]:
    """List the agreements that run and whose feed is marked."""
    runs = (agreement.c.ended_at.is_(None), agreement.c.expires_at > now, agreement.c.is_marked)
    query = select(*COLUMNS).where(mine(agreement), *runs).order_by(agreement.c.id).limit(MAX_LISTED)
    return [agreement_from_row(row) for row in session.execute(query).mappings()]


def plant(session: Session, partner: Agreement, view: Collection[Mapping[str, Any]], *, now: datetime) -> int:
    """Let a feed have as many canaries as go with its size: one more each time, or all where nobody has read it.

    Parameters
    ----------
    session
        With an organizer's rights and the installation's keys.
    view
        The partner's features of the coarse tier as they are now, canaries included.

    Returns
    -------
    int
        How many were planted; less than nothing where some were taken out of a feed that has become small.
    """
    own = list_canaries(session, partner.id)
    running = [one for one in own if one.planted_at <= now < one.ends_at]
    names = {one.name for one in own}
    looks = sorted(look_of(one["properties"]) for one in view if one["id"] not in names)
    wanted = count_wanted(len(looks))
    if len(running) > wanted:
        return -_end(session, running[wanted:], now)
    is_unread = not own and not _is_read(session, partner.id)
    missing = wanted - len(running) if is_unread else min(1, wanted - len(running))
    planted: list[CanaryDraft] = []
    taken = {look_of(one["properties"]) for one in view if one["id"] in names} | _looks_elsewhere(session, partner.id)
    for number in range(len(own), len(own) + missing):
        draft = draw_canary(
            looks, key=keys_of(session).derive("canaries"), agreement_id=partner.id, number=number,
            categories=partner.categories, taken=taken, now=now, is_backdated=is_unread,
        )  # fmt: skip
        if draft is not None:
            _write(session, partner, draft, now)
            planted.append(draft)
    return len(planted)


def _is_read(session: Session, agreement_id: UUID) -> bool:
    theirs = (credential.c.agreement_id == agreement_id, mine(credential))
    return session.scalar(select(func.max(credential.c.last_seen_at)).where(*theirs)) is not None


def _looks_elsewhere(session: Session, agreement_id: UUID) -> set[Look]:
    """Give the looks of other partners' canaries: two with the same one could not be told apart by it."""
    query = (
        select(*_FED).where(mine(canary), canary.c.agreement_id != agreement_id).order_by(canary.c.planted_at.desc())
    )
    rows = session.execute(query.limit(MAX_LISTED)).all()
    homes = get_dwellings(session) if rows else {}
    return {look for row in rows if (look := look_as_fed(_as_need(row), homes)) is not None}


def _write(session: Session, partner: Agreement, draft: CanaryDraft, now: datetime) -> None:
    values = {
        "id": draft.id, "agreement_id": partner.id, "cell": draft.cell, "category": draft.category.value,
        "name": opaque_id(keys_of(session).derive("partner-ids"), partner.id, draft.id),
        "urgency": draft.urgency.value, "received_at": draft.received_at, "planted_at": now,
        "ends_at": now + draft.lasts,
    }  # fmt: skip
    session.execute(insert(canary).values(values))
    record(session, "plant", canary.name, [draft.id])


def _end(session: Session, surplus: Sequence[Canary], now: datetime) -> int:
    ids = [one.id for one in surplus]
    session.execute(update(canary).where(canary.c.id.in_(ids), mine(canary)).values(ends_at=now))
    record(session, "end", canary.name, ids)
    return len(ids)


def list_canaries(session: Session, agreement_id: UUID) -> list[Canary]:
    """List every canary an agreement's feed has had, the oldest first."""
    query = select(*_OWN).where(mine(canary), canary.c.agreement_id == agreement_id)
    rows = session.execute(query.order_by(canary.c.planted_at, canary.c.id).limit(MAX_LISTED)).mappings()
    return [_from_row(row) for row in rows]


def _from_row(row: RowMapping) -> Canary:
    words = {"category": Category(row["category"]), "urgency": Urgency(row["urgency"])}
    return Canary(**(dict(row) | words))


def find_known(session: Session, names: Collection[str]) -> list[KnownCanary]:
    """Find out which of these names are canaries', and of whom.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``, which looks across networks.
    """
    columns = (canary.c.id, canary.c.network_id, canary.c.agreement_id)
    query = select(*columns).where(canary.c.name.in_(sorted(names))).limit(MAX_LISTED)
    return [KnownCanary(row.id, row.network_id, row.agreement_id) for row in session.execute(query)]


def note_hit(
    session: Session, canary_id: UUID, door: CanaryDoor, who: CanaryAsker, *, asker_id: UUID | None = None
) -> None:
    """Note that a canary was seen where its partner was not. Seen so again, it is counted.

    Parameters
    ----------
    asker_id
        The other partner's agreement, the phone or the person, where one is known.
    """
    values = {"canary_id": canary_id, "door": door.value, "who": who.value, "asker_id": asker_id or canary_id}
    seen = upsert(canary_hit).values(values)
    more = {"last_at": func.now(), "count": func.least(canary_hit.c.count + 1, MOST_COUNTED)}
    keys = ["canary_id", "door", "who", "asker_id"]
    session.execute(seen.on_conflict_do_update(index_elements=keys, set_=more))
    record(session, "hit", canary.name, [canary_id], (door.value, who.value))


def list_hits(session: Session, agreement_id: UUID) -> list[CanaryHit]:
    """List where an agreement's canaries were seen, the newest first."""
    whose = (canary_hit.c.asker_id == agreement.c.id) & (canary_hit.c.who == CanaryAsker.PARTNER.value)
    columns = [canary_hit.c[name] for name in ("canary_id", "door", "who", "first_at", "last_at", "count")]
    query = (
        select(*columns, canary.c.name, agreement.c.name.label("asker"))
        .join(canary, canary.c.id == canary_hit.c.canary_id)
        .outerjoin(agreement, whose)
        .where(mine(canary_hit), canary.c.agreement_id == agreement_id)
        .order_by(canary_hit.c.last_at.desc(), canary_hit.c.canary_id)
        .limit(MAX_LISTED)
    )
    return [
        CanaryHit(**(dict(row) | {"door": CanaryDoor(row["door"]), "who": CanaryAsker(row["who"])}))
        for row in session.execute(query).mappings()
    ]
