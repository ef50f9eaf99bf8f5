from __future__ import annotations

import contextlib
import json
import stat
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import KeysUnavailable
from geo.privacy.keyring import KeyRing, make_field_key, make_keys, open_keys, replace_field_keys

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RING = KeyRing(make_keys(NOW))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_file_is_made_once_for_its_owner_alone_and_read_from_then_on(path: Path) -> None:
    made = open_keys(path, now=NOW, must_exist=False)
    again = open_keys(path, now=NOW, must_exist=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (again.pepper, again.derive("x")) == (made.pepper, made.derive("x"))
    sealed, key_id = made.seal(b"Aino")
    assert key_id == again.field_keys[0].id
    assert again.unseal(sealed) == b"Aino"
    assert [found.name for found in path.parent.iterdir()] == ["keys.json"]


def test_many_starting_at_once_agree_on_one_file(path: Path) -> None:
    peppers: list[bytes] = []
    starters = [
        threading.Thread(target=lambda: peppers.append(open_keys(path, now=NOW, must_exist=False).pepper))
        for _ in range(8)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(peppers) == 8
    assert len(set(peppers)) == 1


def test_a_missing_file_is_said_in_a_sentence_and_none_is_made_up(path: Path) -> None:
    with pytest.raises(KeysUnavailable, match="Put the file back from your backup"):
        open_keys(path, now=NOW, must_exist=True)
    assert not path.exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", '{"form": 1}', '{"form": 1, "pepper": "AA==", "root": "AA==", "field_keys": [{}]}']
)
def test_a_damaged_file_is_refused_without_repeating_it(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(KeysUnavailable, match="is not a file of keys") as caught:
        open_keys(path, now=NOW, must_exist=True)
    assert caught.value.__cause__ is None


def test_another_form_short_secrets_and_bad_keys_are_refused(path: Path) -> None:
    open_keys(path, now=NOW, must_exist=False)
    whole = json.loads(path.read_text())
    for change in (
        {"form": 2},
        {"pepper": "AAAA"},
        {"field_keys": []},
        {"field_keys": [{**whole["field_keys"][0], "secret": "AAAA"}]},
    ):
        path.write_text(json.dumps(whole | change))
        with pytest.raises(KeysUnavailable):
            open_keys(path, now=NOW, must_exist=True)


@pytest.mark.parametrize("mode", [0o604, 0o666, 0o660, 0o620])
def test_a_file_others_can_read_or_change_is_refused_with_the_cure(path: Path, mode: int) -> None:
    open_keys(path, now=NOW, must_exist=False)
    path.chmod(mode)
    with pytest.raises(KeysUnavailable, match="chmod 600"):
        open_keys(path, now=NOW, must_exist=True)


def test_a_running_process_sees_that_the_keys_were_rotated(path: Path) -> None:
    ring = open_keys(path, now=NOW, must_exist=False)
    before, old = ring.seal(b"Aino")
    replace_field_keys(path, [make_field_key(NOW), *ring.field_keys])
    after, new = ring.seal(b"Aino")
    assert new != old
    assert ring.unseal(before) == ring.unseal(after) == b"Aino"
    replace_field_keys(path, ring.field_keys[:1])
    with pytest.raises(KeysUnavailable):
        ring.unseal(before)
    assert ring.unseal(after) == b"Aino"


def test_rotating_keeps_pepper_and_root(path: Path) -> None:
    ring = open_keys(path, now=NOW, must_exist=False)
    kept = ring.pepper, ring.derive("partner")
    fresh = replace_field_keys(path, [make_field_key(NOW)])
    assert (fresh.pepper, fresh.derive("partner")) == kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["keys.json"]


def test_derived_keys_differ_by_purpose_and_have_the_length_asked_for() -> None:
    assert RING.derive("a") == RING.derive("a") != RING.derive("b")
    assert len(RING.derive("a", 16)) == 16
    assert RING.pepper not in (RING.derive("a"), RING.derive("pepper"))


@given(st.binary(max_size=2000))
def test_what_is_sealed_opens_again_and_shows_nothing(content: bytes) -> None:
    sealed, _ = RING.seal(content)
    assert RING.unseal(sealed) == content
    assert len(content) < 4 or content not in sealed


@given(st.binary(min_size=1, max_size=200), st.integers(0), st.integers(1, 255))
def test_what_was_changed_does_not_open(content: bytes, where: int, by: int) -> None:
    sealed = bytearray(RING.seal(content)[0])
    sealed[where % len(sealed)] ^= by
    with contextlib.suppress(KeysUnavailable):
        assert RING.unseal(bytes(sealed)) == content  # base64 has bits to spare at its end


def test_no_key_is_shown_by_accident(path: Path) -> None:
    ring = open_keys(path, now=NOW, must_exist=False)
    shown = f"{ring!r} {ring.field_keys!r} {make_keys(NOW)!r}"
    assert ring.field_keys[0].secret.decode() not in shown
    assert ring.field_keys[0].id in shown
