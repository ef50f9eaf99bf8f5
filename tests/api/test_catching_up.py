"""The round that draws what is within reach, and the verb that does so by hand."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo.analysis.travel import StraightLineTravel
from geo.errors import TravelFailed
from geo.store.catchment_tables import catchment
from geo.store.engine import make_sessions

from api import catching_up
from api.cli import run
from tests.factories import add_asset
from tests.grid import HELSINKI
from tests.ring import RING
from tests.streets import grid_town

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel

TOWN = grid_town(HELSINKI.lon, HELSINKI.lat)


def count(engine: Engine) -> int:
    with make_sessions(engine)() as session:
        return session.scalar(select(func.count()).select_from(catchment)) or 0


def wait_for(engine: Engine, wanted: int) -> None:
    while count(engine) < wanted:
        time.sleep(0.02)


def add(engine: Engine) -> None:
    with make_sessions(engine, keys=RING).begin() as session:
        add_asset(session, HELSINKI)


def test_a_running_server_draws_what_is_missing_and_goes_on_after_a_failure(
    own_db: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[int] = []

    def choose() -> TravelModel:
        asked.append(count(own_db))
        if len(asked) == 1:
            raise TravelFailed
        return TOWN

    async def serve() -> None:
        async with catching_up.catching_up(own_db, choose, every_s=0.01):
            for wanted in (20, 40):
                await asyncio.to_thread(add, own_db)
                await asyncio.to_thread(wait_for, own_db, wanted)

    asyncio.run(asyncio.wait_for(serve(), 60))
    assert count(own_db) == 40
    assert "TravelFailed" in caplog.text


def test_nothing_is_drawn_for_the_straight_line(own_db: Engine) -> None:
    add(own_db)
    assert catching_up.catch_up(own_db, StraightLineTravel()).as_dict() == dict.fromkeys(
        ("made", "kept", "removed", "failed"), 0
    )
    assert catching_up.catch_up(own_db, TOWN).made == 20
    assert catching_up.catch_up(own_db, TOWN).kept == 20


def test_the_verb_says_that_there_are_no_streets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BARNRAISER_HOME", str(tmp_path))
    assert run(["catchments", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["travel_model"]["name"] == "straight_line"
    assert "load osm" in said.err
