"""The commands that release and that pin the rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geo.store.privacy_rules import get_rules

from api import cli
from api.commands import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def home(own_db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BARNRAISER_HOME", str(tmp_path))
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", own_db.url.render_as_string(hide_password=False))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = cli.run([*words, "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else None, printed.err


@pytest.mark.own_db
def test_releasing_twice_in_a_week_gives_the_same_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, first, _ = run(capsys, "release")
    assert code == 0
    content = (home / "public" / first[0]["network"] / first[0]["file"]).read_bytes()
    assert run(capsys, "release")[1] == first
    assert (home / "public" / first[0]["network"] / first[0]["file"]).read_bytes() == content
    assert cli.run(["release"]) == 0
    assert first[0]["week"] in capsys.readouterr().out


@pytest.mark.own_db
def test_rules_are_shown_and_set(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "privacy", "show")[1]["version"] == 0
    code, shown, _ = run(capsys, "privacy", "set", "--k", "10", "--coarsen-after-days", "7")
    assert (code, shown["k"], shown["coarsen_after_days"], shown["version"]) == (0, 10, 7, 1)
    code, _, said = run(capsys, "privacy", "set", "--k", "0")
    assert code == jobs.BAD_INPUT
    assert "k must be a whole number from 5" in said
    assert home.is_dir()


@pytest.mark.own_db
def test_the_grid_changes_only_with_a_restart(own_db: Engine, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from geo.store.engine import make_sessions

    _, made, _ = run(capsys, "release")
    code, _, said = run(capsys, "privacy", "set", "--resolution", "7")
    assert code == jobs.PROBLEMS
    assert "subtracted" in said
    code, shown, said = run(capsys, "privacy", "set", "--resolution", "7", "--restart")
    assert (code, shown["resolution"]) == (0, 7)
    assert "forgotten" in said
    assert not list((home / "public" / made[0]["network"]).iterdir())
    with make_sessions(own_db)() as session:
        assert get_rules(session).rules.resolution == 7
