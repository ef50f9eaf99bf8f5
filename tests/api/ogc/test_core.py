"""Part 1 of OGC API Features: its abstract tests for the classes core, geojson and html (OGC 17-069r4, annex A)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from api.ogc.documents import CONFORMS, TILES_CONFORM
from tests.api.conftest import TestClient, assert_problem, carrying
from tests.api.ogc.conftest import COLLECTIONS, ITEMS, NEAR, features, names
from tests.api.rfc7946 import check_collection, check_feature, parse
from tests.callers import partner

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

GEOJSON = "application/geo+json"
DOCUMENTS = ("/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/assets", "/ogc/api")
TILED = ("/ogc/tileMatrixSets", "/ogc/collections/assets/tiles/WebMercatorQuad")
EVERY = (*DOCUMENTS, "/ogc/collections/assets/queryables", *TILED, ITEMS.format("assets"), ITEMS.format("public"))


def links(document: Any, rel: str) -> list[dict[str, str]]:
    return [one for one in document["links"] if one["rel"] == rel]


def test_the_landing_page_leads_everywhere(feed: TestClient) -> None:
    landing = feed.get("/ogc").json()
    for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
        (found, *_) = links(landing, rel)
        answer = feed.get(found["href"])
        assert answer.status_code == 200, found
        assert answer.headers["content-type"].split(";")[0] == found["type"].split(";")[0]


def test_the_classes_are_told(feed: TestClient) -> None:
    told = feed.get("/ogc/conformance").json()["conformsTo"]
    assert told == [*CONFORMS, *TILES_CONFORM]
    assert {f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson")} <= set(
        told
    )


def test_every_collection_is_described_alike_in_the_list_and_by_itself(feed: TestClient) -> None:
    listed = feed.get("/ogc/collections").json()
    assert [one["id"] for one in listed["collections"]] == list(COLLECTIONS)
    assert links(listed, "self")
    for one in listed["collections"]:
        assert feed.get(f"/ogc/collections/{one['id']}").json() == one
        assert one["itemType"] == "feature"
        assert one["extent"]["spatial"]["bbox"] == [[24.80, 60.10, 25.10, 60.30]]
        forms = {link["type"]: link["href"] for link in links(one, "items")}
        assert {GEOJSON, "text/html", "application/geo+json-seq", "text/csv"} <= set(forms)
        for kind, href in forms.items():
            assert feed.get(href).headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_features_are_geojson_with_links_and_a_count(feed: TestClient, collection: str) -> None:
    answer = feed.get(ITEMS.format(collection))
    assert answer.headers["content-type"] == GEOJSON
    found = parse(answer.text)
    check_collection(found)
    assert found["numberReturned"] == len(found["features"]) > 0
    assert found.get("numberMatched", found["numberReturned"]) == found["numberReturned"]
    (own,) = links(found, "self")
    assert own["href"].endswith(ITEMS.format(collection))
    assert {one["type"] for one in links(found, "alternate")} >= {"text/html"}
    west, south, east, north = found["bbox"]
    assert west < east
    assert south < north
    for one in found["features"]:
        alone = feed.get(f"{ITEMS.format(collection)}/{one['id']}")
        assert alone.status_code == 200
        check_feature(alone.json())
        assert {name: alone.json()[name] for name in one} == one
        assert {link["rel"] for link in alone.json()["links"]} >= {"self", "alternate", "collection"}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_pages_lead_through_everything_once(feed: TestClient, collection: str) -> None:
    whole = [one["id"] for one in features(feed, collection, limit=1000)]
    for limit in (1, 2, 3):
        seen, path = list[str](), f"{ITEMS.format(collection)}?limit={limit}"
        while path:
            page = feed.get(path).json()
            assert page["numberReturned"] <= limit
            seen += [one["id"] for one in page["features"]]
            path = next((one["href"] for one in links(page, "next")), "")
        assert seen == whole == sorted(set(whole))


def test_a_limit_that_is_too_large_is_cut_and_one_that_is_none_refused(feed: TestClient) -> None:
    assert len(features(feed, "assets", limit=10_001)) == 6
    for wrong in ("0", "-1", "x", "1.5", ""):
        assert_problem(feed.get(ITEMS.format("assets"), params={"limit": wrong}), 400)


@pytest.mark.parametrize(
    ("bbox", "found"),
    [
        ("24.925,60.16,24.935,60.17", ["Älg & <b>Bread</b>"]),
        ("24.925,60.16,-5,24.935,60.17,100", ["Älg & <b>Bread</b>"]),
        ("24.93,60.165,24.93,60.165", ["Älg & <b>Bread</b>"]),
        ("-180,-90,180,90", 6),
        ("170,-90,-170,90", 0),
        ("20,50,-170,70", 6),
        ("0,0,1,1", 0),
    ],
)
def test_a_box_keeps_what_meets_it(feed: TestClient, bbox: str, found: Any) -> None:
    kept = names(feed, bbox=bbox)
    assert kept == found if isinstance(found, list) else len(kept) == found


def test_what_is_drawn_as_a_cell_is_in_the_boxes_its_cell_meets_and_what_is_not_drawn_in_none(feed: TestClient) -> None:
    assert "Somebody's garage" in names(feed, bbox="24.943,60.170,24.945,60.172")
    assert "Somebody's garage" not in names(feed, bbox="24.97,60.18,24.98,60.19")
    everywhere = features(feed, "needs", bbox="-180,-90,180,90")
    assert len(everywhere) == 4
    assert all(one["geometry"] for one in everywhere)
    # where the withheld one is, nothing answers
    assert features(feed, "needs", bbox="24.969,60.179,24.971,60.181") == []


@pytest.mark.parametrize(
    "bbox", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "1e1,2,3,4", "nan,0,1,1", "inf,0,1,1", "0,10,1,5", "0,0,0,91",
             "181,0,182,1", ""],
)  # fmt: skip
def test_a_box_that_is_none_is_refused(feed: TestClient, bbox: str) -> None:
    assert_problem(feed.get(ITEMS.format("assets"), params={"bbox": bbox}), 400)


@pytest.mark.parametrize(
    ("when", "days"),
    [
        ("2026-03-02T12:00:00Z", [2]), ("2026-03-02", [2]), ("2026-03-02/2026-03-04", [2, 3, 4]),
        ("2026-03-04/..", [4, 5, 6]), ("../2026-03-02", [1, 2]), ("/2026-03-02", [1, 2]), ("2026-03-05/", [5, 6]),
        ("2026-03-02T12:00:00Z/2026-03-03T11:59:59Z", [2]), ("2026-03-02T13:00:00+01:00", [2]),
        ("2026-03-02T12:00:00.5Z", []), ("2019-01-01", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("collection", ["needs", "assets"])
def test_an_interval_keeps_what_lies_in_it(feed: TestClient, collection: str, when: str, days: list[int]) -> None:
    moment = {"needs": "received_at", "assets": "updated_at"}[collection]
    found = [one["properties"][moment] for one in features(feed, collection, datetime=when)]
    assert found == [f"2026-03-{day:02}T12:00:00Z" for day in days]


def test_what_has_no_time_is_in_every_interval(feed: TestClient) -> None:
    for collection in ("coverage", "public"):
        assert features(feed, collection, datetime="2019-01-01") == features(feed, collection)


@pytest.mark.parametrize(
    "when", ["", "..", "../..", "/", "yesterday", "2026-13-01", "2026-02-30", "2026-03-02T12:00:00",
             "2026-03-04/2026-03-02", "2026-03-02T25:00:00Z", "2026-03-02/2026-03-03/2026-03-04",
             "2026-03-02 12:00:00Z", "9999-12-31T23:59:59-14:00"],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(feed: TestClient, when: str) -> None:
    assert_problem(feed.get(ITEMS.format("assets"), params={"datetime": when}), 400)


@pytest.mark.parametrize("path", EVERY)
def test_a_parameter_that_is_unknown_is_refused(feed: TestClient, path: str) -> None:
    for query in ("unknown=1", "category=food", "offset=1", "limit=1&limit=2"):
        problem = assert_problem(feed.get(f"{path}?{query}"), 400)
        assert "food" not in json.dumps(problem)


def test_what_is_not_there_is_not_found(feed: TestClient) -> None:
    for path in (
        "/ogc/collections/people", "/ogc/collections/people/items", "/ogc/collections/assets/items/none",
        "/ogc/collections/assets/items/00000000-0000-7000-8000-000000000000", "/ogc/collections/helpers/queryables",
        "/ogc/collections/coverage/items/none", "/ogc/collections/assets/items/%00", "/ogc/none",
    ):  # fmt: skip
        assert_problem(feed.get(path), 404)
    refused = feed.post(ITEMS.format("assets"), json={})
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", EVERY)
def test_head_answers_as_get_does_without_the_content(feed: TestClient, path: str) -> None:
    whole, head = feed.get(path), feed.head(path)
    assert (head.status_code, head.content) == (200, b"")
    # a date is given as soon as its second has come, which may be between the two
    dated = head.headers.get("last-modified")
    assert whole.headers.get("last-modified") in (None, dated)
    assert {**head.headers, "last-modified": dated} == {**whole.headers, "last-modified": dated}


@pytest.mark.parametrize("path", [*EVERY, "/ogc?f=html", f"{ITEMS.format('assets')}?f=html"])
def test_what_is_known_already_is_not_sent_again(feed: TestClient, path: str) -> None:
    first = feed.get(path)
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    assert first.headers["vary"] == "Accept, Authorization, Cookie"
    for known in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        again = feed.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert feed.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_tag_changes_with_what_it_names(feed: TestClient) -> None:
    path = ITEMS.format("assets")
    before = feed.get(path).headers["etag"]
    assert feed.get(f"{path}?f=html").headers["etag"] != before
    made = feed.post("/v1/assets", json={"kind": "pantry", "categories": ["food"], "name": "New"})
    assert made.status_code == 201
    after = feed.get(path, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


def test_two_readers_never_share_a_tag(
    feed: TestClient, anonymous: TestClient, sessions: SessionFactory, town: Session
) -> None:
    assert town
    bank = carrying(anonymous, partner(sessions, NEAR)[1])
    path = ITEMS.format("assets")
    assert bank.get(path).headers["etag"] != feed.get(path).headers["etag"]
    tag = feed.get(ITEMS.format("needs")).headers["etag"]
    assert bank.get(ITEMS.format("needs"), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", GEOJSON), ("", GEOJSON), ("application/geo+json", GEOJSON), ("application/json", GEOJSON),
        ("application/geo+json, application/json", GEOJSON), ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/html;q=0.2, application/json", GEOJSON), ("text/csv", "text/csv"), ("application/*", GEOJSON),
        ("application/geo+json-seq", "application/geo+json-seq"), ("image/png, */*;q=0.1", GEOJSON),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"), ("text/*", "text/html"),
        ("application/flatgeobuf", "application/flatgeobuf"), ("APPLICATION/GEO+JSON", GEOJSON),
    ],
)  # fmt: skip
def test_the_form_is_the_one_accepted(feed: TestClient, accept: str, kind: str) -> None:
    answer = feed.get(ITEMS.format("assets"), headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize("path", EVERY)
def test_a_form_that_is_not_offered_is_refused(feed: TestClient, path: str) -> None:
    for accept in ("image/png", "application/xml", "text/html;q=0, image/*", "nonsense"):
        assert_problem(feed.get(path, headers={"Accept": accept}), 406)


def test_the_parameter_names_the_form_whatever_is_accepted(feed: TestClient) -> None:
    path = ITEMS.format("assets")
    assert feed.get(f"{path}?f=json", headers={"Accept": "text/html"}).headers["content-type"] == GEOJSON
    assert feed.get(f"{path}?f=html").headers["content-type"].startswith("text/html")
    assert_problem(feed.get(f"{path}?f=shp"), 400)
    assert_problem(feed.get("/ogc?f=csv"), 400)
    assert_problem(feed.get(f"{path}/{features(feed, 'assets')[0]['id']}?f=csv"), 400)


def test_every_link_is_taken_by_the_type_it_names(feed: TestClient) -> None:
    for path in ("/ogc", "/ogc/collections/assets", "/ogc/collections/assets/tiles"):
        for one in feed.get(path).json()["links"]:
            answer = feed.get(one["href"], headers={"Accept": one["type"]})
            assert answer.status_code == 200, one
            assert answer.headers["content-type"].split(";")[0] == one["type"].split(";")[0]


@pytest.mark.parametrize("path", [path for path in EVERY if "items" not in path])
def test_every_document_is_a_page_as_well(feed: TestClient, path: str) -> None:
    for told in (feed.get(f"{path}?f=html"), feed.get(path, headers={"Accept": "text/html"})):
        assert (told.status_code, told.headers["content-type"].split(";")[0]) == (200, "text/html")
        assert "<h1>" in told.text
    assert "json" in feed.get(f"{path}?f=json").headers["content-type"]


def test_properties_are_those_asked_for(feed: TestClient) -> None:
    whole = features(feed, "assets")
    told = features(feed, "assets", properties="name,kind")
    assert [set(one["properties"]) for one in told] == [{"name", "kind"}] * 6
    assert [one["geometry"] for one in told] == [one["geometry"] for one in whole]
    assert [one["id"] for one in told] == [one["id"] for one in whole]
    for wrong in ("contact", "name,name;drop", "*", "name,", "geom"):
        assert_problem(feed.get(ITEMS.format("assets"), params={"properties": wrong}), 400)


def test_coordinates_have_five_decimals_at_most(feed: TestClient) -> None:
    for collection in COLLECTIONS:
        for one in features(feed, collection):
            for number in json.dumps(one["geometry"]).replace("[", " ").replace("]", " ").replace(",", " ").split():
                assert len(number.partition(".")[2]) <= 5


def test_every_link_is_of_this_host(feed: TestClient) -> None:
    for path in EVERY:
        document = feed.get(path).json()
        found = [one["href"] for one in document.get("links", ())]
        assert {urlsplit(href).netloc for href in found} <= {"testserver"}


def test_what_the_database_writes_is_what_records_give(feed: TestClient) -> None:
    """By id in the usual system the database writes the features; asked for by an order of ids, records are made."""
    path = ITEMS.format("assets")
    for query in ("", "limit=4", "bbox=24.9,60.1,24.95,60.2", "filter=is_private"):
        written, made = feed.get(f"{path}?{query}"), feed.get(f"{path}?{query}&sortby=id".replace("?&", "?"))
        left, right = written.json(), made.json()
        assert [left[name] for name in left if name != "links"] == [right[name] for name in right if name != "links"]
        assert list(left) == list(right)
