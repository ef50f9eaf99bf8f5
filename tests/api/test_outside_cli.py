"""``barnraiser remote``: allowed, asked and forbidden from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.consent import ConsentDraft
from geo.domain.drafts import NeedDraft
from geo.domain.place import Location
from geo.domain.words import Category, ConsentScope, ConsentWay, LocationState, SubjectKind
from geo.privacy.keyring import open_keys
from geo.store.consents import record_consent
from geo.store.engine import make_sessions, transaction
from geo.store.needs import create_need

from api.cli import run
from api.settings import HomeSettings
from tests.providers import NOMINATIM, says, serving

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

pytestmark = pytest.mark.own_db


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def waiting(engine: Engine, *, agreed: bool) -> UUID:
    ring = open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True)
    with transaction(make_sessions(engine, keys=ring)) as session:
        location = Location(LocationState.NEEDS_REVIEW, address_typed="Kanarialinnunkatu 12, Matti")
        need_id = create_need(session, NeedDraft(Category.FOOD), location).id
        if agreed:
            draft = ConsentDraft(ConsentScope.REMOTE_GEOCODING, ConsentWay.SPOKEN)
            record_consent(session, SubjectKind.NEED, need_id, draft)
    return need_id


def test_it_is_off_and_says_so(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed
    assert run(["remote", "status", "--json"]) == 0
    assert said(capsys) == {"is_permitted": False, "service": None}
    assert run(["remote", "allow", "nominatim", "https://geo.example.org"]) == 2
    assert "BARNRAISER_REMOTE_GEOCODING" in capsys.readouterr().err


def test_a_service_is_allowed_asked_and_forbidden(
    installed: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARNRAISER_REMOTE_GEOCODING", "true")
    assert run(["remote", "allow", "nominatim", "http://127.0.0.1:8088"]) == 2
    assert "BARNRAISER_REMOTE_LOOPBACK" in capsys.readouterr().err
    monkeypatch.setenv("BARNRAISER_REMOTE_LOOPBACK", "true")
    with serving(says(NOMINATIM)) as provider:
        assert run(["remote", "allow", "nominatim", provider.url, "--country", "fi", "--gap-ms", "200", "--json"]) == 0
        shown = said(capsys)
        assert (shown["endpoint"], shown["gap_ms"], shown["keep_days"]) == (provider.url, 200, 30)
        need_id = waiting(installed, agreed=True)
        assert run(["remote", "look-up", str(need_id), "--json"]) == 0
        assert said(capsys) == {
            "need_id": str(need_id), "provider": "nominatim", "outcome": "found", "found": 3, "is_cached": False,
        }  # fmt: skip
        assert run(["remote", "look-up", str(need_id)]) == 0
        assert capsys.readouterr().out == "nominatim: 3 found, which wait for a person, as kept from before\n"
        assert run(["remote", "look-up", str(waiting(installed, agreed=False))]) == 1
        assert "agreed" in capsys.readouterr().err
        assert len(provider.asked) == 1
        assert "Matti" not in json.dumps(provider.asked)
    assert run(["remote", "forbid"]) == 0
    assert run(["remote", "look-up", str(need_id)]) == 1
    capsys.readouterr()
    assert run(["audit", "show", "--action", "remote_geocode", "--json"]) == 0
    assert "Kanaria" not in json.dumps(said(capsys))


def test_a_service_that_fails_ends_with_one(
    installed: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARNRAISER_REMOTE_GEOCODING", "true")
    monkeypatch.setenv("BARNRAISER_REMOTE_LOOPBACK", "true")
    with serving(says(b"?", status=503)) as provider:
        assert run(["remote", "allow", "photon", provider.url]) == 0
        assert run(["remote", "look-up", str(waiting(installed, agreed=True))]) == 1
    assert "no answer that can be used" in capsys.readouterr().out
    assert run(["remote", "status"]) == 0
    assert "photon at http://127.0.0.1" in capsys.readouterr().out
