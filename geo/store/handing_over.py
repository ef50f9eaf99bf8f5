"""Whoever asks for a person in a conversation: organizers are told, and one of them takes it over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.texts import TalkState
from geo.errors import Conflict, NotFound
from geo.store.accounts import list_people
from geo.store.audit import record
from geo.store.conversations import LISTED, conversation_from_row
from geo.store.messages import queue_message
from geo.store.rows import get_row, mine
from geo.store.texting_tables import text_conversation

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.texts import TextConversation


def tell_organizers(session: Session, conversation_id: UUID, link: str) -> None:
    """Tell each organizer that somebody waits for a person; once for a conversation.

    Parameters
    ----------
    link
        Where they see who waits.
    """
    count = count_handed_over(session)
    for person in list_people(session):
        if person.disabled_at is None:
            queue_message(
                session,
                key=f"text:{conversation_id}:{person.id}",
                recipient=Recipient(RecipientKind.PERSON, person.id),
                template=Template.ORGANIZER_WAITING,
                parameters={"count": count, "link": link},
            )


def take_over(session: Session, conversation_id: UUID, *, now: datetime) -> TextConversation:
    """Note that an organizer sees to whoever asked for a person; doing so again changes nothing.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    Conflict
        If it was not handed over.
    """
    this = text_conversation.c.id == conversation_id, mine(text_conversation)
    statement = update(text_conversation).where(*this, text_conversation.c.handed_over_at.is_not(None))
    taken = statement.values(taken_at=func.coalesce(text_conversation.c.taken_at, now))
    if session.execute(taken.returning(text_conversation.c.id)).one_or_none() is None:
        if session.scalar(select(text_conversation.c.id).where(*this)) is None:
            raise NotFound("there is no such conversation")
        raise Conflict("nobody asked for a person in this conversation")
    record(session, "take_over", text_conversation.name, [conversation_id])
    return conversation_from_row(get_row(session, select(*LISTED), text_conversation, conversation_id))


def count_handed_over(session: Session) -> int:
    """Count those who asked for a person and wait."""
    waits = text_conversation.c.state == TalkState.HANDED_OVER.value, text_conversation.c.taken_at.is_(None)
    return (
        session.scalar(select(func.count()).select_from(text_conversation).where(mine(text_conversation), *waits)) or 0
    )
