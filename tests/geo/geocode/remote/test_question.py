from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.remote.question import make_question

LEAVES = {
    "Liisankatu 12, 00170 Helsinki": "Liisankatu 12, 00170",
    "Liisankatu 12 A 5, 00170 Helsinki": "Liisankatu 12, 00170",
    "Aleksanterinkatu 13 B": "Aleksanterinkatu 13",
    "Maria Gonzalez, 12 Main St Apt 4B, Baltimore MD 21201": "12 Main St, 21201",
    "12 Main St, ring twice, blue door": "12 Main St",
    "12 Main St (phone 4105551234)": "12 Main St",
    "12 Main St behind the church, ask for Bob": "12 Main St",
    "maria@example.org 12 Main St": "12 Main St",
    "12 Main St #4 Baltimore 21201": "12 Main St, 21201",
    "12 Main St NW, 20001": "12 Main St NW, 20001",
    "113-15 204th St, Queens": "113-15 204th St",
    "5 Avenue of the Americas": "5 Avenue of the Americas",
}
STAYS = (
    "", "Apt 4B", "PO Box 123, Springfield", "P.O. Box 9, 12345", "Main St", "Liisankatu", "hospital", "60.17, 24.94",
    "call 410-555-1234", "Near the old church, blue door", "corner of Main and Oak", "00170", "\0\0", "12",
    "12 Maria Gonzalez ask for Bob",
)  # fmt: skip


@pytest.mark.parametrize("typed", LEAVES)
def test_only_the_street_line_and_the_postcode_leave(typed: str) -> None:
    question = make_question(typed)
    assert question is not None
    assert question.text == LEAVES[typed]


@pytest.mark.parametrize("typed", STAYS)
def test_without_a_street_and_a_house_number_nothing_leaves(typed: str) -> None:
    assert make_question(typed) is None


@given(
    st.sampled_from(["Apt 77Q", "#77Q", "Unit 77", "PO Box 7777"]),
    st.sampled_from(["Zebediah Quux", "ring Zebediah", "zebediah@example.org", "tel 040 7777777", "blue door"]),
    st.booleans(),
)
def test_no_unit_name_or_note_leaves_wherever_it_stands(unit: str, note: str, note_first: bool) -> None:  # noqa: FBT001 - drawn
    typed = f"{note}, 12 Main St {unit}, 21201" if note_first else f"12 Main St {unit}, 21201, {note}"
    question = make_question(typed)
    if question is not None:
        assert question.text in ("12 Main St, 21201", "12 Main St")


@given(st.text(max_size=120))
def test_whatever_is_typed_only_words_and_one_number_leave(typed: str) -> None:
    question = make_question(typed)
    if question is not None:
        assert len(question.text) < 130
        assert not set(question.text) & set('@()<>&?=#:;\n\r\t\0\\"')


def test_spellings_of_one_address_are_one_question_and_it_is_never_printed() -> None:
    one, other = make_question("LIISANKATU 12, 00170"), make_question("liisankatu  12 , 00170 Helsinki")
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert "LIISANKATU" not in f"{one} {one!r}"
