"""Scores of access and hot spots over HTTP and by the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h3
import pytest

from geo.domain.access_scores import AccessMethod
from geo.domain.place import Location
from geo.domain.words import Category, LocationState, MatchQuality
from geo.privacy.cells import cell_centre, cell_of
from geo.store.engine import make_sessions, transaction

from api.cli import run
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI, draw

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

TOWN = draw("N...A................F", step_m=50)
ROUGHLY = Location(LocationState.APPROXIMATE, MatchQuality.POSTCODE, HELSINKI, 2_000.0)


def populate(session: Session) -> None:
    add_need(session, TOWN["N"])
    add_need(session, TOWN["F"])
    add_need(session, ROUGHLY)
    add_asset(session, TOWN["A"], capacity_per_week=6)


@pytest.fixture
def town(session: Session) -> Session:
    populate(session)
    session.commit()
    return session


@pytest.mark.usefixtures("town")
class TestApi:
    @pytest.mark.parametrize("method", list(AccessMethod))
    def test_every_measure_answers_with_intervals_model_and_balance(
        self, client: TestClient, method: AccessMethod
    ) -> None:
        body = client.get(f"/v1/access?category=food&method={method}&standard_min=5").json()
        assert (body["method"], body["travel_model"]["name"]) == (method, "straight_line")
        assert sum(row["demand"] for row in body["rows"]) == body["balance"]["located"] + body["balance"]["approximate"]
        for row in body["rows"]:
            score = row["score"]
            assert score["low"] is None or score["value"] is None or score["low"] <= score["value"]
            assert score["high"] is None or score["value"] is None or score["value"] <= score["high"]
        told = body["inequality"]
        assert (told["line"] is None) == (method is AccessMethod.BALANCED)
        assert told["line"] is None or told["least"]["share"] <= told["poverty"]["share"] <= told["most"]["share"]

    def test_needs_that_reach_nothing_are_rows_with_nothing(self, client: TestClient) -> None:
        rows = client.get("/v1/access?category=food&method=2sfca&standard_min=5").json()["rows"]
        assert rows[0]["score"]["value"] == 0
        assert rows[0]["out_of_reach"] == 1
        assert client.get("/v1/access?category=water").json()["rows"] == []

    def test_rows_are_cut_at_the_limit_and_counted(self, client: TestClient) -> None:
        for path in ("/v1/access?category=food&limit=1", "/v1/coverage/hotspots?limit=1"):
            body = client.get(path).json()
            assert (len(body["rows"]), body["row_count"]) == (1, 2)

    def test_by_area(self, client: TestClient) -> None:
        (row,) = client.get("/v1/access?category=food&by=area").json()["rows"]
        assert (row["key"], row["label"], row["demand"]) == ("elsewhere", "Outside every area", 3)

    def test_too_few_cells_are_no_finding(self, client: TestClient) -> None:
        body = client.get("/v1/coverage/hotspots").json()
        assert (body["finding"], body["level"]) == ("too_few_cells", 0.05)
        assert [row["is_hot"] for row in body["rows"]] == [False, False]
        assert {row["q"] for row in body["rows"]} == {None}


def test_hot_spots_over_http(client: TestClient, session: Session) -> None:
    middle = cell_of(HELSINKI)
    cells = sorted(map(str, h3.grid_disk(middle, 4)))
    hot = set(map(str, h3.grid_disk(middle, 1)))
    for cell in cells:
        for _ in range(6 if cell in hot else 1):
            add_need(session, cell_centre(cell))
    session.commit()
    body = client.get("/v1/coverage/hotspots?category=food&rings=1").json()
    assert body["finding"] == "found"
    assert middle in {row["cell"] for row in body["rows"] if row["is_hot"]}
    assert "gather in" in body["sentence"]
    assert body["balance"]["located"] == len(cells) + 5 * len(hot)


@pytest.fixture
def installed(installed: Engine) -> Engine:
    with transaction(make_sessions(installed)) as session:
        populate(session)
    return installed


@pytest.mark.usefixtures("installed")
class TestCommands:
    def test_scores(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["scores", "--category", "food", "--method", "2sfca", "--standard-min", "5"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert any(" to " in line for line in lines)
        assert any(line.startswith("spread: Gini") for line in lines)
        assert lines[-2].startswith("needs: 3 received")
        assert lines[-1].startswith("travel: Straight line")

    def test_scores_without_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["scores", "--category", "food", "--method", "bfca"]) == 0
        assert "below the line" not in capsys.readouterr().out

    def test_scores_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        options = ["--method", "kth", "--k", "2", "--by", "area", "--mode", "bicycle", "--counting", "people"]
        assert run(["scores", "--category", "food", *options, "--json"]) == 0
        body = json.loads(capsys.readouterr().out)
        assert (body["k"], body["rows"][0]["score"]["value"]) == (2, None)
        assert run(["scores", "--category", "food", "--method", "kth", "--k", "0"]) == 2

    def test_hotspots(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["hotspots", "--category", "food"]) == 0
        assert capsys.readouterr().out.startswith("Fewer than 30 cells")
        assert run(["hotspots", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["finding"] == "too_few_cells"
        assert run(["hotspots", "--rings", "9"]) == 2


def test_no_category_is_forgotten(client: TestClient) -> None:
    for category in Category:
        assert client.get(f"/v1/access?category={category.value}").json()["inequality"] is None
