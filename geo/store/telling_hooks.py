"""Telling targets that something has changed: what they could read is compared, and a signed word without data sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, text

from geo.domain.principals import Tier
from geo.domain.webhooks import HookCollection, HookEnd
from geo.errors import GeoError, NotFound, OutsideFailed
from geo.geocode.remote.endpoint import system_resolver
from geo.geocode.remote.pinned import PinnedFetcher
from geo.privacy.hook_signatures import sign_plain
from geo.store.access_tables import referral
from geo.store.agreements import get_agreement
from geo.store.change_tables import record_change
from geo.store.engine import PARTNER_ROLE, transaction
from geo.store.partner_feed import partner_features
from geo.store.rows import mine
from geo.store.webhooks import claim_due, end_webhook, note_failed, note_told, open_webhook

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement
    from geo.domain.webhooks import Webhook
    from geo.geocode.remote.endpoint import Resolver
    from geo.geocode.remote.news_reach import HookReach
    from geo.store.engine import Acting, SessionFactory

MOST_FAILURES: Final = 12
"""In a row; then nothing is sent any more. With what lies between, about two days."""
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
HELD: Final = timedelta(minutes=2)
_GOOD: Final = (201, 202, 204)
_MOST_ANSWER: Final = 10_000
_SETTLED: Final = text("record_change.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


@dataclass(frozen=True, slots=True)
class Telling:
    """How news is sent: where the operator permits it, and how names are found."""

    reach: HookReach
    resolver: Resolver = system_resolver

    def send(self, hook: Webhook, secret: str, kind: str, message_id: str, *, now: datetime) -> None:
        """Send one signed word.

        Raises
        ------
        OutsideFailed, InvalidInput
            If it did not arrive, or may no longer be sent there.
        """
        endpoint = self.reach.read(hook.url)
        stamp = str(int(now.timestamp()))
        body = json.dumps({"type": kind, "collection": hook.collection.value}, separators=(",", ":")).encode()
        signed = sign_plain(secret, message_id, stamp, body)
        headers = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signed}
        fetcher = PinnedFetcher(endpoint, self.reach.reach, resolver=self.resolver, most_bytes=_MOST_ANSWER)
        headers |= {"Content-Type": "application/json", "User-Agent": "barnraiser"}
        fetcher.send("POST", endpoint.path or "/", headers, body=body, also=_GOOD)


def ping(session: Session, hook_id: UUID, telling: Telling) -> str | None:
    """Send a word that says nothing has changed, to try a target.

    Returns
    -------
    str or None
        Why it did not arrive.

    Raises
    ------
    NotFound
        If there is no such live target.
    """
    hook, secret = open_webhook(session, hook_id)
    now = datetime.now(UTC)
    try:
        telling.send(hook, secret, "ping", _message_id(hook, f"ping {now.timestamp()}"), now=now)
    except GeoError as error:
        return error.reason if isinstance(error, OutsideFailed) else "not_permitted"
    return None


def tell_due(sessions: SessionFactory, telling: Telling, *, now: datetime) -> int:
    """Tell every target whose reader would find something new; give how many were told.

    What is sent twice has the same id. Nothing is held in the database while it is sent.

    Parameters
    ----------
    sessions
        Of one network, with a request's rights and keys.
    """
    with transaction(sessions) as session:
        due = claim_due(session, now=now, until=now + HELD)
    return sum(_tell(sessions, hook_id, seen, telling, now) for hook_id, seen in due)


def _tell(sessions: SessionFactory, hook_id: UUID, seen: str | None, telling: Telling, now: datetime) -> bool:
    try:
        with transaction(sessions) as session:
            hook, secret = open_webhook(session, hook_id)
            agreement = _live_agreement(session, hook, now)
        if hook.agreement_id is not None and agreement is None:
            return _end(sessions, hook_id, HookEnd.AGREEMENT_ENDED)
        reached = _reached(sessions, hook, agreement)
    except NotFound:
        return False
    if seen is None or reached == seen:
        with transaction(sessions) as session:
            note_told(session, hook_id, reached, now=now, is_sent=False)
        return False
    try:
        telling.send(hook, secret, "changed", _message_id(hook, reached), now=now)
    except GeoError as error:
        reason = error.reason if isinstance(error, OutsideFailed) else "not_permitted"
        return _failed(sessions, hook, reason, now)
    with transaction(sessions) as session:
        note_told(session, hook_id, reached, now=now, is_sent=True)
    return True


def _live_agreement(session: Session, hook: Webhook, now: datetime) -> Agreement | None:
    if hook.agreement_id is None:
        return None
    found = get_agreement(session, hook.agreement_id)
    return found if found.ended_at is None and found.expires_at > now else None


def _reached(sessions: SessionFactory, hook: Webhook, agreement: Agreement | None) -> str:
    """Say how far the target's own reader could read now; of a partner's view by that view alone."""
    acting: Acting = sessions.kw["info"]["acting"]
    if agreement is not None:
        acting = replace(acting, role=PARTNER_ROLE, actor=agreement.id, kind="partner")
    with transaction(sessions, acting) as session:
        if agreement is not None and hook.collection is HookCollection.NEEDS:
            return _digest_of_view(session, agreement)
        noted = ["needs"] if hook.collection is HookCollection.NEEDS else ["assets", "homes"]
        last = select(record_change.c.txid, record_change.c.id).where(
            mine(record_change), record_change.c.collection.in_(noted), _SETTLED
        )
        newest = last.order_by(record_change.c.txid.desc(), record_change.c.id.desc()).limit(1)
        row = session.execute(newest).one_or_none()
        return "0" if row is None else f"{row.txid}.{row.id}"


def _digest_of_view(session: Session, agreement: Agreement) -> str:
    # what was referred is only counted: reading its place is noted, and nobody reads it here
    without_places = replace(agreement, tier=Tier.COARSE) if agreement.tier is Tier.REFERRAL else agreement
    view = partner_features(session, without_places)
    theirs = select(referral.c.id).where(mine(referral), referral.c.agreement_id == agreement.id)
    referred = session.scalars(theirs.where(referral.c.expires_at > func.now()).order_by(referral.c.id))
    said = json.dumps([view, [str(each) for each in referred]], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def _failed(sessions: SessionFactory, hook: Webhook, reason: str, now: datetime) -> bool:
    wait = min(FIRST_WAIT * 2**hook.failures, LONGEST_WAIT)
    with transaction(sessions) as session:
        failures = note_failed(session, hook.id, reason[:30], next_at=now + wait)
    return _end(sessions, hook.id, HookEnd.FAILING) if failures >= MOST_FAILURES else False


def _end(sessions: SessionFactory, hook_id: UUID, reason: HookEnd) -> bool:
    with transaction(sessions) as session:
        end_webhook(session, hook_id, reason)
    return False


def _message_id(hook: Webhook, what: str) -> str:
    # the same for each try, and nothing that can be counted
    return "msg_" + hashlib.sha256(f"{hook.id} {what}".encode()).hexdigest()[:32]
