"""The first page in a real browser: it is where one comes in, its figures are the service's, each thing leads on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import PATIENT_MS, be_idle, check_axe, press_until, shoot

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_an_organizer_comes_in_here_and_is_led_on_by_keys(
    look: Look, site: httpx.Client, width: int, *, dark: bool
) -> None:
    seen = look(width, dark=dark)
    page = seen.page
    page.goto(f"{seen.base}/dash/")
    page.locator("h1:has-text('to do next')").wait_for(timeout=PATIENT_MS)
    page.get_by_role("heading", name="Where gaps grew").wait_for(timeout=PATIENT_MS)
    be_idle(page)
    told = site.get("/v1/now", params={"limit": 8}).json()
    line, flow = page.get_by_role("group", name="Needs since a day ago"), told["flow"]
    shown = [int(one.replace(",", "")) for one in line.locator("b").all_inner_texts()]
    assert shown == [flow[name] for name in (
        "open_then", "came_in", "met", "withdrawn", "expired", "merged", "open_now"
    )]  # fmt: skip
    assert shown[0] + shown[1] == sum(shown[2:])
    assert page.locator("[class*='st-key-task_']").count() == len(told["tasks"]) > 0
    assert page.locator("[class*='st-key-wait_']").count() == len(told["longest"]) > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shoot(page, f"now-{'dark' if dark else 'light'}")
    check_axe(page)
    first = page.locator("[class*='st-key-wait_'] button").first
    first.focus()
    press_until(page, "Enter", page.get_by_role("button", name="Back to the lanes"))
    assert page.url.partition("?")[0].endswith("/dash/board")
    assert seen.trouble == []


def test_an_address_that_asks_the_map_opens_it_and_the_first_page_is_a_click_away(look: Look) -> None:
    seen = look()
    seen.open("/dash/?need=Food&minutes=within+10+minutes")
    seen.page.locator("h1:has-text('food need')").wait_for(timeout=PATIENT_MS)
    assert re.search(r"/dash/map\?.*need=Food", seen.page.url)
    seen.go("Now")
    seen.page.locator("h1:has-text('to do next')").wait_for(timeout=PATIENT_MS)
    assert seen.page.url.endswith("/dash/")
    assert seen.trouble == []


def test_the_first_page_is_found_by_its_name_too(look: Look) -> None:
    seen = look()
    seen.page.goto(f"{seen.base}/dash/now?need=Food&said=a&said=b")
    seen.page.locator("h1:has-text('to do next')").wait_for(timeout=PATIENT_MS)
    be_idle(seen.page)
    assert seen.page.get_by_text("Page not found").count() == 0
    assert seen.page.get_by_role("link", name="Now").count() == 1
    # what is asked comes along, and does not lead on to the map: this page was meant
    assert seen.page.url == f"{seen.base}/dash/?need=Food&said=a&said=b"
    assert seen.trouble == []
