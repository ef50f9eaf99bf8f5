"""The ``load`` commands, on a database of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from data.loaders.osm import bundled_extract

if TYPE_CHECKING:
    from sqlalchemy import Engine

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
MAP = "number=nr,street=road,city=town,postcode=zip,lon=x,lat=y"

pytestmark = pytest.mark.own_db


@pytest.fixture
def run(own_db: Engine, tmp_path: Path) -> Any:
    url = own_db.url.render_as_string(hide_password=False).replace("+psycopg", "")
    env = {"BARNRAISER_DATABASE_URL": url, "BARNRAISER_HOME": str(tmp_path / "home")}
    return lambda *args: CliRunner().invoke(app, ["load", *map(str, args)], env=env)


def test_each_kind_of_file_is_loaded_and_reported(run: Any) -> None:
    for command, taken in [
        (("addresses", SAMPLES / "addresses.csv", "--map", MAP), 3),
        (("areas", SAMPLES / "areas.geojson"), 2),
        (("needs", SAMPLES / "needs.csv"), 5),
        (("helpers", SAMPLES / "helpers.csv"), 3),
    ]:
        result = run(*command)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["taken"] == taken


def test_an_extract_is_loaded_and_its_base_map_drawn(run: Any, tmp_path: Path) -> None:
    result = run("osm", bundled_extract())
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["unchanged"] is False
    assert (tmp_path / "home" / "tiles" / "base.pmtiles").is_file()


def test_left_out_rows_make_the_exit_code_one(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "needs.csv"
    path.write_text("category\nfood\ngold\n", "utf-8")
    result = run("needs", path)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["taken"], report["problems"]) == (1, [{"line": 3, "reason": "unknown_category"}])


@pytest.mark.parametrize("mapping", ["number", "number=", "colour=red", "number=nr"])
def test_a_map_that_cannot_be_used_is_a_usage_error(run: Any, mapping: str) -> None:
    assert run("addresses", SAMPLES / "addresses.csv", "--map", mapping).exit_code != 0
