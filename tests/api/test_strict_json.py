from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.strict_json import BadText, Unreadable, loads

REFUSED = [
    b"", b"{", b"'a'", b"{'a': 1}", b'{"a": 1} x', b"// c\n1", b"[1,]", b"NaN", b"[Infinity]", b"-Infinity", b"1e400",
    b"[-1e400]", b"\xff\xfe1\x00", b"\xef\xbb\xbf1", b"\xc3\x28", '{"a":1}'.encode("utf-16"), '"ä"'.encode("latin-1"),
    b'{"a":1,"a":2}', b'[{"b":{"a":1,"\\u0061":2}}]', b"9" * 500, b"[" * 33 + b"]" * 33, b"[" * 100_000,
    b'{"a":' * 100_000, b"01", b"+1", b".5", b"1_0",
]  # fmt: skip


@pytest.mark.parametrize("raw", REFUSED, ids=[str(i) for i in range(len(REFUSED))])
def test_what_is_not_plain_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        loads(raw)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a":["x","\\u0000"]}', "/body/a/1"),
        (b'{"a":"\\ud800"}', "/body/a"),
        (b'{"a~/b":"\\udfffx"}', "/body/a~0~1b"),
        (b'{"\\u0000":1}', "/body"),
        (b'"\\ud83d"', "/body"),
    ],
)
def test_text_that_cannot_be_stored_is_named(raw: bytes, pointer: str) -> None:
    with pytest.raises(BadText) as found:
        loads(raw)
    assert found.value.pointer == pointer


def test_brackets_inside_text_are_not_nesting() -> None:
    assert loads(json.dumps(["[" * 500 + '\\"' + "{" * 500]).encode()) == ["[" * 500 + '\\"' + "{" * 500]
    assert loads(b"[" * 32 + b"]" * 32)


def test_whole_surrogate_pairs_are_one_character() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_a_megabyte_of_anything_is_judged_quickly() -> None:
    started = time.perf_counter()
    for raw in (b'"' * 1_000_000, b"[]" * 500_000, b"\\" * 1_000_000, b'"\\' * 500_000, b"{" * 1_000_000):
        with pytest.raises(Unreadable):
            loads(raw)
    assert time.perf_counter() - started < 8


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc~/", max_size=4), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_it_reads_what_the_standard_library_writes(value: object) -> None:
    assert loads(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        loads(raw)
    except (Unreadable, BadText):
        return
    json.loads(raw)
