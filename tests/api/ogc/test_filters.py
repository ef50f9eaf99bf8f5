"""Part 3 of OGC API Features and the walls around it: what may be asked, and nothing behind the view."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import h3
import jsonschema
import pytest

from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.words import Category, Urgency
from geo.privacy.allow_list import ALLOWED
from geo.privacy.cells import cell_of

from tests.api.conftest import TestClient, assert_problem, carrying
from tests.api.ogc.conftest import CELL, COLLECTIONS, ITEMS, NEAR, features, names
from tests.callers import partner
from tests.factories import add_need
from tests.geo.interchange.cql2.test_reading import INJECTIONS
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

QUERYABLES = "/ogc/collections/{}/queryables"
SLOWEST_S = 2.0


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_queryables_are_a_schema_of_what_is_shown(feed: TestClient, collection: str) -> None:
    answer = feed.get(QUERYABLES.format(collection))
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(QUERYABLES.format(collection))
    assert schema["type"] == "object"
    found = features(feed, collection)
    shown = {name for one in found for name in one["properties"]} | {"id", "geometry"}
    assert set(schema["properties"]) == shown
    for one in found:
        told = {name: value for name, value in one["properties"].items() if value is not None}
        jsonschema.validate(told, schema, format_checker=jsonschema.FormatChecker())


def test_a_collection_leads_to_its_queryables(feed: TestClient) -> None:
    for one in feed.get("/ogc/collections").json()["collections"]:
        (found,) = [link for link in one["links"] if link["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/queryables"]
        assert feed.get(found["href"]).status_code == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("name = 'Corner pantry'", 1),
        ("name <> 'Corner pantry'", 5),
        ("capacity_per_week >= 10", 3),
        ("capacity_per_week IS NULL", 1),
        ("NOT capacity_per_week > 10", 3),
        ("CASEI(name) LIKE CASEI('corner%')", 2),
        ("name LIKE '%100\\%'", 1),
        ("name LIKE '%''s%'", 2),
        ("name IN ('Corner pantry','corner shop','none')", 2),
        ("capacity_per_week BETWEEN 7 AND 20", 3),
        ("A_CONTAINS(categories, ('food','water'))", 2),
        ("is_private", 1),
        ("is_private AND S_INTERSECTS(geometry, POINT(24.944 60.171))", 1),
        ("S_WITHIN(geometry, BBOX(24.925,60.16,24.945,60.17)) OR status = 'defunct'", 3),
        ("T_AFTER(updated_at, TIMESTAMP('2026-03-04T12:00:00Z'))", 2),
        ("assured_on <= DATE('2026-02-02')", 2),
        ("T_INTERSECTS(updated_at, INTERVAL('2026-03-02','2026-03-03'))", 2),
        ("TRUE", 6),
        ("FALSE", 0),
        ("description = name", 0),
        ("kind = source", 0),
        ("version = 1", 6),
        ("version * 2 = 2", 6),
        ("S_INTERSECTS(geometry, BBOX(170,-90,-170,90))", 0),
        ("S_DISJOINT(geometry, BBOX(24,60,24.935,61))", 5),
    ],
)
def test_text_filters(feed: TestClient, asked: str, found: int) -> None:
    assert len(features(feed, "assets", filter=asked)) == found
    assert len(features(feed, "assets", filter=asked, filter_lang="cql2-text")) == found


def test_json_filters(feed: TestClient) -> None:
    asked = {"op": "and", "args": [
        {"op": "=", "args": [{"property": "status"}, "active"]},
        {"op": "like", "args": [{"property": "name"}, "%orner%"]},
    ]}  # fmt: skip
    assert sorted(names(feed, filter=json.dumps(asked), filter_lang="cql2-json")) == ["Corner pantry", "corner shop"]
    assert_problem(feed.get(ITEMS.format("assets"), params={"filter": json.dumps(asked)}), 400)
    assert_problem(feed.get(ITEMS.format("assets"), params={"filter": "TRUE", "filter-lang": "cql2-json"}), 400)
    assert_problem(feed.get(ITEMS.format("assets"), params={"filter": "TRUE", "filter-lang": "ecql"}), 400)


@pytest.mark.parametrize(
    ("collection", "asked", "found"),
    [
        ("needs", "category = 'food' AND urgency = 'critical'", 2),
        ("needs", f"cell = '{cell_of(Point(24.94, 60.17))}'", 1),
        ("needs", "A_OVERLAPS(languages, ('sv'))", 1),
        ("needs", "withheld", 1),
        ("needs", "geometry IS NULL", 2),
        ("areas", "population > 1000 AND name LIKE 'K%'", 1),
        ("areas", "S_INTERSECTS(geometry, POINT(24.97 60.17))", 1),
        ("coverage", "gap >= 0 AND category = 'food'", 4),
        ("coverage", "coverage < 0", 0),
        ("public", "kind = 'food'", 2),
        ("public", "band = '5-9' AND NOT kind = 'food'", 1),
    ],
)
def test_every_collection_is_asked_alike(feed: TestClient, collection: str, asked: str, found: int) -> None:
    assert len(features(feed, collection, filter=asked)) == found


def test_everything_together_and_page_by_page(feed: TestClient) -> None:
    asked: dict[str, Any] = {
        "filter": "capacity_per_week IS NOT NULL", "bbox": "24.92,60.16,24.98,60.18",
        "datetime": "2026-03-01/2026-03-06",
        "sortby": "-name", "properties": "name", "limit": 2,
    }  # fmt: skip
    answer, seen = feed.get(ITEMS.format("assets"), params=asked).json(), list[str]()
    while True:
        seen += [one["properties"]["name"] for one in answer["features"]]
        onward = [one["href"] for one in answer["links"] if one["rel"] == "next"]
        if not onward:
            break
        answer = feed.get(onward[0]).json()
    assert seen == ["Älg & <b>Bread</b>", "corner shop", "Somebody's garage", "Näkki_hall", "Corner pantry"]


@pytest.mark.parametrize(
    "asked", [text for text in INJECTIONS if text not in ("1=1", "is_private", "is_private = true")]
)
def test_nothing_that_is_injected_reaches_the_database(feed: TestClient, asked: str) -> None:
    if asked == "capacity_per_week > 1":
        return
    problem = assert_problem(feed.get(ITEMS.format("assets"), params={"filter": asked}), 400)
    assert "restricted" not in json.dumps(problem)


def test_what_is_too_much_is_refused_at_once(feed: TestClient) -> None:
    for asked in ("name = '" + "x" * 60_000 + "'", "(" * 20_000, "NOT " * 9_000 + "TRUE", "[" * 20_000):
        for lang in ("cql2-text", "cql2-json"):
            started = time.process_time()
            answer = feed.get(ITEMS.format("assets"), params={"filter": asked, "filter-lang": lang})
            assert time.process_time() - started < SLOWEST_S
            assert_problem(answer, 400)


# -- walls -----------------------------------------------------------------------------------------------------


@pytest.fixture
def bank(town: Session, anonymous: TestClient, sessions: SessionFactory) -> TestClient:
    """A partner of the coarse tier."""
    assert town
    return carrying(anonymous, partner(sessions, NEAR, Tier.COARSE)[1])


HIDDEN = (
    "household_size = 1",
    "languages IS NULL",
    "received_at > TIMESTAMP('2020-01-01T00:00:00Z')",
    "updated_at IS NULL",
    "status = 'open'",
    "category = 'food'",
    "withheld",
    "source = 'api'",
    "match_quality = 'rooftop'",
    "uncertainty_m < 1",
    "network_id IS NOT NULL",
    "public_cell IS NOT NULL",
    "location_state = 'located'",
    "version = 1",
    "access IS NULL",
    "household_id IS NULL",
    "submitted_by IS NULL",
    "review_mark IS NULL",
    "point IS NULL",
    "lon > 1",
)


@pytest.mark.parametrize("asked", HIDDEN)
def test_a_partner_asks_by_nothing_it_is_not_shown(bank: TestClient, asked: str) -> None:
    """Refused, not empty: an empty answer would be an answer."""
    assert_problem(bank.get(ITEMS.format("needs"), params={"filter": asked}), 400)
    assert_problem(bank.get(ITEMS.format("needs"), params={"filter": f"urgency = 'soon' OR NOT ({asked})"}), 400)
    name = asked.split(maxsplit=1)[0]
    for parameter in ("sortby", "properties"):
        assert_problem(bank.get(ITEMS.format("needs"), params={parameter: name}), 400)


def test_a_partner_of_assets_asks_by_the_public_fields_alone(bank: TestClient) -> None:
    assert len(features(bank, "assets", filter="status = 'active'")) == 4
    for asked in ("is_private", "capacity_per_week > 0", "network_id IS NULL"):
        assert_problem(bank.get(ITEMS.format("assets"), params={"filter": asked}), 400)
    assert features(bank, "assets", filter="name LIKE '%garage%'") == []
    assert features(bank, "assets", bbox="24.9439,60.1709,24.9441,60.1711") == []


def test_a_filter_goes_over_the_partners_view_and_not_behind_it(
    town: Session, bank: TestClient, client: TestClient
) -> None:
    """What is in no view is found by no filter, and what is in it is found by its cell alone, never by its place."""
    add_need(town, HELSINKI, category=Category.MEDICINE, urgency=Urgency.CRITICAL)
    add_need(town, Point(25.05, 60.25))
    town.commit()
    whole = features(bank, "needs")
    assert features(bank, "needs", filter="TRUE") == whole
    assert features(bank, "needs", filter="urgency = 'soon' OR urgency = 'later'") == whole
    assert features(bank, "needs", bbox="-180,-90,180,90") == whole
    assert features(bank, "needs", filter="S_INTERSECTS(geometry, POINT(25.05 60.25))") == []
    (cell, *_) = {one["properties"]["cell"] for one in whole}
    same = [one for one in whole if one["properties"]["cell"] == cell]
    corners = same[0]["geometry"]["coordinates"][0]
    for lon, lat in corners[:-1]:
        # from every side of the cell the same needs are met
        middle = h3.cell_to_latlng(cell)
        inside = f"POINT({lon * 0.999 + middle[1] * 0.001} {lat * 0.999 + middle[0] * 0.001})"
        assert features(bank, "needs", filter=f"S_INTERSECTS(geometry, {inside})") == same
    assert len(features(client, "needs", filter="category = 'medicine'")) == 1


def test_weeks_are_all_that_is_told_of_time(bank: TestClient) -> None:
    whole = features(bank, "needs")
    assert {one["properties"]["week"] for one in whole} == {"2026-W09", "2026-W10"}
    for when, week in (
        ("2026-02-23/2026-03-01", "2026-W09"),
        ("2026-03-08", "2026-W10"),
        ("2026-03-02/..", "2026-W10"),
    ):
        assert features(bank, "needs", datetime=when) == [one for one in whole if one["properties"]["week"] == week]


def test_a_number_that_no_quota_notices_is_not_told(bank: TestClient, feed: TestClient) -> None:
    assert "numberMatched" not in bank.get(ITEMS.format("needs"), params={"limit": 1}).json()
    assert "numberMatched" in feed.get(ITEMS.format("public")).json()


def test_every_look_counts_even_one_that_finds_nothing(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    assert town
    asked = carrying(anonymous, partner(sessions, NEAR, Tier.COARSE, quota_per_day=12)[1])
    path = ITEMS.format("needs")
    first = asked.get(path)
    assert len(first.json()["features"]) == 4
    # nothing is given to whoever has it already, and nothing is counted
    for _ in range(20):
        assert asked.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    for _ in range(4):
        assert asked.get(path, params={"filter": "FALSE"}).json()["features"] == []
    assert asked.head(path).status_code == 200
    assert_problem(asked.get(path, params={"filter": "FALSE"}), 429)
    for form in ("csv", "geojsonseq", "fgb", "geoparquet", "html"):
        assert_problem(asked.get(path, params={"f": form}), 429)


def test_a_form_for_files_gives_the_partners_view_and_counts_it(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    assert town
    asked = carrying(anonymous, partner(sessions, NEAR, Tier.COARSE, quota_per_day=8)[1])
    path = ITEMS.format("needs")
    rows = asked.get(path, params={"f": "csv"}).text.splitlines()
    assert rows[0] == "id,cell,kind,urgency,week,lon,lat,wkt"
    assert len(rows) == 5
    assert len(asked.get(path, params={"f": "geojsonseq"}).text.split("\x1e")) == 5
    assert_problem(asked.get(path, params={"f": "csv"}), 429)


def test_an_agreement_that_has_ended_opens_no_feed(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    assert town
    agreement, key = partner(sessions, NEAR, Tier.COARSE)
    asked = carrying(anonymous, key)
    tag = asked.get(ITEMS.format("needs")).headers["etag"]
    assert client.delete(f"/v1/agreements/{agreement}").status_code == 204
    assert_problem(asked.get(ITEMS.format("needs"), headers={"If-None-Match": tag}), 401)
    assert_problem(asked.get(ITEMS.format("assets")), 401)


def test_a_referred_need_is_asked_by_what_was_agreed(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    need = add_need(town, category=Category.MEDICINE, household_size=3)
    town.commit()
    agreement, key = partner(sessions, NEAR, Tier.REFERRAL, "Clinic", fields=("household_size",))
    clinic = carrying(anonymous, key)
    client.post(f"/v1/needs/{need.id}/consents", json={"what": "share_with_partner", "how": "spoken"})
    made = client.post(f"/v1/agreements/{agreement}/referrals", json={"need_id": str(need.id)})
    assert made.status_code == 201
    (one,) = features(clinic, "needs", filter="category = 'medicine' AND household_size = 3")
    assert one["id"].endswith("-referred")
    assert clinic.get(f"{ITEMS.format('needs')}/{one['id']}").json()["geometry"] == one["geometry"]
    for hidden in ("languages IS NULL", "access IS NULL", "received_at IS NULL"):
        assert_problem(clinic.get(ITEMS.format("needs"), params={"filter": hidden}), 400)


def test_coverage_of_single_needs_is_not_for_partners(bank: TestClient) -> None:
    assert [one["id"] for one in bank.get("/ogc/collections").json()["collections"]] == [
        "needs",
        "assets",
        "areas",
        "public",
    ]
    for path in ("/ogc/collections/coverage", QUERYABLES.format("coverage"), ITEMS.format("coverage")):
        assert_problem(bank.get(path), 404)
    assert "/ogc/collections/coverage/items" not in bank.get("/ogc/api").json()["paths"]
    assert len(features(bank, "public")) == 3


def test_nothing_can_be_asked_that_disclosure_does_not_list(feed: TestClient, bank: TestClient) -> None:
    listed = {name for by_audience in ALLOWED.values() for fields in by_audience.values() for name in fields}
    listed |= {"id", "geometry", "demand", "covered", "gap", "coverage", "coverage_best"}
    for caller in (feed, bank):
        for one in caller.get("/ogc/collections").json()["collections"]:
            assert set(caller.get(QUERYABLES.format(one["id"])).json()["properties"]) <= listed


def test_another_network_has_feeds_of_its_own(callers: dict[str, TestClient], session: Session) -> None:
    add_need(session)
    session.commit()
    mine, theirs = callers["organizer"], callers["foreign_organizer"]
    (one,) = features(mine, "needs")
    assert features(theirs, "needs") == []
    assert features(theirs, "needs", filter=f"id = '{one['id']}' OR TRUE") == []
    assert_problem(theirs.get(f"{ITEMS.format('needs')}/{one['id']}"), 404)
    assert one["properties"]["cell"] == CELL
