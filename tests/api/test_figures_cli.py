"""Figures and files from the command line: coverage, gaps by hour, and exports as an audience may have them."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from shapely import from_wkb
from shapely.geometry import shape

from geo.domain.drafts import NeedDraft
from geo.domain.place import Location, Point
from geo.domain.words import Category, LocationState, MatchQuality
from geo.store.engine import make_sessions, transaction
from geo.store.needs import create_need

from api.cli import run
from tests.factories import add_asset, located

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def _add_asset(engine: Engine, name: str) -> None:
    with transaction(make_sessions(engine)) as session:
        add_asset(session, Point(24.95, 60.17), kind="pantry", name=name)


def test_coverage_carries_the_balance_and_the_travel_model(
    installed: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installed
    assert (
        run(["coverage", "--json", "--by", "hex", "--mode", "walk", "--standard-min", "15", "--category", "food"]) == 0
    )
    found = _json(capsys)
    assert found["balance"]["received"] == 0
    assert found["standard_min"] == 15
    assert found["travel_model"]["note"]


def test_coverage_at_an_hour_and_gaps_by_hour(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed
    said = ["--time-zone", "Europe/Helsinki", "--language", "fi", "--language", "sv"]
    assert run(["network", "set", *said, "--json"]) == 0
    assert _json(capsys) == {
        "name": "Our network", "time_zone": "Europe/Helsinki", "languages": ["fi", "sv"], "escalate_after_h": 24,
    }  # fmt: skip
    assert run(["network", "show"]) == 0
    assert capsys.readouterr().out.endswith("Europe/Helsinki, languages fi, sv, the next is asked after 24 hours\n")
    assert run(["coverage", "--json", "--open-at", "2026-06-07T19:00"]) == 0
    assert _json(capsys)["open_at"] == "2026-06-07T16:00:00Z"
    assert run(["slots", "--json", "--group", "language", "--day", "2026-06-07"]) == 0
    found = _json(capsys)
    assert (found["week_of"], found["time_zone"], found["rows"]) == ("2026-06-01", "Europe/Helsinki", [])
    assert run(["slots", "--day", "2026-03-29"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Needs without help, week of 2026-03-23, Europe/Helsinki\nhour   Mon")
    assert "needs: 0 received" in printed


@pytest.mark.parametrize(
    "arguments",
    [
        ["network", "set", "--time-zone", "Mars/Base"], ["network", "set", "--language", "Finnish"],
        ["slots", "--group", "shoe_size"], ["slots", "--day", "someday"], ["coverage", "--open-at", "soon"],
    ],
)  # fmt: skip
def test_bad_hours_end_with_2(installed: Engine, arguments: list[str]) -> None:
    assert installed
    assert run(arguments) == 2


def test_coverage_of_today_is_kept_and_compared(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["coverage", "--since", "2020-01-01"]) == 0
    assert "no figures are kept of 2020-01-01 or before" in capsys.readouterr().out
    assert run(["coverage", "--keep", "--json"]) == 0
    capsys.readouterr()
    with transaction(make_sessions(installed)) as session:
        at = Location(LocationState.LOCATED, MatchQuality.ROOFTOP, Point(24.95, 60.17), 0.0)
        create_need(session, NeedDraft(category=Category.FOOD), at)
    assert run(["coverage", "--since", "2999-01-01", "--json"]) == 0
    found = _json(capsys)
    assert [(row["gap_then"], row["gap"]) for row in found["rows"]] == [(0, 1)]
    assert found["since"] is not None
    assert run(["coverage", "--since", "2999-01-01"]) == 0
    assert "gap 0 -> 1 (+1)" in capsys.readouterr().out
    assert run(["coverage", "--since", "soon"]) == 2


def test_export_writes_what_the_audience_may_have(installed: Engine, tmp_path: Path) -> None:
    _add_asset(installed, "=HYPERLINK()")
    out = tmp_path / "assets.geojson"
    assert run(["export", "assets", "--audience", "public", "--out", str(out)]) == 0
    (feature,) = json.loads(out.read_text("utf-8"))["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [24.95, 60.17]}
    assert "capacity_per_week" not in feature["properties"]
    out = tmp_path / "assets.csv"
    assert run(["export", "assets", "--audience", "public", "--format", "csv", "--out", str(out)]) == 0
    (row,) = csv.DictReader(out.read_text("utf-8").splitlines())
    assert row["name"] == "'=HYPERLINK()"
    assert (row["lon"], row["categories"]) == ("24.95", "food")


def test_export_refuses_an_audience_that_may_not(installed: Engine, tmp_path: Path) -> None:
    with transaction(make_sessions(installed)) as session:
        create_need(session, NeedDraft(category=Category.FOOD), Location(LocationState.NONE))
    assert run(["export", "needs", "--audience", "public", "--out", str(tmp_path / "needs.geojson")]) == 2
    assert not list(tmp_path.glob("needs*"))
    assert run(["export", "needs", "--audience", "organizer", "--out", str(tmp_path / "needs.geojson")]) == 0


def test_export_of_coverage_for_the_public_is_of_the_release_alone(installed: Engine, tmp_path: Path) -> None:
    _add_asset(installed, "Pantry")
    with transaction(make_sessions(installed)) as session:
        create_need(session, NeedDraft(category=Category.FOOD), located())
    for audience, count in (("public", 0), ("partner", 0), ("canvasser", 0), ("organizer", 1)):
        out = tmp_path / f"{audience}.geojson"
        assert run(["export", "coverage", "--audience", audience, "--out", str(out)]) == 0
        assert len(json.loads(out.read_text("utf-8"))["features"]) == count


@pytest.mark.parametrize("what", ["needs", "assets", "coverage"])
def test_export_as_geoparquet_holds_what_the_geojson_holds(installed: Engine, tmp_path: Path, what: str) -> None:
    _add_asset(installed, "Pantry")
    with transaction(make_sessions(installed)) as session:
        for category in (Category.FOOD, Category.WATER):
            create_need(session, NeedDraft(category=category, languages=("fi",)), located())
        create_need(session, NeedDraft(category=Category.FOOD), Location(LocationState.NONE))
    export = ["export", what, "--audience", "organizer"]
    assert run([*export, "--out", str(tmp_path / "f.geojson")]) == 0
    assert run([*export, "--format", "geoparquet", "--out", str(tmp_path / "f.parquet")]) == 0
    features = json.loads((tmp_path / "f.geojson").read_text("utf-8"))["features"]
    rows = pq.read_table(tmp_path / "f.parquet").to_pylist()
    assert features
    for row, feature in zip(rows, features, strict=True):
        drawn, written = row.pop("geometry"), feature["geometry"]
        assert (None if drawn is None else from_wkb(drawn)) == (None if written is None else shape(written))
        assert row == {"id": feature["id"], **feature["properties"]}
    assert sorted(path.name for path in tmp_path.glob("f.*")) == ["f.geojson", "f.parquet"]


def test_geoparquet_wants_a_file_and_leaves_no_half_of_one(installed: Engine, tmp_path: Path) -> None:
    _add_asset(installed, "Pantry")
    export = ["export", "assets", "--audience", "public", "--format", "geoparquet"]
    assert run(export) == 2
    assert run([*export, "--out", str(tmp_path / "nowhere" / "f.parquet")]) == 2
    refused = [
        "export",
        "needs",
        "--audience",
        "public",
        "--format",
        "geoparquet",
        "--out",
        str(tmp_path / "f.parquet"),
    ]
    with transaction(make_sessions(installed)) as session:
        create_need(session, NeedDraft(category=Category.FOOD), Location(LocationState.NONE))
    assert run(refused) == 2
    assert not list(tmp_path.glob("f.parquet*"))
