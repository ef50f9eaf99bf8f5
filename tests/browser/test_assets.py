"""The page of assets in a browser: what is past its date is confirmed by a key, changed, and taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import NASTY, Watched, installed, keep_signed_in, serve
from tests.browser.looking import press_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT_MS = 60_000
SHOTS = os.environ.get("BARNRAISER_SHOTS")


@pytest.fixture(scope="module")
def environment(
    admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """An installation of its own, so that nobody else counts these places."""
    with installed(admin, template, server_url, tmp_path_factory.mktemp("home")) as env:
        yield env


@pytest.fixture(scope="module")
def site(environment: dict[str, str]) -> Iterator[httpx.Client]:
    with serve(environment, timeout_s=60) as client:
        yield client


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: httpx.Client, environment: dict[str, str]) -> dict[str, Any]:
    return keep_signed_in(browser, site, environment)


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
