"""OGC API Tiles (OGC 20-057, annex A): its abstract tests for each class that is claimed, and HEAD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.tiles import MAX_ZOOM

from api.ogc.documents import TILES_CONFORM
from api.tile_sets import TILES_TYPE
from tests.api.conftest import TestClient, assert_problem, carrying
from tests.api.ogc.conftest import NEAR
from tests.callers import partner
from tests.geo.store.test_tiles import tile_at
from tests.grid import HELSINKI
from tests.tiles import by_gdal, by_tippecanoe

if TYPE_CHECKING:
    from geo.store.engine import SessionFactory

TILED = ("needs", "assets", "coverage")
REL = "http://www.opengis.net/def/rel/ogc/1.0"


def linked(document: Any, rel: str) -> dict[str, Any]:
    (found,) = [one for one in document["links"] if one["rel"] == rel]
    return dict(found)


def tile_url(tile_set: Any, z: int, y: int, x: int) -> str:
    """Follow the template as the standard says: by the names of its variables."""
    link = linked(tile_set, "item")
    assert link["templated"]
    href = str(link["href"])
    for name, value in (("tileMatrix", z), ("tileRow", y), ("tileCol", x)):
        assert href.count("{" + name + "}") == 1
        href = href.replace("{" + name + "}", str(value))
    return href


def tile_set_of(feed: TestClient, collection: str) -> dict[str, Any]:
    """Begin at the landing page and follow links alone."""
    listed = feed.get(linked(feed.get("/ogc").json(), "data")["href"]).json()["collections"]
    (described,) = [one for one in listed if one["id"] == collection]
    (one,) = feed.get(linked(described, f"{REL}/tilesets-vector")["href"]).json()["tilesets"]
    return dict(feed.get(linked(one, "self")["href"]).json())


def test_core_conformance_the_classes_are_told(feed: TestClient) -> None:
    told = feed.get(linked(feed.get("/ogc").json(), "conformance")["href"]).json()["conformsTo"]
    assert set(TILES_CONFORM) <= set(told)
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core" in told


@pytest.mark.parametrize("collection", TILED)
def test_core_a_tile_is_found_by_links_alone(feed: TestClient, collection: str) -> None:
    tile_set = tile_set_of(feed, collection)
    at = tile_at(HELSINKI, 12)
    answer = feed.get(tile_url(tile_set, at.z, at.y, at.x))
    assert (answer.status_code, answer.headers["content-type"]) == (200, TILES_TYPE)
    # mvt: two programs read it, and its layers are those that were told
    read = by_gdal(answer.content, at)
    assert read.keys() == by_tippecanoe(answer.content, at).keys()
    assert read
    assert read.keys() <= {layer["id"] for layer in tile_set["layers"]}


@pytest.mark.parametrize("collection", TILED)
def test_core_what_is_outside_is_told(feed: TestClient, collection: str) -> None:
    tile_set = tile_set_of(feed, collection)
    empty = feed.get(tile_url(tile_set, 12, 0, 0))
    assert (empty.status_code, empty.content) == (204, b"")
    for z, y, x in ((MAX_ZOOM + 1, 0, 0), (3, 8, 0), (3, 0, 8), (0, 0, 1)):
        assert_problem(feed.get(tile_url(tile_set, z, y, x)), 404)


@pytest.mark.parametrize("collection", TILED)
def test_tileset_has_what_the_standard_demands(feed: TestClient, collection: str) -> None:
    tile_set = tile_set_of(feed, collection)
    assert tile_set["dataType"] == "vector"
    assert tile_set["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    matrix_set = feed.get(linked(tile_set, f"{REL}/tiling-scheme")["href"]).json()
    assert matrix_set["uri"] == tile_set["tileMatrixSetURI"]
    matrices = {one["id"]: one for one in matrix_set["tileMatrices"]}
    for limits in tile_set["tileMatrixSetLimits"]:
        matrix = matrices[limits["tileMatrix"]]
        assert 0 <= limits["minTileRow"] <= limits["maxTileRow"] < matrix["matrixHeight"]
        assert 0 <= limits["minTileCol"] <= limits["maxTileCol"] < matrix["matrixWidth"]
    assert len(tile_set["tileMatrixSetLimits"]) == len(matrices)


@pytest.mark.parametrize("collection", TILED)
def test_tilesets_list_says_the_same_as_each_set(feed: TestClient, collection: str) -> None:
    (listed,) = feed.get(f"/ogc/collections/{collection}/tiles").json()["tilesets"]
    alone = tile_set_of(feed, collection)
    assert {name: alone[name] for name in listed} == listed
    assert {"dataType", "crs", "tileMatrixSetURI", "links"} <= listed.keys()


def test_tilematrixset_is_listed_and_each_scale_is_half_of_the_one_before(feed: TestClient) -> None:
    schemes = feed.get(linked(feed.get("/ogc").json(), f"{REL}/tiling-schemes")["href"]).json()
    (one,) = schemes["tileMatrixSets"]
    document = feed.get(linked(one, "self")["href"]).json()
    assert (document["id"], document["uri"]) == (one["id"], one["uri"])
    for z, matrix in enumerate(document["tileMatrices"]):
        assert (matrix["id"], matrix["tileWidth"], matrix["tileHeight"]) == (str(z), 256, 256)
        assert matrix["matrixWidth"] == matrix["matrixHeight"] == 2**z
        assert matrix["scaleDenominator"] == pytest.approx(559_082_264.0287178 / 2**z)
        assert matrix["cellSize"] == pytest.approx(matrix["scaleDenominator"] * 0.00028)


def test_oas30_names_every_tile_a_caller_may_have(
    feed: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    paths = feed.get("/ogc/api").json()["paths"]
    for collection in TILED:
        path = f"/ogc/collections/{collection}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
        said = paths[path]["get"]
        assert TILES_TYPE in said["responses"]["200"]["content"]
        assert [one["name"] for one in said["parameters"]] == ["tileMatrix", "tileRow", "tileCol"]
    _, token = partner(sessions, NEAR)
    theirs = carrying(anonymous, token).get("/ogc/api").json()["paths"]
    assert not [path for path in theirs if "coverage/tiles" in path]
    assert [path for path in theirs if "needs/tiles" in path]


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/tileMatrixSets", "/ogc/tileMatrixSets/WebMercatorQuad", "/ogc/collections/needs/tiles",
        "/ogc/collections/needs/tiles/WebMercatorQuad", "/ogc/collections/needs/tiles/WebMercatorQuad/tilejson.json",
        "/ogc/collections/needs/tiles/WebMercatorQuad/0/0/0",
    ],
)  # fmt: skip
def test_head_answers_as_get_does_without_the_content(feed: TestClient, path: str) -> None:
    whole, head = feed.get(path), feed.head(path)
    assert (whole.status_code, head.status_code, head.content) == (200, 200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name)
    assert_problem(feed.get(path + "?colour=red"), 400)


def test_head_needs_a_key_and_draws_the_quota_as_get_does(
    feed: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    assert feed
    at = tile_at(HELSINKI, 12)
    path = f"/ogc/collections/needs/tiles/WebMercatorQuad/12/{at.y}/{at.x}"
    assert anonymous.head(path).status_code == 401
    _, token = partner(sessions, NEAR, quota_per_day=5)
    client = carrying(anonymous, token)
    answers = [client.head(path).status_code for _ in range(6)]
    assert (answers[0], answers[-1], set(answers)) == (200, 429, {200, 429})
