from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.place import Location
from geo.domain.words import Category, LocationState
from geo.privacy.keyring import open_keys
from geo.store.contacts import find_contact
from geo.store.engine import make_sessions, transaction
from geo.store.needs import create_need, update_need

from api.cli import run
from api.settings import HomeSettings

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

pytestmark = pytest.mark.own_db


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def started(capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["keys", "show", "--json"]) == 0
    return str(said(capsys)["keys"][0]["id"])


def add(engine: Engine) -> UUID:
    now = datetime.now(UTC)
    ring = open_keys(HomeSettings().keys, now=now, must_exist=True)
    with transaction(make_sessions(engine, keys=ring)) as session:
        contact = Contact(name="Aino", consent_at=now)
        return create_need(session, NeedDraft(Category.FOOD), Location(LocationState.NONE), contact).id


def test_keys_are_shown_by_name_and_never_themselves(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed
    name = started(capsys)
    assert run(["keys", "show"]) == 0
    shown = capsys.readouterr().out
    assert name in shown
    kept = json.loads(HomeSettings().keys.read_text())
    assert not [secret for secret in (kept["pepper"], kept["root"], kept["field_keys"][0]["secret"]) if secret in shown]


def test_keys_are_rotated(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    name = started(capsys)
    need_id = add(installed)
    assert run(["keys", "rotate", "--json"]) == 0
    report = said(capsys)
    assert (report["removed"], report["resealed"], report["left"]) == ([name], 1, [])
    assert started(capsys) == report["key_id"]
    ring = open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True)
    with make_sessions(installed, keys=ring)() as session:
        assert find_contact(session, "need_id", need_id) is not None


def test_a_start_without_the_keys_is_refused_in_a_sentence(
    installed: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed
    started(capsys)
    elsewhere = HomeSettings().keys.rename(HomeSettings().home / "elsewhere.json")
    assert run(["retain"]) == 1
    assert "is missing" in capsys.readouterr().err
    monkeypatch.setenv("BARNRAISER_KEYS_FILE", str(elsewhere))
    assert run(["retain"]) == 0


def test_retention_is_applied_by_hand(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    started(capsys)
    need_id = add(installed)
    with transaction(make_sessions(installed)) as session:
        update_need(session, need_id, {"status": "met"})
        session.execute(text("UPDATE need SET closed_at = now() - interval '31 days'"))
    assert run(["retain", "--json"]) == 0
    assert said(capsys) == {"places": 0, "contacts": 1, "entries": 0, "photos": 0}
    assert run(["retain"]) == 0
    assert "0 places, 0 contacts, 0 entries, 0 photos" in capsys.readouterr().out


def test_erasure_by_hand_and_again(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    started(capsys)
    need_id = add(installed)
    assert run(["erase", "need", str(need_id), "--json"]) == 0
    assert said(capsys)["needs"] == 1
    assert run(["erase", "need", str(need_id)]) == 0
    assert "erased before" in capsys.readouterr().out
    assert run(["erase", "helper", str(uuid4())]) == 1
    assert run(["erase", "street", str(need_id)]) == 2
    assert run(["erase", "need", "x"]) == 2


def test_every_start_erases_again_what_a_backup_brought_back(
    installed: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    started(capsys)
    need_id = add(installed)
    assert run(["erase", "need", str(need_id)]) == 0
    with installed.begin() as connection:
        connection.execute(text("ALTER TABLE need DISABLE TRIGGER not_erased"))
        connection.execute(text("DELETE FROM tombstone"))
        row = {"id": need_id}
        connection.execute(
            text(
                "INSERT INTO need (id, network_id, household_id, category) "
                "SELECT :id, id, :id, 'food' FROM network LIMIT 1"
            ),
            row,
        )
        connection.execute(text("ALTER TABLE need ENABLE TRIGGER not_erased"))
    assert run(["status"]) == 0
    assert run(["retain"]) == 0
    with installed.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM need")) == 0
        assert connection.scalar(text("SELECT count(*) FROM tombstone")) == 1
