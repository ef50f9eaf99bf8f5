"""Layers, coverage, nearest help and partner feeds over the same small town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import event

from geo.domain.drafts import AreaDraft
from geo.domain.place import Point
from geo.domain.reasons import Reason, ReasonCode, in_words
from geo.domain.words import Category, Urgency
from geo.privacy.cells import cell_of
from geo.store.areas import create_area

from api.routers import map_layers
from tests.api.conftest import assert_problem
from tests.api.rfc7946 import check_collection, parse
from tests.factories import add_asset, add_helper, add_need, nowhere
from tests.grid import HELSINKI, draw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

TOWN = draw("N.A....H....F", step_m=100)


@pytest.fixture
def town(session: Session) -> Session:
    """Two needs beside a pantry for one, a helper up the street, and a need far from everything."""
    add_need(session, TOWN["N"], urgency=Urgency.CRITICAL)
    add_need(session, TOWN["N"], languages=("fi",))
    add_need(session, TOWN["F"])
    add_need(session, nowhere())
    add_asset(session, TOWN["A"], name="Corner pantry", capacity_per_week=1)
    add_asset(session, TOWN["A"], name="Somebody's garage", is_private=True, capacity_per_week=None)
    add_helper(session, TOWN["H"], max_travel_min=30)
    session.commit()
    return session


def collection(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    check_collection(parse(answer.text))
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    return dict(answer.json())


@pytest.mark.usefixtures("town")
class TestLayers:
    def test_needs_are_cells_with_counts(self, client: TestClient) -> None:
        features = collection(client, "/v1/map/needs?category=food")["features"]
        counts = {f["properties"]["cell"]: f["properties"] for f in features}
        near = counts[cell_of(TOWN["N"])]
        assert (near["count"], near["by_urgency"]) == (2, {"critical": 1, "normal": 1})
        assert near["label"] == "2 open needs"
        assert {f["geometry"]["type"] for f in features} == {"Polygon"}
        assert collection(client, "/v1/map/needs?category=water")["features"] == []

    def test_a_box_keeps_what_it_touches(self, client: TestClient) -> None:
        assert collection(client, "/v1/map/needs?bbox=20,55,21,56")["features"] == []
        assert len(collection(client, "/v1/map/needs?bbox=24.9,60.1,25.0,60.2")["features"]) == 2

    def test_helpers_are_cells_and_assets_public_points(self, client: TestClient) -> None:
        helpers = collection(client, "/v1/map/helpers")["features"]
        assert [f["properties"] for f in helpers] == [{"cell": cell_of(TOWN["H"]), "count": 1}]
        assets = collection(client, "/v1/map/assets")["features"]
        assert [f["properties"]["name"] for f in assets] == ["Corner pantry"]
        assert assets[0]["geometry"]["type"] == "Point"

    def test_coverage_on_the_map_is_the_coverage_in_the_table(self, client: TestClient) -> None:
        table = client.get("/v1/coverage?category=food&standard_min=5").json()
        features = collection(client, "/v1/map/coverage?category=food&standard_min=5")["features"]
        drawn = {f["properties"]["cell"]: f["properties"]["gap"] for f in features}
        assert drawn == {row["key"]: row["gap"] for row in table["rows"]}
        assert sum(drawn.values()) == table["totals"]["food"]["gap"] == 2
        row = table["rows"][0]
        assert row["demand"] == row["covered"] + row["gap"]
        assert table["travel_model"]["name"] == "straight_line"
        assert all("why" in f["properties"] and "because" not in f["properties"] for f in features)

    @pytest.mark.parametrize("path", ["coverage", "coverage/worst"])
    def test_why_a_gap_is_where_it_is_comes_as_a_sentence_and_as_codes(self, client: TestClient, path: str) -> None:
        for row in client.get(f"/v1/{path}?standard_min=5").json()["rows"]:
            because = [Reason(ReasonCode(one["code"]), one["parts"]) for one in row["because"]]
            assert row["why"] == in_words(because, "; ") + "."
            counts = [one.parts["count"] for one in because if one.code is not ReasonCode.ALL_MET]
            assert sum(counts) == row["gap"]

    def test_the_worst_rows_are_those_of_the_table_page_by_page(self, client: TestClient) -> None:
        table = client.get("/v1/coverage?standard_min=5").json()
        pages = [client.get(f"/v1/coverage/worst?standard_min=5&limit=1&offset={n}").json() for n in range(3)]
        assert [row for page in pages for row in page["rows"]] == table["rows"]
        assert len(table["rows"]) == 2
        for page in pages:
            assert (page["count"], page["totals"], page["balance"]) == (2, table["totals"], table["balance"])
            assert page["widest"] == max(row["gap"] for row in table["rows"])
        here = client.get(f"/v1/coverage/worst?standard_min=5&cell={cell_of(TOWN['F'])}").json()
        assert here["rows"] == [row for row in table["rows"] if row["key"] == cell_of(TOWN["F"])]
        assert client.get("/v1/coverage/worst?category=water").json()["rows"] == []

    def test_the_worst_rows_of_a_part_of_town(self, client: TestClient, town: Session) -> None:
        at, wide = TOWN["F"], 0.003
        around = MultiPolygon([box(at.lon - wide, at.lat - wide, at.lon + wide, at.lat + wide)])
        made = create_area(town, AreaDraft("there", "There", "manual", around))
        town.commit()
        found = client.get(f"/v1/coverage/worst?standard_min=5&area={made.id}").json()
        assert [row["key"] for row in found["rows"]] == [cell_of(at)]
        assert found["totals"]["food"]["demand"] == found["count"] == 1
        assert found["balance"] == client.get("/v1/balance").json()
        assert_problem(client.get(f"/v1/coverage/worst?area={uuid4()}"), 404)

    @pytest.mark.parametrize("query", ["offset=-1", "offset=1e3", "limit=0", "area=here", "cell=8", "standard_min=0"])
    def test_worst_rows_asked_for_badly(self, client: TestClient, query: str) -> None:
        assert_problem(client.get(f"/v1/coverage/worst?{query}"), 422)

    def test_more_time_never_covers_less(self, client: TestClient) -> None:
        gaps = [
            client.get(f"/v1/coverage?standard_min={minutes}").json()["totals"]["food"]["gap"]
            for minutes in (1, 5, 15, 60, 240)
        ]
        assert gaps == sorted(gaps, reverse=True)

    def test_a_layer_that_is_too_large_says_so(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(map_layers, "MAX_FEATURES", 1)
        found = collection(client, "/v1/map/needs")
        assert (len(found["features"]), found["truncated"]) == (1, True)

    def test_the_balance_line_is_the_same_everywhere(self, client: TestClient) -> None:
        balance = client.get("/v1/balance").json()
        assert balance == client.get("/v1/coverage").json()["balance"]
        assert balance["received"] == sum(v for k, v in balance.items() if k != "received") == 4


@pytest.mark.usefixtures("town")
class TestNearest:
    def test_help_for_a_need_says_how_far_and_why(self, client: TestClient) -> None:
        need = client.get(f"/v1/needs?cell={cell_of(TOWN['N'])}").json()["items"][0]
        body = client.get(f"/v1/needs/{need['id']}/nearest?kind=asset&limit=3").json()
        assert [r["name"] for r in body["results"]][:1] == ["Corner pantry"]
        assert body["results"][0]["reason"] == ", ".join(body["results"][0]["reasons"])
        assert body["results"][0]["travel_min"] >= 1
        helpers = client.get(f"/v1/needs/{need['id']}/nearest").json()
        assert [r["kind"] for r in helpers["results"]] == ["helper"]
        assert "distance_m" not in client.get(f"/v1/needs/{need['id']}/nearest").text

    def test_help_for_a_place(self, client: TestClient) -> None:
        body = client.get(f"/v1/nearest?lon={HELSINKI.lon}&lat={HELSINKI.lat}&kind=helper&category=food").json()
        assert [r["name"] for r in body["results"]] == ["Aino K."]

    def test_who_is_free_then_with_a_vehicle_and_rested(self, client: TestClient) -> None:
        where = f"/v1/nearest?lon={HELSINKI.lon}&lat={HELSINKI.lat}&kind=helper&category=food"
        body = client.get(f"{where}&at=2026-06-01T17:00:00Z&cool_down_h=0&language=fi").json()
        (one,) = body["results"]
        assert one["reason_codes"] == ["travel", "language", "hours_unknown", "room", "last_asked"]
        because = [Reason(ReasonCode(each["code"]), each["parts"]) for each in one["because"]]
        assert one["reasons"] == [each.words for each in because]
        assert one["reason_codes"] == [each.code for each in because]
        driving = client.get(f"{where}&vehicle=car").json()
        assert driving["results"] == []
        assert driving["passed_over_codes"]["no_vehicle"] == driving["passed_over"]["has no such vehicle"] == 1

    @pytest.mark.parametrize(
        "bad",
        ["at=tomorrow", "at=2026-06-01T17:00:00", "vehicle=rocket", "cool_down_h=-1", "cool_down_h=1e9", "limit=0",
         "language=Finnish", "free=yes"],
    )  # fmt: skip
    def test_what_cannot_be_asked_is_said(self, client: TestClient, bad: str) -> None:
        assert_problem(client.get(f"/v1/nearest?lon={HELSINKI.lon}&lat={HELSINKI.lat}&{bad}"), 422)

    def test_a_need_without_a_place_has_no_nearest(self, client: TestClient) -> None:
        need = client.get("/v1/needs?location_state=none").json()["items"][0]
        assert_problem(client.get(f"/v1/needs/{need['id']}/nearest"), 409)
        assert_problem(client.get(f"/v1/needs/{uuid4()}/nearest"), 404)


@pytest.mark.usefixtures("town")
class TestFeeds:
    def test_a_client_finds_its_way_from_the_landing_page(self, client: TestClient) -> None:
        landing = client.get("/ogc").json()
        links = {link["rel"]: link["href"] for link in landing["links"]}
        assert client.get(links["conformance"]).json()["conformsTo"]
        for listed in client.get(links["data"]).json()["collections"]:
            hrefs = {link["rel"]: link["href"] for link in listed["links"]}
            assert client.get(hrefs["self"]).json() == listed
            collection(client, hrefs["items"])
        assert client.get(links["service-desc"]).status_code == 200

    def test_needs_leave_as_cells_and_those_without_a_place_without_geometry(self, client: TestClient) -> None:
        features = collection(client, "/ogc/collections/needs/items")["features"]
        assert sorted(f["geometry"] is None for f in features) == [False, False, False, True]
        assert {f["geometry"]["type"] for f in features if f["geometry"]} == {"Polygon"}
        assert all(f["properties"]["category"] == "food" for f in features)

    def test_a_box_is_compared_with_cells(self, client: TestClient) -> None:
        assert len(collection(client, "/ogc/collections/needs/items?bbox=24.9,60.1,25.0,60.2")["features"]) == 3
        assert collection(client, "/ogc/collections/needs/items?bbox=20,55,21,56")["features"] == []

    def test_next_links_lead_through_everything_once(self, client: TestClient) -> None:
        for name, total in (("needs", 4), ("assets", 2), ("coverage", 2)):
            seen, path, pages = [], f"/ogc/collections/{name}/items?limit=1", 0
            while path:
                body = collection(client, path)
                seen += [f["id"] for f in body["features"]]
                path = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
                pages += 1
                assert pages < 10
            assert len(seen) == len(set(seen)) == total

    def test_a_private_asset_is_a_cell(self, client: TestClient) -> None:
        features = collection(client, "/ogc/collections/assets/items")["features"]
        kinds = {f["properties"]["name"]: f["geometry"]["type"] for f in features}
        assert kinds == {"Corner pantry": "Point", "Somebody's garage": "Polygon"}

    def test_a_marker_of_another_collection_is_refused(self, client: TestClient) -> None:
        assert_problem(client.get("/ogc/collections/coverage/items?cursor=AAAA"), 400)


class _Counter:
    def __init__(self) -> None:
        self.statements: list[str] = []

    def note(self, _c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        # who asks is found out by one look-up of its own, for every request alike
        asks_who = "FROM access.credential" in statement
        if not asks_who and not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config")):
            self.statements.append(statement)


@pytest.fixture
def counted(connection: Connection) -> Iterator[_Counter]:
    counter = _Counter()
    event.listen(connection, "before_cursor_execute", counter.note)
    yield counter
    event.remove(connection, "before_cursor_execute", counter.note)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v1/needs", 1), ("/v1/assets", 1), ("/v1/helpers", 1), ("/v1/organizations", 1), ("/v1/areas", 1),
        ("/v1/review", 5), ("/v1/balance", 2), ("/v1/meta", 4), ("/v1/map/needs", 1), ("/v1/map/helpers", 1),
        ("/v1/map/assets", 1), ("/v1/coverage", 11), ("/v1/coverage/worst", 9), ("/v1/access?category=food", 7),
        ("/v1/coverage/hotspots", 11), ("/v1/now", 7),
        # the version a page is made from, and the page
        ("/ogc/collections/needs/items", 2), ("/ogc/collections/assets/items", 2),
        ("/v1/nearest?lon=24.94&lat=60.17&kind=asset", 4),
    ],
)  # fmt: skip
def test_lists_ask_the_database_a_fixed_number_of_times(
    client: TestClient, session: Session, counted: _Counter, path: str, most: int
) -> None:
    for number in range(12):
        add_need(session, Point(24.94 + number / 1000, 60.17), category=Category.FOOD)
        add_asset(session, Point(24.94 + number / 1000, 60.17), name=f"Pantry {number}")
        add_helper(session, Point(24.94 + number / 1000, 60.17))
    session.commit()
    counted.statements.clear()
    assert client.get(path).status_code == 200
    assert len(counted.statements) <= most, counted.statements


@pytest.fixture
def crowd(session: Session) -> Session:
    """More than fifty cells with needs, a place that helps in each, and one need that presses."""
    for row in range(8):
        for column in range(8):
            at = Point(HELSINKI.lon + column / 80, HELSINKI.lat + row / 160)
            add_need(session, at, urgency=Urgency.CRITICAL if row == column == 0 else Urgency.NORMAL)
            add_asset(session, at, name=f"Place {row} {column}", capacity_per_week=1)
    session.commit()
    return session


@pytest.mark.usefixtures("crowd")
class TestLargerHexagons:
    @pytest.mark.parametrize("layer", ["needs", "assets", "coverage"])
    def test_a_view_with_too_much_is_given_as_larger_hexagons_that_add_up(self, client: TestClient, layer: str) -> None:
        word = "demand" if layer == "coverage" else "count"
        found = collection(client, f"/v1/map/{layer}?most=50")["features"]
        assert len(found) <= 50
        assert {f["geometry"]["type"] for f in found} == {"Polygon"}
        assert {f["properties"]["level"] for f in found} < {2, 3, 4, 5, 6, 7, 8}
        assert sum(f["properties"][word] for f in found) == 64
        fine = collection(client, f"/v1/map/{layer}?most=2000")["features"]
        assert all("level" not in f["properties"] for f in fine)
        assert fine == collection(client, f"/v1/map/{layer}")["features"]

    def test_what_presses_is_said_of_all_needs_together(self, client: TestClient) -> None:
        found = collection(client, "/v1/map/needs?most=50")["features"]
        assert sum(f["properties"]["pressing"] for f in found) == 1
        food = collection(client, "/v1/map/needs?most=50&category=food")["features"]
        assert sum(f["properties"]["count"] for f in food) == 64
        assert not any("pressing" in f["properties"] for f in food)
        assert collection(client, "/v1/map/needs?most=50&category=water")["features"] == []

    def test_larger_gaps_are_those_of_the_table(self, client: TestClient) -> None:
        found = collection(client, "/v1/map/coverage?most=50&standard_min=5")["features"]
        totals = client.get("/v1/coverage?standard_min=5").json()["totals"]["food"]
        assert sum(f["properties"]["gap"] for f in found) == totals["gap"]
        assert sum(f["properties"]["covered"] for f in found) == totals["covered"]

    @pytest.mark.parametrize("most", ["49", "2001", "1e3", "-1", "many"])
    def test_how_much_can_be_drawn_is_bounded(self, client: TestClient, most: str) -> None:
        assert_problem(client.get(f"/v1/map/needs?most={most}"), 422)
