"""No parameter of an address names a column, and every filter over HTTP gives what plain Python gives."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.domain.words import AssetStatus, Category, LocationState, NeedStatus, Urgency
from geo.privacy.cells import cell_polygon

from tests.api.conftest import assert_problem, make_need
from tests.api.test_records import BODIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

EXPRESSIONS = 1_000 if os.environ.get("BARNRAISER_FULL") else 40
VALUES = {
    "bbox": "four or six numbers, parsed by hand",
    "cursor": "a marker of ours, checked letter for letter",
    "datetime": "an interval, parsed by hand",
    "deviceID": "what an ODK program calls its phone; not looked at",
    "formID": "the name of a form; compared with those that are listed",
    "filter": "CQL2, read into a tree of known parts; names come from the list of queryables, every value is bound",
    "hook": "which gateway a text comes from, not its secret; compared as a bound value",
    "kind": "what an asset is called; compared as a bound value",
    "name": "what a file that is brought is called; kept and shown as it is",
    "sheet": "the sheet of a workbook; looked for among its names",
    "source": "what the rows of a file are known under; part of a keyed hash",
    "layers": "names of layers, each compared with those there are",
    "language": "a language; compared as a bound value",
    "postcode": "a postcode; its key is compared as a bound value",
    "q": "an address",
    "search": "a part of what is said of a service or an asset; compared as a bound value",
    "token": "the token of a calendar feed; compared as a keyed hash",
}
"""The only parameters that are free text: each is a value, never a name of a column or an order.

One is an expression, in a language of its own that is read and checked part by part (tests/api/ogc/test_filters.py).
"""
EXPRESSION = ("GET /ogc/collections/{collection}/items", "filter")
NAMES = {
    "sort",
    "order",
    "sortby",
    "orderby",
    "fields",
    "properties",
    "select",
    "group_by",
    "groupby",
    "filter",
    "where",
}


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    yield f"{method.upper()} {path}", parameter["name"], parameter["schema"]


def is_bounded(schema: dict[str, Any], document: dict[str, Any]) -> bool:
    if "$ref" in schema:
        return is_bounded(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "anyOf" in schema:
        return all(is_bounded(option, document) for option in schema["anyOf"])
    if "enum" in schema or "const" in schema or schema.get("type") in {"integer", "number", "boolean", "null"}:
        return True
    return schema.get("format") in {"uuid", "date", "date-time"} or str(schema.get("pattern", "")).startswith("^")


def test_every_free_text_of_an_address_is_a_value_that_is_listed_here(app: FastAPI) -> None:
    document = app.openapi()
    listed = list(parameters(document))
    assert len(listed) > 30
    free = {name: where for where, name, schema in listed if not is_bounded(schema, document)}
    assert set(free) <= set(VALUES), {name: free[name] for name in set(free) - set(VALUES)}
    named = [(where, name) for where, name, schema in listed if name in NAMES and not is_bounded(schema, document)]
    assert named == [EXPRESSION]


@pytest.mark.parametrize(
    "query",
    [
        "sort=password", "sort=id;drop", "sort=(select 1)", "order=desc nulls", "fields=*", "fields=contact",
        "group_by=geom", "filter=1=1", "category=food' OR '1'='1", "category=food%00", "category[]=food",
        "status=open&status=met", "limit=1;drop table need", "limit=-1", "limit=1_0", "limit=1e3", "offset=1",
        "cell=891126d3303ffff'--", "cell=%", "location_state=located,none", "category=", "category=null",
    ],
)  # fmt: skip
def test_what_is_no_word_is_refused(client: TestClient, query: str) -> None:
    assert_problem(client.get(f"/v1/needs?{query}"), 422)


def words(kind: Any) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from([word.value for word in kind])


@pytest.mark.usefixtures("served")
def test_every_filter_over_http_gives_what_plain_python_gives(client: TestClient) -> None:
    rng = random.Random(0)  # noqa: S311 - makes records, guards nothing
    for n in range(24):
        spot = {"lon": round(24.9 + n / 200, 5), "lat": round(60.15 + n / 400, 5)}
        place = rng.choice([{"location": spot | {"method": "gps"}}, {"location": {"address": "Olematonkatu 1"}}, {}])
        make_need(client, category=rng.choice(list(Category)).value, urgency=rng.choice(list(Urgency)).value, **place)
        asset = BODIES["assets"] | {"name": f"a{n}", "kind": rng.choice(["pantry", "x' OR 1=1--"]), "point": spot}
        assert (
            client.post("/v1/assets", json=asset | {"categories": [rng.choice(list(Category)).value]}).status_code
            == 201
        )
    everything = {
        path: client.get(path, params={"limit": 1000}).json()["items"] for path in ("/v1/needs", "/v1/assets")
    }

    def listed(path: str, params: dict[str, Any]) -> list[Any]:
        answer = client.get(path, params={name: value for name, value in params.items() if value is not None})
        assert answer.status_code == 200, answer.text
        return list(answer.json().get("items") or answer.json().get("features") or [])

    @settings(max_examples=EXPRESSIONS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        words(Category), words(Urgency), words(NeedStatus), words(LocationState), words(AssetStatus),
        st.none() | st.sampled_from(["pantry", "x' OR 1=1--", "%", "pant_y", "PANTRY"]),
        st.tuples(st.integers(0, 24), st.integers(1, 24)), st.integers(1, 30),
    )  # fmt: skip
    def compare(
        category: str | None, urgency: str | None, status: str | None, state: str | None, open_: str | None,
        kind: str | None, box: tuple[int, int], limit: int,
    ) -> None:  # fmt: skip
        where = {"category": category, "urgency": urgency, "status": status, "location_state": state}
        expected = [
            need for need in everything["/v1/needs"]
            if all(value is None or need[name] == value for name, value in where.items())
        ]  # fmt: skip
        assert listed("/v1/needs", where | {"limit": limit}) == expected[:limit]
        west, east = 24.8987 + box[0] / 200, 24.8987 + (box[0] + box[1]) / 200
        edges = f"{west:.5f},60.1,{east:.5f},60.29"
        assets = [
            asset for asset in everything["/v1/assets"]
            if (category is None or category in asset["categories"]) and (kind is None or asset["kind"] == kind)
            and (open_ is None or asset["status"] == open_) and west <= asset["lon"] <= east
        ]  # fmt: skip
        query = {"category": category, "kind": kind, "status": open_, "bbox": edges}
        assert listed("/v1/assets", query | {"limit": limit}) == assets[:limit]
        fed = [f["id"] for f in listed("/ogc/collections/assets/items", {"bbox": edges, "limit": 1000})]
        assert fed == [a["id"] for a in everything["/v1/assets"] if west <= a["lon"] <= east]
        cells = [
            need["id"] for need in everything["/v1/needs"]
            if need["cell"] and cell_polygon(need["cell"]).bounds[0] <= east
            and cell_polygon(need["cell"]).bounds[2] >= west
        ]  # fmt: skip
        assert [f["id"] for f in listed("/ogc/collections/needs/items", {"bbox": edges, "limit": 1000})] == cells

    compare()
