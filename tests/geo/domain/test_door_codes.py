from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.door_codes import ALPHABET, LENGTH, MAX_PAGES, door_code, near_codes, page_code, read_code, spaced
from geo.domain.turf import MAX_DOORS, MAX_NUMBER
from geo.errors import InvalidInput

NUMBERS = st.integers(1, MAX_NUMBER)
POSITIONS = st.integers(1, MAX_DOORS)


@given(NUMBERS, POSITIONS)
def test_a_code_says_its_turf_and_its_door(number: int, position: int) -> None:
    code = door_code(number, position)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert read_code(code) == (number, position, None)
    assert read_code(f" {spaced(code).lower()}-") == (number, position, None)


@given(NUMBERS, st.integers(1, MAX_PAGES))
def test_a_page_has_a_code_of_its_own(number: int, page: int) -> None:
    assert read_code(page_code(number, page)) == (number, None, page)


@given(NUMBERS, POSITIONS, st.data())
def test_any_one_wrong_character_and_any_two_that_changed_places_are_noticed(
    number: int, position: int, data: st.DataObject
) -> None:
    code = door_code(number, position)
    at = data.draw(st.integers(0, LENGTH - 1))
    wrong = code[:at] + data.draw(st.sampled_from(ALPHABET)) + code[at + 1 :]
    first, second = sorted(data.draw(st.permutations(range(LENGTH)))[:2])
    swapped = "".join((code[:first], code[second], code[first + 1 : second], code[first], code[second + 1 :]))
    for slip in {wrong, swapped} - {code}:
        with pytest.raises(InvalidInput):
            read_code(slip)


def test_every_slip_of_one_code_is_noticed_and_traced_back() -> None:
    code = door_code(7, 42)
    slips = [code[:at] + char + code[at + 1 :] for at, char in itertools.product(range(LENGTH), ALPHABET)]
    slips += [code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(LENGTH - 1)]
    for slip in set(slips) - {code}:
        with pytest.raises(InvalidInput):
            read_code(slip)
        assert code in set(near_codes(slip))


def test_all_codes_of_turfs_side_by_side_differ() -> None:
    made = [door_code(number, position) for number in range(1, 41) for position in range(1, MAX_DOORS + 1)]
    made += [page_code(number, page) for number in range(1, 41) for page in range(1, MAX_PAGES + 1)]
    assert len(set(made)) == len(made)


def test_doors_that_follow_each_other_have_codes_that_look_different() -> None:
    codes = [door_code(3, position) for position in range(1, MAX_DOORS + 1)]
    same = [sum(a == b for a, b in zip(one, other, strict=True)) for one, other in itertools.pairwise(codes)]
    assert max(same) <= 2


@pytest.mark.parametrize("text", ["", "H5C", "H5CTTN2", "00000O", "ÄÖÜÄÖÜ", "      ", "2" * 400])
def test_what_is_no_code_is_told(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_code(text)
    assert isinstance(list(near_codes(text)), list)


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        number, position, page = read_code(text)
    except InvalidInput:
        return
    assert 1 <= number <= MAX_NUMBER
    assert (position is None) != (page is None)


@pytest.mark.parametrize(("number", "position"), [(0, 1), (MAX_NUMBER + 1, 1), (1, 0)])
def test_what_cannot_be_said_by_a_code_is_refused(number: int, position: int) -> None:
    with pytest.raises(InvalidInput):
        door_code(number, position)
