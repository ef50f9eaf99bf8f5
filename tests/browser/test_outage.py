"""The server frozen, killed, slow or without its database, and sessions that end, while pages are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched, run_command
from tests.browser.looking import PATIENT_MS, be_idle
from tests.browser.outage import Outage, said
from tests.browser.test_access import come_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOGIN = "caught-out"
TYPED = "Typed while all was well"


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[Outage]:
    served = Outage(environment)
    yield served
    served.close()


@pytest.fixture(scope="module")
def context(server: Outage, environment: dict[str, str], browser: Browser) -> Iterator[BrowserContext]:
    link = run_command(environment, "user", "add", LOGIN, "--admin").partition("#")[2]
    opened = browser.new_context(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(90_000)
    page = opened.new_page()
    come_in(Watched(page, server.base), link)
    page.close()
    yield opened
    opened.close()
    run_command(environment, "user", "remove", LOGIN)


class Desk:
    """The pages somebody has open side by side, with something typed in two of them."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.map = self._open(context, f"{base}/dash/?need=Childcare")
        self.board = self._open(context, f"{base}/dash/board")
        self.review = self._open(context, f"{base}/dash/review")
        self.form = self._open(context, f"{base}/dash/access")
        self.pages = (self.map, self.board, self.review, self.form)
        self.form.get_by_text("Invite somebody").click()
        self.fields = (
            self.form.get_by_label("Name they sign in with"),
            self.form.get_by_label("What others here call them"),
            self.review.get_by_role("textbox").first,
        )
        for field in self.fields:
            field.fill(TYPED)
        self.fields[0].press("Tab")

    @staticmethod
    def _open(context: BrowserContext, address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        expect(page.locator("h1").first).to_be_visible(timeout=120_000)
        be_idle(page)
        return page

    def check_kept(self) -> None:
        for field in self.fields:
            expect(field).to_have_value(TYPED)

    def check_works(self) -> None:
        """All four pages hear again, and what was typed can be sent."""
        for page in self.pages:
            expect(page.locator("#br-line")).to_be_hidden(timeout=PATIENT_MS)
            be_idle(page)
        self.check_kept()

    def close(self) -> None:
        for page in self.pages:
            page.close()


@pytest.fixture
def desk(context: BrowserContext, server: Outage) -> Iterator[Desk]:
    opened = Desk(context, server.base)
    yield opened
    opened.close()


def test_a_killed_server_is_told_and_what_was_typed_outlives_it(desk: Desk, server: Outage) -> None:
    server.kill()
    for page in desk.pages:
        said(page, "away")
    desk.check_kept()
    server.start()
    desk.check_works()


def test_a_frozen_server_is_told_and_goes_on(desk: Desk, server: Outage) -> None:
    with server.frozen():
        desk.board.keyboard.press("j")
        said(desk.board, "away")
        desk.check_kept()
    desk.check_works()


def test_a_slow_answer_is_told(desk: Desk, server: Outage) -> None:
    with server.locked("need"):
        desk.map.get_by_label("Kind of need").first.click()
        desk.map.get_by_role("option", name="Medicine", exact=True).click()
        said(desk.map, "slow")
        desk.check_kept()
    desk.check_works()


def test_an_ended_session_is_told_and_signing_in_again_brings_the_page_back(
    desk: Desk, server: Outage, context: BrowserContext
) -> None:
    server.revoke(LOGIN)
    for page in desk.pages:
        said(page, "over")
    desk.check_kept()
    with context.expect_page() as opened:
        said(desk.review, "over").get_by_role("link").click()
    door = opened.value
    assert door.url.endswith("/enter?next=/dash/review")
    door.get_by_label("Name").first.fill(LOGIN)
    door.get_by_label("Password", exact=True).fill("four words nobody guesses")
    door.keyboard.press("Enter")
    door.wait_for_url("**/dash/review")
    door.close()
    desk.check_works()
