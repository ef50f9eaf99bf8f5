"""A browser that reaches this host alone, and what a person does to a map in it, timed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from bench.map_peers import LEAFLET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Frame, Page, Route, WebSocket

FLAGS: Final = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)  # fmt: skip
"""Of many windows each draws on, as on screens of their own."""
PLAIN: Final = ("--disable-gpu",)
EMULATED: Final = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
"""A graphics card worked out by the processor, which pydeck draws nothing without. It takes most of two cores from the
server and from every other way, so only pydeck gets it.
"""
WIDE_PX, HIGH_PX = 1280, 900
PATIENCE_MS: Final = 240_000
FRAME: Final = "iframe[title*=st_folium]"
COOKIE: Final = "__Host-sid"
_DRAWN: Final = {
    "ours": "() => Number(document.documentElement.dataset.loads || 0) >= 1",
    "GeoJSON, whole": "() => document.documentElement.dataset.loads === '1'",
    "empty": "() => document.querySelector('.leaflet-map-pane')",
    "MarkerCluster": "() => document.querySelector('.leaflet-marker-icon')",
    "FastMarkerCluster": "() => document.querySelector('.leaflet-marker-icon')",
    "pydeck": "() => document.querySelector('[data-testid=stDeckGlJsonChart] canvas')",
}
"""What is there in the page, or in the frame of the map, once a way has drawn."""
_RESTED: Final = (
    "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done))))"
)


@contextmanager
def open_browsers() -> Iterator[tuple[Browser, Browser]]:
    """Start Chromium twice: as it is without a graphics card, and with one emulated.

    Raises
    ------
    RuntimeError
        When it is not installed.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("Chromium is not installed; run: make setup")
    with sync_playwright() as started:
        browsers = [started.chromium.launch(executable_path=path, args=[*FLAGS, *more]) for more in (PLAIN, EMULATED)]
        yield browsers[0], browsers[1]
        for browser in browsers:
            browser.close()


@dataclass
class Screen:
    """A page of a cold browser.

    Attributes
    ----------
    clusters
        Where the scripts of folium's clusters are.
    outside
        What the page asked of other hosts and did not get.
    sent
        How many times the page told its server something, which then works it out anew.
    """

    page: Page
    clusters: tuple[Path, ...] = ()
    outside: list[str] = field(default_factory=list)
    sent: int = 0

    @classmethod
    @contextmanager
    def cold(cls, browser: Browser, *, token: str | None = None, clusters: tuple[Path, ...] = ()) -> Iterator[Screen]:
        """Open a page without anything kept, signed in by a session's token."""
        context = browser.new_context(viewport={"width": WIDE_PX, "height": HIGH_PX})
        context.set_default_timeout(PATIENCE_MS)
        if token is not None:
            context.add_cookies([
                {"name": COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True}
            ])  # fmt: skip
        screen = cls(context.new_page(), clusters)
        screen.page.route(lambda address: urlsplit(address).hostname not in ("localhost", "127.0.0.1"), screen._answer)
        screen.page.on("websocket", screen._listen)
        try:
            yield screen
        finally:
            context.close()

    def _answer(self, route: Route) -> None:
        """Give folium the copies that are here of what it asks others for; the rest of it is not needed to draw."""
        name = urlsplit(route.request.url).path.rsplit("/", 1)[-1]
        for folder in (LEAFLET, *self.clusters):
            if (folder / name).is_file():
                return route.fulfill(path=folder / name)
        self.outside.append(route.request.url)
        return route.fulfill(
            status=200, body="", content_type="text/css" if name.endswith("css") else "text/javascript"
        )

    def _listen(self, socket: WebSocket) -> None:
        def count(_told: Any) -> None:  # noqa: ANN401 - a text or bytes
            self.sent += 1

        socket.on("framesent", count)

    def open(self, address: str, way: str) -> float:
        """Open a map and give the seconds until it has drawn and rests."""
        self.page.bring_to_front()
        began = perf_counter()
        self.page.goto(address, wait_until="commit")
        drawn = self.page.main_frame if way in ("pydeck", "GeoJSON, whole") else self.frame
        drawn.wait_for_function(_DRAWN[way])
        drawn.evaluate(_RESTED)
        return perf_counter() - began

    @property
    def frame(self) -> Frame:
        """The frame of the map."""
        found = self.page.wait_for_selector(FRAME, state="attached")
        inside = found.content_frame() if found else None
        if inside is None:
            raise RuntimeError("there is no map on the page")
        return inside

    def _loads(self) -> int:
        return int(self.frame.evaluate("() => Number(document.documentElement.dataset.loads || 0)"))

    def _until_loaded(self, before: int, began: float) -> float:
        self.frame.wait_for_function(f"() => Number(document.documentElement.dataset.loads) > {before}")
        self.frame.evaluate(_RESTED)
        return perf_counter() - began

    def pan(self, right_px: int, down_px: int) -> float:
        """Drag the map, and give the seconds from letting go until what is in view is drawn."""
        box = self.page.locator(FRAME).bounding_box()
        if box is None:
            raise RuntimeError("the map is not in sight")
        x, y = box["x"] + box["width"] / 2, box["y"] + 200
        mouse, before = self.page.mouse, self._loads()
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right_px, y + down_px, steps=4)
        # a map that is let go while it moves glides on
        self.page.wait_for_timeout(150)
        began = perf_counter()
        mouse.up()
        return self._until_loaded(before, began)

    def zoom(self, *, closer: bool) -> float:
        """Press the button of the map, and give the seconds until what is in view is drawn, gliding included."""
        before, began = self._loads(), perf_counter()
        self.frame.locator(f".leaflet-control-zoom-{'in' if closer else 'out'}").click()
        return self._until_loaded(before, began)

    def choose(self, label: str, option: str) -> float:
        """Choose in a filter of the page; give the seconds from the click until map and page show it."""
        self.page.get_by_label(label).first.click()
        before = self._loads()
        began = perf_counter()
        self.page.get_by_role("option", name=option, exact=True).click()
        self._until_loaded(before, began)
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_selector("[data-stale=true]", state="detached")
        return perf_counter() - began

    def level(self) -> float:
        """Tell how far the map is zoomed in."""
        return float(self.frame.evaluate("() => window.map ? window.map.getZoom() : -1"))
