"""Texts that try to be run, in every field that takes a text, on every page that shows one: none runs anywhere.

With ``BARNRAISER_FULL=1`` alone: most fields are looked at in every run by ``test_scripts.py``, and that each text does
run where somebody lets it is shown by ``test_payloads.py``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from dashboard.wire import COOKIE
from tests.browser.conftest import Watched, keep_signed_in, serve
from tests.browser.looking import PATIENT_MS, be_idle
from tests.browser.test_every_view import go, list_ways
from tests.browser.test_payloads import HEAR
from tests.payloads import ALL, RUN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
SHOWN = {"helpers", "calendar", "assets", "access", "settings", "map"}
"""Pages on which some of the texts must be found, so that they were shown and not left out."""
EAST, NORTH = 24.94, 60.17
EVERY_WEEK = {"schedule": "DTSTART:20261130T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY", "time_zone": "Europe/Helsinki"}


@pytest.fixture(scope="module")
def site(own_environment: dict[str, str]) -> Iterator[httpx.Client]:
    with serve(own_environment, timeout_s=60) as client:
        yield client


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: httpx.Client, own_environment: dict[str, str]) -> dict[str, Any]:
    return keep_signed_in(browser, site, own_environment)


def square(number: int) -> dict[str, Any]:
    west, south = EAST + number % 10 / 200, NORTH + number // 10 / 400
    east, north = west + 0.005, south + 0.0025
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def records(number: int, text: str) -> dict[str, dict[str, Any]]:
    """Give a body for each path, with the text in each field that takes any."""
    point = {"lon": EAST + number % 10 / 200 + 0.001, "lat": NORTH + number // 10 / 400 + 0.001}
    home = {"lon": point["lon"], "lat": point["lat"], "method": "gnss", "accuracy_m": 5.0}
    person = {"name": text, "note": text, "phone": "+358401234567", "consent": True}
    return {
        "/v1/areas": {"slug": f"a-{number}", "name": text, "kind": "block", "geometry": square(number)},
        "/v1/organizations": {"name": f"{text} {number}", "description": text},
        "/v1/assets": {"kind": "library", "categories": ["food"], "name": text, "description": text, "point": point},
        "/v1/helpers": {"public_name": text, "categories": ["food"], "languages": ["fi"], "home": point},
        "/v1/needs": {"category": "food", "urgency": "critical", "contact": person, "location": home},
        "/v1/activities": {"title": text, "place": text, "roles": [{"name": "cook", "most": 2}], **EVERY_WEEK},
        "/v1/views": {"page": "map", "name": f"{number} {text}", "words": {"layers": ["needs"]}, "is_shared": True},
        "/v1/people": {"login": f"somebody-{number}", "name": text, "role": "organizer"},
        "/v1/devices": {"label": text, "days": 9},
    }


def fresh(site: httpx.Client, signed_in: dict[str, Any]) -> httpx.Client:
    """Give a client of the API with the session of somebody who has only just given a password."""
    (cookie,) = (one["value"] for one in signed_in["cookies"] if one["name"] == COOKIE)
    return httpx.Client(base_url=site.base_url, timeout=60, headers={"Cookie": f"{COOKIE}={cookie}"})


def fill(site: httpx.Client) -> None:
    """Write all records; a text that a field does not take is refused by name, and another field has it."""
    for number, text in enumerate(ALL):
        taken = 0
        for path, body in records(number, text).items():
            answer = site.post(path, json=body)
            assert answer.status_code in (201, 422), (path, text, answer.text)
            taken += answer.status_code == 201
        assert taken >= 5, text
    network = site.get("/v1/network")
    name = {"name": "".join(ALL)[:150]}
    assert site.patch("/v1/network", json=name, headers={"If-Match": network.headers["etag"]}).status_code == 200


def heard(page: Page) -> list[Any]:
    return [hit for frame in page.frames for hit in frame.evaluate("window.hits || []")]


if FULL:

    def test_no_text_is_run_on_any_page(browser: Browser, site: httpx.Client, signed_in: dict[str, Any]) -> None:
        with fresh(site, signed_in) as client:
            fill(client)
        context = browser.new_context(viewport={"width": 1400, "height": 900}, storage_state=signed_in)
        seen = Watched(context.new_page(), str(site.base_url).rstrip("/"))
        page = seen.page
        page.add_init_script(HEAR)
        page.goto(f"{seen.base}/dash/about")
        page.locator("h1").wait_for(timeout=PATIENT_MS)
        be_idle(page)
        walked = list_ways(page, seen.base)
        shown = set()
        for way in walked:
            go(page, seen.base, way)
            if way.path == "map":
                page.locator(".st-key-views_map button").first.click()
                page.get_by_text(ALL[0]).first.wait_for(timeout=PATIENT_MS)
            written = " ".join(page.locator("body").inner_text().split())
            shown |= {way.path} if any(" ".join(text.split()) in written for text in ALL) else set()
            assert heard(page) == [], way.path
            assert RUN not in page.content(), way.path
        assert shown >= SHOWN
        context.close()
        # a page that is left ends what it asks
        assert [one for one in seen.trouble if "ERR_ABORTED" not in one] == []
