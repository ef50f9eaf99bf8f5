"""``barnraiser forms``: added, listed, shown and withdrawn by the operator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from api.cli import app, run
from tests.xlsforms import ROWS, winter

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

pytestmark = [pytest.mark.own_db, pytest.mark.usefixtures("installed")]


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["forms", *arguments], catch_exceptions=False)


def test_a_form_is_added_listed_shown_and_withdrawn(installed: Engine, tmp_path: Path) -> None:
    assert installed
    file = tmp_path / "winter.xlsx"
    file.write_bytes(winter())
    first = json.loads(invoke("load", str(file), "--json").stdout)
    assert (first["name"], first["is_new"], first["is_active"], first["warnings"]) == ("winter", True, False, [])
    again = json.loads(invoke("load", str(file), "--activate", "--json").stdout)
    assert (again["id"], again["is_new"], again["is_active"]) == (first["id"], False, True)
    assert "winter 1: 9 questions, known, is asked" in invoke("load", str(file)).stdout
    (listed,) = json.loads(invoke("list", "--json").stdout)["items"]
    assert (listed["name"], listed["is_active"], listed["questions"], listed["entries"]) == ("winter", True, 9, 0)
    assert "1 forms" in invoke("list").stdout
    shown = json.loads(invoke("show", "winter", "--json").stdout)
    assert [question["name"] for question in shown["questions"]][:2] == ["need.category", "people"]
    assert "people  integer  household.size  How many?" in invoke("show", "winter").stdout
    assert "not asked" in invoke("withdraw", "winter").stdout
    assert run(["forms", "show", "summer"]) == 1


def test_what_is_wrong_is_told_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.xlsx"
    file.write_bytes(winter(rows=[*ROWS, ["barcode", "x", "X"], ["text", "y", ""]]))
    assert run(["forms", "load", str(file)]) == 2
    told = capsys.readouterr().err
    assert "survey, row 14, type: this type is outside of the subset" in told
    assert "survey, row 15, label: a question needs a label" in told
    file.write_bytes(b"no workbook")
    assert run(["forms", "load", str(file)]) == 2
