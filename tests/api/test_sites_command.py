"""``barnraiser sites`` and ``match`` on tables as planners have them."""

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
     ["pmedian", "--k=1"], ["lscp"], ["mclp", "--k=1", "--standard=5", "--category=food"],
     ["mclp", "--k=1", "--standard=5", "--worst-first=1"], ["mclp", "--k=1", "--standard=5", "--capacity=3"],
     ["mclp", "--k=1", "--standard=5", "--priority=need"], ["lscp", "--standard=-2"], ["nonsense", "--k=1"]],
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


def test_capacities_and_priorities_count(tables: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "capacity.csv").write_text("supply,capacity\nx,2\ny,9\nz,1\nq,5\n", encoding="utf-8")
    asked = ("--problem=mclp", "--k=1", "--standard=9", f"--capacity={tmp_path / 'capacity.csv'}")
    told = ask(tables, capsys, *asked)
    assert (told["sites"], told["objective"], told["optimal"], told["bound_by"]) == (["y"], 3, True, "proof")
    (tmp_path / "demand.csv").write_text(
        "demand,weight,counts\n01,3,1\n2,1,1\n3,2,1\n4,2.5,4\n5,1,1\n", encoding="utf-8"
    )
    weighed = ask(tables, capsys, *asked, "--priority=counts")
    assert (weighed["sites"], weighed["objective"], weighed["uncovered"]) == (["z"], 4, ["01", "2", "3", "4", "5"])
    (tmp_path / "capacity.csv").write_text("supply,capacity\nx,2\n", encoding="utf-8")
    assert run(["sites", *tables, *asked]) == 2
    assert "have no capacity" in capsys.readouterr().err


def test_a_table_of_costs_needs_one_of_demand(tables: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sites", tables[0], "--k=1", "--standard=5"]) == 2
    assert run(["sites", tables[1], "--k=1", "--category=food"]) == 2
    assert "--cost" in capsys.readouterr().err


def test_match_serves_the_most_and_then_the_cheapest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cost, needs, helpers = (tmp_path / f"{name}.csv" for name in ("cost", "needs", "helpers"))
    cost.write_text("need,helper,cost\n1,a,5\n2,a,1\n2,b,9\n3,b,2\n", encoding="utf-8")
    assert run(["match", f"--cost={cost}"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["objective"], found["matched"], found["optimal"]) == (3, 2, True)
    assert found["unmatched"] == [{"need": "1", "reason": "those within reach are taken by others"}]
    needs.write_text("need\n3\n2\n1\n04\n", encoding="utf-8")
    helpers.write_text("helper,capacity\nb,1\na,2\nc,1\n", encoding="utf-8")
    assert run(["match", f"--cost={cost}", f"--needs={needs}", f"--helpers={helpers}"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pairs"] == [
        {"need": "3", "helper": "b", "cost": 2}, {"need": "2", "helper": "a", "cost": 1},
        {"need": "1", "helper": "a", "cost": 5},
    ]  # fmt: skip
    assert found["unmatched"] == [{"need": "04", "reason": "nobody can be reached"}]
    # the names of the other tables will do as well
    cost.write_text("demand,supply,cost\n1,a,5\n", encoding="utf-8")
    assert run(["match", f"--cost={cost}"]) == 0
    assert json.loads(capsys.readouterr().out)["objective"] == 5


def test_match_knows_sizes_and_says_what_is_proven(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cost, needs, helpers = (tmp_path / f"{name}.csv" for name in ("cost", "needs", "helpers"))
    cost.write_text("need,helper,cost\n1,a,1\n2,a,1\n3,a,1\n3,b,9\n", encoding="utf-8")
    needs.write_text("need,size\n1,3\n2,2\n3,2\n", encoding="utf-8")
    helpers.write_text("helper,capacity\na,5\nb,2.5\n", encoding="utf-8")
    tables = [f"--cost={cost}", f"--needs={needs}", f"--helpers={helpers}"]
    assert run(["match", *tables]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["objective"], found["bound"], found["gap"], found["most"], found["optimal"]) == (11, 11, 0, 3, True)
    assert [pair["helper"] for pair in found["pairs"]] == ["a", "a", "b"]
    assert run(["match", *tables, "--most-each=1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["matched"], [pair["helper"] for pair in found["pairs"]]) == (2, ["a", "b"])
    cost.write_text("need,helper,cost\n1,a,1\n2,a,1\n2,b,3\n3,a,0\n", encoding="utf-8")
    assert run(["match", *tables, "--spread=5"]) == 0
    assert json.loads(capsys.readouterr().out)["objective"] == 9


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("needs", "need,size\n1,0\n"), ("needs", "need,size\n1,\n"),
        ("cost", ""), ("cost", "need,helper\n1,a\n"), ("cost", "need,helper,cost\n1,a,-1\n"),
        ("cost", "need,helper,cost\n1,a,1\n1,a,2\n"), ("needs", "need\n2\n"), ("helpers", "helper\nb\n"),
        ("helpers", "helper,capacity\na,0.5\n"), ("helpers", "helper,capacity\na,-1\n"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_together_match_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str
) -> None:
    (tmp_path / "cost.csv").write_text("need,helper,cost\n1,a,1\n", encoding="utf-8")
    (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    options = [f"--{one}={tmp_path / one}.csv" for one in {"cost", name}]
    assert run(["match", *options]) == 2
    assert capsys.readouterr().out == ""
