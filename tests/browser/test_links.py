"""The pages behind links without sign-in, in a real browser: small screens, right to left, by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Watched, installed, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Client
    from playwright.sync_api import Browser
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An installation of its own with nothing in it, as a client of its API that acts as an organizer."""
    home = tmp_path_factory.mktemp("home")
    with installed(admin, template, server_url, home) as env, serve(env, timeout_s=60) as client:
        yield client


@pytest.fixture
def made(site: Client) -> dict[str, Any]:
    """A need of somebody who speaks Arabic, a helper who is asked about it, and an address for each of the two."""
    at = {"lon": 24.9414, "lat": 60.1695, "method": "gps"}
    asked = {"category": "food", "languages": ["ar"], "location": at}
    need = site.post("/v1/needs", json=asked).raise_for_status().json()
    helper = site.post("/v1/helpers", json={"public_name": "Linkki", "categories": ["food"]})
    ids = {"need_id": need["id"], "helper_id": helper.raise_for_status().json()["id"]}
    match = site.post("/v1/matches", json=ids).raise_for_status().json()

    def link(**about: str) -> str:
        return str(site.post("/v1/links", json=about).raise_for_status().json()["address"])

    return {"need": need, "match": match, "help": link(match_id=match["id"]), "asked": link(need_id=need["id"])}


@pytest.fixture(params=[(390, "light"), (1400, "dark")], ids=["phone", "desk"])
def seen(request: pytest.FixtureRequest, browser: Browser, site: Client) -> Iterator[Watched]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield Watched(context.new_page(), str(site.base_url).rstrip("/"))
    context.close()


def check_fits(seen: Watched) -> None:
    wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    heights = seen.page.evaluate(
        "[...document.querySelectorAll('button, .button, select')].filter(e => e.offsetParent).map(e => e.offsetHeight)"
    )
    assert heights
    assert min(heights) >= 44


def test_a_helper_says_yes_sees_the_address_and_is_done(seen: Watched, made: dict[str, Any], site: Client) -> None:
    page = seen.page
    page.goto(made["help"])
    page.get_by_role("button", name="Yes, I can").wait_for()
    assert "#" not in page.url
    assert page.get_by_role("button", name="Show the address").count() == 0
    check_fits(seen)
    page.get_by_role("button", name="Yes, I can").click()
    page.get_by_role("button", name="Show the address").click()
    way = page.get_by_role("link", name="Open in a map app")
    way.wait_for()
    assert str(way.get_attribute("href")).startswith("geo:60.1695,24.9414")
    check_fits(seen)
    # it is loaded again, and still knows what it is about
    page.reload()
    page.get_by_role("button", name="I am on my way").click()
    page.get_by_role("button", name="Done").click()
    page.get_by_text("It is noted as done").wait_for()
    assert page.get_by_role("link", name="Open in a map app").count() == 0
    assert site.get(f"/v1/matches/{made['match']['id']}").json()["status"] == "done"
    assert seen.trouble == []


def test_a_no_by_keyboard_alone(seen: Watched, made: dict[str, Any], site: Client) -> None:
    page = seen.page
    page.goto(made["help"])
    page.get_by_role("button", name="No, not this time").wait_for()
    page.get_by_role("button", name="No, not this time").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Thank you for answering").wait_for()
    found = site.get(f"/v1/matches/{made['match']['id']}").json()
    assert (found["status"], found["reason"]) == ("declined", "not_for_me")
    assert seen.trouble == []


def test_whoever_asked_reads_it_from_right_to_left_and_stops(seen: Watched, made: dict[str, Any], site: Client) -> None:
    page = seen.page
    page.goto(made["asked"])
    page.get_by_role("button", name="حصلت على المساعدة").wait_for()
    assert page.locator("html").get_attribute("dir") == "rtl"
    check_fits(seen)
    page.get_by_role("button", name="لا تتواصلوا معي بعد الآن").click()
    page.get_by_role("button", name="رجوع").click()
    preference = f"/v1/needs/{made['need']['id']}/preference"
    assert site.get(preference).json()["is_stopped"] is False
    page.get_by_role("button", name="لا تتواصلوا معي بعد الآن").click()
    page.get_by_role("button", name="لا تتواصلوا معي بعد الآن").click()
    page.locator("#note").wait_for()
    assert site.get(preference).json()["is_stopped"] is True
    page.get_by_label("اللغة").select_option("so")
    page.get_by_role("button", name="Waa la i caawiyay").click()
    page.get_by_text("Wanaagsan!").wait_for()
    assert site.get(f"/v1/needs/{made['need']['id']}").json()["status"] == "met"
    assert seen.trouble == []


def test_a_link_that_opens_nothing_says_so(seen: Watched) -> None:
    seen.page.goto(f"{seen.base}/help#link_{'A' * 43}")
    seen.page.get_by_text("This link does not work, or no longer.").wait_for()
    assert seen.page.locator("#page").is_hidden()
