"""``barnraiser turfs``: cut, listed and printed by the operator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from geo.domain.place import Point
from geo.store.engine import make_sessions, transaction
from geo.store.gazetteer_import import replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo

from api.cli import app, run

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

pytestmark = pytest.mark.own_db
RING = [[24.93, 60.16], [24.96, 60.16], [24.96, 60.18], [24.93, 60.18], [24.93, 60.16]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["turfs", *arguments], catch_exceptions=False)


@pytest.fixture
def town(installed: Engine) -> Engine:
    info = SourceInfo(slug="t", name="T", licence="x", attribution="© x", checksum="0")
    rows = [
        AddressRow(f"Katu {street}", str(number), Point(24.94 + number / 5000, 60.165 + street / 1000))
        for street in range(2)
        for number in range(1, 11)
    ]
    with transaction(make_sessions(installed, role=None)) as session:
        replace_source(session, info, addresses=rows)
    return installed


def test_a_shape_is_cut_listed_and_printed(town: Engine, tmp_path: Path) -> None:
    assert town
    shape, out = tmp_path / "shape.geojson", tmp_path / "turf.pdf"
    feature = {"type": "Feature", "properties": {}, "geometry": POLYGON}
    shape.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    made = invoke("cut", "Spring", "--shape", str(shape), "--doors-each", "10", "--note", "Ring twice", "--json")
    turfs = json.loads(made.stdout)["items"]
    assert [(turf["name"], turf["doors"], turf["note"]) for turf in turfs] == [
        ("Spring 1", 10, "Ring twice"),
        ("Spring 2", 10, "Ring twice"),
    ]
    listed = json.loads(invoke("list", "--json").stdout)["items"]
    assert [turf["id"] for turf in listed] == [turf["id"] for turf in turfs]
    assert {turf["progress"]["left"] for turf in listed} == {10}
    assert "2 turfs" in invoke("list").stdout
    assert invoke("sheet", turfs[0]["id"], "--out", str(out), "--paper", "letter").stdout.strip() == str(out)
    assert out.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["cut", "Spring"], 2),
        (["cut", "Spring", "--area", "00000000-0000-7000-8000-0000000000aa", "--turfs", "2"], 1),
        (["cut", "Spring", "--shape", "SHAPE"], 2),
        (["cut", "Spring", "--shape", "SHAPE", "--turfs", "200"], 2),
        (["cut", "Spring", "--shape", "SHAPE", "--turfs", "2", "--until", "2020-01-01"], 2),
        (["cut", "Spring", "--shape", "BROKEN", "--turfs", "2"], 2),
        (["sheet", "00000000-0000-7000-8000-0000000000aa", "--out", "x.pdf"], 1),
    ],
)
def test_what_cannot_be_done_is_told(town: Engine, tmp_path: Path, arguments: list[str], code: int) -> None:
    assert town
    (tmp_path / "SHAPE").write_text(json.dumps(POLYGON), "utf-8")
    (tmp_path / "BROKEN").write_text("{", "utf-8")
    given = [str(tmp_path / one) if one in ("SHAPE", "BROKEN", "x.pdf") else one for one in arguments]
    assert run(["turfs", *given]) == code
    assert not (tmp_path / "x.pdf").exists()
