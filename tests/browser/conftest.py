"""A real network in a database of its own, served by the real command, looked at with a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, Playwright, Response, Route
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

# what a check found is told in full where it failed, here too
pytest.register_assert_rewrite("tests.browser.looking", "tests.browser.canvass_pages")

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
BASE_MAP = "/tiles/base.pmtiles"
FOLDS_AT = 640
GROUPS = {
    "Matches": "Needs", "Entries": "Needs", "Duplicates": "Needs", "Review queue": "Needs", "What would help": "Plan",
    "What if": "Plan",
    "Helpers": "Helping", "Assets": "Helping", "Calendar": "Helping", "People and access": "Network",
    "What has happened": "Network", "About these figures": "Network", "Import": "Network", "Referrals": "Needs",
    "Partners": "Network", "Forms": "Network", "Directories": "Network", "Settings": "Network",
}  # fmt: skip
"""In which group of the navigation a page is; the others stand by themselves."""
NASTY = "{{7*7}} ${document.title='taken'} <img src=x onerror=\"document.title='taken'\"> `x` {% bad"


@contextmanager
def installed(admin: Engine, template: str, server_url: URL, home: Path) -> Iterator[dict[str, str]]:
    """The settings of an installation of its own with nothing in it, which ends with the test."""
    name = f"barnraiser_browser_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(4242)"))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
    url = server_url.set(database=name).render_as_string(hide_password=False)
    try:
        yield {**os.environ, "BARNRAISER_DATABASE_URL": url, "BARNRAISER_HOME": str(home)}
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def environment(
    admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The settings of an installation of its own, with the demo city in it."""
    with installed(admin, template, server_url, tmp_path_factory.mktemp("home")) as env:
        subprocess.run([COMMAND, "demo", "--once"], env=env, check=True, capture_output=True, timeout=240)
        yield env


@pytest.fixture(scope="module")
def own_environment(
    admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The settings of an installation of a file's own, with nothing in it."""
    with installed(admin, template, server_url, tmp_path_factory.mktemp("home")) as env:
        yield env


@pytest.fixture(scope="session")
def site(environment: dict[str, str]) -> Iterator[httpx.Client]:
    """The served demo city, as a client of its API that acts as an organizer."""
    with serve(environment, timeout_s=20) as client:
        yield client


@contextmanager
def serve(environment: dict[str, str], *how: str, timeout_s: float) -> Iterator[httpx.Client]:
    """Serve what an environment names, and give a client that acts as an organizer."""
    token = run_command(environment, "token", "issue", "script")
    served = subprocess.Popen([COMMAND, "up", "--port", "0", *how], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        # the server closes idle connections after five seconds; one that is closed meanwhile must not be used again
        limits = httpx.Limits(keepalive_expiry=2.0)
        with httpx.Client(base_url=address_of(served), timeout=timeout_s, limits=limits) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            yield client
    finally:
        served.terminate()
        served.communicate(timeout=20)


def run_command(env: dict[str, str], *arguments: str) -> str:
    ran = subprocess.run([COMMAND, *arguments], env=env, check=True, capture_output=True, text=True, timeout=60)
    return ran.stdout.strip()


def keep_signed_in(browser: Browser, site: httpx.Client, environment: dict[str, str]) -> dict[str, Any]:
    """Come in by a one-time link, and give what the browser keeps of it, to begin other browsers with."""
    link = run_command(environment, "user", "add", "tester", "--admin").partition("#")[2]
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{str(site.base_url).rstrip('/')}/enter#{link}")
    page.get_by_label("Password", exact=True).fill("four words nobody guesses")
    page.get_by_role("button", name="Come in").click()
    page.wait_for_url("**/dash/**")
    kept = context.storage_state()
    context.close()
    return dict(kept)


@pytest.fixture(scope="session")
def signed_in(browser: Browser, site: httpx.Client, environment: dict[str, str]) -> dict[str, Any]:
    """What a browser keeps once somebody has come in."""
    return keep_signed_in(browser, site, environment)


def address_of(served: subprocess.Popen[str]) -> str:
    for line in served.stderr or ():
        if found := re.search(r"http://localhost:\d+", line):
            return found[0]
    raise AssertionError("the server did not come up")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers; there can be one of them only."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed; run: make setup"
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
        # A newer question for the same layer takes back the one under way, and a new zoom the tiles of the one before.
        # The reader of the base map also gives up where no range is answered: that is told by the answer, below.
        # Whoever watches the line gives up on an answer that is late, and leaving a page ends what it asks.
        may_end = ("/v1/map/", BASE_MAP, "/health/ready", "/v1/session")
        taken_back = "ERR_ABORTED" in why and any(part in url for part in may_end)
        if not taken_back:
            self.trouble.append(f"failed: {url} {why}")

    def _answered(self, response: Response) -> None:
        # a page that is opened by its own address is looked for by its framework below that address first
        if response.status == 404 and re.search(r"/dash/[a-z-]+/_stcore/", response.url):
            return
        if response.status >= 400:
            self.trouble.append(f"{response.status}: {response.url}")
        elif BASE_MAP in response.url and "range" in response.request.headers and response.status == 200:
            self.trouble.append(f"the whole file for a part of it: {response.url}")

    def open(self, path: str = "/dash/map") -> None:
        self.page.goto(self.base + path)
        self.wait_for_map()

    def go(self, name: str) -> None:
        """Go to another page as a person does: by its name, or by the group it is in."""
        group = GROUPS.get(name)
        if self.page.viewport_size and self.page.viewport_size["width"] < FOLDS_AT:
            self._unfold(name).click()
        elif group is None:
            self.page.get_by_role("link", name=name).click()
        else:
            self.page.get_by_test_id("stTopNav").get_by_role("button", name=group, exact=True).click()
            self.page.get_by_role("menuitem", name=name).click()

    def _unfold(self, name: str) -> Locator:
        link, opens = self.page.get_by_role("link", name=name), self.page.get_by_test_id("stExpandSidebarButton")
        for _try in range(20):
            # while it is folded, the list of pages stands beside the screen
            box = link.bounding_box() if link.count() else None
            if box and box["x"] >= 0:
                break
            if opens.is_visible():
                opens.click()
            self.page.wait_for_timeout(500)
        return link

    def wait_for_map(self) -> None:
        self.page.wait_for_selector("iframe[title*=st_folium]", timeout=30_000)
        self.map.locator("html[data-loads]").wait_for(state="attached", timeout=30_000)

    @property
    def map(self) -> object:
        return self.page.frame_locator("iframe[title*=st_folium]")


@pytest.fixture
def look(browser: Browser, site: httpx.Client, signed_in: dict[str, Any]) -> Iterator[Callable[..., Watched]]:
    opened = []

    def new(width: int = 1400, *, dark: bool = False) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", storage_state=signed_in
        )
        opened.append(context)
        return Watched(context.new_page(), str(site.base_url).rstrip("/"))

    yield new
    for context in opened:
        context.close()
