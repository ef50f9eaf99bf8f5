"""The server frozen or killed, or a session ended, while somebody types on a page.

Always a server that hangs and a session that ends; ``BARNRAISER_FULL=1`` also kills the server, lets it be away for
longer, and comes in again by the door.
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

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
LOGIN = "caught-out"
SIGNS_IN, IS_CALLED = "Name they sign in with", "What others here call them"
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
    for label in (SIGNS_IN, IS_CALLED):
        seen.page.get_by_label(label).fill(TYPED)
    be_idle(seen.page)
    yield seen
    opened.close()
    run_command(environment, "user", "remove", LOGIN)


def check_kept(seen: Watched, *labels: str) -> None:
    for label in labels or (SIGNS_IN, IS_CALLED):
        expect(seen.page.get_by_label(label)).to_have_value(TYPED)


def check_back(seen: Watched, *labels: str) -> None:
    """The page hears again, and what was typed still stands on it."""
    expect(seen.page.locator("#br-line")).to_be_hidden(timeout=PATIENT_MS)
    be_idle(seen.page)
    check_kept(seen, *labels)


def test_a_frozen_server_and_an_ended_session_are_told_and_what_was_typed_stays(seen: Watched, server: Outage) -> None:
    refused = seen.page.get_by_text("Give both names")
    with server.frozen():
        seen.page.get_by_label(IS_CALLED).fill("")
        seen.page.get_by_role("button", name="Make the one-time link").click()
        line = said(seen.page, "slow")
        assert "This takes longer than usual. What you typed stays here." in line.inner_text()
        check_kept(seen, SIGNS_IN)
        expect(refused).to_be_hidden()
        if FULL:
            line = said(seen.page, "away")
            assert "The server is not answering." in line.inner_text()
        else:
            seen.page.wait_for_timeout(3000)
    # what was sent meanwhile is answered by itself
    expect(refused).to_be_visible(timeout=PATIENT_MS)
    check_back(seen, SIGNS_IN)

    server.revoke(LOGIN)
    link = said(seen.page, "over").get_by_role("link")
    assert link.get_attribute("href") == "/enter?next=/dash/access"
    check_kept(seen, SIGNS_IN)
    if FULL:
        _come_in_again(seen)
        check_back(seen, SIGNS_IN)
        _outlive_the_server(seen, server)


def _come_in_again(seen: Watched) -> None:
    with seen.page.context.expect_page() as opened:
        said(seen.page, "over").get_by_role("link").click()
    door = opened.value
    door.wait_for_load_state()
    door.locator("#login").fill(LOGIN)
    door.get_by_label("Password", exact=True).fill(PASSWORD)
    door.keyboard.press("Enter")
    door.wait_for_url("**/dash/access")
    door.close()


def _outlive_the_server(seen: Watched, server: Outage) -> None:
    seen.page.get_by_label(IS_CALLED).fill(TYPED)
    server.kill()
    said(seen.page, "away")
    check_kept(seen)
    server.start()
    check_back(seen)
