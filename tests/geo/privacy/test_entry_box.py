from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.ids import new_id
from geo.errors import KeysUnavailable
from geo.privacy.entry_box import OVERHEAD, EntryKey, seal_entry
from geo.privacy.keyring import KeyRing, make_field_key, make_keys

RING = KeyRing(make_keys(datetime(2026, 5, 1, tzinfo=UTC)))
NETWORK = UUID("00000000-0000-7000-8000-000000000001")
KEY = EntryKey(RING, NETWORK)


@given(st.binary(max_size=2000), st.uuids(), st.sampled_from(["need", "asset", "helper"]))
def test_what_is_sealed_opens_again_and_is_as_long_as_it_says(content: bytes, entry_id: UUID, kind: str) -> None:
    box = seal_entry(KEY.public, content, entry_id, kind)
    assert KEY.open(box, entry_id, kind) == content
    assert len(box) == len(content) + OVERHEAD


@given(st.integers(min_value=0, max_value=OVERHEAD + 20), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_anywhere_and_it_does_not_open(where: int, change: int) -> None:
    entry_id = new_id()
    box = bytearray(seal_entry(KEY.public, b"x" * 21, entry_id, "need"))
    box[where] ^= change
    with pytest.raises(KeysUnavailable):
        KEY.open(bytes(box), entry_id, "need")


@given(st.binary(max_size=200))
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(KeysUnavailable):
        KEY.open(content, NETWORK, "need")


def test_a_box_opens_for_its_own_entry_kind_and_network_alone() -> None:
    entry_id = new_id()
    box = seal_entry(KEY.public, b"{}", entry_id, "need")
    for key, wanted, kind in (
        (KEY, new_id(), "need"),
        (KEY, entry_id, "helper"),
        (EntryKey(RING, new_id()), entry_id, "need"),
        (EntryKey(KeyRing(make_keys(datetime.now(UTC))), NETWORK), entry_id, "need"),
    ):
        with pytest.raises(KeysUnavailable):
            key.open(box, wanted, kind)


def test_the_key_outlives_a_rotation_of_the_keys_for_fields() -> None:
    old = make_keys(datetime(2026, 5, 1, tzinfo=UTC))
    rotated = type(old)(old.pepper, old.root, (make_field_key(datetime.now(UTC)),))
    assert EntryKey(KeyRing(old), NETWORK).public == EntryKey(KeyRing(rotated), NETWORK).public
    assert len(KEY.public) == 65
    assert KEY.name.isalnum()
