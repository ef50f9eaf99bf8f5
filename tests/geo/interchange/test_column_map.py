"""Columns guessed from their headers, and maps that are checked and written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.imports import ColumnMap
from geo.domain.words import EntryKind
from geo.errors import InvalidInput
from geo.interchange.column_map import FIELDS, MAX_JOINED, check_map, guess_columns, map_from_json, map_to_json
from geo.interchange.column_words import HEADERS, WORDS, fold

HEADER = st.sampled_from([word for words in HEADERS.values() for word in words]) | st.text(max_size=20)
TABLE = st.lists(HEADER, max_size=30, unique=True)


@given(kind=st.sampled_from(EntryKind), headers=TABLE)
def test_each_header_is_used_once_and_is_one_of_the_file(kind: EntryKind, headers: list[str]) -> None:
    found = guess_columns(kind, headers)
    used = [header for columns in found.columns.values() for header in columns]
    assert len(used) == len(set(used))
    assert set(used) <= set(headers)
    assert set(found.columns) <= set(FIELDS[kind])
    assert all(0 < len(columns) <= MAX_JOINED for columns in found.columns.values())


@given(kind=st.sampled_from(EntryKind), headers=TABLE)
def test_a_guess_does_not_hang_on_the_order_of_other_columns(kind: EntryKind, headers: list[str]) -> None:
    assert guess_columns(kind, [*headers, "zzz unknown"]) == guess_columns(kind, ["zzz unknown", *headers])


@pytest.mark.parametrize("name", sorted(FIELDS[EntryKind.NEED]))
def test_every_word_of_a_field_is_known_alone_and_within_a_group(name: str) -> None:
    for word in (name, *HEADERS.get(name, ())):
        for written in (word, word.upper(), f"household/{word}", f"_{word.replace(' ', '_')}_"):
            found = guess_columns(EntryKind.NEED, [written])
            assert list(found.columns.values()) == [(written,)], written


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (["Street", "Town", "need"], ("Street", "Town")),
        (["Kunta", "Katu", "Postinumero", "tarve"], ("Katu", "Postinumero", "Kunta")),
        (["Calle", "Número", "Ciudad"], ("Calle", "Número", "Ciudad")),
        (["Address", "Town"], ("Address",)),
        (["Town", "Postcode"], ()),
    ],
)
def test_an_address_in_pieces_is_put_together_in_the_order_it_is_written(
    headers: list[str], address: tuple[str, ...]
) -> None:
    assert guess_columns(EntryKind.NEED, headers).columns.get("address", ()) == address


def test_an_odk_export_is_seen_through() -> None:
    headers = [
        "SubmissionDate", "start", "g/need_type", "g/people", "loc-Latitude", "loc-Longitude", "loc-Altitude",
        "loc-Accuracy", "KEY", "meta-instanceID",
    ]  # fmt: skip
    found = guess_columns(EntryKind.NEED, headers).columns
    assert found["key"] == ("KEY",)
    assert found["category"] == ("g/need_type",)
    assert found["household_size"] == ("g/people",)
    assert (found["lat"], found["lon"], found["accuracy_m"]) == (
        ("loc-Latitude",), ("loc-Longitude",), ("loc-Accuracy",),
    )  # fmt: skip
    assert found["received_at"] == ("SubmissionDate",)


@given(
    st.dictionaries(st.sampled_from(FIELDS[EntryKind.NEED]), st.lists(st.text(), min_size=1, max_size=4)),
    st.dictionaries(st.text(min_size=1), st.text(min_size=1)),
)
def test_a_map_is_read_back_as_it_was_written(columns: dict[str, list[str]], words: dict[str, str]) -> None:
    told = ColumnMap({name: tuple(headers) for name, headers in columns.items()}, words, {"urgency": "high"})
    assert map_from_json(map_to_json(told)) == told


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (ColumnMap({"category": ("a",), "shoe_size": ("b",)}), "columns"),
        (ColumnMap({"category": ("gone",)}), "columns/category"),
        (ColumnMap({"category": ("a",) * 7}), "columns/category"),
        (ColumnMap({"address": ("a",)}), "columns/category"),
        (ColumnMap({"category": ("a",)}, defaults={"key": "1"}), "defaults"),
        (ColumnMap({"category": ("a",)}, words={str(n): "food" for n in range(201)}), "words"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_by_its_field(told: ColumnMap, field: str) -> None:
    check_map(ColumnMap({"category": ("a",)}), EntryKind.NEED, ["a", "b"])
    check_map(ColumnMap({}, defaults={"category": "food"}), EntryKind.NEED, ["a", "b"])
    with pytest.raises(InvalidInput) as refused:
        check_map(told, EntryKind.NEED, ["a", "b"])
    assert refused.value.field == field


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_no_word_means_two_things() -> None:
    for name, meanings in WORDS.items():
        for word, meant in meanings.items():
            assert fold(word) == word, (name, word)
            assert meanings.get(fold(meant.replace("_", " ")), meant) == meant
