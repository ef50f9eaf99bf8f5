from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.loaders.osm.house_numbers import split_numbers, within_range


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ("5", ("5",)),
        ("14 B", ("14 B",)),
        ("14B", ("14B",)),
        ("15-17", ("15-17",)),
        ("2a;2b", ("2a", "2b")),
        ("5, 7", ("5", "7")),
        ("2, 2. krs./Floor 2", ("2",)),
        ("13 A, 5. krs./Floor 5", ("13 A",)),
        ("7 A, sisäpiha", ("7 A",)),
        ("11 B 9", ("11 B",)),
        ("7 Floor 2", ("7",)),
        ("Keskuskatu 5", ("5",)),
        ("216-17", ("216-17",)),
        ("N6W23001", ("N6W23001",)),
        ("12½", ("12½",)),
        ("Kiosk", ()),
        ("", ()),
    ],
)
def test_numbers_are_taken_out_of_what_mappers_write(raw: str, numbers: tuple[str, ...]) -> None:
    assert split_numbers(raw) == numbers


@pytest.mark.parametrize(
    ("number", "doors"),
    [
        ("1-5", ("1", "3", "5")),
        ("2-4", ("2", "4")),
        ("29-27", ("27", "29")),
        ("1-4", ()),
        ("216-17", ()),
        ("1-99", ()),
        ("7", ()),
        ("2a-2c", ()),
    ],
)
def test_a_range_stands_for_the_doors_of_one_side(number: str, doors: tuple[str, ...]) -> None:
    assert within_range(number) == doors


@given(st.text(max_size=300))
def test_no_text_breaks_it(raw: str) -> None:
    for number in split_numbers(raw):
        assert 0 < len(number) <= 30
        within_range(number)
