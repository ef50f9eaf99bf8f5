"""The map in a browser over a whole metropolis: until it is usable, panned, zoomed and filtered, by many at once.

The floor is an empty map of streamlit-folium in the same run. Beside it stand folium's clusters, pydeck, and one file
of all points drawn by Leaflet, each at sizes it can bear. Every page is opened by a browser that keeps nothing and
reaches this host alone.
"""

from __future__ import annotations

from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from geo.store.engine import make_engine

from bench.installation import Installation
from bench.map_cost import cost_of
from bench.map_filling import fill
from bench.map_peers import serve_peers
from bench.map_screen import Screen, open_browsers
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from bench.map_filling import Filled
    from bench.map_peers import Peers
    from bench.timing import Spread

COLD: Final = 5
MOVES: Final = 20
CHOICES: Final = ("Drinking water", "Food", "Medicine", "All needs", "Childcare", "All needs")
ORGANIZERS: Final = 20
PEER_SIZES: Final = (1_000, 10_000, 50_000)
BEARS: Final = {"MarkerCluster": 10_000}
"""Beyond this one takes minutes."""
MIB: Final = 1024 * 1024


def run(size: int, seed: int, *, peers_at: Path | None = None, organizers: int = ORGANIZERS) -> Outcome:
    """Measure with so many needs and places.

    Parameters
    ----------
    peers_at
        Where ``npm install leaflet.markercluster leaflet.awesome-markers`` was run; folium's clusters are left out when
        it was nowhere.

    Raises
    ------
    AssertionError
        If a filter moves the map, if moving the map makes the page anew, or if a page asks another host.
    """
    with ExitStack() as stack:
        site = stack.enter_context(Installation())
        engine = make_engine(site.cluster.url, statement_timeout_s=1800.0)
        stack.callback(engine.dispose)
        filled = fill(engine, size, seed)
        sizes = [each for each in PEER_SIZES if each <= size]
        peers = stack.enter_context(serve_peers(filled.lon_lat, sizes, peers_at))
        browsers = stack.enter_context(open_browsers())
        return _Measuring(site, browsers, peers, filled, sizes).measure(seed, organizers)


class _Measuring:
    """One run: what was found so far."""

    def __init__(
        self, site: Installation, browsers: tuple[Browser, Browser], peers: Peers, filled: Filled, sizes: list[int]
    ) -> None:
        self._site, self._peers, self._filled, self._sizes = site, peers, filled, sizes
        self._browser, self._emulating = browsers
        self._spreads: dict[str, Spread] = {}
        self._ratios: dict[str, float] = {}
        self._facts: dict[str, float | int | str] = {"filling, seconds": filled.seconds, "needs": filled.needs}

    def measure(self, seed: int, organizers: int) -> Outcome:
        self._first()
        self._cold()
        self._others()
        self._one_person()
        self._many(organizers)
        return Outcome("map_browser", len(self._filled.lon_lat), seed, self._ratios, self._spreads, self._facts)

    @property
    def _ours(self) -> str:
        lon, lat = self._filled.lon_lat.mean(axis=0).tolist()
        return f"{self._site.address.replace('127.0.0.1', 'localhost')}/dash/?at={lon:.5f},{lat:.5f},10"

    @property
    def _token(self) -> str:
        return self._site.headers["Authorization"].removeprefix("Bearer ")

    def _open(self, way: str, size: int = 0) -> float:
        """Open one way in a cold browser."""
        token = self._token if way == "ours" else None
        browser = self._emulating if way == "pydeck" else self._browser
        with Screen.cold(browser, token=token, clusters=self._peers.clusters) as screen:
            took = screen.open(self._ours if way == "ours" else self._peers.address(way, size), way)
            if way == "ours" and screen.outside:
                raise AssertionError(f"the page asked another host: {screen.outside[0]}")
            return took

    def _first(self) -> None:
        """Look for the first time after a start, which works out all figures once."""
        self._facts["first look after a start, seconds"] = self._open("ours")
        self._open("empty")

    def _cold(self) -> None:
        taken: dict[str, list[float]] = {"ours": [], "empty": []}
        for _turn in range(COLD):
            for way, seconds in taken.items():
                seconds.append(self._open(way))
        ours, empty = (spread_of(taken[way]) for way in ("ours", "empty"))
        self._spreads |= {"usable, ours": ours, "usable, empty streamlit-folium": empty}
        self._ratios["usable, ours / empty streamlit-folium"] = ours.median / empty.median

    def _others(self) -> None:
        ours = self._spreads["usable, ours"].median
        for way in self._peers.ways:
            for size in self._sizes:
                if size <= BEARS.get(way, size):
                    took = self._open(way, size)
                    self._spreads[f"usable, {way} of {size:,}"] = spread_of([took])
                    self._ratios[f"usable, {way} of {size:,} / ours of all"] = took / ours

    def _one_person(self) -> None:
        with Screen.cold(self._browser, token=self._token) as screen:
            screen.open(self._ours, "ours")
            screen.page.wait_for_timeout(1000)
            told = screen.sent
            moved = [move for turn in range(MOVES) for move in _move(screen, turn)]
            self._facts["times the page was made anew by moving the map"] = screen.sent - told
            level, chosen = screen.level(), []
            for option in CHOICES:
                chosen.append(screen.choose("Kind of need", option))
                if screen.level() != level:
                    raise AssertionError("a filter zooms the map")
            self._spreads |= {"pan and zoom": spread_of(moved), "filter": spread_of(chosen)}
        self._ratios["pan and zoom, p95, milliseconds"] = self._spreads["pan and zoom"].p95 * 1000
        self._ratios["filter, worst, milliseconds"] = self._spreads["filter"].most * 1000

    def _many(self, organizers: int) -> None:
        server, database = self._site.server_pid, self._site.database_pid
        before = cost_of(server).memory_bytes
        with ExitStack() as stack:
            screens = [stack.enter_context(Screen.cold(self._browser, token=self._token)) for _ in range(organizers)]
            for screen in screens:
                screen.open(self._ours, "ours")
            interactions = {
                "pan or zoom": lambda screen: _move(screen, 0),
                "filter": lambda screen: [screen.choose("Kind of need", "Drinking water")],
            }
            for name, do in interactions.items():
                self._cost(name, do, screens)
            taken = {"server": cost_of(server).memory_bytes, "database": cost_of(database).memory_bytes}
        for name, size in taken.items():
            self._facts[f"memory of the {name} with {organizers} organizers, MiB"] = size / MIB
        self._facts["memory of the server before them, MiB"] = before / MIB
        self._ratios["memory of server and database, GB"] = sum(taken.values()) / 1e9

    def _cost(self, name: str, do: Any, screens: list[Screen]) -> None:  # noqa: ANN401 - a callable of a screen
        roots = (self._site.server_pid, self._site.database_pid)
        before, began = [cost_of(root).cpu_s for root in roots], perf_counter()
        done = []
        for screen in screens:
            screen.page.bring_to_front()
            done += do(screen)
        after = [cost_of(root).cpu_s for root in roots]
        for where, first, last in zip(("server", "database"), before, after, strict=True):
            self._facts[f"processor of the {where}, seconds each {name}"] = (last - first) / len(done)
        self._spreads[f"{name}, one of {len(screens)} organizers"] = spread_of(done)
        self._facts[f"{len(done)} times {name}, seconds"] = perf_counter() - began


def _move(screen: Screen, turn: int) -> list[float]:
    """Pan and come closer, or pan and go away, some steps each before turning."""
    right, down = ((240, 60), (-200, 90), (-60, -140), (180, -60))[turn % 4]
    return [screen.pan(right, down), screen.zoom(closer=turn % 10 < 5)]
