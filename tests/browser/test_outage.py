"""The server frozen or killed, and a session that is ended, while somebody types on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched, run_command
from tests.browser.looking import PATIENT_MS, be_idle
from tests.browser.outage import Outage, said
from tests.browser.test_access import PASSWORD, come_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOGIN = "caught-out"
TYPED = "Typed while all was well"


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[Outage]:
    served = Outage(environment)
    yield served
    served.close()


@pytest.fixture
def seen(server: Outage, environment: dict[str, str], browser: Browser) -> Iterator[Watched]:
    """Somebody who has typed in a form, and sent nothing yet."""
    link = run_command(environment, "user", "add", LOGIN, "--admin").partition("#")[2]
    opened = browser.new_context(viewport={"width": 1400, "height": 900})
    seen = Watched(opened.new_page(), server.base)
    come_in(seen, link)
    seen.page.goto(f"{server.base}/dash/access")
    seen.page.get_by_text("Invite somebody").click()
    for label in ("Name they sign in with", "What others here call them"):
        seen.page.get_by_label(label).fill(TYPED)
    be_idle(seen.page)
    yield seen
    opened.close()
    run_command(environment, "user", "remove", LOGIN)


def check_kept(seen: Watched) -> None:
    for label in ("Name they sign in with", "What others here call them"):
        expect(seen.page.get_by_label(label)).to_have_value(TYPED)


def check_back(seen: Watched) -> None:
    """The page hears again, and what was typed still stands on it."""
    expect(seen.page.locator("#br-line")).to_be_hidden(timeout=PATIENT_MS)
    be_idle(seen.page)
    check_kept(seen)


def test_what_was_typed_outlives_the_end_of_the_session_and_of_the_server(seen: Watched, server: Outage) -> None:
    server.revoke(LOGIN)
    link = said(seen.page, "over").get_by_role("link")
    check_kept(seen)
    with seen.page.context.expect_page() as opened:
        link.click()
    door = opened.value
    door.wait_for_load_state()
    assert door.url.endswith("/enter?next=/dash/access")
    door.locator("#login").fill(LOGIN)
    door.get_by_label("Password", exact=True).fill(PASSWORD)
    door.keyboard.press("Enter")
    door.wait_for_url("**/dash/access")
    door.close()
    check_back(seen)

    with server.frozen():
        said(seen.page, "away")
        check_kept(seen)
    check_back(seen)

    server.kill()
    said(seen.page, "away")
    check_kept(seen)
    server.start()
    check_back(seen)


def test_the_door_sends_nothing_before_its_script_is_there(server: Outage, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/enter.js", lambda route: route.abort())
    page.goto(f"{server.base}/enter")
    page.locator("#login").fill(LOGIN)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.url == f"{server.base}/enter"
    assert [url for url in asked if "password" in url] == []
    context.close()
