from __future__ import annotations

import string
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.texting.phrases import Phrases
from geo.domain.texting.words import (
    BY_CODE,
    MENU,
    SPOKEN,
    Command,
    choose,
    clean,
    find_category,
    find_command,
    guess_category,
    options_of,
    read_count,
    read_number,
)
from geo.domain.words import Category

FILLED = {
    "notice": {"network"}, "about": {"network"}, "call": {"number"}, "ask_confirm": {"summary"}, "people": {"count"},
}  # fmt: skip


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("phrases", SPOKEN, ids=lambda p: p.code)
def test_a_language_says_everything_and_is_filled_with_the_same(phrases: Phrases) -> None:
    assert set(phrases.categories) == set(Category)
    assert len(set(phrases.categories.values())) == len(Category)
    texts = [f.name for f in fields(Phrases) if f.type == "str" and f.name not in ("code", "name")]
    for name in texts:
        assert named(getattr(phrases, name)) == FILLED.get(name, set()), name
        assert getattr(phrases, name).strip()
    for question, answers in (("ask_reach", 3), ("ask_consent", 2), ("ask_confirm", 2)):
        assert list(options_of(getattr(phrases, question))) == list(range(1, answers + 1))


@pytest.mark.parametrize("phrases", SPOKEN, ids=lambda p: p.code)
@pytest.mark.parametrize("command", Command)
def test_each_word_is_known_alone_and_not_in_a_sentence(phrases: Phrases, command: Command) -> None:
    words = getattr(phrases, command.value)
    assert words
    for word in words:
        for written in (word, word.upper(), f"  {word}! ", f"«{word}»"):
            said = find_command(written)
            assert said is not None, written
            assert said.command is command
        assert find_command(f"{word} xyz") is None


@pytest.mark.parametrize("phrases", SPOKEN, ids=lambda p: p.code)
def test_what_is_told_to_be_sent_is_understood(phrases: Phrases) -> None:
    """The words in capitals, or the known ones in scripts without them, that each notice names."""
    for command in (Command.STOP, Command.HELP, Command.PERSON):
        told = [word for word in getattr(phrases, command.value) if word.upper() in phrases.notice.upper()]
        assert told, command
    start = [word for word in phrases.start if word.upper() in phrases.stopped.upper()]
    assert start


def test_the_words_carriers_know_stop_in_every_language() -> None:
    for word in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"):
        assert find_command(word) == (Command.STOP, None)
    assert find_command("HELP") == (Command.HELP, None)
    assert find_command("START") == (Command.START, None)
    assert find_command("Alto.") == (Command.STOP, "es")
    # one word of two languages does not say which
    assert find_command("Стоп") == (Command.STOP, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), (" 2. ", 2), ("(3)", 3), ("#4", 4), ("١٠", 10), ("５", 5), ("1 2", None), ("one", None), ("1000", None)],
)
def test_numbers_in_any_digits(text: str, number: int | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "count"), [("we are 4", 4), ("نحن ٣", 3), ("2 adults 3 children", None), ("us", None)]
)
def test_one_count_in_a_sentence(text: str, count: int | None) -> None:
    assert read_count(text) == count


def test_answers_by_number_and_by_words() -> None:
    options = options_of(BY_CODE["en"].ask_confirm)
    assert [choose(text, options) for text in ("1", "yes", "Yes, send it", "NO", "3", "maybe", "")] == [
        1, 1, 1, 2, None, None, None,
    ]  # fmt: skip
    assert choose("中文", options_of(MENU)) == 9
    assert choose("suomi", options_of(MENU)) == 3


def test_a_need_is_found_by_its_name_and_guessed_from_a_sentence() -> None:
    assert find_category("comida") == (Category.FOOD, "es")
    assert find_category("Питна вода!") == (Category.WATER, "uk")
    assert find_category("food please") is None
    assert guess_category(["hello", "we have no food here"]) is Category.FOOD
    assert guess_category(["我需要药品和食物"]) in (Category.FOOD, Category.MEDICINE)
    assert guess_category(["format the matrix"]) is None


@given(st.text())
def test_anything_can_be_read(text: str) -> None:
    assert "\x00" not in clean(text)
    assert "\n" not in clean(text)
    find_command(text), read_number(text), read_count(text), find_category(text), guess_category([text])
    choose(text, options_of(MENU))
