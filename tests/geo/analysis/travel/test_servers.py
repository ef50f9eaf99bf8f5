"""Routing servers on this machine: what they are asked, and what becomes of their failures."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from geo.analysis.travel import StraightLineTravel
from geo.crs import metric_crs, to_degrees, to_metres
from geo.domain.words import Mode
from geo.errors import TravelFailed

from api.settings import TravelSettings
from api.travel import TravelChoice
from tests.streets import GridTown, grid_town, to_street, way_m

if TYPE_CHECKING:
    from collections.abc import Iterator

LON, LAT = 24.94, 60.17
CRS = metric_crs([LON], [LAT])
MIDDLE = to_metres([LON], [LAT], CRS)[0]
TOWN = grid_town(LON, LAT)


class Handler(BaseHTTPRequestHandler):
    answer: Any = None

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._reply(GridTown(LON, LAT).ask(urlsplit(self.path).path.rpartition("/")[2], asked))

    def do_GET(self) -> None:
        self._reply(table(self.path))

    def _reply(self, found: object) -> None:
        status, body = type(self).answer or (200, json.dumps(found).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def table(path: str) -> dict[str, Any]:
    url = urlsplit(path)
    _, _, profile, places = url.path.rsplit("/", 3)
    assert profile in ("foot", "bike", "car")
    lonlat = np.array([[float(v) for v in place.split(",")] for place in places.split(";")])
    xy = to_metres(lonlat[:, 0], lonlat[:, 1], CRS) - MIDDLE
    query = parse_qs(url.query)
    start, end = ([int(i) for i in query[name][0].split(";")] for name in ("sources", "destinations"))
    on = np.array([to_street(p) for p in xy])
    off = np.hypot(*(on - xy).T)
    return {
        "code": "Ok",
        "durations": [[way_m(on[i], on[j]) / 80 * 60 for j in end] for i in start],
        "sources": [{"distance": off[i]} for i in start],
        "destinations": [{"distance": off[j]} for j in end],
    }


@contextmanager
def serving(answer: Any = None) -> Iterator[str]:
    handler = type("Fixed", (Handler,), {"answer": answer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/routing"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def choose(tmp_path: Any, url: str, **more: str) -> Any:
    return TravelChoice(tmp_path, TravelSettings(travel_url=url, **more)).model()  # type: ignore[arg-type]


def points(count: int, seed: int = 0) -> Any:
    return to_degrees(np.random.default_rng(seed).uniform(-1_500, 1_500, (count, 2)) + MIDDLE, CRS)


def test_a_valhalla_server_answers_like_the_engine(tmp_path: Any) -> None:
    with serving() as url:
        model = choose(tmp_path, url)
        assert model.info.name == "valhalla_server"
        assert np.array_equal(
            model.matrix(points(4), points(60, 1), Mode.CAR), TOWN.matrix(points(4), points(60, 1), Mode.CAR)
        )
        assert model.isochrones(points(1), [5, 10, 15, 20, 30], Mode.WALK) == TOWN.isochrones(
            points(1), [5, 10, 15, 20, 30], Mode.WALK
        )


def test_an_osrm_server_gives_matrices_and_its_other_modes_go_straight(tmp_path: Any) -> None:
    with serving() as url:
        model = choose(tmp_path, url, travel_kind="osrm", travel_modes="walk")
        found = model.matrix(points(30), points(90, 1), Mode.WALK)
        assert found == pytest.approx(TOWN.matrix(points(30), points(90, 1), Mode.WALK), abs=0.03)
        straight = StraightLineTravel()
        for mode in (Mode.CAR, Mode.WHEELCHAIR):
            assert np.array_equal(
                model.matrix(points(2), points(3, 1), mode), straight.matrix(points(2), points(3, 1), mode)
            )
        assert "By wheelchair" in model.info.note
        assert "127.0.0.1" not in model.info.note
        assert model.info.name == "osrm_server"


def test_an_osrm_server_draws_by_its_matrix(tmp_path: Any) -> None:
    at = to_degrees(np.array([[0.0, 0.0]]) + MIDDLE, CRS)
    with serving() as url:
        ((shape,),) = choose(tmp_path, url, travel_kind="osrm", travel_modes="walk").isochrones(at, [5], Mode.WALK)
    assert shape.is_valid
    # what is drawn within five minutes on foot is a square on its corner, 800 m from end to end
    drawn = to_metres(*np.array(shape.geoms[0].exterior.coords).T, CRS) - MIDDLE
    assert np.abs(drawn).sum(axis=1).max() == pytest.approx(400, abs=60)


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (302, b""), (200, b"<html>"), (200, b"[" * 100_000), (400, b'{"error_code": 1}'), (200, b"3")],
)
@pytest.mark.parametrize("kind", ["valhalla", "osrm"])
def test_a_server_that_fails_is_a_failure(tmp_path: Any, answer: Any, kind: str) -> None:
    with serving(answer) as url:
        model = choose(tmp_path, url, travel_kind=kind, travel_modes="walk")
        with pytest.raises(TravelFailed):
            model.matrix(points(1), points(1, 1), Mode.WALK)


def test_a_server_that_is_not_there_is_a_failure(tmp_path: Any) -> None:
    with serving() as url:
        pass
    with pytest.raises(TravelFailed):
        choose(tmp_path, url).matrix(points(1), points(1, 1), Mode.WALK)


@pytest.mark.parametrize(
    "url",
    [
        "http://routing.example.org", "https://10.0.0.1", "https://169.254.169.254", "http://192.168.1.1:8002",
        "https://user@example.org", "file:///etc/passwd", "https://example.org/?q=1", "http://[::ffff:127.0.0.1]",
    ],
)  # fmt: skip
def test_a_server_elsewhere_must_be_public_and_encrypted(url: str) -> None:
    with pytest.raises(ValueError, match="travel_url"):
        TravelSettings(travel_url=url)


def test_osrm_must_say_what_it_is_for() -> None:
    with pytest.raises(ValueError, match="BARNRAISER_TRAVEL_MODES"):
        TravelSettings(travel_url="http://127.0.0.1:5000", travel_kind="osrm")
    with pytest.raises(ValueError, match="travel_modes"):
        TravelSettings(travel_modes="flying")


def test_nobody_is_asked_by_default(tmp_path: Any) -> None:
    assert TravelSettings().endpoint is None
    assert TravelChoice(tmp_path, TravelSettings()).model().info.name == "straight_line"
