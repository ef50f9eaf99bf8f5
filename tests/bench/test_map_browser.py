"""What the benchmark of the map writes, serves beside it, and counts; the browser itself is run by the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import text

from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Mode
from geo.store.coverage import Question, work_out
from geo.store.engine import make_sessions
from geo.store.map_cells import find_counted
from geo.store.needs import count_balance
from geo.store.supply import list_supply

from bench.map_cost import cost_of
from bench.map_filling import fill
from bench.map_peers import Peers, write_pages

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

SIZE = 500


@pytest.mark.own_db
def test_a_metropolis_is_counted_and_reckoned_like_any_network(own_db: Engine) -> None:
    filled = fill(own_db, SIZE, 0)
    assert (len(filled.lon_lat), filled.needs) == (SIZE, 400)
    with make_sessions(own_db)() as session:
        counted = {name: find_counted(session, name, None, most=1000) for name in ("needs", "assets")}
        assert {name: sum(one.count for one in found.cells) for name, found in counted.items()} == {
            "needs": 400,
            "assets": 100,
        }
        assert count_balance(session).located == 400
        helping = list_supply(session)
        assert len(helping) == 5
        question = Question(StraightLineTravel(), 5.0, Mode.WALK, "hex")
        totals = work_out(session, question, helping).totals.values()
        assert sum(one.demand for one in totals) == 400
        # what keeps a backlog is on again
        off = text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'")
        assert session.scalar(off) == 0


def test_pages_of_the_others_hold_the_first_points(tmp_path: Path) -> None:
    lon_lat = np.column_stack([np.linspace(24, 25, 30), np.linspace(60, 61, 30)])
    write_pages(tmp_path, lon_lat, [10, 20])
    assert np.array_equal(np.load(tmp_path / "points.npy"), lon_lat)
    for size in (10, 20):
        whole = json.loads((tmp_path / f"points-{size}.geojson").read_text("utf-8"))
        assert [one["geometry"]["coordinates"] for one in whole["features"]] == lon_lat[:size].round(6).tolist()
        page = (tmp_path / f"whole-{size}.html").read_text("utf-8")
        assert f'fetch("points-{size}.geojson")' in page
        assert "LAT" not in page.replace("LatLng", "")
    assert (tmp_path / "leaflet.js").stat().st_size > 0


def test_clusters_are_measured_only_where_their_scripts_are(tmp_path: Path) -> None:
    assert "MarkerCluster" not in Peers("http://a", "http://b", ()).ways
    assert "MarkerCluster" in Peers("http://a", "http://b", (tmp_path,)).ways
    assert Peers("http://a", "http://b", ()).address("pydeck", 5) == "http://a/?way=pydeck&size=5"


def test_what_a_process_began_counts_with_it() -> None:
    before = cost_of(os.getpid())
    assert before.cpu_s > 0
    hold = "held = b'x' * 50_000_000; print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        during = cost_of(os.getpid())
        assert cost_of(child.pid).memory_bytes > 50_000_000
        assert during.memory_bytes > cost_of(child.pid).memory_bytes
        child.communicate(b"\n")
