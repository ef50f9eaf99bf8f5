"""A stop that came by text holds for the number, at the moment a message would leave, whoever the number belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from geo.domain.drafts import Contact
from geo.domain.message_texts import Template
from geo.domain.messages import Channel, MessageFault, MessageState, Recipient, RecipientKind
from geo.domain.texts import HookKind, InboundText, Texting
from geo.store.audit import list_audit
from geo.store.contacts import store_contact
from geo.store.conversations import list_conversations, take_text
from geo.store.engine import make_sessions, transaction
from geo.store.keys import open_keyring, rotate_keys
from geo.store.messages import list_messages, queue_message
from geo.store.sending import SendReport, send_due
from geo.store.text_hooks import find_hook, open_hook

from tests.factories import add_helper

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 6, 4, 12, 0, tzinfo=UTC)
GATEWAY, TYPED = "+358401234567", "040 123 4567"


class Phone:
    """Whoever sends, remembering to which number."""

    channels = frozenset({Channel.SMS, Channel.SIGNAL, Channel.EMAIL})

    def __init__(self) -> None:
        self.reached: list[tuple[Channel, str]] = []

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:  # noqa: ARG002 - as Sender has it
        self.reached.append((channel, address))


def say(sessions: SessionFactory, text: str) -> None:
    with transaction(sessions) as session:
        hook, _ = open_hook(session, HookKind.PLAIN)
        take_text(session, hook.id, InboundText(str(uuid4()), GATEWAY, text), Texting(), now=NOW)


def helper_with(session: Session, contact: Contact) -> UUID:
    helper = add_helper(session)
    store_contact(session, "helper_id", helper.id, contact)
    return helper.id


def tell(sessions: SessionFactory, helper_id: UUID, key: str) -> None:
    with transaction(sessions) as session:
        queue_message(
            session,
            key=key,
            recipient=Recipient(RecipientKind.HELPER, helper_id),
            template=Template.HELPER_RELEASED,
            parameters={},
        )


def test_nothing_leaves_for_a_number_that_said_stop_until_it_says_start(
    sessions: SessionFactory, session: Session
) -> None:
    helper_id = helper_with(session, Contact(phone=TYPED, consent_at=NOW))
    session.commit()
    tell(sessions, helper_id, "before")
    say(sessions, "STOP")
    phone = Phone()
    assert send_due(sessions, phone, clock=lambda: datetime.now(UTC)) == SendReport(dropped=1)
    assert phone.reached == []
    (message,) = list_messages(session)
    assert (message.state, message.last_error) == (MessageState.DROPPED, MessageFault.STOPPED)
    say(sessions, "START")
    tell(sessions, helper_id, "after")
    assert send_due(sessions, phone, clock=lambda: datetime.now(UTC)).sent == 1
    assert phone.reached == [(Channel.SMS, TYPED)]


def test_a_stop_by_text_says_nothing_of_letters(sessions: SessionFactory, session: Session) -> None:
    helper_id = helper_with(session, Contact(phone=TYPED, email="aino@example.org", consent_at=NOW))
    session.commit()
    say(sessions, "STOP")
    tell(sessions, helper_id, "k")
    phone = Phone()
    assert send_due(sessions, phone, clock=lambda: datetime.now(UTC)).sent == 1
    assert phone.reached == [(Channel.EMAIL, "aino@example.org")]


def test_each_stop_and_start_is_one_entry_without_a_number(sessions: SessionFactory, session: Session) -> None:
    for text in ("STOP", "STOP", "START", "START"):
        say(sessions, text)
    noted = [(one.action, one.object_kind) for one in list_audit(session)]
    assert noted.count(("stop", "text_stop")) == noted.count(("start", "text_stop")) == 1
    assert "1234567" not in str(list_audit(session))


@pytest.mark.own_db
def test_a_rotation_of_keys_keeps_conversations_and_secrets_open(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = open_keyring(own_db, path, now=NOW)
    sessions = make_sessions(own_db, keys=ring)
    with transaction(sessions) as session:
        hook, secret = open_hook(session, HookKind.PLAIN)
        take_text(session, hook.id, InboundText("1", GATEWAY, "hello"), Texting(), now=NOW)
    report = rotate_keys(own_db, path, now=LATER)
    assert report.resealed == 2
    assert report.left == ()
    sessions = make_sessions(own_db, keys=open_keyring(own_db, path, now=LATER))
    with transaction(sessions) as session:
        found = find_hook(session, hook.id)
        assert found is not None
        assert found.secret == secret
        # the same person is known again, and goes on where they were
        take_text(session, hook.id, InboundText("2", GATEWAY, "1"), Texting(), now=NOW)
        (one,) = list_conversations(session)
    assert one.step == "category"
