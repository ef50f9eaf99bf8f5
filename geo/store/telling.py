"""Whom the life of a match is told to: the helper who is asked, whoever asked, and those who are no longer needed.

Each effect is queued in the transaction of what it is about, under a key of its own, so that it comes once. Whoever
asked is told only when they agreed to be reached, can be, and have not said to stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from geo.domain.links import LinkKind
from geo.domain.match import LIVE, LOOK_FIRST
from geo.domain.message_texts import Template
from geo.domain.messages import MessageState, Recipient, RecipientKind
from geo.domain.words import ConsentScope, MatchStatus, SubjectKind
from geo.errors import Conflict, KeysUnavailable
from geo.store import tables
from geo.store.consents import find_agreed_at
from geo.store.contacts import find_contact
from geo.store.links import make_link, write_address
from geo.store.match_tables import match_event
from geo.store.matches import get_match
from geo.store.messages import drop_waiting, find_state, free_key, queue_message
from geo.store.preferences import find_preference
from geo.store.rows import mine

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.match import Match

REMINDED_AFTER: Final = timedelta(hours=24)
"""So long after saying yes a helper who has not begun is reminded."""
_HAS_LEFT: Final = frozenset({MessageState.SENDING, MessageState.SENT})
match = tables.match


def asked_key(match_id: UUID) -> str:
    """Name the effect that a helper is asked."""
    return f"match:{match_id}:asked"


def ask_helper(session: Session, match_id: UUID, *, origin: str, now: datetime | None = None) -> Match:
    """Queue the message that asks a proposal's helper, with a link to answer by; doing so again changes nothing.

    Parameters
    ----------
    origin
        Scheme and host the link is written with.

    Raises
    ------
    NotFound
        If there is no such match.
    Conflict
        If it is not a proposal that waits for an answer, or is with a place.
    KeysUnavailable
        If the session has no keys.
    """
    moment = now or datetime.now(UTC)
    found = get_match(session, match_id, now=moment)
    if found.status is not MatchStatus.PROPOSED or found.helper_id is None:
        raise Conflict("only a helper whose answer is waited for can be asked")
    to = Recipient(RecipientKind.HELPER, found.helper_id)
    # a message that was dropped has asked nobody
    free_key(session, asked_key(match_id))
    _send(session, _Letter(asked_key(match_id), to, Template.HELPER_ASKED, LinkKind.HELP, match_id), origin, moment)
    return found


def tell_step(session: Session, made: Match, *, origin: str, now: datetime, reminds: bool = True) -> None:
    """Queue what follows from a step that was just taken.

    Parameters
    ----------
    made
        The match after the step.
    origin
        Scheme and host that links are written with.
    reminds
        Whether a helper who says yes and has not begun is reminded; a driver has the round for that.
    """
    if made.status is not MatchStatus.PROPOSED:
        drop_waiting(session, [asked_key(made.id)])
    if made.status is not MatchStatus.ACCEPTED:
        drop_waiting(session, [_reminder_key(made.id)])
    if made.status is MatchStatus.WITHDRAWN and made.helper_id is not None:
        release(session, made.id, made.helper_id)
    elif made.status is MatchStatus.ACCEPTED:
        _tell_accepted(session, made, origin, now, reminds=reminds)
    elif made.status is MatchStatus.DONE and made.confirmed_at is None:
        tell_asker(session, made.need_id, Template.NEED_DONE, f"match:{made.id}:done", origin=origin, now=now)
    elif made.status is MatchStatus.FAILED and made.reason not in LOOK_FIRST:
        tell_asker(session, made.need_id, Template.NEED_STILL, f"match:{made.id}:failed", origin=origin, now=now)


def _reminder_key(match_id: UUID) -> str:
    return f"match:{match_id}:reminder"


def _tell_accepted(session: Session, made: Match, origin: str, now: datetime, *, reminds: bool) -> None:
    tell_asker(session, made.need_id, Template.NEED_MATCHED, f"match:{made.id}:accepted", origin=origin, now=now)
    if made.helper_id is None:
        return
    release_others(session, made.need_id, but=made.id)
    due = now + REMINDED_AFTER
    if reminds and made.expires_at is not None and due < made.expires_at:
        to = Recipient(RecipientKind.HELPER, made.helper_id)
        about = (_reminder_key(made.id), to, Template.HELPER_REMINDED, LinkKind.HELP, made.id)
        _send(session, _Letter(*about, at=made.expires_at, due_at=due), origin, now)


def release_others(session: Session, need_id: UUID, *, but: UUID | None = None) -> None:
    """Tell the helpers who were asked about a need, and have not answered, that they are not needed any more."""
    waiting = select(match.c.id, match.c.helper_id).where(
        match.c.need_id == need_id, mine(match), match.c.status == MatchStatus.PROPOSED.value,
        match.c.helper_id.is_not(None),
    )  # fmt: skip
    for row in session.execute(waiting.order_by(match.c.id)):
        if row.id != but:
            release(session, row.id, row.helper_id)


def release(session: Session, match_id: UUID, helper_id: UUID) -> None:
    """Tell a helper who was asked by a message that they are not needed any more; a message that waits is dropped."""
    drop_waiting(session, [asked_key(match_id)])
    if find_state(session, asked_key(match_id)) not in _HAS_LEFT:
        return
    to = Recipient(RecipientKind.HELPER, helper_id)
    key = f"match:{match_id}:released"
    queue_message(session, key=key, recipient=to, template=Template.HELPER_RELEASED, parameters={})


def tell_lapsed(session: Session, need_id: UUID, *, at: datetime, origin: str) -> None:
    """Queue what follows from the proposals and claims of a need that were written down as lapsed at an instant."""
    lapsed = (
        select(match_event.c.match_id, match_event.c.from_status)
        .join(match, match.c.id == match_event.c.match_id)
        .where(match.c.need_id == need_id, mine(match_event), match_event.c.at == at)
        .where(match_event.c.to_status == MatchStatus.EXPIRED.value)
    )
    for row in session.execute(lapsed.order_by(match_event.c.id)).all():
        drop_waiting(session, [asked_key(row.match_id), _reminder_key(row.match_id)])
        if row.from_status in {status.value for status in LIVE}:
            key = f"match:{row.match_id}:lapsed"
            tell_asker(session, need_id, Template.NEED_STILL, key, origin=origin, now=at)


def tell_asker(
    session: Session, need_id: UUID, template: Template, key: str, *, origin: str, now: datetime
) -> UUID | None:
    """Queue a message to whoever asked, with a link to their page, if they may and can be told; nothing otherwise."""
    if not can_be_told(session, need_id):
        return None
    to = Recipient(RecipientKind.NEED, need_id)
    return _send(session, _Letter(key, to, template, LinkKind.NEED, need_id), origin, now)


def can_be_told(session: Session, need_id: UUID) -> bool:
    """Tell whether whoever asked agreed to be reached, can be, and has not said to stop."""
    if find_preference(session, Recipient(RecipientKind.NEED, need_id)).is_stopped:
        return False
    if find_agreed_at(session, SubjectKind.NEED, need_id, ConsentScope.KEEP_CONTACT) is None:
        return False
    try:
        kept = find_contact(session, "need_id", need_id)
    except KeysUnavailable:
        return False
    return kept is not None and bool(kept.phone or kept.email)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message with a link: under which key, to whom, saying what, about what."""

    key: str
    to: Recipient
    template: Template
    kind: LinkKind
    subject: UUID
    at: datetime | None = None
    due_at: datetime | None = None


def _send(session: Session, letter: _Letter, origin: str, now: datetime) -> UUID | None:
    """Make a link and queue the message that carries it, both or neither."""
    if find_state(session, letter.key) is not None:
        return None
    with session.begin_nested() as both:
        _, token = make_link(session, letter.kind, letter.subject, now=now)
        parameters: dict[str, object] = {"link": write_address(origin, letter.kind, token)}
        made = queue_message(
            session,
            key=letter.key,
            recipient=letter.to,
            template=letter.template,
            parameters=parameters if letter.at is None else parameters | {"at": letter.at},
            due_at=letter.due_at,
        )
        if made is None:
            # somebody else was quicker, and theirs is the link that goes out
            both.rollback()
    return made
