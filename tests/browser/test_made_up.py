"""An installation with nothing in it: a made-up town at a press, said on every page, and gone at another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import FOLDS_AT, Watched, keep_signed_in, serve
from tests.browser.looking import PATIENT_MS, check_axe, find_broken_rules, shoot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Client
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAYS = "This network holds made-up data"


@pytest.fixture(scope="module")
def site(own_environment: dict[str, str]) -> Iterator[Client]:
    with serve(own_environment, timeout_s=60) as client:
        yield client


def test_a_made_up_town_comes_is_marked_and_goes(
    browser: Browser, site: Client, own_environment: dict[str, str]
) -> None:
    signed_in = keep_signed_in(browser, site, own_environment)
    context = browser.new_context(viewport={"width": 1400, "height": 900}, storage_state=signed_in)
    seen = Watched(context.new_page(), str(site.base_url).rstrip("/"))
    page = seen.page
    page.goto(f"{seen.base}/dash/")
    page.get_by_role("button", name="Try it with a made-up town").click(timeout=PATIENT_MS)
    page.get_by_text("A made-up town is here").wait_for(timeout=2 * PATIENT_MS)
    page.get_by_role("note").filter(has_text=SAYS).wait_for()
    assert site.get("/v1/balance").json()["received"] == 600
    for name in ("Board", "Helpers", "Calendar", "Settings"):
        seen.go(name)
        page.get_by_role("heading", level=1).wait_for(timeout=PATIENT_MS)
        assert page.get_by_role("note").filter(has_text=SAYS).is_visible(), name
    shoot(page, "made-up-settings")
    check_axe(page)
    assert find_broken_rules(page) == []
    page.emulate_media(media="print")
    assert page.get_by_role("note").filter(has_text=SAYS).is_visible()
    assert not page.get_by_role("link", name="Where to remove it").is_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": FOLDS_AT - 250, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= FOLDS_AT - 250
    shoot(page, "made-up-settings-narrow")
    page.set_viewport_size({"width": 1400, "height": 900})
    # from any page, the line leads to where it is removed
    seen.go("Board")
    page.get_by_role("heading", level=1).wait_for(timeout=PATIENT_MS)
    page.get_by_role("link", name="Where to remove it").click()
    page.get_by_role("button", name="Remove the made-up data").click(timeout=PATIENT_MS)
    page.get_by_text("Removed: 600 needs").wait_for(timeout=2 * PATIENT_MS)
    page.get_by_role("note").filter(has_text=SAYS).wait_for(state="detached")
    page.get_by_role("button", name="Try it with a made-up town").wait_for()
    assert site.get("/v1/balance").json()["received"] == 0
    assert seen.trouble == []
    context.close()
