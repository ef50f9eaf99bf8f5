"""The review queue from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.drafts import NeedDraft
from geo.domain.ids import new_id
from geo.domain.place import Candidate, Location, Point
from geo.domain.words import Category, LocationState, MatchQuality
from geo.privacy.keyring import open_keys
from geo.store.audit import list_audit
from geo.store.engine import make_sessions, transaction
from geo.store.needs import create_need

from api.cli import run
from api.settings import HomeSettings
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy import Engine

pytestmark = pytest.mark.own_db


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def waits(installed: Engine, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["keys", "show", "--json"]) == 0
    capsys.readouterr()
    ring = open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True)
    door = Candidate(HELSINKI, "Testikatu 1", MatchQuality.ROOFTOP, 15, 88, "osm")
    street = Candidate(Point(24.95, 60.18), "Testikatu", MatchQuality.STREET, 150, 60, "osm")
    place = Location(LocationState.NEEDS_REVIEW, address_typed="Testikattu 1", candidates=(door, street))
    with transaction(make_sessions(installed, keys=ring)) as session:
        return str(create_need(session, NeedDraft(Category.FOOD), place).id)


def audit(engine: Engine) -> list[tuple[str, str, str]]:
    with make_sessions(engine)() as session:
        return [(entry.actor_kind, entry.action, entry.object_kind) for entry in list_audit(session)]


def test_an_address_is_looked_at_decided_and_taken_back(
    installed: Engine, waits: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", "list"]) == 0
    assert "Testikattu 1" in capsys.readouterr().out
    assert run(["review", "show", waits]) == 0
    shown = capsys.readouterr().out
    assert "1. Testikatu 1" in shown
    assert "2. Testikatu" in shown
    assert run(["review", "choose", waits, "1", "--json"]) == 0
    assert said(capsys)["location_state"] == "confirmed"
    assert run(["review", "aliases", "--json"]) == 0
    (alias,) = said(capsys)["items"]
    assert alias["label"] == "Testikatu 1"
    assert run(["review", "list", "--state", "decided", "--json"]) == 0
    (decided,) = said(capsys)["items"]
    assert (decided["kind"], decided["decided_by"]) == ("candidate", None)
    assert run(["review", "undo", waits, "--json"]) == 0
    assert said(capsys)["location_state"] == "needs_review"
    assert run(["review", "undo", waits]) == 1
    done = [entry[1:] for entry in audit(installed) if entry[0] == "operator"]
    assert [entry for entry in done if entry[0] in ("undo", "locate")] == [("undo", "need"), ("locate", "need")]
    # list, show and the list of decisions showed what was typed; the list of aliases named a door
    assert done.count(("reveal", "need")) == 3
    assert ("reveal", "address_alias") in done


def test_a_pin_a_question_and_what_lies_outside(waits: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "ask", waits, "--note", "Which stair?"]) == 0
    assert run(["review", "list", "--state", "ask_again"]) == 0
    assert "(to ask: Which stair?)" in capsys.readouterr().out
    assert run(["review", "outside", waits, "--json"]) == 0
    assert said(capsys)["review_mark"] == "outside_area"
    assert run(["review", "pin", waits, "-73.9", "40.7", "--uncertainty-m", "30", "--json"]) == 0
    placed = said(capsys)
    assert (placed["location_state"], placed["uncertainty_m"], placed["review_mark"]) == ("confirmed", 30.0, None)
    assert run(["review", "aliases", "--json"]) == 0
    (alias,) = said(capsys)["items"]
    assert run(["review", "forget", alias["id"]]) == 0
    assert run(["review", "aliases"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["review", "forget", alias["id"]]) == 1


def test_for_this_need_only(waits: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "pin", waits, "24.95", "60.17", "--this-need-only"]) == 0
    assert run(["review", "aliases", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2])["items"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["choose", "{id}", "9"], 2),
        (["choose", "{id}", "0"], 2),
        (["pin", "{id}", "200", "60"], 2),
        (["pin", "{id}", "x", "60"], 2),
        (["ask", "{id}", "--note", "x" * 300], 2),
        (["ask", "{id}", "--note", "two\nlines"], 2),
        (["show", str(new_id())], 1),
        (["undo", "{id}"], 1),
        (["list", "--state", "lost"], 2),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    waits: str, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    assert run(["review", *(word.format(id=waits) for word in words)]) == code
    capsys.readouterr()
    assert run(["review", "show", waits, "--json"]) == 0
    assert said(capsys)["need"]["version"] == 1
