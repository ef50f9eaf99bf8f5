"""Part 2 of OGC API Features: reference systems by reference (OGC 18-058r1, annex A)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyproj import Transformer

from geo.crs import CRS84, EPSG

from tests.api.conftest import assert_problem
from tests.api.ogc.conftest import COLLECTIONS, ITEMS, features

if TYPE_CHECKING:
    from tests.api.conftest import TestClient

LAT_LON, WEB, UTM = (f"{EPSG}{code}" for code in (4326, 3857, 32635))
OFFERED = [CRS84, LAT_LON, WEB, UTM]


def flat(coordinates: Any) -> list[float]:
    return [coordinates] if isinstance(coordinates, int | float) else [n for part in coordinates for n in flat(part)]


def corners(one: dict[str, Any]) -> list[tuple[float, float]]:
    numbers = flat(one["geometry"]["coordinates"])
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_the_systems_are_named(feed: TestClient) -> None:
    listed = feed.get("/ogc/collections").json()
    assert listed["crs"] == OFFERED
    for one in listed["collections"]:
        assert (one["crs"], one["storageCrs"]) == (OFFERED, CRS84)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_usual_system_is_named_in_the_answer_too(feed: TestClient, collection: str) -> None:
    path = ITEMS.format(collection)
    for where in (path, f"{path}/{features(feed, collection)[0]['id']}"):
        plain, named = feed.get(where), feed.get(where, params={"crs": CRS84})
        assert plain.headers["content-crs"] == named.headers["content-crs"] == f"<{CRS84}>"
        assert plain.json().get("features") == named.json().get("features")
        assert plain.json().get("geometry") == named.json().get("geometry")


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("crs", [LAT_LON, WEB, UTM])
def test_places_are_moved_with_their_axes_in_the_systems_own_order(feed: TestClient, collection: str, crs: str) -> None:
    path = ITEMS.format(collection)
    answer = feed.get(path, params={"crs": crs})
    assert answer.headers["content-crs"] == f"<{crs}>"
    asked = Transformer.from_crs("OGC:CRS84", f"EPSG:{crs.rpartition('/')[2]}")
    for plain, moved in zip(features(feed, collection), answer.json()["features"], strict=True):
        assert plain["properties"] == moved["properties"]
        if plain["geometry"] is None:
            continue
        assert plain["geometry"]["type"] == moved["geometry"]["type"]
        for (lon, lat), (x, y) in zip(corners(plain), corners(moved), strict=True):
            wanted = asked.transform(lon, lat)
            assert (x, y) == pytest.approx(wanted, abs=1e-5 if crs == LAT_LON else 0.006)
        alone = feed.get(f"{path}/{plain['id']}", params={"crs": crs})
        assert alone.json()["geometry"] == moved["geometry"]
        assert alone.headers["content-crs"] == f"<{crs}>"


def test_latitude_comes_first_where_the_register_says_so(feed: TestClient) -> None:
    (lat, lon), *_ = corners(features(feed, "assets", crs=LAT_LON)[0])
    assert 60 < lat < 61
    assert 24 < lon < 26


@pytest.mark.parametrize("crs", OFFERED)
@pytest.mark.parametrize(
    "box", [(24.925, 60.16, 24.945, 60.17), (24.90, 60.10, 25.10, 60.30), (24.96, 60.16, 24.98, 60.18)]
)
def test_a_box_means_the_same_in_every_system(feed: TestClient, crs: str, box: tuple[float, ...]) -> None:
    asked = Transformer.from_crs("OGC:CRS84", "OGC:CRS84" if crs == CRS84 else f"EPSG:{crs.rpartition('/')[2]}")
    edges = ",".join(f"{edge:.7f}" for edge in asked.transform_bounds(*box, densify_pts=21))
    for collection in ("assets", "needs", "areas"):
        wanted = [one["id"] for one in features(feed, collection, bbox=",".join(map(str, box)))]
        found = [one["id"] for one in features(feed, collection, bbox=edges, bbox_crs=crs)]
        # a box of another system holds the turned one, and a little more
        assert set(found) >= set(wanted)
        if crs in (CRS84, LAT_LON):
            assert found == wanted


def test_a_filter_has_a_system_of_its_own(feed: TestClient) -> None:
    polygon = "S_INTERSECTS(geometry, POLYGON((24.925 60.16,24.945 60.16,24.945 60.17,24.925 60.17,24.925 60.16)))"
    turned = "S_INTERSECTS(geometry, POLYGON((60.16 24.925,60.16 24.945,60.17 24.945,60.17 24.925,60.16 24.925)))"
    plain = features(feed, "assets", filter=polygon)
    assert len(plain) == 3
    assert features(feed, "assets", filter=turned, filter_crs=LAT_LON) == plain
    assert features(feed, "assets", filter=turned) == []
    box = "S_INTERSECTS(geometry, BBOX(60.16, 24.925, 60.17, 24.945))"
    assert features(feed, "assets", filter=box, filter_crs=LAT_LON) == plain


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "crs", ["http://www.opengis.net/def/crs/EPSG/0/25832", "EPSG:4326", "http://169.254.169.254/", "", "file:///etc/passwd",
            "http://www.opengis.net/def/crs/EPSG/0/4326'--", f"{EPSG}99999999"],
)  # fmt: skip
def test_a_system_that_is_not_offered_is_refused(feed: TestClient, name: str, crs: str) -> None:
    assert_problem(feed.get(ITEMS.format("assets"), params={name: crs}), 400)


def test_a_box_outside_its_system_is_refused(feed: TestClient) -> None:
    for bbox, crs in (("100,20,101,21", LAT_LON), ("1,0,0,1", WEB), ("999999999999,0,9999999999999,1", UTM)):
        assert_problem(feed.get(ITEMS.format("assets"), params={"bbox": bbox, "bbox-crs": crs}), 400)


def test_forms_for_files_are_given_in_the_usual_system(feed: TestClient) -> None:
    for form in ("csv", "geojsonseq", "fgb", "geoparquet"):
        assert_problem(feed.get(ITEMS.format("assets"), params={"f": form, "crs": WEB}), 400)
