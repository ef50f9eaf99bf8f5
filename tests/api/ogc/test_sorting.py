"""Orders of features, and pages through them: by the database and by plain Python alike."""

from __future__ import annotations

import base64
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import TestClient, assert_problem, carrying
from tests.api.ogc.conftest import ITEMS, NEAR, features, names
from tests.callers import partner

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

SORTED = {
    "assets": ("name", "capacity_per_week", "assured_on", "updated_at", "description", "kind", "id", "version"),
    "needs": ("urgency", "cell", "received_at", "household_size"),
    "areas": ("name", "population"),
    "coverage": ("gap", "category", "label"),
    "public": ("kind", "cell", "band"),
}


def in_order(found: list[dict[str, Any]], sortby: str) -> list[dict[str, Any]]:
    """Sort as the words of the documentation say, with nothing of the product."""
    keys = [(part.lstrip("+-"), part.startswith("-")) for part in sortby.split(",")]
    ordered = sorted(found, key=lambda one: one["id"], reverse=keys[0][1])
    for name, turned in reversed(keys):

        def place(one: dict[str, Any], name: str = name) -> tuple[bool, Any]:
            value = one["id"] if name == "id" else one["properties"].get(name)
            return (value is None, "" if value is None else value)

        ordered.sort(key=place, reverse=turned)
    return ordered


@pytest.mark.parametrize(
    ("collection", "name", "sign"),
    [(c, n, s) for c, found in SORTED.items() for n, s in product(found, ("", "+", "-"))],
)
def test_an_order_by_one_property(feed: TestClient, collection: str, name: str, sign: str) -> None:
    whole = features(feed, collection)
    assert features(feed, collection, sortby=f"{sign}{name}") == in_order(whole, f"{sign}{name}")


@pytest.mark.parametrize(
    "sortby", ["kind,name", "-kind,-name", "kind,-name", "-capacity_per_week,assured_on,name", "status,-updated_at"]
)
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_follow_an_order(feed: TestClient, sortby: str, limit: int) -> None:
    whole = [one["id"] for one in in_order(features(feed, "assets"), sortby)]
    seen, path = list[str](), f"{ITEMS.format('assets')}?limit={limit}&sortby={sortby}"
    while path:
        page = feed.get(path).json()
        seen += [one["id"] for one in page["features"]]
        path = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
    assert seen == whole


def test_capitals_come_before_small_letters_as_code_points_do(feed: TestClient) -> None:
    found = names(feed, sortby="name")
    assert found == sorted(found)
    assert found.index("Zeta's 100%") < found.index("corner shop") < found.index("Älg & <b>Bread</b>")


@pytest.mark.parametrize(
    "sortby", ["secret", "geom", "geometry", "categories", "interpreter", "name;drop", "name desc", "", "name,name",
               "id,name,kind,version", "--name", "network_id", "is_private"],
)  # fmt: skip
def test_an_order_by_anything_else_is_refused(feed: TestClient, sortby: str) -> None:
    assert_problem(feed.get(ITEMS.format("assets"), params={"sortby": sortby}), 400)


def marker(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def test_a_marker_is_of_one_collection_and_one_order(feed: TestClient) -> None:
    path = ITEMS.format("assets")
    page = feed.get(f"{path}?limit=1&sortby=name").json()
    onward = next(one["href"] for one in page["links"] if one["rel"] == "next")
    cursor = onward.partition("cursor=")[2]
    assert feed.get(onward).status_code == 200
    for other in (
        f"{path}?cursor={cursor}",
        f"{path}?sortby=kind&cursor={cursor}",
        f"{ITEMS.format('areas')}?cursor={cursor}",
    ):
        assert_problem(feed.get(other), 400)


def test_a_marker_that_is_made_up_is_refused(feed: TestClient) -> None:
    path = ITEMS.format("assets")
    onward = feed.get(f"{path}?limit=1&sortby=name").json()["links"][-1]["href"].partition("cursor=")[2]
    mark = json.loads(base64.urlsafe_b64decode(onward + "=" * (-len(onward) % 4)))[0]
    good = "00000000-0000-7000-8000-000000000000"
    for wrong in (
        "AAAA", "%", "a b", marker(mark), marker(mark, "a"), marker(mark, 1, good), marker(mark, "a", good, good),
        marker(mark, ["a"], good), marker(mark, "a\0b", good), marker(mark, "a", 1), marker(mark, "a", "'; drop"),
        marker("x", "a", good), base64.urlsafe_b64encode(b"[" * 5000).decode(), marker(mark, "\ud800", good),
    ):  # fmt: skip
        answer = feed.get(path, params={"sortby": "name", "cursor": wrong})
        assert_problem(answer, 400)
    assert feed.get(path, params={"sortby": "name", "cursor": marker(mark, None, good)}).status_code == 200


def test_a_partners_view_is_sorted_by_what_it_shows_and_nothing_else(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    assert town
    bank = carrying(anonymous, partner(sessions, NEAR)[1])
    whole = features(bank, "needs")
    for sortby in ("urgency", "-cell,kind", "week", "id"):
        assert features(bank, "needs", sortby=sortby) == in_order(whole, sortby)
    for sortby in ("received_at", "household_size", "updated_at", "category", "status"):
        assert_problem(bank.get(ITEMS.format("needs"), params={"sortby": sortby}), 400)
