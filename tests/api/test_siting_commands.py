"""``barnraiser sites`` and ``what-if`` on what is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geo.store.engine import make_sessions, transaction
from geo.store.network import set_service_area

from api.cli import run
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def installed(installed: Engine) -> str:
    """A home and a database of the test's own, with three needs and one place of help; its id."""
    with transaction(make_sessions(installed, role=None, keys=RING)) as session:
        set_service_area(session, (24.90, 60.15, 24.98, 60.19))
        for _ in range(3):
            add_need(session)
        return str(add_asset(session, capacity_per_week=1).id)


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run([*words, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_sites_for_what_is_stored(installed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed
    found = ask(capsys, "sites", "--category=food", "--k=1", "--capacity=1")
    assert (found["before"]["gap"], found["after"]["gap"], found["sites"][0]["newly_served"]) == (2, 1, 1)
    assert (found["optimal"], found["balance"]["received"]) == (True, 3)
    (tmp_path / "points.csv").write_text(f"name,lon,lat\na,24.91,60.16\nb,{HELSINKI.lon},{HELSINKI.lat}\n", "utf-8")
    found = ask(
        capsys, "sites", "--category=food", "--k=1", f"--points={tmp_path / 'points.csv'}",
        "--equity=urgency:normal=2.5", "--worst-first=1", "--mode=walk", "--standard-min=5", "--time-limit-s=5",
        "--most-candidates=10",
    )  # fmt: skip
    assert (found["candidates"], found["candidate_count"], found["after"]["gap"]) == ("points", 2, 0)
    assert found["objective"] == pytest.approx(3 * 2.5 * (1 + 0.7))
    assert run(["sites", "--category=food", "--k=1"]) == 0
    told = capsys.readouterr().out
    assert "food: 2 of 3 without help now, 0 then" in told
    assert "needs: 3 received" in told


def test_what_if_tells_and_changes_nothing(installed: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = ask(capsys, "coverage")
    found = ask(capsys, "what-if", f"--close={installed}")
    assert found["sentence"].startswith("Closing Corner pantry leaves 1 more need without help")
    addition = f"{HELSINKI.lon},{HELSINKI.lat},food,1"
    assert ask(capsys, "what-if", f"--add={addition}", "--by=hex")["after"]["food"]["gap"] == 1
    assert ask(capsys, "what-if", f"--resize={installed}=3")["after"]["food"]["gap"] == 0
    moved = ask(capsys, "what-if", f"--move={installed}=24.91,60.16", "--standard-min=5", "--mode=walk")
    assert moved["after"]["food"]["gap"] == 3
    assert run(["what-if", f"--close={installed}"]) == 0
    told = capsys.readouterr().out
    assert "+1" in told
    assert "travel: Straight line" in told
    assert ask(capsys, "coverage") == before


@pytest.mark.parametrize(
    "words",
    [
        ["sites", "--k=1"], ["sites", "--category=gold", "--k=1"], ["sites", "--category=food"],
        ["sites", "--category=food", "--k=1", "--capacity=-1"],
        ["sites", "--category=food", "--k=1", "--capacity=many"],
        ["sites", "--category=food", "--k=1", "--standard-min=0"],
        ["sites", "--category=food", "--k=1", "--standard-min=1e9"],
        ["sites", "--category=food", "--k=51"], ["sites", "--category=food", "--k=1", "--standard=5"],
        ["sites", "--category=food", "--k=1", "--area=nowhere"],
        ["sites", "--category=food", "--k=1", "--candidates=points"],
        ["sites", "--category=food", "--k=1", "--equity=language:ar"],
        ["sites", "--category=food", "--k=1", "--equity=colour:red=2"],
        ["what-if", "--close=x"], ["what-if", "--close=0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"],
        ["what-if", "--add=24.94,60.17,gold,3"], ["what-if", "--add=24.94,60.17,3"], ["what-if", "--add=a,b,food,3"],
        ["what-if", "--add=24.94,60.17,food,-3"], ["what-if", "--add=2.35,48.85,food,3"],
        ["what-if", "--move=x=1,2"], ["what-if", "--resize=0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41=many"],
        ["what-if", "--standard-min=1e9"],
    ],
)  # fmt: skip
def test_what_cannot_be_asked_ends_with_2(installed: str, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert installed
    assert run(words) == 2
    assert capsys.readouterr().out == ""
