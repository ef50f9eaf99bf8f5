from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString
from sqlalchemy import text

from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.place import Point
from geo.domain.texting.words import BY_CODE
from geo.domain.texts import HookKind, InboundText, TalkState, Texting
from geo.domain.words import Category, LocationState
from geo.errors import Conflict, IdempotencyClash, InvalidInput, NotFound
from geo.store.contacts import find_contact
from geo.store.conversations import KEEP, lapse_one, list_conversations, prune_texts, take_text
from geo.store.gazetteer_import import StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.handing_over import count_handed_over, take_over
from geo.store.messages import list_messages, queue_message
from geo.store.needs import count_balance, delete_need, get_need, list_needs
from geo.store.preferences import find_preference
from geo.store.review import list_review
from geo.store.submissions import count_submissions, find_payload
from geo.store.text_hooks import end_hook, find_hook, list_hooks, open_hook
from geo.store.text_stops import is_stopped

from tests.rights import load_source, operator, serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.texts import TextAnswer

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ANNA, BEN = "+358401234567", "+358409999999"
TEXTING = Texting(person="+35891")
EN = BY_CODE["en"]
WHOLE = ("hello", "1", "1", "3", "Testikatu 3", "1", "1", "1")


@pytest.fixture
def town(session: Session) -> Session:
    """A network that serves Helsinki and knows one street with ten doors."""
    serve_area(session, (24.80, 60.10, 25.10, 60.30))
    info = SourceInfo(slug="test", name="Test town", licence="ODbL 1.0", attribution="© Test mappers", checksum="0")
    doors = [AddressRow("Testikatu", str(n), Point(24.94 + n / 5000, 60.17), "00100", "Helsinki") for n in range(1, 11)]
    line = MultiLineString([LineString([(24.94, 60.17), (24.943, 60.17)])])
    load_source(session, info, addresses=doors, streets=[StreetRow("Testikatu", line, 167.0, "Helsinki")])
    return session


@pytest.fixture
def hook(town: Session) -> UUID:
    return open_hook(town, HookKind.PLAIN)[0].id


def send(
    session: Session, hook: UUID, said: str, *, sender: str = ANNA, at: datetime = AT, message_id: str | None = None
) -> TextAnswer:
    return take_text(session, hook, InboundText(message_id or str(uuid4()), sender, said), TEXTING, now=at)


def hold(session: Session, hook: UUID, *texts: str, sender: str = ANNA, at: datetime = AT) -> list[str | None]:
    return [send(session, hook, said, sender=sender, at=at).reply for said in texts]


def test_a_conversation_becomes_a_need_at_its_door(town: Session, hook: UUID) -> None:
    replies = hold(town, hook, *WHOLE)
    assert replies[-1] == EN.done
    (need,) = list_needs(town)
    assert (need.category, need.household_size, need.languages, need.source) == (Category.FOOD, 3, ("en",), "text")
    assert need.location_state is LocationState.LOCATED
    contact = find_contact(town, "need_id", need.id)
    assert contact is not None
    assert (contact.phone, contact.preferred_channel) == (ANNA, "sms")
    (one,) = list_conversations(town)
    assert (one.state, one.need_id) == (TalkState.DONE, need.id)
    # what was said lies sealed in the entry alone
    payload = find_payload(town, one.id)
    assert payload is not None
    assert payload["from"] == ANNA
    assert "hello" in payload["said"]
    assert count_balance(town).received == 1


def test_a_text_that_comes_again_is_taken_once_and_answered_as_before(town: Session, hook: UUID) -> None:
    for at, said in enumerate(WHOLE):
        first = send(town, hook, said, message_id=f"m{at}")
        again = send(town, hook, said, message_id=f"m{at}")
        assert again.reply is not None
        assert first.reply is not None
        assert again.reply in first.reply
    assert len(list_needs(town)) == count_submissions(town) == 1
    # the whole series once more, after the end
    for at, said in enumerate(WHOLE):
        assert send(town, hook, said, message_id=f"m{at}").reply == EN.done
    assert len(list_needs(town)) == len(list_conversations(town)) == 1


def test_an_id_names_one_text(town: Session, hook: UUID) -> None:
    send(town, hook, "hello", message_id="m")
    with pytest.raises(IdempotencyClash):
        send(town, hook, "goodbye", message_id="m")
    with pytest.raises(IdempotencyClash):
        send(town, hook, "hello", sender=BEN, message_id="m")
    other = open_hook(town, HookKind.PLAIN)[0].id
    assert send(town, other, "hello", message_id="m").reply is not None


def test_two_who_write_at_once_are_kept_apart(town: Session, hook: UUID) -> None:
    for mine, theirs in zip(WHOLE, ("hei", "3", "2", "0", "0", "3", "1", "kiitos"), strict=True):
        send(town, hook, mine)
        send(town, hook, theirs, sender=BEN)
    found = {need.category: need for need in list_needs(town)}
    assert set(found) == {Category.FOOD, Category.WATER}
    assert find_contact(town, "need_id", found[Category.WATER].id) is None
    assert found[Category.WATER].location_state is LocationState.NONE


def test_a_doubtful_address_is_offered_and_the_choice_is_kept(town: Session, hook: UUID) -> None:
    replies = hold(town, hook, "hello", "1", "1", "0", "Testikatu 99")
    asked = str(replies[-1])
    if asked.startswith(EN.ask_place):
        hold(town, hook, str(asked.count("\n")), "1", "1", "1")
    else:
        hold(town, hook, "1", "1", "1")
    (need,) = list_needs(town)
    assert need.location_state is LocationState.NEEDS_REVIEW
    (item,) = list_review(town)
    assert item.address_typed == "Testikatu 99"


@pytest.mark.parametrize("said", [("we have nothing to eat at Testikatu 3",), ("hello", "1", "1", "2", "Testikatu 3")])
def test_what_was_not_finished_goes_to_the_review_queue(town: Session, hook: UUID, said: tuple[str, ...]) -> None:
    hold(town, hook, *said)
    assert not lapse_one(town, TEXTING, now=AT + timedelta(hours=23))
    assert lapse_one(town, TEXTING, now=AT + timedelta(hours=25))
    assert not lapse_one(town, TEXTING, now=AT + timedelta(hours=25))
    (item,) = list_review(town)
    assert item.address_typed == said[-1]
    balance = count_balance(town)
    assert balance.received == balance.needs_review == 1
    (one,) = list_conversations(town)
    assert one.state is TalkState.LAPSED
    assert (find_contact(town, "need_id", item.need.id) is not None) == (len(said) > 2)


def test_whoever_writes_after_a_long_silence_begins_anew_and_loses_nothing(town: Session, hook: UUID) -> None:
    hold(town, hook, "hello", "1", "1", "2", "Testikatu 3")
    later = AT + timedelta(days=2)
    assert EN.ask_category in str(hold(town, hook, "hello again", at=later)[0])
    assert len(list_needs(town)) == 1
    states = [one.state for one in list_conversations(town)]
    assert states == [TalkState.LAPSED, TalkState.GOING]
    # the language is known now
    assert list_conversations(town)[1].step == "category"


def test_one_who_writes_and_writes_is_kept_in_more_than_one(town: Session, hook: UUID) -> None:
    said = [f"please hear me {'x' * 1500} number {n}" for n in range(30)]
    hold(town, hook, *said)
    while lapse_one(town, TEXTING, now=AT + timedelta(days=3)):
        pass
    payloads = [find_payload(town, one.id) for one in list_conversations(town)]
    kept = [line for payload in payloads if payload for line in payload["said"]]
    assert kept == said


@pytest.mark.parametrize("texts", [(), ("hello",), ("hello", "1"), WHOLE[:5], WHOLE[:7]])
def test_stop_is_confirmed_once_and_loses_nothing(town: Session, hook: UUID, texts: tuple[str, ...]) -> None:
    hold(town, hook, *texts)
    assert hold(town, hook, "STOP", "stop", "Alto") == [EN.stopped, None, None]
    assert is_stopped(town, "040 123 4567")
    assert not is_stopped(town, BEN)
    assert all(one.state is not TalkState.GOING for one in list_conversations(town))
    assert count_balance(town).received == (1 if texts else 0)
    for need in list_needs(town):
        assert find_contact(town, "need_id", need.id) is None


def test_stop_drops_what_waits_and_start_takes_it_back(town: Session, hook: UUID) -> None:
    hold(town, hook, *WHOLE)
    (need,) = list_needs(town)
    them = Recipient(RecipientKind.NEED, need.id)
    queue_message(
        town, key="k", recipient=them, template=Template.NEED_DONE, parameters={"link": "https://a.example/n"}
    )
    hold(town, hook, "STOP")
    (message,) = list_messages(town)
    assert message.state.value == "dropped"
    assert find_preference(town, them).is_stopped
    assert str(hold(town, hook, "START")[0]).startswith(EN.started)
    assert not find_preference(town, them).is_stopped
    assert not is_stopped(town, ANNA)


def test_one_who_said_stop_is_answered_nothing_and_heard_all_the_same(town: Session, hook: UUID) -> None:
    hold(town, hook, "STOP")
    assert hold(town, hook, "no food here", "1", "please") == [None, None, None]
    assert hold(town, hook, "HELP")[0] is not None
    assert lapse_one(town, TEXTING, now=AT + timedelta(days=2))
    (item,) = list_review(town)
    assert item.address_typed == "no food here / please"
    assert item.need.category is Category.FOOD


@pytest.mark.parametrize("texts", [(), ("hello",), WHOLE[:6]])
def test_a_person_is_brought_once_with_the_number_to_call(town: Session, hook: UUID, texts: tuple[str, ...]) -> None:
    hold(town, hook, *texts)
    first, second = send(town, hook, "PERSON"), send(town, hook, "person")
    assert first.handed_over is not None
    assert first.reply == second.reply == f"{EN.handed_over}\n{EN.call.format(number='+35891')}"
    assert second.handed_over is None
    assert count_handed_over(town) == 1
    (need,) = list_needs(town)
    contact = find_contact(town, "need_id", need.id)
    assert contact is not None
    assert contact.phone == ANNA
    taken = take_over(town, first.handed_over, now=AT)
    assert (taken.taken_at, count_handed_over(town)) == (AT, 0)
    assert take_over(town, first.handed_over, now=AT + timedelta(days=1)) == taken
    with pytest.raises(NotFound):
        take_over(town, uuid4(), now=AT)


def test_only_what_was_handed_over_is_taken(town: Session, hook: UUID) -> None:
    hold(town, hook, "hello")
    with pytest.raises(Conflict):
        take_over(town, list_conversations(town)[0].id, now=AT)


def test_help_and_thanks_keep_nothing(town: Session, hook: UUID) -> None:
    replies = hold(town, hook, "HELP", "thank you", "apua")
    assert replies[1] is None
    assert "+35891" in str(replies[0])
    assert list_conversations(town) == []
    assert send(town, hook, "HELP", message_id="h").reply == send(town, hook, "HELP", message_id="h").reply


def test_a_need_that_is_erased_takes_its_conversation_along(town: Session, hook: UUID) -> None:
    hold(town, hook, *WHOLE)
    (need,) = list_needs(town)
    delete_need(town, need.id)
    assert list_conversations(town) == []
    assert hold(town, hook, "hello")[0] is not None


def test_old_conversations_go_and_their_needs_stay(town: Session, hook: UUID) -> None:
    hold(town, hook, *WHOLE)
    hold(town, hook, "PERSON", sender=BEN)
    with operator(town):
        assert prune_texts(town, now=AT + KEEP) == 0
        assert prune_texts(town, now=AT + KEEP + timedelta(days=1)) == 1
        assert town.scalar(text("SELECT count(*) FROM restricted.text_received")) == 0
    (left,) = list_conversations(town)
    assert left.state is TalkState.HANDED_OVER
    assert len(list_needs(town)) == 2


def test_nothing_in_the_open_says_who_wrote_or_what(town: Session, hook: UUID) -> None:
    hold(town, hook, "canary Kanerva needs help", "1", "1", "2", "Testikatu 3")
    hold(town, hook, "STOP", sender=BEN)
    town.flush()
    for table in (
        "restricted.text_conversation",
        "restricted.text_received",
        "restricted.text_stop",
        "access.text_hook",
    ):
        with operator(town):
            rows = str(town.execute(text(f"SELECT t::text FROM {table} t")).all())  # noqa: S608 - names above
        for word in ("canary", "Kanerva", "Testikatu", "401234567", "409999999", "63616e617279"):
            assert word not in rows, table


def test_a_place_outside_the_area_is_still_a_need(town: Session, hook: UUID) -> None:
    serve_area(town, (20.0, 60.0, 20.1, 60.1))
    hold(town, hook, *WHOLE, "1")
    (need,) = list_needs(town)
    assert need.location_state is LocationState.NEEDS_REVIEW


@pytest.mark.usefixtures("hook")
def test_gateways_are_listed_without_their_secret_and_end(town: Session) -> None:
    _, secret = open_hook(town, HookKind.TWILIO, secret="0123456789abcdef0123456789abcdef", label="ours")  # noqa: S106 - made up
    assert secret == "0123456789abcdef0123456789abcdef"  # noqa: S105 - likewise
    first, second = list_hooks(town)
    assert [one.id for one in list_hooks(town, after=first.id)] == [second.id]
    assert "0123456789abcdef" not in repr(second)
    found = find_hook(town, second.id)
    assert found is not None
    assert "0123456789abcdef" not in repr(found)
    end_hook(town, second.id)
    end_hook(town, second.id)
    assert find_hook(town, second.id) is None
    assert find_hook(town, uuid4()) is None
    with pytest.raises(NotFound):
        end_hook(town, uuid4())
    for values in ({"secret": None}, {"secret": "short"}, {"secret": "x" * 400}, {"secret": "with ünicode and more"}):
        with pytest.raises(InvalidInput):
            open_hook(town, HookKind.TWILIO, **values)
    with pytest.raises(InvalidInput):
        open_hook(town, HookKind.PLAIN, secret="0123456789abcdef")  # noqa: S106 - likewise


SAID = st.sampled_from(
    ["hello", "1", "2", "3", "0", "Testikatu 3", "Testikatu 99", "no food", "STOP", "START", "HELP", "PERSON", "ok", ""]
)
DELIVERIES = st.lists(st.tuples(st.sampled_from([ANNA, BEN]), SAID, st.integers(0, 3), st.integers(0, 40)), max_size=14)


@given(DELIVERIES, st.randoms(use_true_random=False))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_in_whichever_order_no_need_is_lost_or_doubled(
    town: Session, hook: UUID, deliveries: list[tuple[str, str, int, int]], random: object
) -> None:
    """Interleaved senders, repeats that come late, long silences: words end in exactly one entry each."""
    with town.begin_nested() as nested:
        before = count_submissions(town)
        texts = [(f"m{at}", *one) for at, one in enumerate(deliveries)]
        queue = [one for one in texts for _ in range(1 + one[3])]
        # a repeat comes after its first; otherwise they come as they come
        random.shuffle(queue)  # type: ignore[attr-defined]
        now = AT
        for message_id, sender, said, _, hours in queue:
            now += timedelta(hours=hours)
            send(town, hook, said, sender=sender, at=now, message_id=message_id)
        while lapse_one(town, TEXTING, now=now + timedelta(days=2)):
            pass
        conversations = list_conversations(town)
        assert all(one.state is not TalkState.GOING for one in conversations)
        needs = [one.need_id for one in conversations if one.need_id is not None]
        assert len(needs) == len(set(needs)) == count_submissions(town) - before
        for need_id in needs:
            assert get_need(town, need_id).source == "text"
        kept = [line for one in needs for line in (find_payload(town, one) or {})["said"]]
        for _, _, said, _, _ in {one[0]: one for one in queue}.values():
            if said == "no food":
                assert said in kept
        assert count_balance(town).received >= len(needs)
        nested.rollback()
