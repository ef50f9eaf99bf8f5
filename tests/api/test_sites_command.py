"""``barnraiser sites`` on tables as planners have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from api.cli import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tables(tmp_path: Path) -> list[str]:
    costs = "demand,supply,cost\n01,x,0\n2,x,4\n2,y,9\n3,y,5\n4,z,2\n"
    (tmp_path / "cost.csv").write_text(costs, encoding="utf-8")
    (tmp_path / "demand.csv").write_text("demand,weight\n01,3\n2,1\n3,2\n4,2.5\n5,1\n", encoding="utf-8")
    (tmp_path / "fixed.csv").write_text("supply,name\nx,Kirjasto\n", encoding="utf-8")
    return [f"--{name}={tmp_path / name}.csv" for name in ("cost", "demand")]


def ask(tables: list[str], capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    assert run(["sites", *tables, *more]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_next_place_adds_to_what_the_fixed_one_covers(
    tables: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--problem=mclp", "--k=1", "--standard=5", f"--fixed={tmp_path / 'fixed.csv'}")
    told = ask(tables, capsys, *asked)
    assert (told["sites"], told["fixed"], told["objective"], told["bound"]) == (["z"], ["x"], 6.5, 6.5)
    assert (told["optimal"], told["gap"], told["method"]) == (True, 0.0, "greedy")
    assert told["uncovered"] == ["3", "5"]


def test_every_problem_has_an_answer(tables: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    fewest = ask(tables, capsys, "--problem=lscp", "--standard=9")
    assert (fewest["objective"], fewest["sites"], fewest["uncovered"]) == (3, ["x", "y", "z"], ["5"])
    least = ask(tables, capsys, "--problem=pmedian", "--k=3")
    assert (least["objective"], least["optimal"]) == (1 * 4 + 2 * 5 + 2.5 * 2, True)
    longest = ask(tables, capsys, "--problem=pcenter", "--k=3")
    assert longest["objective"] == 5


@pytest.mark.parametrize(
    "asked",
    [["mclp", "--k=1"], ["mclp", "--k=9", "--standard=5"], ["mclp", "--k=-1", "--standard=5"], ["pmedian"],
     ["pmedian", "--k=1"], ["lscp"], ["lscp", "--standard=-2"], ["nonsense", "--k=1"]],
)  # fmt: skip
def test_questions_that_do_not_fit_are_refused(
    tables: list[str], capsys: pytest.CaptureFixture[str], asked: list[str]
) -> None:
    assert run(["sites", *tables, "--problem", *asked]) == 2
    assert capsys.readouterr().out == ""


def test_a_fixed_place_that_nobody_knows_is_refused(
    tables: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fixed.csv").write_text("supply\nq\n", encoding="utf-8")
    asked = ["--problem=mclp", "--k=1", "--standard=5", f"--fixed={tmp_path / 'fixed.csv'}"]
    assert run(["sites", *tables, *asked]) == 2
    assert "fixed places" in capsys.readouterr().err
