"""Looking at a page as a person does: pictures of it, what a screen reader would miss, and keys pressed until heard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.laws import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PATIENT_MS = 20_000
WCAG_A_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    # each frame is looked at by itself
    "iframes": False,
}


def be_idle(page: Page) -> None:
    """Wait until the page is drawn to its end: until then what was there before is in sight as well, and pale."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("[data-stale=true]", state="detached")


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("BARNRAISER_SHOTS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index] # set above


def check_axe(page: Page) -> None:
    be_idle(page)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document.querySelector('[data-testid=stMain]'))")
    bad = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in bad] == []


def find_broken_rules(page: Page) -> list[tuple[str, str, str]]:
    """Hold the whole page and each frame in it to WCAG A and AA: the rule that is broken, by what, and how."""
    be_idle(page)
    for drawn in page.locator("iframe[title*=st_folium]").all():
        drawn.content_frame.locator("html[data-loads]").wait_for(state="attached")
    broken = []
    for frame in page.frames:
        frame.evaluate(AXE.read_text("utf-8"))
        found = frame.evaluate("rules => axe.run(document, rules)", WCAG_A_AA)
        broken += [
            (one["id"], node["html"][:200], node["failureSummary"])
            for one in found["violations"]
            for node in one["nodes"]
        ]
    return broken


def press_until(page: Page, key: str, there: Locator) -> None:
    """Press a key until it is heard: one that is pressed while the page is drawn can get lost."""
    for _try in range(10):
        page.keyboard.press(key)
        try:
            expect(there).to_be_visible(timeout=4_000)
        except AssertionError:
            continue
        return
    expect(there).to_be_visible()
