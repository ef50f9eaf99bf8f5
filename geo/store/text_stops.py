"""Who wants no messages: numbers under keyed hashes, kept whoever the number belongs to here."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.messages import MessageState, Preference, Recipient, RecipientKind
from geo.errors import Conflict
from geo.privacy.phone_numbers import stop_fingerprint
from geo.store.audit import record
from geo.store.engine import keys_of
from geo.store.merges import merged_with
from geo.store.message_tables import message
from geo.store.messages import drop_message
from geo.store.preferences import find_preference, set_preference, stop_contacting
from geo.store.rows import mine
from geo.store.texting_tables import text_conversation, text_stop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

_NEEDS = 100


def number_key(session: Session) -> bytes:
    """Derive what the network's numbers are hashed with.

    Raises
    ------
    KeysUnavailable
        If the session has no keys.
    """
    network: UUID = session.execute(select(func.current_network())).scalar_one()
    return keys_of(session).derive(f"phone-numbers:{network}")


def is_stopped(session: Session, number: str) -> bool:
    """Tell whether a number wants no messages; asked at the moment one would be sent."""
    known = text_stop.c.number == stop_fingerprint(number_key(session), number)
    return session.scalar(select(text_stop.c.stopped_at).where(known, mine(text_stop))) is not None


def stop(session: Session, number: str, sender: bytes) -> bool:
    """Send no more messages to a number: what waits for its needs is dropped now, anything else when it is due.

    Parameters
    ----------
    sender
        The keyed hash under which the number's conversations are kept.

    Returns
    -------
    bool
        Whether that is news; somebody who says it twice is not answered twice.
    """
    values = {"number": stop_fingerprint(number_key(session), number)}
    made = session.execute(
        insert(text_stop).values(**values).on_conflict_do_nothing().returning(text_stop.c.stopped_at)
    )
    if made.one_or_none() is None:
        return False
    record(session, "stop", text_stop.name)
    for need_id in _needs_of(session, sender):
        stop_contacting(session, Recipient(RecipientKind.NEED, need_id))
        _drop_waiting(session, need_id)
    return True


def start(session: Session, number: str, sender: bytes) -> None:
    """Let messages go to a number again; doing so again changes nothing."""
    gone = delete(text_stop).where(text_stop.c.number == stop_fingerprint(number_key(session), number), mine(text_stop))
    if session.execute(gone.returning(text_stop.c.number)).one_or_none() is None:
        return
    record(session, "start", text_stop.name)
    for need_id in _needs_of(session, sender):
        recipient = Recipient(RecipientKind.NEED, need_id)
        wants = find_preference(session, recipient)
        set_preference(session, recipient, Preference(wants.channel, wants.language, wants.quiet, wants.time_zone))


def _needs_of(session: Session, sender: bytes) -> Sequence[UUID]:
    theirs = text_conversation.c.sender == sender, text_conversation.c.need_id.is_not(None), mine(text_conversation)
    query = select(text_conversation.c.need_id).where(*theirs).order_by(text_conversation.c.id.desc()).limit(_NEEDS)
    return sorted(merged_with(session, [found for found in session.scalars(query) if found is not None]))


def _drop_waiting(session: Session, need_id: UUID) -> None:
    waits = message.c.state == MessageState.QUEUED.value
    for message_id in session.scalars(select(message.c.id).where(message.c.need_id == need_id, waits, mine(message))):
        # one that is being sent this moment is too late to be held back
        with suppress(Conflict):
            drop_message(session, message_id)
