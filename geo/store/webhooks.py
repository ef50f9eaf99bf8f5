"""Targets that are told that something has changed: set up with a secret that is kept sealed, listed, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, tuple_, update

from geo.domain.ids import new_id
from geo.domain.webhooks import HookCollection, HookEnd, Webhook
from geo.errors import Conflict, NotFound
from geo.privacy.hook_signatures import mint_hook_secret
from geo.store.agreements import get_agreement
from geo.store.audit import record
from geo.store.change_tables import webhook
from geo.store.rows import MAX_LIMIT, get_row, mine, refused_as_ours
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.geocode.remote.news_reach import HookReach

MOST_LIVE: Final = 50
_LISTED: Final = [
    webhook.c[name]
    for name in (
        "id", "agreement_id", "collection", "url", "created_at", "failures", "last_sent_at", "last_error", "ended_at",
        "ended_reason",
    )
]  # fmt: skip


def make_webhook(
    session: Session, url: str, collection: HookCollection, reach: HookReach, *, agreement_id: UUID | None = None
) -> tuple[Webhook, str]:
    """Set a target up, and give the secret that what is sent to it is signed with.

    Parameters
    ----------
    agreement_id
        Whose view is followed; what the network itself sees when left out.

    Raises
    ------
    InvalidInput
        If the address cannot be used.
    NotFound
        If there is no such agreement, or it has ended.
    Conflict
        If there are ``MOST_LIVE`` already.
    KeysUnavailable
        If the session has no keys.
    """
    endpoint = reach.read(url)
    if agreement_id is not None and get_agreement(session, agreement_id).ended_at is not None:
        raise NotFound("there is no such agreement")
    live = select(func.count()).select_from(webhook).where(mine(webhook), webhook.c.ended_at.is_(None))
    if session.execute(live).scalar_one() >= MOST_LIVE:
        raise Conflict(f"there are {MOST_LIVE} targets already; end one first")
    hook_id, secret = new_id(), mint_hook_secret()
    sealed, key_id = seal(session, hook_id, {"secret": secret}, most=1_000)
    values = {"id": hook_id, "url": endpoint.url, "collection": collection.value, "agreement_id": agreement_id}
    with refused_as_ours():
        session.execute(insert(webhook).values(**values, sealed=sealed, key_id=key_id))
    record(session, "create", webhook.name, [hook_id], ("url", "collection"))
    return get_webhook(session, hook_id), secret


def _hook(row: Any) -> Webhook:  # noqa: ANN401 - a row
    reason = row["ended_reason"]
    ended = None if reason is None else HookEnd(reason)
    return Webhook(**(dict(row) | {"collection": HookCollection(row["collection"]), "ended_reason": ended}))


def get_webhook(session: Session, hook_id: UUID) -> Webhook:
    """Read one target.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return _hook(get_row(session, select(*_LISTED), webhook, hook_id))


def list_webhooks(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Webhook]:
    """List the network's targets by when they were set up, ended ones too; never a secret."""
    query = select(*_LISTED).where(mine(webhook)).order_by(webhook.c.id).limit(min(limit, MAX_LIMIT))
    if after is not None:
        query = query.where(tuple_(webhook.c.id) > tuple_(after))
    return [_hook(row) for row in session.execute(query).mappings()]


def end_webhook(session: Session, hook_id: UUID, reason: HookEnd = HookEnd.REMOVED) -> None:
    """End a target: its secret is removed and nothing is sent to it any more; doing so again changes nothing.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    get_webhook(session, hook_id)
    live = update(webhook).where(webhook.c.id == hook_id, mine(webhook), webhook.c.ended_at.is_(None))
    gone = {"ended_at": func.now(), "ended_reason": reason.value, "sealed": None, "key_id": None}
    session.execute(live.values(**gone))
    record(session, "end", webhook.name, [hook_id])


def open_webhook(session: Session, hook_id: UUID) -> tuple[Webhook, str]:
    """Read a live target with its secret.

    Raises
    ------
    NotFound
        If there is none with this id, or it has ended.
    """
    columns = [*_LISTED, webhook.c.sealed]
    row = dict(get_row(session, select(*columns), webhook, hook_id))
    sealed = row.pop("sealed")
    if sealed is None:
        raise NotFound("this target has ended")
    return _hook(row), unseal(session, hook_id, sealed)["secret"]


def claim_due(session: Session, *, now: datetime, until: datetime, limit: int = 100) -> list[tuple[UUID, str | None]]:
    """Take targets that are to be looked at, and leave them alone for others until an instant.

    Returns
    -------
    list of tuple
        The id of each, and what it was told last.
    """
    due = [mine(webhook), webhook.c.ended_at.is_(None), webhook.c.next_at <= now]
    chosen = select(webhook.c.id).where(*due).order_by(webhook.c.next_at).limit(limit).with_for_update(skip_locked=True)
    taken = update(webhook).where(mine(webhook), webhook.c.id.in_(chosen)).values(next_at=until)
    return [(row.id, row.seen) for row in session.execute(taken.returning(webhook.c.id, webhook.c.seen))]


def note_told(session: Session, hook_id: UUID, seen: str, *, now: datetime, is_sent: bool) -> None:
    """Note what a target knows now; with nothing sent, that there was nothing to tell."""
    values: dict[str, Any] = {"seen": seen, "next_at": now}
    values |= {"failures": 0, "last_error": None, "last_sent_at": now} if is_sent else {}
    session.execute(update(webhook).where(webhook.c.id == hook_id, mine(webhook)).values(**values))


def note_failed(session: Session, hook_id: UUID, reason: str, *, next_at: datetime) -> int:
    """Note that nothing could be sent, and when to try again; give how often in a row that was so."""
    theirs = update(webhook).where(webhook.c.id == hook_id, mine(webhook))
    values = {"failures": webhook.c.failures + 1, "last_error": reason, "next_at": next_at}
    failures: int = session.execute(theirs.values(**values).returning(webhook.c.failures)).scalar_one()
    return failures
