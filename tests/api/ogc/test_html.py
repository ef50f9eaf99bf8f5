"""The feeds as pages and as OpenAPI 3.0 (OGC 17-069r4, annex A: html and oas30)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.ogc.conftest import COLLECTIONS, ITEMS, features

if TYPE_CHECKING:
    from tests.api.conftest import TestClient

PAGES = (
    "/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/api", *(f"/ogc/collections/{name}" for name in COLLECTIONS),
    *(ITEMS.format(name) for name in COLLECTIONS), f"{ITEMS.format('assets')}?filter=FALSE",
)  # fmt: skip


class Reader(HTMLParser):
    """Notes elements, what they refer to, and what is inline."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and data.strip():
            self.inline.append(data)


def read(client: TestClient, path: str) -> tuple[Any, Reader]:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    reader = Reader()
    reader.feed(answer.text)
    return answer, reader


@pytest.mark.parametrize("path", PAGES)
def test_every_document_has_a_page_with_nothing_inline_and_nothing_from_elsewhere(feed: TestClient, path: str) -> None:
    answer, page = read(feed, path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.inline == []
    for _tag, given in page.tags:
        assert not [name for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src", "data-from"):
            target = given.get(name)
            assert target is None or target.startswith(("/", "http://testserver/"))
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == names.count("main") == names.count("title") == 1


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(feed: TestClient, path: str) -> None:
    _, page = read(feed, path)
    for target in {given["href"] for tag, given in page.tags if tag == "a" and given.get("href")}:
        assert feed.get(str(target)).status_code == 200, target


def test_what_people_wrote_is_text(feed: TestClient) -> None:
    body = {
        "kind": "<i>",
        "categories": ["food"],
        "name": "<script>alert(1)</script>",
        "description": "'\"><b onload=x>",
    }
    made = feed.post("/v1/assets", json=body)
    assert made.status_code == 201
    for path in (ITEMS.format("assets"), f"{ITEMS.format('assets')}/{made.json()['id']}"):
        answer, page = read(feed, path)
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
        assert {tag for tag, _ in page.tags}.isdisjoint({"b", "i"})


def test_a_page_shows_each_feature_and_what_comes_next(feed: TestClient) -> None:
    answer, page = read(feed, f"{ITEMS.format('assets')}?limit=4")
    shown = [given["href"] for tag, given in page.tags if tag == "a" and "/items/" in str(given.get("href"))]
    assert [str(one).rpartition("/")[2].partition("?")[0] for one in shown] == [
        one["id"] for one in features(feed, "assets", limit=4)
    ]
    (onward,) = [str(given["href"]) for tag, given in page.tags if given.get("rel") == "next"]
    second, _ = read(feed, onward)
    assert "2 shown" in second.text
    assert "4 shown" in answer.text


def test_nothing_found_is_said(feed: TestClient) -> None:
    assert "Nothing here meets what was asked." in read(feed, f"{ITEMS.format('assets')}?filter=FALSE")[0].text


def test_the_interface_is_described_as_openapi_3_0(feed: TestClient) -> None:
    answer = feed.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert re.fullmatch(r"3\.0\.\d", document["openapi"])
    for name in COLLECTIONS:
        assert f"/ogc/collections/{name}/items" in document["paths"]
        assert f"/ogc/collections/{name}/items/{{featureId}}" in document["paths"]
    ids = [item["get"]["operationId"] for item in document["paths"].values()]
    assert len(ids) == len(set(ids))
    parameters = document["components"]["parameters"]
    for path, item in document["paths"].items():
        told = item["get"]
        # tiles and what tells of them come in one form each
        chosen = set() if "/tiles" in path else {"406"}
        assert {"200", "400", "404"} | chosen <= set(told["responses"])
        for one in told["parameters"]:
            assert "$ref" not in one or one["$ref"].rpartition("/")[2] in parameters
        if "{" not in path:
            assert feed.get(path).status_code == 200
    # every parameter that is told is taken, and every one that is taken is told
    good = {"f": "json", "limit": "1", "bbox": "24,60,25,61", "datetime": "2026-03-01/..", "filter": "TRUE",
            "filter-lang": "cql2-text", "sortby": "name", "properties": "name"}  # fmt: skip
    systems = dict.fromkeys(("crs", "bbox-crs", "filter-crs"), "http://www.opengis.net/def/crs/EPSG/0/4326")
    assert set(parameters) == {*good, *systems, "cursor"}
    assert feed.get(ITEMS.format("assets"), params=good | systems | {"bbox": "60,24,61,25"}).status_code == 200
