"""``barnraiser access`` on tables as planners have them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from api.cli import run

if TYPE_CHECKING:
    from pathlib import Path

COSTS = "demand,supply,cost\n01,x,0\n01,y,4\n2,y,9\n3,x,5\n"
DEMAND = "demand,weight\n01,1\n2,1\n3,1\n4,1\n"
SUPPLY = "supply,capacity\nx,1\ny,1\nz,7\n"


@pytest.fixture
def tables(tmp_path: Path) -> list[str]:
    for name, text in (("cost", COSTS), ("demand", DEMAND), ("supply", SUPPLY)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return [f"--{name}={tmp_path / name}.csv" for name in ("cost", "demand", "supply")]


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        (["nearest"], ["0.0", "9.0", "5.0", ""]),
        (["nearest", "--standard=5"], ["0.0", "", "5.0", ""]),
        (["cumulative", "--standard=5"], ["2.0", "0.0", "1.0", "0.0"]),
        (["2sfca", "--standard=9"], ["1.0", "0.5", "0.5", "0.0"]),
        (["e2sfca", "--bands=5,9", "--weights=1,0"], ["1.5", "0.0", "0.5", "0.0"]),
        # x serves 01 by half and 3 whole, y serves 01 by half and 2 whole; each gives out its one among two pairs
        (["bfca", "--standard=9"], [f"{2 / 3}", f"{1 / 3}", f"{1 / 3}", "0.0"]),
        (["3sfca", "--standard=9", "--bands=9", "--weights=1"], [f"{2 / 3}", f"{2 / 3}", f"{2 / 3}", "0.0"]),
        (["gravity", "--rate=0.1", "--standard=5"], [f"{1 + math.exp(-0.4)}", "0.0", f"{math.exp(-0.5)}", "0.0"]),
        (["gravity", "--standard=5"], [f"{1 + math.exp(-0.8)}", f"{math.exp(-1.8)}", f"{math.exp(-1)}", "0.0"]),
    ],
)
def test_each_demand_has_its_row(
    tables: list[str], capsys: pytest.CaptureFixture[str], asked: list[str], values: list[str]
) -> None:
    assert run(["access", *tables, "--method", *asked]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "demand,value"
    rows = [line.split(",") for line in lines[1:]]
    assert [one for one, _ in rows] == ["01", "2", "3", "4"]
    assert [float(got) if got else None for _, got in rows] == [
        pytest.approx(float(value), abs=1e-15) if value else None for value in values
    ]


def test_unmet_demand_adds_up_and_says_why(tables: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["access", *tables, "--method=unmet", "--standard=9", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["total_demand"], told["coverage"], told["gap"]) == (4, 2, 2)
    assert told["isolated"] == ["4"]
    assert told["binding"] == ["x", "y"]
    assert sum(row["value"] for row in told["rows"]) == told["gap"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("cost", "", "cost.csv is empty"),
        ("cost", "demand,supply\n01,x\n", "no column cost"),
        ("cost", "demand,supply,cost\n01,x,-1\n", "line 2: cost must be a number"),
        ("cost", "demand,supply,cost\n\n01,x,much\n", "line 3: cost must be a number"),
        ("cost", "demand,supply,cost\n01,x,nan\n", "line 2: cost"),
        ("cost", "demand,supply,cost\n1,x,1\n", "line 2: there is no such demand"),
        ("cost", "demand,supply,cost\n01,q,1\n", "line 2: there is no such supply"),
        ("cost", "demand,supply,cost\n01,x,1\n01,x,2\n", "line 3: this pair stands twice"),
        ("cost", "demand,supply,cost\n01,,1\n", "line 2: supply is empty"),
        ("demand", "demand,weight\n01,1\n01,2\n", "line 3: this demand stands twice"),
        ("supply", "supply,capacity\nx,-3\n", "line 2: capacity must be a number"),
        ("supply", "supply,capacity\nx,inf\n", "line 2: capacity must be a number"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_its_line(
    tables: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, said: str
) -> None:
    (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert run(["access", *tables, "--method=2sfca", "--standard=9"]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "asked",
    [["2sfca"], ["2sfca", "--standard=-1"], ["2sfca", "--standard=nan"], ["gravity"], ["gravity", "--rate=0"],
     ["e2sfca", "--bands=5,x"], ["e2sfca", "--bands=9,5,1"], ["e2sfca", "--bands=5"], ["e2sfca", "--standard=0"],
     ["2sfca", "--bands=5,10"], ["unmet", "--bands=5,10,15"], ["bfca", "--standard=9", "--weights=1"],
     ["cumulative", "--standard=9", "--rate=1"], ["nearest", "--bands=5,10,15"], ["nonsense"]],
)  # fmt: skip
def test_options_that_do_not_fit_are_refused(tables: list[str], asked: list[str]) -> None:
    assert run(["access", *tables, "--method", *asked]) == 2


def test_a_file_that_is_no_table_is_refused(tables: list[str], tmp_path: Path) -> None:
    (tmp_path / "cost.csv").write_bytes(b"\xff\xfe\x00demand")
    assert run(["access", *tables, "--method=nearest"]) == 2
