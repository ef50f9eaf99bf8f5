"""``barnraiser entries``: listed, looked at for a reason, taken in, refused and taken back by the operator."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from geo.domain.ids import new_id
from geo.domain.words import EntryKind
from geo.privacy.entry_box import EntryKey
from geo.privacy.keyring import open_keys
from geo.store.audit import list_audit
from geo.store.engine import DEFAULT_NETWORK, make_sessions, transaction
from geo.store.entries import Box, hand_in
from geo.store.needs import list_needs

from api.cli import run
from api.settings import HomeSettings
from tests.api.sealed import FOOD, sealed

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

pytestmark = pytest.mark.own_db


@pytest.fixture
def sessions(installed: Engine, capsys: pytest.CaptureFixture[str]) -> SessionFactory:
    assert run(["keys", "show", "--json"]) == 0
    capsys.readouterr()
    ring = open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True)
    return make_sessions(installed, keys=ring)


def came(sessions: SessionFactory, content: dict[str, Any], *, quarantined: bool) -> str:
    key = EntryKey(open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True), DEFAULT_NETWORK)
    public = base64.b64encode(key.public).decode()
    one = sealed(public, content, entry_id=new_id())
    box = Box(UUID(one["id"]), EntryKind.NEED, base64.b64decode(one["box"]))
    with transaction(sessions) as session:
        hand_in(session, box, quarantined=quarantined)
    return str(one["id"])


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run(["entries", *arguments, "--json"]) == code
    return dict(json.loads(capsys.readouterr().out))


def test_what_waits_is_listed_page_by_page(sessions: SessionFactory, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [came(sessions, FOOD, quarantined=True) for _ in range(5)]
    seen: list[str] = []
    while len(found := told(capsys, "list", "--limit", "2", *(("--after", seen[-1]) if seen else ()))["items"]):
        seen += [one["id"] for one in found]
    assert sorted(seen) == sorted(ids)
    assert told(capsys, "list", "--state", "held") | {"counts": {}} == {"items": [], "counts": {}}
    assert run(["entries", "list", "--all"]) == 0
    assert capsys.readouterr().out.count("quarantined") == len(ids)


def test_an_entry_is_shown_for_a_reason_and_taken_in(
    sessions: SessionFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = came(sessions, FOOD | {"note": "third bell"}, quarantined=True)
    assert "typed" not in told(capsys, "show", entry)
    assert run(["entries", "show", entry, "--reason", " "]) == 2
    capsys.readouterr()
    assert told(capsys, "show", entry, "--reason", "whose it is")["typed"]["typed"]["note"] == "third bell"
    with transaction(sessions) as session:
        assert [one.reason for one in list_audit(session) if one.action == "reveal"] == ["whose it is"]
    assert told(capsys, "take-in", entry)["state"] == "made"
    with transaction(sessions) as session:
        assert [str(need.id) for need in list_needs(session)] == [entry]
    assert run(["entries", "take-in", entry]) == 1


def test_an_entry_that_cannot_be_used_is_corrected_by_a_file(
    sessions: SessionFactory, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    entry = came(sessions, FOOD | {"body": {"category": "gold"}}, quarantined=True)
    assert told(capsys, "take-in", entry, code=1)["state"] == "held"
    # as typed it is no better the second time
    assert told(capsys, "take-in", entry, code=1)["faults"][0]["pointer"] == "/body/category"
    file = tmp_path / "right.json"
    for wrong in (
        "{",
        '{"need": {"category": "gold"}}',
        '{"asset": {"name": "x", "kind": "y", "categories": ["food"]}}',
    ):
        file.write_text(wrong, "utf-8")
        assert run(["entries", "take-in", entry, "--corrected", str(file)]) == 2
        assert "gold" not in capsys.readouterr().err
    file.write_text('{"need": {"category": "food"}}', "utf-8")
    assert told(capsys, "take-in", entry, "--corrected", str(file))["state"] == "made"
    assert told(capsys, "undo", entry)["state"] == "held"
    with transaction(sessions) as session:
        assert not list_needs(session)


def test_an_entry_is_refused_with_a_reason_and_had_back(
    sessions: SessionFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = came(sessions, FOOD, quarantined=True)
    assert run(["entries", "refuse", entry, "nobody_decided"]) == 2
    capsys.readouterr()
    assert told(capsys, "refuse", entry, "sent_twice")["refused_because"] == "sent_twice"
    assert told(capsys, "undo", entry)["state"] == "quarantined"
    assert run(["entries", "undo", entry]) == 1
    assert run(["entries", "show", str(new_id())]) != 0
