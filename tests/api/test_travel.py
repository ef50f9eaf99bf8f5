"""Which model the API travels by, and what it answers when the engine does not."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from geo.analysis.travel.graph import engine_version
from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.domain.words import Mode
from geo.errors import TravelFailed

from api.settings import TravelSettings
from api.travel import TravelChoice
from data.loaders.osm.extract import bundled_extract
from data.loaders.osm.tiles import build_streets
from tests.api.conftest import assert_problem
from tests.factories import add_asset
from tests.grid import HELSINKI
from tests.streets import INFO, grid_town

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from sqlalchemy.orm import Session

    from tests.api.conftest import TestClient

WHERE = f"/v1/nearest?lon={HELSINKI.lon}&lat={HELSINKI.lat}&kind=asset"


class Fixed:
    """A choice that was made."""

    def __init__(self, model: Any) -> None:
        self.model = lambda: model

    def close(self) -> None:
        return


class Broken:
    def ask(self, *_: object) -> object:
        raise TravelFailed

    def close(self) -> None:
        return


@pytest.fixture
def pantry(served: Session) -> None:
    add_asset(served, HELSINKI)
    served.commit()


@pytest.mark.usefixtures("pantry")
def test_the_nearest_names_the_model_it_was_ranked_by(app: FastAPI, client: TestClient) -> None:
    assert client.get(WHERE).json()["travel_model"]["name"] == "straight_line"
    app.state.travel = Fixed(grid_town(HELSINKI.lon, HELSINKI.lat))
    found = client.get(WHERE).json()
    assert found["travel_model"] == INFO.as_dict()
    assert len(found["results"]) == 1


@pytest.mark.usefixtures("pantry")
def test_an_engine_that_does_not_answer_is_a_problem(app: FastAPI, client: TestClient) -> None:
    app.state.travel = Fixed(ValhallaTravel(Broken(), INFO, FASTEST_M_PER_MIN))
    assert assert_problem(client.get(WHERE), 503)["type"] == "/problems#travel-failed"


def test_a_graph_that_is_built_meanwhile_is_travelled_by(tmp_path: Path) -> None:
    choice = TravelChoice(tmp_path, TravelSettings())
    assert choice.model().info.name == "straight_line"
    graph = build_streets(bundled_extract(), tmp_path)
    model = choice.model()
    assert model.info.name == ("straight_line" if engine_version() is None else "valhalla")
    if graph is not None and isinstance(model, ValhallaTravel):
        assert choice.model() is model
        way = model.matrix([[24.9414, 60.1710]], [[24.9450, 60.1690]], Mode.WALK)
        assert 0 < way[0, 0] < 60
        # its processes die, one answer fails at most, and the next is as before
        for one in model.engine._all:  # type: ignore[attr-defined]
            if one._process is not None:
                os.kill(one._process.pid, signal.SIGKILL)
                one._process.wait()
        assert (model.matrix([[24.9414, 60.1710]], [[24.9450, 60.1690]], Mode.WALK) == way).all()
        for tile in graph.folder.rglob("*.gph"):
            tile.unlink()
        choice.close()
        # without its tiles the engine would find nothing within reach
        assert choice.model().info.name == "straight_line"
    choice.close()
