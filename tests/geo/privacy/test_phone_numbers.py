from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.privacy.phone_numbers import read_number, sender_fingerprint, stop_fingerprint

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+358 40 123 4567", "+358401234567"), ("whatsapp:+358401234567", "+358401234567"), ("16400", "16400"),
        ("(040) 123-4567", "0401234567"), ("TELIA", None), ("", None), ("+", None), ("12", None), ("1" * 16, None),
        ("+358401234567\n", "+358401234567"), ("040; DROP", None), ("javascript:0401234567x", None),
    ],
)  # fmt: skip
def test_numbers_as_gateways_write_them(written: str, number: str | None) -> None:
    assert read_number(written) == number


@given(st.text(max_size=60))
def test_anything_is_a_number_or_none(written: str) -> None:
    found = read_number(written)
    assert found is None or found.lstrip("+").isdigit()


def test_a_hash_needs_its_key_and_tells_two_uses_apart() -> None:
    number = "+358401234567"
    assert sender_fingerprint(KEY, number) == sender_fingerprint(KEY, "00358 40 1234567")
    assert sender_fingerprint(KEY, number) != sender_fingerprint(OTHER, number)
    assert sender_fingerprint(KEY, number) != sender_fingerprint(KEY, "+358401234568")
    assert sender_fingerprint(KEY, number) != stop_fingerprint(KEY, number)
    assert len(stop_fingerprint(KEY, number)) == 32


def test_a_stop_holds_for_the_number_with_and_without_its_country() -> None:
    assert stop_fingerprint(KEY, "+358 40 123 4567") == stop_fingerprint(KEY, "040 123 4567")
    assert stop_fingerprint(KEY, "+358 50 123456") == stop_fingerprint(KEY, "050-123456")
    assert stop_fingerprint(KEY, "+358 40 123 4567") != stop_fingerprint(KEY, "+358 40 123 4568")
