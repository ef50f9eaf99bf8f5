from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.place import Candidate, GeocodeResult, Point
from geo.domain.texting.conversation import (
    MAX_SAID,
    House,
    Outcome,
    Reach,
    Step,
    Talk,
    Turn,
    ask,
    contact_of,
    draft_of,
    keep,
    take,
    typed_of,
)
from geo.domain.texting.words import BY_CODE, SPOKEN, clean, find_command, has_words
from geo.domain.words import Category, ConsentWay, Decision, MatchQuality

if TYPE_CHECKING:
    from geo.domain.texting.phrases import Phrases

NUMBER = "+358401234567"
AT = datetime(2026, 5, 4, tzinfo=UTC)
NEED = UUID(int=7)


def offer(label: str) -> Candidate:
    return Candidate(Point(24.94, 60.17), label, MatchQuality.ROOFTOP, 10.0, 80, "test")


def look_up(q: str) -> GeocodeResult:
    if "sure" in q:
        return GeocodeResult(Decision.ACCEPT, (offer("Testikatu 1"),))
    if "doubt" in q:
        labels = ("Testikatu 1", "Testikatu 1", "Testikatu 2", "Testikatu 3", "Testikatu 4")
        return GeocodeResult(Decision.REVIEW, tuple(map(offer, labels)))
    return GeocodeResult(Decision.NONE)


HOUSE = House("Kallio", look_up, "+358 9 1")


def hold(*texts: str, talk: Talk | None = None, house: House = HOUSE) -> Turn:
    turn = Turn(talk or Talk(), None)
    for text in texts:
        turn = take(turn.talk, text, house)
    return turn


@pytest.mark.parametrize("number", range(1, len(SPOKEN) + 1))
def test_a_whole_conversation_in_every_language(number: int) -> None:
    phrases = SPOKEN[number - 1]
    begun = hold("xyz xyz", str(number))
    assert begun.reply is not None
    assert begun.reply.startswith(phrases.notice.format(network="Kallio"))
    assert phrases.categories[Category.MEDICINE] in begun.reply
    asked = hold("3", "4", "doubt", talk=begun.talk)
    assert asked.talk.step is Step.PLACE
    assert asked.reply is not None
    assert asked.reply.splitlines()[1:] == [
        "1 Testikatu 1", "2 Testikatu 2", "3 Testikatu 3", f"4 {phrases.none_of_these}",
    ]  # fmt: skip
    confirm = hold("2", "1", "1", talk=asked.talk)
    assert confirm.talk.step is Step.CONFIRM
    assert confirm.reply is not None
    summary = f"{phrases.categories[Category.MEDICINE]}, {phrases.people.format(count=4)}, Testikatu 2"
    assert summary in confirm.reply
    done = hold("1", talk=confirm.talk)
    assert (done.outcome, done.reply) == (Outcome.SUBMIT, phrases.done)
    draft = draft_of(done.talk, need_id=NEED, received_at=AT)
    assert (draft.category, draft.household_size, draft.languages) == (Category.MEDICINE, 4, (phrases.code,))
    assert (draft.source, draft.withheld) == ("text", False)
    contact = contact_of(done.talk, NUMBER, at=AT)
    assert contact is not None
    assert (contact.phone, contact.preferred_channel, contact.consent_how) == (NUMBER, "sms", ConsentWay.WRITTEN)


def test_the_name_of_a_need_tells_the_language_too() -> None:
    turn = hold("Comida")
    assert (turn.talk.language, turn.talk.category, turn.talk.step) == ("es", Category.FOOD, Step.PEOPLE)
    assert turn.talk.is_noticed


def test_none_of_these_keeps_the_words_and_no_place() -> None:
    turn = hold("hi", "1", "1", "0", "doubt street", "4")
    assert (turn.talk.place, turn.talk.address, turn.talk.step) == (None, "doubt street", Step.REACH)
    assert len(turn.talk.places) == 3


def test_an_address_instead_of_a_choice_is_another_address() -> None:
    turn = hold("hi", "1", "1", "0", "doubt street", "sure street 1")
    assert (turn.talk.address, turn.talk.places, turn.talk.step) == ("sure street 1", (), Step.REACH)


def test_what_is_found_surely_is_not_asked_about() -> None:
    assert hold("hi", "1", "1", "0", "sure 1").talk.step is Step.REACH


@pytest.mark.parametrize(
    ("answers", "reach", "is_kept"),
    [(("1", "1"), Reach.SMS, True), (("2", "2"), Reach.PHONE, False), (("3",), Reach.NONE, False)],
)
def test_a_number_is_kept_only_with_a_yes(answers: tuple[str, ...], reach: Reach, is_kept: bool) -> None:  # noqa: FBT001 - a case
    turn = hold("hi", "1", "1", "0", "0", *answers)
    assert turn.talk.step is Step.CONFIRM
    assert turn.talk.reach is reach
    assert (contact_of(turn.talk, NUMBER, at=AT) is not None) == is_kept
    assert contact_of(turn.talk, NUMBER, at=AT, asks_for_person=True) is not None


def test_whoever_was_not_told_yet_has_agreed_to_nothing() -> None:
    assert contact_of(hold("hi there").talk, NUMBER, at=AT) is None
    assert contact_of(hold("hi there", "1").talk, NUMBER, at=AT) is None
    assert contact_of(hold("hi there", "1", "1").talk, NUMBER, at=AT) is not None


def test_starting_again_forgets_the_answers_and_not_the_words() -> None:
    turn = hold("we need help", "1", "1", "2", "sure 1", "1", "1", "2")
    assert (turn.talk.step, turn.talk.category, turn.talk.address) == (Step.CATEGORY, None, None)
    assert "we need help" in turn.talk.said


def test_the_kind_of_an_unfinished_need_is_guessed() -> None:
    guessed = draft_of(hold("no food since monday").talk, need_id=NEED, received_at=AT)
    assert guessed.category is Category.FOOD
    unknown = draft_of(hold("please come").talk, need_id=NEED, received_at=AT)
    assert unknown.category is Category.COMPANY
    assert typed_of(hold("please come", "hello?").talk) == "please come / hello?"


@pytest.mark.parametrize("phrases", SPOKEN, ids=lambda p: p.code)
@pytest.mark.parametrize("step", Step)
def test_the_way_out_is_open_at_every_step_in_every_language(phrases: Phrases, step: Step) -> None:
    places = (offer("Testikatu 1"),)
    talk = Talk(step=step, language=phrases.code, category=Category.FOOD, places=places, said=("a",))
    for spoken in SPOKEN:
        assert take(talk, spoken.stop[0], HOUSE).reply == phrases.stopped
        assert take(talk, spoken.stop[0], HOUSE).outcome is Outcome.STOP
    assert take(talk, phrases.person[0], HOUSE).outcome is Outcome.HAND_OVER
    told = take(talk, phrases.help[0], HOUSE)
    assert told.talk == talk
    assert told.reply is not None
    assert phrases.call.format(number="+358 9 1") in told.reply
    without = take(talk, phrases.help[0], House("Kallio", look_up)).reply
    assert without is not None
    assert "{" not in without


def test_help_before_anything_else_tells_in_the_language_of_the_word() -> None:
    turn = hold("apua")
    assert turn.talk.language == "fi"
    assert turn.reply is not None
    assert turn.reply.startswith(BY_CODE["fi"].about.format(network="Kallio"))
    assert "1 English" in str(hold("help").reply)


def test_thanks_begin_nothing() -> None:
    assert hold("Thank you!").outcome is Outcome.NOTHING
    assert hold("ok", talk=hold("hi", "1").talk).outcome is Outcome.GO_ON


def test_an_injection_is_only_text() -> None:
    for text in ("{network}", "{0.__class__}", "%s%n", "<script>x</script>", "'; DROP TABLE need; --", "{{7*7}}"):
        turn = hold("hi", "1", "1", "0", text, "3")
        assert turn.talk.address == (text if has_words(text) else None)
        assert turn.reply is not None


ANSWERS = st.one_of(
    st.sampled_from(["1", "2", "3", "4", "9", "0", "doubt 1", "sure 1", "nowhere", "Comida", "", " ", "\x00", "ok"]),
    st.sampled_from([word for p in SPOKEN for word in (*p.stop, *p.start, *p.help, *p.person, *p.thanks)]),
    st.text(max_size=300),
)


@given(st.lists(ANSWERS, max_size=40))
def test_random_conversations_never_fail_and_lose_no_words(texts: list[str]) -> None:
    talk = Talk()
    words: list[str] = []
    for text in texts:
        turn = take(talk, text, HOUSE)
        assert turn.reply is None or "{" not in turn.reply or "{" in "".join(texts)
        if turn.outcome in (Outcome.SUBMIT, Outcome.STOP, Outcome.HAND_OVER) or turn.talk.is_full:
            # whoever stores it ends this conversation and begins another
            assert turn.outcome is not Outcome.SUBMIT or turn.talk.category is not None
            talk, words = Talk(language=turn.talk.language), []
            continue
        plain = clean(text)
        new = turn.talk.said[len(talk.said) :]
        assert turn.talk.said[: len(talk.said)] == talk.said
        assert new in ((), (plain,))
        understood = turn.talk != talk and not new
        if has_words(plain) and find_command(plain) is None and not understood:
            words.append(plain)
            assert new == (plain,)
        assert ask(turn.talk, HOUSE)
        talk = turn.talk
    assert all(word in talk.said for word in words)


@given(st.lists(st.text(min_size=1), max_size=30))
def test_what_is_kept_is_bounded(texts: list[str]) -> None:
    talk = Talk()
    for text in texts:
        talk = keep(talk, text)
    assert len(talk.said) <= MAX_SAID
    typed = typed_of(talk)
    assert typed is None or len(typed) <= 300
