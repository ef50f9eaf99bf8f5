"""What an organizer finds on the page of what would help, with the real city behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENT_MS = 60_000


def propose(site: httpx.Client) -> dict[str, Any]:
    asked = {"category": "food", "k": 3, "capacity": 20, "standard_min": 5, "candidates": "vacant"}
    return dict(site.post("/v1/coverage/sites", json=asked, timeout=60).json())


def section(seen: Watched, name: str) -> None:
    seen.page.get_by_role("radio", name=name).or_(seen.page.get_by_role("button", name=name, exact=True)).click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_places_are_found_tried_out_and_taken_back(look: Look, site: httpx.Client, theme: str) -> None:
    proposed, kept = propose(site), site.get("/v1/assets", params={"limit": 1}).json()
    seen = look(dark=theme == "dark")
    seen.open()
    seen.go("What would help")
    seen.page.get_by_role("button", name="Find places").click()
    cards = seen.page.locator(".br-site")
    cards.nth(len(proposed["sites"]) - 1).wait_for(timeout=PATIENT_MS)
    seen.wait_for_map()
    told = [int(re.findall(r"Helps (\d+) more", card.inner_text())[0]) for card in cards.all()]
    assert told == [one["newly_served"] for one in proposed["sites"]]
    helped = proposed["sites"][-1]["cumulative"]
    assert f"would help {helped} more need" in seen.page.locator("h1").inner_text()
    marks = seen.map.locator(".br-offer")  # type: ignore[attr-defined]
    marks.nth(len(told) - 1).wait_for()
    assert [mark.get_attribute("aria-label") for mark in marks.all()] == [
        f"Place {n + 1}: helps {gain} more need{'' if gain == 1 else 's'}" for n, gain in enumerate(told)
    ]
    seen.page.get_by_role("button", name="Open it and see").first.click()
    panel = seen.page.locator(".st-key-imagined")
    panel.locator("table").first.wait_for(timeout=PATIENT_MS)
    assert f"gives help to {told[0]} more need" in panel.inner_text()
    panel.get_by_text("Nothing is stored.").wait_for()
    seen.page.get_by_role("button", name="Clear").click()
    panel.wait_for(state="detached")
    cards.first.wait_for()
    assert site.get("/v1/assets", params={"limit": 1}).json() == kept
    assert seen.trouble == []


def test_the_week_and_the_changes_fit_on_a_telephone(look: Look, site: httpx.Client) -> None:
    week = site.get("/v1/coverage/slots", params={"category": "food", "standard_min": 5}, timeout=60).json()
    seen = look()
    seen.open()
    seen.go("What would help")
    seen.page.get_by_role("button", name="Find places").wait_for()
    seen.page.set_viewport_size({"width": 390, "height": 844})
    section(seen, "When help is missing")
    table = seen.page.get_by_role("region", name="find no help in each hour")
    table.wait_for(timeout=PATIENT_MS)
    by_hour = sorted(week["rows"], key=lambda row: (row["hour"], row["weekday"]))
    assert [int(cell) for cell in table.locator("td").all_inner_texts()] == [row["gap"] for row in by_hour]
    assert week["worst"][0]["sentence"] == seen.page.locator(".br-worst li").first.inner_text()
    table.focus()
    assert table.evaluate("node => node === document.activeElement")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    section(seen, "Since last week")
    seen.page.get_by_text("No figures are kept from a week ago").wait_for()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.trouble == []
