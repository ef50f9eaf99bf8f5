"""A session that is ended while somebody types on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched, run_command
from tests.browser.looking import be_idle
from tests.browser.outage import Outage, said
from tests.browser.test_access import come_in

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


def test_what_was_typed_outlives_the_session_and_the_page_says_how_to_go_on(seen: Watched, server: Outage) -> None:
    server.revoke(LOGIN)
    link = said(seen.page, "over").get_by_role("link")
    assert link.get_attribute("href") == "/enter?next=/dash/access"
    check_kept(seen)
