"""The page of what-ifs in a browser: a place put by coordinates and keys, scenarios side by side, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NASTY, Watched, keep_signed_in, serve
from tests.browser.looking import be_idle, check_axe, shoot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT_MS = 60_000
HERE, THERE = (24.9450, 60.1700), (24.9560, 60.1760)


@pytest.fixture(scope="module")
def site(own_environment: dict[str, str]) -> Iterator[httpx.Client]:
    """What is served: three needs here, two of which the pantry can meet, and four there where no help is."""
    with serve(own_environment, timeout_s=60) as client:
        for lon, lat in [HERE] * 3 + [THERE] * 4:
            where = {"lon": lon, "lat": lat, "accuracy_m": 5, "method": "gps"}
            client.post("/v1/needs", json={"category": "food", "location": where}).raise_for_status()
        pantry = {"name": NASTY, "kind": "pantry", "categories": ["food"], "capacity_per_week": 2}
        client.post("/v1/assets", json=pantry | {"point": {"lon": HERE[0], "lat": HERE[1]}}).raise_for_status()
        yield client


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: httpx.Client, own_environment: dict[str, str]) -> dict[str, Any]:
    return keep_signed_in(browser, site, own_environment)


@pytest.fixture
def seen(browser: Browser, site: httpx.Client, signed_in: dict[str, Any]) -> Iterator[Watched]:
    context = browser.new_context(
        viewport={"width": 1400, "height": 900}, color_scheme="light", storage_state=signed_in
    )
    yield Watched(context.new_page(), str(site.base_url).rstrip("/"))
    context.close()


def told(page: Page, text: str) -> None:
    page.locator("h1", has_text=text).wait_for(timeout=PATIENT_MS)
    be_idle(page)


def drop_by_coordinates(page: Page, text: str) -> None:
    """Put a pin where typed coordinates say and imagine a place there, with keys alone."""
    page.get_by_label("Where", exact=True).fill(text)
    page.get_by_label("Where", exact=True).press("Enter")
    page.get_by_text("Pin at").wait_for(timeout=PATIENT_MS)
    be_idle(page)
    page.get_by_role("button", name="Imagine it").press("Enter")


def test_scenarios_are_made_compared_and_taken_back(seen: Watched, site: httpx.Client) -> None:
    page, kept = seen.page, site.get("/v1/assets").json()
    page.goto(f"{seen.base}/dash/what-if")
    told(page, "What if help were somewhere else?")
    drop_by_coordinates(page, f"{THERE[1]}, {THERE[0]}")
    told(page, "4 fewer needs are without help: 5 now, 1 then.")
    seen.wait_for_map()
    inside = page.frame_locator("iframe[title*=st_folium]").first
    expect(inside.locator(".br-if-sign")).to_have_text("\u22124", timeout=PATIENT_MS)
    # the same by a key on the map: the cross is where the view was moved to
    inside.locator(".leaflet-container").press("Enter")
    page.get_by_text("Pin at").wait_for(timeout=PATIENT_MS)
    page.get_by_role("button", name="Take the pin away").click()
    page.get_by_text("Pin at").wait_for(state="detached")
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Map on the left").wait_for(timeout=PATIENT_MS)
    page.get_by_role("radio", name="Close a place").or_(page.get_by_role("button", name="Close a place")).click()
    page.get_by_text("Which place").wait_for()
    be_idle(page)
    page.get_by_role("button", name="Imagine it").click()
    told(page, "2 fewer needs are without help: 5 now, 3 then.")
    table = page.get_by_role("region", name="Scenarios side by side")
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    sums = [[cell.split("\n") for cell in row] for row in rows]
    assert sums[0][0] == ["5", "of 7"]
    assert [row[0][0] for row in sums[1:]] == ["1", "3"]
    assert [row[-1] for row in sums[1:]] == [["0", "4 \u2212 4 + 0"], ["3", "4 \u2212 4 + 3"]]
    check_axe(page)
    shoot(page, "what-if-light")
    address = page.url
    assert "taken" not in page.title()
    page.get_by_role("button", name="Undo").click()
    told(page, "4 fewer needs are without help: 5 now, 1 then.")
    page.goto(address)
    page.get_by_role("radio", name="Scenario B").or_(page.get_by_role("button", name="Scenario B")).click()
    told(page, "2 fewer needs are without help: 5 now, 3 then.")
    page.set_viewport_size({"width": 390, "height": 844})
    be_idle(page)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "what-if-phone")
    assert site.get("/v1/assets").json() == kept
    assert [one for one in seen.trouble if "/_stcore/" not in one] == []
