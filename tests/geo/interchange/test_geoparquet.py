"""GeoParquet read back by geopandas holds what the GeoJSON of the same features holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from geo.errors import InvalidInput
from geo.interchange import geoparquet
from geo.interchange.geoparquet import write_geoparquet

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = {"type": "Polygon", "coordinates": [[[24.0, 60.0], [25.0, 60.0], [25.0, 61.0], [24.0, 61.0], [24.0, 60.0]]]}


def feature(name: str, geometry: dict[str, Any] | None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def plain(value: Any) -> Any:
    """Give a value of a frame as JSON has it; what is missing is None."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def read_back(path: Path) -> list[dict[str, Any]]:
    frame = geopandas.read_parquet(path)
    rows = []
    for row in frame.to_dict("records"):
        drawn = row.pop("geometry")
        rows.append({name: plain(value) for name, value in row.items()} | {"geometry": drawn})
    return rows


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    features = [
        feature(
            "a", point(24.94, 60.17), name="Ääni", count=3, share=0.5, open=True, languages=["fi", "sv"], none=None
        ),
        feature("b", SQUARE, name="=1+1", count=-1, share=1, open=False, languages=[], none=None),
        feature("c", None, name=None, count=None, share=None, open=None, languages=None, none=None),
    ]
    out = tmp_path / "f.parquet"
    assert write_geoparquet(out, iter(features)) == 3
    for row, written in zip(read_back(out), features, strict=True):
        drawn = row.pop("geometry")
        assert (drawn is None) == (written["geometry"] is None)
        assert drawn is None or drawn.equals(shape(written["geometry"]))
        assert row == {"id": written["id"], **written["properties"]}


def test_the_file_says_its_version_system_types_and_extent(tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    write_geoparquet(out, [feature("a", point(24.94, 60.17)), feature("b", SQUARE), feature("c", None)])
    told = json.loads(pq.read_metadata(out).metadata[b"geo"])
    column = told["columns"][told["primary_column"]]
    assert told["version"] == "1.1.0"
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point", "Polygon"])
    assert column["bbox"] == [24.0, 60.0, 25.0, 61.0]
    assert column["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}
    frame = geopandas.read_parquet(out)
    assert frame.crs == "OGC:CRS84"
    assert frame.total_bounds.tolist() == column["bbox"]


def test_many_batches_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoparquet, "_BATCH", 7)
    # what a column holds shows only after the first batch: nothing at first, then a number that is no whole one
    features = [feature(str(i), point(i / 10, 0), late=None if i < 10 else i + 0.5) for i in range(30)]
    out = tmp_path / "f.parquet"
    assert write_geoparquet(out, features) == 30
    rows = read_back(out)
    assert [row["late"] for row in rows] == [f["properties"]["late"] for f in features]
    assert json.loads(pq.read_metadata(out).metadata[b"geo"])["columns"]["geometry"]["bbox"] == [0, 0, 2.9, 0]


def test_nothing_is_a_file_without_rows(tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    assert write_geoparquet(out, []) == 0
    frame = geopandas.read_parquet(out)
    assert (len(frame), frame.crs) == (0, "OGC:CRS84")


def test_what_no_column_can_hold_becomes_text_in_json(tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    mixed = [feature("a", None, v={"b": 1}, w="x", u=[1, "a"]), feature("b", None, v=[1], w=2, u=[True])]
    write_geoparquet(out, mixed)
    first, second = read_back(out)
    assert (first["v"], first["w"], first["u"]) == ('{"b": 1}', "x", '[1, "a"]')
    assert (second["v"], second["w"], second["u"]) == ("[1]", "2", "[true]")


def test_a_property_may_not_hide_the_geometry(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        write_geoparquet(tmp_path / "f.parquet", [feature("a", None, geometry="POINT (0 0)")])


values = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5))


@given(st.lists(st.fixed_dictionaries({"a": values, "b": st.lists(st.text(max_size=3), max_size=3)}), max_size=6))
def test_whatever_json_knows_can_be_written(
    tmp_path_factory: pytest.TempPathFactory, properties: list[dict[str, Any]]
) -> None:
    out = tmp_path_factory.mktemp("any") / "f.parquet"
    assert write_geoparquet(out, [feature("x", None, **some) for some in properties]) == len(properties)
    for row, some in zip(read_back(out), properties, strict=True):
        assert row["b"] == some["b"]
        kinds = {type(other["a"]) for other in properties} - {type(None)}
        told = row["a"] if len(kinds) == 1 or some["a"] is None or isinstance(some["a"], str) else json.loads(row["a"])
        assert told == some["a"]
