"""A real network in a database of its own, served by the real command, looked at with a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Response, Route
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
COMMAND = Path(sys.executable).with_name("barnraiser")
NASTY = "{{7*7}} ${document.title='taken'} <img src=x onerror=\"document.title='taken'\"> `x` {% bad"


@pytest.fixture(scope="session")
def site(
    admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """The served demo city, as a client of its API."""
    name = f"barnraiser_browser_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(4242)"))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
    url = server_url.set(database=name).render_as_string(hide_password=False)
    home = tmp_path_factory.mktemp("home")
    env = {**os.environ, "BARNRAISER_DATABASE_URL": url, "BARNRAISER_HOME": str(home)}
    subprocess.run([COMMAND, "demo", "--once"], env=env, check=True, capture_output=True, timeout=240)
    served = subprocess.Popen([COMMAND, "up", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True)
    try:
        with httpx.Client(base_url=_address(served), timeout=20) as client:
            yield client
    finally:
        served.terminate()
        served.communicate(timeout=20)
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def _address(served: subprocess.Popen[str]) -> str:
    for line in served.stderr or ():
        if found := re.search(r"http://localhost:\d+", line):
            return found[0]
    raise AssertionError("the server did not come up")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed; run: make setup"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


class Watched:
    """A page that cannot reach other hosts, with whatever went wrong on it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.trouble: list[str] = []
        page.route("**/*", self._wall)
        page.on("pageerror", lambda error: self.trouble.append(f"script: {error}"))
        page.on("requestfailed", lambda request: self._failed(request.url, str(request.failure)))
        page.on("response", self._answered)

    def _wall(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
            route.continue_()
        else:
            self.trouble.append(f"outside: {route.request.url}")
            route.abort()

    def _failed(self, url: str, why: str) -> None:
        # A newer question for the same layer takes back the one that is under way.
        if not ("/v1/map/" in url and "ERR_ABORTED" in why):
            self.trouble.append(f"failed: {url} {why}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.status}: {response.url}")

    def open(self, path: str = "/dash/") -> None:
        self.page.goto(self.base + path)
        self.wait_for_map()

    def wait_for_map(self) -> None:
        self.page.wait_for_selector("iframe[title*=st_folium]", timeout=30_000)
        self.map.locator("html[data-loads]").wait_for(state="attached", timeout=30_000)

    @property
    def map(self) -> object:
        return self.page.frame_locator("iframe[title*=st_folium]")


@pytest.fixture
def look(browser: Browser, site: httpx.Client) -> Iterator[Callable[..., Watched]]:
    opened = []

    def new(width: int = 1400, *, dark: bool = False) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        opened.append(context)
        return Watched(context.new_page(), str(site.base_url).rstrip("/"))

    yield new
    for context in opened:
        context.close()
