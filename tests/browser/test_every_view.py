"""Every page of the dashboard by the rules of WCAG, what stands in its frames with it, in English and in Arabic.

Always every other page, half of them in each of two looks; ``BARNRAISER_FULL=1`` walks all pages in four looks.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PATIENT_MS, be_idle, find_broken_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
EVERY = slice(None)
LOOKS = (
    [(code, dark, EVERY) for code in ("en", "ar") for dark in (True, False)]
    if FULL
    else [("en", True, slice(0, None, 4)), ("ar", False, slice(1, None, 4))]
)
PAGES = {
    "", "map", "board", "matches", "entries", "hotline", "referrals", "review", "duplicates", "plan", "what-if",
    "assets", "helpers", "calendar", "turfs", "forms", "import", "directories", "partners", "access", "settings",
    "log", "about",
}  # fmt: skip
"""What the navigation leads to, by address; the first steps have been gone in the demonstration."""
DIRECTION = {"en": "ltr", "ar": "rtl"}


class Way(NamedTuple):
    """How a page is reached: by a link, or one in a group of them."""

    group: int | None
    path: str


def list_ways(page: Page, base: str) -> list[Way]:
    """Open each group of the navigation, and note where it leads."""
    top = page.get_by_test_id("stTopNav")
    read = f"all => all.map(one => one.href.replace('{base}/dash/', ''))"
    ways = [Way(None, path) for path in top.get_by_role("link").evaluate_all(read)]
    for number, group in enumerate(top.get_by_role("button").all()):
        group.click()
        items = page.get_by_role("menuitem")
        items.first.wait_for()
        ways += [Way(number, path) for path in items.evaluate_all(read)]
        page.keyboard.press("Escape")
        items.first.wait_for(state="detached")
    return ways


def go(page: Page, base: str, way: Way) -> None:
    top = page.get_by_test_id("stTopNav")
    address = f"{base}/dash/{way.path}"
    if way.group is None:
        top.locator(f"a[href='{address}']").click()
    else:
        top.get_by_role("button").nth(way.group).click()
        page.locator(f"a[role=menuitem][href='{address}']").click()
    expect(page).to_have_url(re.compile(rf"{re.escape(address)}(\?.*)?"), timeout=PATIENT_MS)
    page.locator("h1, iframe[src='/hotline']").first.wait_for(timeout=PATIENT_MS)
    # a page that is gone to is asked for a moment after its address stands there
    page.wait_for_timeout(200)
    be_idle(page)


def title(page: Page) -> str:
    return " ".join(text for frame in page.frames for text in frame.locator("h1").all_inner_texts())


@pytest.mark.parametrize(("language", "dark", "which"), LOOKS)
def test_every_page_keeps_the_rules(look: Look, language: str, which: slice, *, dark: bool) -> None:
    seen = look(dark=dark)
    page = seen.page
    page.goto(f"{seen.base}/dash/about")
    page.locator("h1").wait_for(timeout=PATIENT_MS)
    chosen = f"{seen.base}/v1/session/language"
    assert page.request.put(chosen, data={"language": language}).ok
    try:
        page.reload()
        page.locator(f"html[lang={language}][dir={DIRECTION[language]}]").wait_for(state="attached", timeout=PATIENT_MS)
        be_idle(page)
        ways = list_ways(page, seen.base)
        assert {way.path for way in ways} == PAGES
        titles, broken = set(), {}
        for way in ways[which]:
            go(page, seen.base, way)
            titles.add(title(page))
            broken[way.path] = find_broken_rules(page)
        assert {path: found for path, found in broken.items() if found} == {}
        # each was looked at, none twice
        assert len(titles) == len(ways[which])
    finally:
        page.request.put(chosen, data={"language": None})
    assert seen.trouble == []
