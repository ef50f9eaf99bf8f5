"""The server killed, frozen or slow, and a session that is ended, while somebody types and looks at the map.

Frozen and slow with ``BARNRAISER_FULL=1`` alone: what a page says of them is seen in every run by ``test_line.py``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched, run_command
from tests.browser.looking import PATIENT_MS, be_idle
from tests.browser.outage import Outage, said
from tests.browser.test_access import PASSWORD, come_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
LOGIN = "caught-out"
TYPED = "Typed while all was well"


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[Outage]:
    served = Outage(environment)
    yield served
    served.close()


class Desk:
    """Two pages of somebody: a form with something typed and not sent, and the map."""

    def __init__(self, seen: Watched, map_page: Watched) -> None:
        self.seen, self.form, self.map = seen, seen.page, map_page.page
        self.form.goto(f"{seen.base}/dash/access")
        self.form.get_by_text("Invite somebody").click()
        self.name, self.called = map(self.form.get_by_label, ("Name they sign in with", "What others here call them"))
        self.name.fill("typed-before")
        self.called.fill(TYPED)
        map_page.open()
        for page in self.pages:
            be_idle(page)

    @property
    def pages(self) -> tuple[Page, Page]:
        return self.form, self.map

    def check_kept(self) -> None:
        expect(self.name).to_have_value("typed-before")
        expect(self.called).to_have_value(TYPED)

    def check_works(self) -> None:
        """Both pages are quiet and hear again, and what was typed is sent."""
        for page in self.pages:
            expect(page.locator("#br-line")).to_be_hidden(timeout=60_000)
            be_idle(page)
        self.check_kept()
        choose(self.map, "Medicine")
        expect(self.map.locator("h1")).to_contain_text("medicine", timeout=PATIENT_MS)
        self.form.bring_to_front()
        self.form.get_by_role("button", name="Make the one-time link").click()
        expect(self.form.get_by_text(TYPED).first).to_be_visible(timeout=PATIENT_MS)


def choose(page: Page, kind: str) -> None:
    page.bring_to_front()
    page.get_by_label("Kind of need").first.click()
    page.get_by_role("option", name=kind, exact=True).click()


@pytest.fixture
def desk(server: Outage, environment: dict[str, str], browser: Browser) -> Iterator[Desk]:
    link = run_command(environment, "user", "add", LOGIN, "--admin").partition("#")[2]
    opened = browser.new_context(viewport={"width": 1400, "height": 900})
    seen = Watched(opened.new_page(), server.base)
    come_in(seen, link)
    yield Desk(seen, Watched(opened.new_page(), server.base))
    opened.close()
    for login in (LOGIN, "typed-before"):
        if login in run_command(environment, "user", "list"):
            run_command(environment, "user", "remove", login)


def test_a_killed_server_is_told_and_once_it_is_back_all_goes_on(desk: Desk, server: Outage) -> None:
    server.kill()
    for page in desk.pages:
        said(page, "away")
    desk.check_kept()
    server.start()
    desk.check_works()


if FULL:

    def test_a_frozen_server_is_told_and_what_was_pressed_is_done_in_the_end(desk: Desk, server: Outage) -> None:
        with server.frozen():
            choose(desk.map, "Food")
            said(desk.map, "away")
            desk.check_kept()
        expect(desk.map.locator("h1")).to_contain_text("food", timeout=60_000)
        desk.check_works()

    def test_a_slow_answer_is_told_and_comes(desk: Desk, server: Outage) -> None:
        with server.slow():
            choose(desk.map, "Childcare")
            said(desk.map, "slow")
            desk.check_kept()
        expect(desk.map.locator("h1")).to_contain_text("childcare", timeout=60_000)
        desk.check_works()


def test_what_was_typed_outlives_the_session_and_the_page_says_how_to_go_on(desk: Desk, server: Outage) -> None:
    server.revoke(LOGIN)
    link = said(desk.form, "over").get_by_role("link")
    assert link.get_attribute("href") == "/enter?next=/dash/access"
    desk.check_kept()
    with desk.form.context.expect_page() as opened:
        link.click()
    door = opened.value
    door.get_by_label("Name").first.fill(LOGIN)
    door.get_by_label("Password", exact=True).fill(PASSWORD)
    door.keyboard.press("Enter")
    door.wait_for_url(f"{server.base}/dash/access")
    door.close()
    desk.check_works()
