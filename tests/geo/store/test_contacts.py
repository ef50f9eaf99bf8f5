from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.ids import new_id
from geo.domain.words import Category, ConsentScope, ConsentWay, SubjectKind
from geo.errors import Conflict, InvalidInput, KeysUnavailable
from geo.store import tables
from geo.store.consents import list_consents
from geo.store.contacts import delete_contact, find_contact, store_contact
from geo.store.engine import make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.needs import create_need
from geo.store.submissions import Entry, receive

from tests.dumps import dump_text
from tests.factories import add_helper, add_need, located
from tests.ring import RING

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AINO = Contact("Aino Saari", "+358 40 1", "aino@example.org", "sms", "third floor ☂", AT, ConsentWay.SPOKEN)


def test_a_contact_comes_back_as_it_was_given(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    store_contact(session, "need_id", need.id, AINO)
    store_contact(session, "helper_id", helper.id, replace(AINO, name="Oleg"))
    assert find_contact(session, "need_id", need.id) == AINO
    assert find_contact(session, "helper_id", helper.id) == replace(AINO, name="Oleg")
    with pytest.raises(Conflict), session.begin_nested():
        store_contact(session, "need_id", need.id, AINO)
    delete_contact(session, "need_id", need.id)
    store_contact(session, "need_id", need.id, replace(AINO, phone=None))
    assert find_contact(session, "need_id", need.id) == replace(AINO, phone=None)
    assert delete_contact(session, "need_id", need.id)
    assert not delete_contact(session, "need_id", need.id)
    assert find_contact(session, "need_id", need.id) is None


def test_the_consent_it_came_with_is_recorded(session: Session) -> None:
    need = create_need(session, NeedDraft(Category.FOOD), located(), AINO)
    (consent,) = list_consents(session, SubjectKind.NEED, need.id)
    assert (consent.what, consent.how, consent.given_at) == (ConsentScope.KEEP_CONTACT, ConsentWay.SPOKEN, AT)
    assert consent.holds
    assert consent.recorded_by is None
    silent = create_need(session, NeedDraft(Category.FOOD), located(), replace(AINO, consent_at=None))
    assert list_consents(session, SubjectKind.NEED, silent.id) == []


@pytest.mark.parametrize(("field", "most"), [("name", 200), ("phone", 40), ("email", 254), ("note", 4000)])
def test_each_field_is_bounded_before_it_is_sealed(session: Session, field: str, most: int) -> None:
    need = add_need(session)
    store_contact(session, "need_id", need.id, replace(AINO, **{field: "ä" * most}))
    delete_contact(session, "need_id", need.id)
    with pytest.raises(InvalidInput) as caught:
        store_contact(session, "need_id", need.id, replace(AINO, **{field: "ä" * (most + 1)}))
    assert caught.value.field == field


def test_an_entry_too_long_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="too long"):
        receive(session, Entry(new_id(), "need", {"x": "y" * 100_001}, b"h" * 32), lambda: add_need(session).id)


def test_without_keys_nothing_is_stored_or_read(session: Session) -> None:
    need = create_need(session, NeedDraft(Category.FOOD), located(), AINO)
    session.info["keys"] = None
    with pytest.raises(KeysUnavailable):
        find_contact(session, "need_id", need.id)
    with pytest.raises(KeysUnavailable):
        create_need(session, NeedDraft(Category.FOOD), located(), AINO)


def test_a_contact_moved_to_another_row_does_not_open(session: Session) -> None:
    one, other = add_need(session), add_need(session)
    for need in (one, other):
        store_contact(session, "need_id", need.id, AINO)
    contact = tables.contact
    sealed = session.scalar(select(contact.c.sealed).where(contact.c.need_id == one.id))
    session.execute(update(contact).where(contact.c.need_id == other.id).values(sealed=sealed))
    with pytest.raises(KeysUnavailable, match="another record"):
        find_contact(session, "need_id", other.id)


def test_no_column_of_text_is_left_beside_what_is_sealed(session: Session) -> None:
    names = session.scalars(
        text(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'restricted' "
            "AND table_name IN ('contact', 'submission') AND data_type IN ('text', 'jsonb') ORDER BY 1"
        )
    ).all()
    # each of these is one of a closed list of words, a key's name, or reasons without what was typed
    closed = ("channel", "key_id", "kind", "refused_because", "result", "state", "state_before")
    assert names == ["contact.key_id", *(f"submission.{name}" for name in closed)]


def canary(number: int) -> Contact:
    tag = f"{number:04}"
    return Contact(f"Budgie{tag}", f"+358 555 {tag}", f"c{tag}@budgie.example", "phone", f"Budgie note {tag}", AT)


@pytest.mark.own_db
def test_a_dump_shows_no_contact_of_a_hundred(own_db: Engine) -> None:
    register_keys(own_db, RING)
    with transaction(make_sessions(own_db, keys=RING)) as session:
        for number in range(100):
            given = canary(number)
            payload: dict[str, Any] = {"contact": {"name": given.name, "phone": given.phone, "note": given.note}}

            def make(given: Contact = given) -> Any:
                return create_need(session, NeedDraft(Category.FOOD), located(), given).id

            receive(session, Entry(new_id(), "need", payload, b"h" * 32), make)
    content = dump_text(own_db)
    assert content.count(b"ktests") >= 200
    for word in (b"Budgie", b"budgie", b"555 0"):
        assert word not in content
