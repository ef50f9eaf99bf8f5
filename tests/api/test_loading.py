"""The ``load`` commands, on a database of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
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


def test_files_in_a_known_form_need_no_map_and_are_listed_and_removed(run: Any, own_db: Engine) -> None:
    for command in ("addresses", "streets", "ranges", "places"):
        result = run(command, SAMPLES / f"open_{command}.csv", "--licence", "CC0", "--attribution", "Townham")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["taken"] > 0
    listed = json.loads(run("sources", "--json").stdout)["sources"]
    assert [one["slug"] for one in listed] == [
        f"{kind}-open-{kind}" for kind in ("addresses", "places", "ranges", "streets")
    ]
    assert listed[0] | {"imported_at": ""} == {
        "slug": "addresses-open-addresses", "kind": "addresses", "name": "open_addresses.csv", "licence": "CC0",
        "attribution": "Townham", "imported_at": "",
        "rows": {"addresses": 3, "streets": 0, "names": 2, "ranges": 0, "crossings": 0, "places": 0, "postcodes": 1},
    }  # fmt: skip
    assert listed[2]["rows"]["ranges"] == 2
    assert listed[3]["rows"] | {"names": 0} == {
        "addresses": 0, "streets": 2, "names": 0, "ranges": 0, "crossings": 1, "places": 0, "postcodes": 0,
    }  # fmt: skip
    assert run("remove", "places-open-places").exit_code == 0
    assert "places-open-places" not in run("sources").stdout
    assert "3 addresses, 2 names, 1 postcodes" in run("sources").stdout
    with own_db.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM geo_place")) == 0
        assert connection.scalar(text("SELECT count(*) FROM geo_address")) == 3
        audited = connection.execute(text("SELECT action FROM audit WHERE object_kind = 'geo_source' ORDER BY seq"))
        assert [row[0] for row in audited] == ["load"] * 4 + ["delete"]


def test_a_source_that_is_not_there_is_told(run: Any) -> None:
    result = run("remove", "nothing")
    assert result.exit_code != 0


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "nan,0,1,1", "2,0,1,1", "0,0,inf,1", "-190,0,1,1"])
def test_a_box_that_is_none_is_a_usage_error(run: Any, box: str) -> None:
    assert run("addresses", SAMPLES / "open_addresses.csv", "--within", box).exit_code == 2


def test_a_box_and_the_area_served_do_not_go_together(run: Any) -> None:
    assert run("addresses", SAMPLES / "open_addresses.csv", "--within", "-77,39,-76,40", "--clip").exit_code == 2


def test_a_directory_is_loaded_proposed_and_given_out_again(run: Any, own_db: Engine, tmp_path: Path) -> None:
    at = {"id": "at", "location": {"id": "here", "location_type": "physical", "latitude": 60.17, "longitude": 24.94}}
    services = [
        {"id": "one", "name": "Pantry", "status": "active", "service_at_locations": [at]},
        {"id": "two", "name": "Something", "attributes": [{"taxonomy_term": {"code": "X-1", "name": "Odd"}}]},
    ]
    path, rows = tmp_path / "services.json", tmp_path / "rows.jsonl"
    path.write_text(json.dumps(services), "utf-8")
    dry = run("hsds", path, "--source", "town", "--dry-run", "--rows", rows)
    assert dry.exit_code == 1, dry.output
    assert json.loads(dry.stdout)["skipped"] == {"no_category": 1}
    assert [json.loads(line)["done"] for line in rows.read_text("utf-8").splitlines()] == ["new", "skipped"]
    taken = run("hsds", path, "--source", "town", "--map", "x-1=hygiene")
    assert taken.exit_code == 0, taken.output
    assert json.loads(taken.stdout)["new"] == 2
    assert json.loads(run("hsds", path, "--source", "other").stdout)["twin"] == 1
    for wrong in (
        ("--source", "Our Town"),
        ("--source", "town", "--map", "x=gold"),
        ("--source", "town", "--same", "a=b"),
    ):
        assert run("hsds", path, *wrong).exit_code != 0
    out = tmp_path / "out.zip"
    env = {"BARNRAISER_DATABASE_URL": own_db.url.render_as_string(hide_password=False).replace("+psycopg", "")}
    env["BARNRAISER_HOME"] = str(tmp_path / "home")
    export = ["export", "assets", "--audience", "public", "--format", "hsds"]
    assert CliRunner().invoke(app, [*export, "--out", str(out)], env=env).exit_code == 0
    assert out.read_bytes()[:2] == b"PK"
    assert CliRunner().invoke(app, export, env=env).exit_code != 0
