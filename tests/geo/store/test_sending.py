"""Messages are queued with what they are about, sent when they may be, by the way that is wanted, and never twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from geo.domain.drafts import Contact
from geo.domain.ids import new_id
from geo.domain.message_texts import Template
from geo.domain.messages import (
    A_PERSON_ASKING,
    Channel,
    MessageFault,
    MessageState,
    Preference,
    QuietHours,
    Recipient,
    RecipientKind,
)
from geo.errors import Conflict, InvalidInput, KeysUnavailable, NotFound
from geo.store.audit import list_audit
from geo.store.contacts import store_contact
from geo.store.engine import make_sessions, transaction
from geo.store.helpers import delete_helper
from geo.store.message_tables import local_outbox, message, preference
from geo.store.messages import (
    count_messages,
    drop_message,
    get_message,
    list_messages,
    prune_messages,
    queue_message,
    read_text,
    retry_message,
)
from geo.store.preferences import find_preference, set_preference, stop_contacting
from geo.store.sending import (
    LEASE,
    LONGEST_WAIT,
    MAX_TRIES,
    NobodySends,
    NotSent,
    SendReport,
    send_due,
    take_due,
    wait_after,
)

from tests.factories import add_helper, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

LINK = "https://example.org/help/Ab3#s3cret-t0ken"
SOON = timedelta(seconds=5)
ADDRESS = "aino@example.org"


class Postman:
    """Takes messages as it is told to, and remembers them."""

    def __init__(self, *channels: Channel, failing: int = 0) -> None:
        self.channels = frozenset(channels or (Channel.EMAIL,))
        self.failing = failing
        self.sent: list[tuple[Channel, str, str, str]] = []

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:
        if self.failing:
            self.failing -= 1
            raise NotSent
        self.sent.append((channel, address, text, key))


def now() -> datetime:
    return datetime.now(UTC) + SOON


def to_helper(session: Session, *, phone: str | None = None, **values: Any) -> Recipient:
    helper = add_helper(session, **values)
    store_contact(session, "helper_id", helper.id, Contact(name="Aino Koskinen", phone=phone, email=ADDRESS))
    return Recipient(RecipientKind.HELPER, helper.id)


def ask(session: Session, recipient: Recipient, key: str = "k", **more: Any) -> UUID:
    given = {"template": Template.HELPER_ASKED, "parameters": {"link": LINK}} | more
    made = queue_message(session, key=key, recipient=recipient, **given)
    assert made is not None
    return made


def go(sessions: SessionFactory, sender: Any = None, *, at: datetime | None = None, **more: Any) -> SendReport:
    return send_due(sessions, sender or NobodySends(), clock=lambda: at or now(), **more)


def left(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(local_outbox)) or 0


# -- queueing --------------------------------------------------------------------------------------------------


def test_a_message_is_there_if_its_transaction_commits_and_else_never_was(sessions: SessionFactory) -> None:
    with transaction(sessions) as session:
        who = to_helper(session)

    def fail_late() -> None:
        with transaction(sessions) as session:
            ask(session, who)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with transaction(sessions) as session:
        assert list_messages(session) == []
        ask(session, who)
    with transaction(sessions) as session:
        (one,) = list_messages(session)
        assert (one.recipient, one.state, one.tries) == ("Aino K.", MessageState.QUEUED, 0)
        assert [(e.action, e.object_kind) for e in list_audit(session)][:1] == [("queue", "message")]


def test_the_same_effect_is_queued_once(session: Session) -> None:
    who = to_helper(session)
    ask(session, who)
    again = queue_message(
        session, key="k", recipient=who, template=Template.NEED_DONE, parameters={"link": "https://example.org/x"}
    )
    assert again is None
    assert len(list_messages(session)) == 1


def test_nobody_of_another_network_is_told(session: Session) -> None:
    for kind in RecipientKind:
        with pytest.raises(InvalidInput, match="nobody"):
            ask(session, Recipient(kind, new_id()))


def test_a_key_is_a_short_plain_name(session: Session) -> None:
    who = to_helper(session)
    for key in ("", "k" * 121, "a\nb"):
        with pytest.raises(InvalidInput):
            ask(session, who, key)


def test_a_link_is_kept_sealed_and_needs_keys(session: Session, connection: Any) -> None:
    who = to_helper(session)
    ask(session, who)
    row = session.execute(select(message)).mappings().one()
    assert "t0ken" not in str({name: value for name, value in row.items() if name != "sealed"})
    assert b"t0ken" not in bytes(row["sealed"])
    with make_sessions(connection)() as keyless, pytest.raises(KeysUnavailable):
        ask(keyless, who, "k2")


def test_no_row_holds_a_name_an_address_or_a_number(session: Session, sessions: SessionFactory) -> None:
    who = to_helper(session, phone="+358401234567")
    ask(session, who)
    session.commit()
    go(sessions, Postman())
    for table in (message, local_outbox, preference):
        for row in session.execute(select(table)).mappings():
            assert not any(word in str(dict(row)) for word in ("Aino", "Koskinen", "example", "35840"))


# -- sending ---------------------------------------------------------------------------------------------------


def test_by_default_nothing_leaves_and_an_organizer_reads_it(session: Session, sessions: SessionFactory) -> None:
    need = add_need(session, languages=("et", "fi"))
    one = ask(session, Recipient(RecipientKind.NEED, need.id), template=Template.NEED_STILL)
    session.commit()
    assert go(sessions) == SendReport(left=1)
    assert go(sessions) == SendReport()
    found = get_message(session, one)
    assert (found.state, found.channel, found.recipient) == (MessageState.SENT, Channel.LOCAL, A_PERSON_ASKING)
    assert left(session) == 1
    told = read_text(session, one)
    assert (told.language, LINK in told.text) == ("fi", True)
    session.commit()
    assert list_audit(session)[0].action == "read"


def test_outside_it_goes_to_the_contact_once_with_its_key(session: Session, sessions: SessionFactory) -> None:
    one = ask(session, to_helper(session))
    session.commit()
    postman = Postman()
    assert go(sessions, postman) == SendReport(sent=1)
    assert go(sessions, postman) == SendReport()
    ((channel, address, told, key),) = postman.sent
    assert (channel, address, key) == (Channel.EMAIL, ADDRESS, str(one))
    assert LINK in told
    assert "Ehditkö" in told
    found = get_message(session, one)
    assert (found.state, found.channel, found.language) == (MessageState.SENT, Channel.EMAIL, "fi")
    assert session.scalar(select(message.c.sealed)) is None
    with pytest.raises(Conflict):
        read_text(session, one)


def test_the_way_and_the_language_that_are_wanted(session: Session, sessions: SessionFactory) -> None:
    who = to_helper(session, phone="+358401234567")
    set_preference(session, who, Preference(channel=Channel.SMS, language="sv"))
    ask(session, who)
    session.commit()
    postman = Postman(Channel.EMAIL, Channel.SMS)
    assert go(sessions, postman).sent == 1
    assert postman.sent[0][:2] == (Channel.SMS, "+358401234567")
    assert "Någon" in postman.sent[0][2]
    set_preference(session, who, Preference(channel=Channel.SIGNAL))
    ask(session, who, "k2")
    session.commit()
    assert go(sessions, postman) == SendReport(left=1)


def test_whoever_wants_to_be_left_alone_is(session: Session, sessions: SessionFactory) -> None:
    who = to_helper(session)
    set_preference(session, who, Preference(language="sv"))
    one = ask(session, who)
    stop_contacting(session, who)
    session.commit()
    postman = Postman()
    assert go(sessions, postman) == SendReport(dropped=1)
    assert postman.sent == []
    found = get_message(session, one)
    assert (found.state, found.last_error) == (MessageState.DROPPED, MessageFault.STOPPED)
    assert find_preference(session, who) == Preference(language="sv", is_stopped=True)


def test_quiet_hours_put_it_off_without_counting_as_a_try(session: Session, sessions: SessionFactory) -> None:
    who = to_helper(session)
    set_preference(session, who, Preference(quiet=QuietHours(time(22), time(7)), time_zone="Europe/Helsinki"))
    night = datetime(2027, 3, 27, 21, 30, tzinfo=UTC)
    one = ask(session, who, due_at=night)
    session.commit()
    assert go(sessions, at=night - SOON) == SendReport()
    assert go(sessions, at=night) == SendReport(put_off=1)
    found = get_message(session, one)
    # the clock is put forward in this night
    assert (found.next_try_at, found.tries) == (datetime(2027, 3, 28, 4, 0, tzinfo=UTC), 0)
    assert go(sessions, at=found.next_try_at - SOON) == SendReport()
    assert go(sessions, at=found.next_try_at) == SendReport(left=1)


def test_without_a_contact_it_fails_and_can_be_passed_on(session: Session, sessions: SessionFactory) -> None:
    one = ask(session, Recipient(RecipientKind.HELPER, add_helper(session).id))
    session.commit()
    assert go(sessions, Postman()) == SendReport(failed=1)
    found = get_message(session, one)
    assert (found.state, found.last_error) == (MessageState.FAILED, MessageFault.NO_CONTACT)
    assert LINK in read_text(session, one).text
    assert retry_message(session, one, now=now()).state is MessageState.QUEUED
    session.commit()
    assert go(sessions) == SendReport(left=1)


def test_what_was_refused_is_tried_again_ever_later_and_then_given_up(
    session: Session, sessions: SessionFactory
) -> None:
    one = ask(session, to_helper(session))
    session.commit()
    postman, at, waits = Postman(failing=100), now(), []
    for _ in range(MAX_TRIES - 1):
        assert go(sessions, postman, at=at) == SendReport(again=1)
        found = get_message(session, one)
        waits.append(found.next_try_at - at)
        assert go(sessions, postman, at=found.next_try_at - SOON) == SendReport()
        at = found.next_try_at
    assert waits == [wait_after(tries) for tries in range(1, MAX_TRIES)] == sorted(waits)
    assert go(sessions, postman, at=at) == SendReport(failed=1)
    assert get_message(session, one).last_error is MessageFault.REFUSED
    assert count_messages(session, now=at).failed == 1
    assert wait_after(1000) == LONGEST_WAIT


def test_what_somebody_took_and_never_settled_is_taken_again(session: Session, sessions: SessionFactory) -> None:
    one = ask(session, to_helper(session))
    at = now()
    ((taken,), _) = take_due(session, now=at)
    session.commit()
    assert taken.id == one
    assert go(sessions, at=at + LEASE - SOON) == SendReport()
    assert go(sessions, at=at + LEASE) == SendReport(left=1)
    assert get_message(session, one).tries == 2


def test_what_kills_whoever_takes_it_is_given_up(session: Session, sessions: SessionFactory) -> None:
    one = ask(session, to_helper(session))
    at = now()
    for _ in range(MAX_TRIES):
        assert len(take_due(session, now=at)[0]) == 1
        at += LEASE
    session.commit()
    assert go(sessions, at=at) == SendReport(failed=1)
    assert get_message(session, one).last_error is MessageFault.STALLED


def test_whose_lease_is_over_settles_nothing(session: Session, sessions: SessionFactory) -> None:
    one = ask(session, to_helper(session))
    session.commit()

    class Slow(Postman):
        def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:
            super().send(channel, address, text, key=key)
            with transaction(sessions) as other:
                take_due(other, now=now() + 2 * LEASE)

    assert go(sessions, Slow()) == SendReport(lost=1)
    assert get_message(session, one).state is MessageState.SENDING


def test_a_message_goes_with_whom_it_is_for(session: Session) -> None:
    who = to_helper(session)
    set_preference(session, who, Preference(language="sv"))
    ask(session, who)
    delete_helper(session, who.id)
    assert list_messages(session) == []
    assert session.scalar(select(func.count()).select_from(preference)) == 0


def test_a_person_with_an_account_is_told_in_the_house(session: Session, sessions: SessionFactory) -> None:
    with operator(session):
        person = new_id()
        session.execute(text("INSERT INTO access.person (id, login, name) VALUES (:id, 'o', 'O')"), {"id": person})
        session.execute(
            text("INSERT INTO access.membership (person_id, role) VALUES (:id, 'organizer')"), {"id": person}
        )
    ask(
        session,
        Recipient(RecipientKind.PERSON, person),
        template=Template.ORGANIZER_WAITING,
        parameters={"link": LINK, "count": 3},
    )
    session.commit()
    assert go(sessions, Postman()) == SendReport(left=1)


# -- looking after them ----------------------------------------------------------------------------------------


def test_pages_give_each_once_and_by_state(session: Session) -> None:
    who = to_helper(session)
    made = [ask(session, who, f"k{n}") for n in range(7)]
    drop_message(session, made[2])
    seen: list[UUID] = []
    after = None
    while page := list_messages(session, after=after, limit=3):
        seen += [one.id for one in page]
        after = page[-1].id
    assert seen == sorted(made)
    assert [one.id for one in list_messages(session, state=MessageState.DROPPED)] == [made[2]]


def test_what_was_sent_or_dropped_stays_so(session: Session, sessions: SessionFactory) -> None:
    who = to_helper(session)
    sent, dropped = ask(session, who, "a"), ask(session, who, "b", due_at=now() + timedelta(days=1))
    drop_message(session, dropped)
    session.commit()
    go(sessions)
    for one in (sent, dropped):
        for change in (drop_message, lambda s, i: retry_message(s, i, now=now())):
            with pytest.raises(Conflict):
                change(session, one)
    with pytest.raises(NotFound):
        drop_message(session, new_id())


def test_what_is_done_is_kept_for_a_while(session: Session, sessions: SessionFactory) -> None:
    who = to_helper(session)
    ask(session, who, "a")
    session.commit()
    go(sessions)
    ask(session, who, "b", due_at=now() + timedelta(days=400))
    keep = timedelta(days=30)
    with operator(session):
        assert prune_messages(session, now=now() + keep - timedelta(minutes=1), keep=keep) == 0
        assert prune_messages(session, now=now() + keep + timedelta(minutes=1), keep=keep) == 1
    assert len(list_messages(session)) == 1


def test_counts_tell_how_long_the_oldest_waits(session: Session) -> None:
    assert count_messages(session, now=now()).as_dict() == {
        "waiting": 0, "due": 0, "failed": 0, "oldest_due_at": None,
    }  # fmt: skip
    who, at = to_helper(session), datetime(2027, 1, 1, tzinfo=UTC)
    for days in (3, 1, 9):
        ask(session, who, f"k{days}", due_at=at + timedelta(days=days))
    found = count_messages(session, now=at + timedelta(days=4))
    assert (found.waiting, found.due, found.oldest_due_at) == (3, 2, at + timedelta(days=1))


def test_due_messages_are_found_by_their_index(session: Session) -> None:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    query = (
        "EXPLAIN SELECT id FROM restricted.message WHERE network_id = current_network() "
        "AND state IN ('queued', 'sending') AND next_try_at <= now() "
        "ORDER BY next_try_at LIMIT 50 FOR UPDATE SKIP LOCKED"
    )
    assert "ix_message_waiting" in "\n".join(session.scalars(text(query)))


def test_many_workers_at_once_leave_each_message_once(own_db: Engine, keys: KeyRing) -> None:
    sessions = make_sessions(own_db, keys=keys)
    with transaction(sessions) as session:
        who = Recipient(RecipientKind.HELPER, add_helper(session).id)
        for n in range(120):
            ask(session, who, f"k{n}", template=Template.HELPER_RELEASED, parameters={})
    reports: list[SendReport] = []
    workers = [threading.Thread(target=lambda: reports.append(go(sessions, batch=7))) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(report.left for report in reports) == 120
    with transaction(sessions) as session:
        assert left(session) == session.scalar(select(func.count(local_outbox.c.message_id.distinct()))) == 120
