from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from geo.domain.ids import new_id
from geo.errors import IdempotencyClash
from geo.store.needs import delete_need
from geo.store.submissions import Entry, count_submissions, find_payload, receive

from tests.factories import add_need

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


def entry(body: str = "body", entry_id: UUID | None = None) -> Entry:
    return Entry(entry_id or new_id(), "need", {"location": body}, hashlib.sha256(body.encode()).digest())


def test_an_entry_is_received_once(session: Session) -> None:
    sent = entry()
    first = receive(session, sent, lambda: add_need(session).id)
    assert find_payload(session, sent.id) == sent.payload
    again = receive(session, sent, lambda: pytest.fail("made twice"))
    assert (first.is_new, again.is_new) == (True, False)
    assert first.record_id == again.record_id
    assert count_submissions(session) == 1


def test_the_same_id_with_another_body_is_a_clash(session: Session) -> None:
    sent = entry()
    receive(session, sent, lambda: add_need(session).id)
    with pytest.raises(IdempotencyClash):
        receive(session, entry("other", sent.id), lambda: pytest.fail("made twice"))


def test_deleting_a_need_empties_its_entry(session: Session) -> None:
    sent = entry("Testikatu 1")
    need_id = receive(session, sent, lambda: add_need(session).id).record_id
    delete_need(session, need_id)
    assert find_payload(session, sent.id) is None
    assert not receive(session, sent, lambda: pytest.fail("made again")).is_new
