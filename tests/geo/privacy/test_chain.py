"""The chain worked out by hand: what is hashed, and what is noticed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from geo.domain.audit import AuditEntry, Head, Link
from geo.privacy.chain import BEGINNING, canonical, first_broken, first_missing, hash_link

NETWORK, SOMEBODY = UUID(int=7), UUID(int=8)
NOON = datetime(2026, 3, 1, 12, 0, 0, 250_001, tzinfo=UTC)


def entry(seq: int, **values: Any) -> AuditEntry:
    made = AuditEntry(seq, NOON + timedelta(seconds=seq), "organizer", SOMEBODY, "update", "need", (), ("cell",), 1)
    return replace(made, **values)


def chain(length: int) -> list[Link]:
    links: list[Link] = []
    for seq in range(1, length + 1):
        prev = links[-1].hash if links else BEGINNING
        links.append(Link(NETWORK, entry(seq), prev, hash_link(prev, NETWORK, entry(seq))))
    return links


def test_what_is_hashed_can_be_written_by_hand() -> None:
    written = canonical(NETWORK, entry(1, actor=None, object_ids=(SOMEBODY,), fields=()))
    assert written == (
        '["00000000-0000-0000-0000-000000000007", 1, 1772366401250001, null, "organizer", "update", "need", '
        '["00000000-0000-0000-0000-000000000008"], [], 1]'
    )
    assert chain(1)[0].hash == hashlib.sha256(bytes(32) + canonical(NETWORK, entry(1)).encode()).digest()


def test_a_reason_is_not_hashed() -> None:
    assert canonical(NETWORK, entry(1, reason="Delivery")) == canonical(NETWORK, entry(1))


def test_the_hour_is_the_same_in_every_time_zone() -> None:
    assert canonical(NETWORK, entry(1)) == canonical(NETWORK, entry(1, at=entry(1).at.astimezone()))


def test_a_whole_chain_and_an_empty_one_have_no_fault() -> None:
    assert first_broken([]) is None
    assert first_broken(chain(5)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON}, {"actor": None}, {"actor_kind": "device"}, {"action": "delete"}, {"object_kind": "asset"},
        {"object_ids": (NETWORK,)}, {"fields": ()}, {"fields": ("cell", "cell")}, {"count": 2}, {"seq": 4},
    ],
)  # fmt: skip
def test_a_change_is_found_at_its_place(change: dict[str, Any]) -> None:
    links = chain(5)
    links[2] = replace(links[2], entry=replace(links[2].entry, **change))
    assert first_broken(links) == 3


def test_a_missing_link_and_one_too_many_are_found_at_their_place() -> None:
    links = chain(5)
    assert first_broken(links[:1] + links[2:]) == 2
    assert first_broken(links[1:]) == 1
    assert first_broken([*links, links[-1]]) == 6


def test_a_cut_tail_is_found_beside_a_head_alone() -> None:
    links = chain(5)
    heads = [Head(NETWORK, link.entry.seq, link.hash, NOON) for link in links]
    hashes = {link.entry.seq: link.hash for link in links[:3]}
    assert first_broken(links[:3]) is None
    assert first_missing(heads[::-1], hashes) == heads[3]
    assert first_missing(heads[:3], hashes) is None
    assert first_missing(heads, hashes | {1: bytes(32)}) == heads[0]
