"""Which travel model an installation uses: a server it is told of, its own street graph, or the straight line."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.graph import find_graph, open_streets
from geo.analysis.travel.servers import OsrmServer, travel_by_valhalla_server
from geo.geocode.remote.pinned import PinnedFetcher

from api.settings import TRAVEL_REACH

if TYPE_CHECKING:
    from pathlib import Path

    from geo.analysis.travel.graph import StreetGraph
    from geo.analysis.travel.streets import ValhallaTravel
    from geo.domain.travel import TravelModel
    from geo.geocode.remote.endpoint import Endpoint

    from api.settings import TravelSettings

TIMEOUT_S: Final = 20.0
MOST_BYTES: Final = 20_000_000
_REFUSED: Final = (400,)
"""Both servers say so, and in what sense, when there is no way."""


class TravelChoice:
    """Chooses the model, and opens a street graph once; another one that was built since is found by itself.

    Parameters
    ----------
    home
        The installation's folder.
    settings
        Whether a server is asked instead.
    """

    def __init__(self, home: Path, settings: TravelSettings) -> None:
        self._home = home
        self._server = _open_server(settings)
        self._lock = Lock()
        self._graph: StreetGraph | None = None
        self._streets: ValhallaTravel | None = None

    def model(self) -> TravelModel:
        """Give the model to travel by now."""
        if self._server is not None:
            return self._server
        graph = find_graph(self._home)
        with self._lock:
            if graph != self._graph:
                # the one before may still be answering somebody; its processes end with its last question
                self._graph, self._streets = graph, open_streets(self._home)
            return self._streets or StraightLineTravel()

    def close(self) -> None:
        """End the engine's processes."""
        with self._lock:
            streets, self._streets, self._graph = self._streets, None, None
        if streets is not None:
            streets.close()


def _open_server(settings: TravelSettings) -> TravelModel | None:
    endpoint = settings.endpoint
    if endpoint is None:
        return None
    fetch = partial(_fetch, endpoint)
    if settings.travel_kind == "osrm":
        return OsrmServer(fetch, endpoint.url, settings.modes)
    return travel_by_valhalla_server(fetch, endpoint.url)


def _fetch(endpoint: Endpoint, target: str, body: bytes | None) -> bytes:
    pinned = PinnedFetcher(endpoint, TRAVEL_REACH, timeout_s=TIMEOUT_S, most_bytes=MOST_BYTES)
    headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": "application/json"})
    return pinned.send("GET" if body is None else "POST", f"{endpoint.path}{target}", headers, body=body, also=_REFUSED)
