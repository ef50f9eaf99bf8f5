"""Forms for files: sequences (RFC 8142), rows, FlatGeobuf and GeoParquet, read back by the libraries people use."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import geopandas
import pytest
from sqlalchemy import text

from geo.interchange.flatgeobuf import write_flatgeobuf

from tests.api.conftest import TestClient, assert_problem
from tests.api.ogc.conftest import COLLECTIONS, ITEMS, features
from tests.api.rfc7946 import check_feature, parse
from tests.rights import operator

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session


def records(raw: bytes) -> list[Any]:
    """Take a sequence apart as RFC 8142 and RFC 7464 say: each text between a record separator and a line feed."""
    first, *texts = raw.split(b"\x1e")
    assert first == b""
    assert all(one.endswith(b"\n") for one in texts)
    return [parse(one.decode()) for one in texts]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_sequence_has_every_feature_by_itself(feed: TestClient, collection: str) -> None:
    answer = feed.get(ITEMS.format(collection), params={"f": "geojsonseq"})
    assert answer.headers["content-type"] == "application/geo+json-seq"
    found = records(answer.content)
    for one in found:
        check_feature(one)
    assert found == features(feed, collection, limit=1000)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_rows_have_every_property_and_the_place(feed: TestClient, collection: str) -> None:
    answer = feed.get(ITEMS.format(collection), params={"f": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    whole = features(feed, collection, limit=1000)
    assert [row["id"].lstrip("'") for row in rows] == [one["id"] for one in whole]
    for row, one in zip(rows, whole, strict=True):
        assert set(one["properties"]) <= set(row)
        kind = one["geometry"]["type"] if one["geometry"] else None
        if kind == "Point":
            assert [float(row["lon"]), float(row["lat"])] == one["geometry"]["coordinates"]
        assert bool(row["wkt"]) == (kind in ("Polygon", "MultiPolygon"))


@pytest.mark.parametrize("form", ["fgb", "geoparquet"])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_files_are_read_back_as_they_were(feed: TestClient, tmp_path: Path, collection: str, form: str) -> None:
    whole = {one["id"]: one for one in features(feed, collection, limit=1000)}
    answer = feed.get(ITEMS.format(collection), params={"f": form})
    assert f'filename="{collection}.' in answer.headers["content-disposition"]
    path = tmp_path / f"read.{'fgb' if form == 'fgb' else 'parquet'}"
    path.write_bytes(answer.content)
    table = geopandas.read_file(path) if form == "fgb" else geopandas.read_parquet(path)
    assert table.crs.to_authority() in (("OGC", "CRS84"), ("EPSG", "4326"))
    assert sorted(table["id"]) == sorted(whole)
    for row in table.itertuples():
        one = whole[row.id]
        if one["geometry"] is not None:
            mapped = json.loads(json.dumps(row.geometry.__geo_interface__))
            assert mapped["coordinates"] == one["geometry"]["coordinates"]
        for name, value in one["properties"].items():
            if isinstance(value, str | bool | int) and value != "":
                assert getattr(row, name) == value


def test_forms_for_files_answer_what_is_asked_and_no_more(feed: TestClient) -> None:
    asked = {"filter": "status = 'active'", "bbox": "24.9,60.1,25.1,60.3", "properties": "name", "sortby": "-name"}
    whole = feed.get(ITEMS.format("assets"), params=asked).json()["features"]
    assert records(feed.get(ITEMS.format("assets"), params=asked | {"f": "geojsonseq"}).content) == whole
    rows = feed.get(ITEMS.format("assets"), params=asked | {"f": "csv"}).text.splitlines()
    assert rows[0] == "id,name,lon,lat,wkt"
    assert len(rows) == len(whole) + 1


def test_a_limit_makes_pages_of_them_with_a_link_in_the_header(feed: TestClient) -> None:
    seen, path = list[str](), f"{ITEMS.format('assets')}?f=geojsonseq&limit=4"
    while path:
        answer = feed.get(path)
        seen += [one["id"] for one in records(answer.content)]
        path = answer.links.get("next", {}).get("url", "")
    assert seen == [one["id"] for one in features(feed, "assets")]


def test_head_of_a_file_reads_nothing(feed: TestClient) -> None:
    for form in ("csv", "geojsonseq", "fgb", "geoparquet"):
        answer = feed.head(ITEMS.format("assets"), params={"f": form})
        assert (answer.status_code, answer.content) == (200, b"")
        assert (
            answer.headers["content-type"].split(";")[0]
            == feed.get(ITEMS.format("assets"), params={"f": form}).headers["content-type"].split(";")[0]
        )


def test_what_matches_nothing_is_an_empty_file(feed: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "none.fgb"
    path.write_bytes(feed.get(ITEMS.format("assets"), params={"f": "fgb", "filter": "FALSE"}).content)
    assert len(geopandas.read_file(path)) == 0
    rows = feed.get(ITEMS.format("assets"), params={"f": "csv", "filter": "FALSE"}).text.splitlines()
    assert len(rows) == 1
    assert feed.get(ITEMS.format("assets"), params={"f": "geojsonseq", "filter": "FALSE"}).content == b""


def test_no_cell_begins_a_formula(feed: TestClient) -> None:
    body = {"kind": "pantry", "categories": ["food"], "name": "=cmd()", "description": "\t+1"}
    assert feed.post("/v1/assets", json=body).status_code == 201
    rows = list(csv.DictReader(io.StringIO(feed.get(ITEMS.format("assets"), params={"f": "csv"}).text)))
    assert {row["name"] for row in rows} >= {"'=cmd()"}


def test_a_form_that_is_wrong_is_refused_before_anything_is_sent(feed: TestClient) -> None:
    for query in ("f=csv&filter=x", "f=fgb&limit=0", "f=geojsonseq&cursor=AAAA", "f=geoparquet&bbox=1"):
        assert_problem(feed.get(f"{ITEMS.format('assets')}?{query}"), 400)


def test_a_sequence_of_many_pages_is_streamed_in_flat_memory(client: TestClient, session: Session) -> None:
    with operator(session):
        session.execute(
            text(
                "INSERT INTO asset (id, kind, categories, name, geom) SELECT gen_random_uuid(), 'pantry', '{food}', "
                "'a' || n, ST_SetSRID(ST_MakePoint(24.8 + n / 100000.0, 60.2), 4326) FROM generate_series(1, 2200) AS n"
            )
        )
    session.commit()
    seen, most = set[str](), 0
    tracemalloc.start()
    with client.stream("GET", ITEMS.format("assets"), params={"f": "csv", "properties": "name"}) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            seen.add(line.partition(",")[0])
            most = max(most, tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert len(seen) == 2201
    assert most < 40_000_000


def test_lists_stand_in_one_text_of_a_flatgeobuf(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [24.9, 60.1]}
    one = {"type": "Feature", "id": "a", "geometry": point, "properties": {"words": ["x", "y"], "n": 1, "ok": True}}
    path = tmp_path / "one.fgb"
    assert write_flatgeobuf(path, [one]) == 1
    (row,) = geopandas.read_file(path).itertuples()
    assert (row.words, row.n, row.ok) == ("x; y", 1, True)
