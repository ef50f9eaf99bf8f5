"""A whole morning's triage on the board by the keyboard alone, and where one is can be seen at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PATIENT_MS, be_idle
from tests.browser.test_board import board, counts

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_TABS = 90
"""No thing on the board may be further away than the list of needs is long, and all that stands around it."""
IS_THERE = "(one) => one === document.activeElement || one.contains(document.activeElement)"
# a ring around what has the focus, or around what is drawn in its stead where that is transparent; and it is in sight
IS_SEEN = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect();
  const drawn = [here, here.parentElement, here.nextElementSibling, here.previousElementSibling]
    .filter((one) => one && getComputedStyle(one).opacity !== "0").map((one) => getComputedStyle(one));
  const isRing = (one) => (one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2)
    || / 0px 0px 0px ([2-9]|\\d\\d)/.test(one.boxShadow);
  return here !== document.body && drawn.some(isRing) && box.bottom > 0 && box.top < innerHeight;
}"""


def walk_to(page: Page, there: Locator, *, back: bool = False) -> None:
    """Press Tab until something has the focus, and see that it shows."""
    expect(there).to_be_visible(timeout=PATIENT_MS)
    for _press in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if there.evaluate(IS_THERE):
            break
    else:
        raise AssertionError(f"no key leads to {there}")
    # what is scrolled to comes into sight a moment later
    page.wait_for_function(IS_SEEN, timeout=5_000)


def press(page: Page, key: str, then: Locator) -> None:
    """Press a key where the focus is, and wait for what comes of it."""
    page.keyboard.press(key)
    expect(then).to_be_visible(timeout=PATIENT_MS)
    be_idle(page)


def find_helped(page: Page, most: int) -> Locator:
    """Step from need to need until one has somebody to be asked."""
    ask = page.get_by_role("button", name="Ask", exact=True)
    for at in range(2, most + 1):
        page.get_by_role("heading", name="Who could help soonest").wait_for(timeout=PATIENT_MS)
        be_idle(page)
        if ask.count():
            return ask.first
        press(page, "j", page.get_by_role("heading", name=f"{at} of "))
    raise AssertionError("nobody can be asked about any need")


def test_needs_are_read_asked_about_and_closed_without_a_mouse(look: Look, site: httpx.Client) -> None:
    before = counts(site)
    waiting = [card["need"]["id"] for card in board(site, "waiting")["items"][:50]]
    seen = look()
    page = seen.page
    page.goto(f"{seen.base}/dash/about")
    page.locator("h1").wait_for(timeout=PATIENT_MS)
    be_idle(page)
    walk_to(page, page.get_by_test_id("stTopNav").get_by_role("link", name="Board"))
    press(page, "Enter", page.get_by_role("heading", name=f"{before['waiting']:,} needs wait for somebody"))

    # reach a need, and read it
    second = page.locator(f"[class*='st-key-wait_{waiting[1]}'] button")
    walk_to(page, second)
    press(page, "Enter", page.get_by_role("heading", name=f"2 of {before['waiting']:,}"))
    assert (second.locator("strong").inner_text()) in page.locator(".br-quote").inner_text()

    # ask a helper, and take the question back
    walk_to(page, find_helped(page, len(waiting)))
    press(page, "Enter", page.get_by_text("Without an answer it lapses in a day"))
    assert counts(site) == before | {"waiting": before["waiting"] - 1, "asked": before["asked"] + 1}
    walk_to(page, page.get_by_role("button", name="Take back", exact=True))
    press(page, "Enter", page.get_by_text("is taken back. The need waits again."))
    assert counts(site) == before

    # choose two needs, close them, and open them again
    walk_to(page, page.locator(".st-key-several_begin button"))
    press(page, "Space", page.get_by_text("0 chosen"))
    press(page, "x", page.get_by_text("1 chosen"))
    walk_to(page, page.locator(f"[class*='st-key-several_{waiting[0]}']"))
    press(page, "Space", page.get_by_text("2 chosen"))
    walk_to(page, page.get_by_role("button", name="Close them"), back=True)
    press(page, "Enter", page.get_by_role("button", name="They were met"))
    # what a button unfolds stands at the page's end, which is nearer backwards
    walk_to(page, page.get_by_role("button", name="They were met"), back=True)
    press(page, "Enter", page.get_by_text("2 needs are closed."))
    assert counts(site)["waiting"] == before["waiting"] - 2
    walk_to(page, page.get_by_role("button", name="Undo", exact=True))
    press(page, "Enter", page.get_by_role("heading", name=f"{before['waiting']:,} needs wait for somebody"))
    assert counts(site) == before
    assert seen.trouble == []
