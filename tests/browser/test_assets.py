"""Assets in a browser: confirmed by a key, found on the map, and brought by a directory that is looked at first."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import NASTY, Watched, keep_signed_in, serve
from tests.browser.looking import be_idle, check_axe, press_until, shoot
from tests.data.test_hsds import service

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT_MS = 60_000
SHOTS = os.environ.get("BARNRAISER_SHOTS")


@pytest.fixture(scope="module")
def site(own_environment: dict[str, str]) -> Iterator[httpx.Client]:
    with serve(own_environment, timeout_s=60) as client:
        yield client


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: httpx.Client, own_environment: dict[str, str]) -> dict[str, Any]:
    return keep_signed_in(browser, site, own_environment)


@pytest.fixture(params=[(390, "light"), (1400, "dark")], ids=["phone", "desk"])
def seen(
    request: pytest.FixtureRequest, browser: Browser, site: httpx.Client, signed_in: dict[str, Any]
) -> Iterator[Watched]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, storage_state=signed_in
    )
    yield Watched(context.new_page(), str(site.base_url).rstrip("/"))
    context.close()


def old_place(site: httpx.Client, name: str) -> str:
    body = {"name": name, "kind": "pantry", "categories": ["food"], "opening_hours": "Mo 10:00-12:00"}
    made = site.post("/v1/assets", json=body).json()
    path = f"/v1/assets/{made['id']}"
    site.patch(path, json={"assured_on": "2020-01-05"}, headers={"If-Match": "*"}).raise_for_status()
    return str(made["id"])


def place(site: httpx.Client, asset_id: str) -> dict[str, Any]:
    return dict(site.get(f"/v1/assets/{asset_id}").json())


def test_an_asset_is_confirmed_by_a_key_changed_and_taken_back(seen: Watched, site: httpx.Client) -> None:
    page = seen.page
    width = (page.viewport_size or {"width": 0})["width"]
    asset_id = old_place(site, f"{NASTY} {width}")
    page.goto(f"{seen.base}/dash/assets")
    page.locator("h1:has-text('to confirm')").wait_for(timeout=PATIENT_MS)
    page.locator(f".st-key-wait_{asset_id} button").click()
    page.locator("h2.br-section", has_text=f"{width}").wait_for(timeout=PATIENT_MS)
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached", timeout=PATIENT_MS)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/assets_{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for _try in range(10):
        # a key is lost while the page is being drawn
        page.locator("body").press("y")
        page.wait_for_timeout(1500)
        if not place(site, asset_id)["is_unconfirmed"]:
            break
    page.get_by_text("is confirmed from today").wait_for(timeout=PATIENT_MS)
    assert not place(site, asset_id)["is_unconfirmed"]
    press_until(page, "u", page.get_by_text("is as it was"))
    assert place(site, asset_id)["assured_on"] == "2020-01-05"
    assert page.title() != "taken"
    assert [one for one in seen.trouble if "/_stcore/" not in one] == []


def bring(seen: Watched, name: str, services: list[dict[str, Any]]) -> None:
    page = seen.page
    page.get_by_role("textbox", name="What it is called here").fill(name)
    page.get_by_role("textbox", name="What it is called here").press("Tab")
    content = json.dumps({"contents": services}).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "town.json", "mimeType": "application/json", "buffer": content}
    )
    page.get_by_text("town.json").wait_for(timeout=PATIENT_MS)
    be_idle(page)
    page.get_by_role("button", name="Look at it").click()


def test_a_directory_is_looked_at_taken_in_found_on_the_map_and_taken_back(seen: Watched, site: httpx.Client) -> None:
    page = seen.page
    width = (page.viewport_size or {"width": 0})["width"]
    source = f"town-{width}"
    pantries = [
        service(f"{width}-{n}", f"Harbour {width} of {n}", location={"latitude": 60.17 + n / 500, "longitude": 24.945})
        for n in range(3)
    ]
    page.goto(f"{seen.base}/dash/directories")
    bring(seen, source, [*pantries, {"id": "odd", "name": NASTY, "status": "active"}])
    page.get_by_text("4 services read: 3 new, 1 cannot be used.").wait_for(timeout=PATIENT_MS)
    assert site.get("/v1/directories").json()["items"] == []
    page.get_by_text(f"Harbour {width} of 2").wait_for()
    check_axe(page)
    shoot(page, "directories-looked")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Take in 3 services").click()
    page.get_by_text(f"{source} is taken in: 3 new").wait_for(timeout=PATIENT_MS)
    assert [one["count"] for one in site.get("/v1/directories").json()["items"]] == [3]
    be_idle(page)
    shoot(page, "directories-here")
    page.goto(f"{seen.base}/dash/assets")
    page.locator(".st-key-asset_list").get_by_text("All", exact=True).click()
    page.get_by_role("textbox", name="Named").fill(f"harbour {width}")
    page.get_by_role("textbox", name="Named").press("Enter")
    page.locator("h1:has-text('3 assets like that')").wait_for(timeout=PATIENT_MS)
    marks = page.frame_locator("iframe[title*=st_folium]").locator(".br-place")
    marks.nth(2).wait_for(timeout=PATIENT_MS)
    assert marks.count() == 3
    marks.filter(has_text="3").click()
    page.locator("h2:has-text('3 of 3')").wait_for(timeout=PATIENT_MS)
    page.get_by_role("textbox", name="Near an address or postcode").fill("60.17, 24.945")
    page.get_by_role("textbox", name="Near an address or postcode").press("Enter")
    page.get_by_text("Measured from").wait_for(timeout=PATIENT_MS)
    check_axe(page)
    shoot(page, "assets-map")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{seen.base}/dash/directories")
    page.get_by_role("button", name="Take it back …").click()
    page.get_by_text("3 assets it brought and nobody has changed or used; removed.").wait_for(timeout=PATIENT_MS)
    be_idle(page)
    shoot(page, "directories-undo")
    page.get_by_role("button", name="Take it back", exact=True).click()
    page.get_by_text("is taken back: 3 assets removed").wait_for(timeout=PATIENT_MS)
    assert site.get("/v1/directories").json()["items"] == []
    assert page.title() != "taken"
    assert [one for one in seen.trouble if "/_stcore/" not in one and "ERR_ABORTED" not in one] == []
