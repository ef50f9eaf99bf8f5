"""The hotline in a real browser: by keyboard alone, on a phone and at a desk, with the server away for a while."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from geo.domain.texts import HookKind
from geo.privacy.keyring import open_keys
from geo.store.engine import make_engine, make_sessions, transaction

from tests.browser.conftest import NASTY, Watched, installed, keep_signed_in, run_command, serve
from tests.laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser, Page, Route
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DOORS = "".join(f"{n},Testikatu,Helsinki,00100,{24.94 + n / 5000},60.17\n" for n in range(1, 11))
COLUMNS = "number=number,street=street,city=city,postcode=postcode,lon=lon,lat=lat"


@pytest.fixture(scope="module")
def environment(
    admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """An installation of its own that knows one street and nobody."""
    home = tmp_path_factory.mktemp("home")
    register = home / "doors.csv"
    register.write_text("number,street,city,postcode,lon,lat\n" + DOORS, "utf-8")
    with installed(admin, template, server_url, home) as env:
        run_command(env, "load", "addresses", str(register), "--map", COLUMNS)
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
    watched = Watched(context.new_page(), str(site.base_url).rstrip("/"))
    watched.page.goto(f"{watched.base}/hotline")
    yield watched
    context.close()


def needs(site: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get("/v1/needs?limit=1000").raise_for_status().json()["items"]
    return found


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("BARNRAISER_SHOTS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index] # set above


def test_a_call_is_typed_by_keyboard_alone(seen: Watched, site: httpx.Client) -> None:
    page, before = seen.page, len(needs(site))
    page.keyboard.press("3")
    assert page.locator("input[name=category]:checked").input_value() == "medicine"
    page.keyboard.press("Tab")
    page.keyboard.type("4")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type("testikatu 3")
    page.locator("#offers li").first.wait_for()
    shoot(page, "hotline-suggests")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.get_by_role("combobox", name="Where?").input_value().startswith("Testikatu 3")
    assert page.locator("#offers li").count() == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("+358 40 1234567")
    page.keyboard.press("Control+Enter")
    # asked before anything is kept
    assert "Ask whether" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.id") == "consent"
    page.keyboard.press("Space")
    shoot(page, "hotline-typed")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Saved. The next call, please.").wait_for()
    assert page.evaluate("document.activeElement.name") == "category"
    found = needs(site)
    assert len(found) == before + 1
    made = found[-1]
    assert (made["category"], made["household_size"], made["location_state"]) == ("medicine", 4, "located")
    told = site.post(f"/v1/needs/{made['id']}/reveal", json={"what": "contact", "reason": "to look"}).json()
    assert told["contact"]["phone"] == "+358 40 1234567"
    assert seen.trouble == []


def test_what_was_typed_waits_until_the_server_is_back_and_lands_once(seen: Watched, site: httpx.Client) -> None:
    page, before = seen.page, len(needs(site))
    cut = {"left": 3}

    def away(route: Route) -> None:
        if cut["left"]:
            cut["left"] -= 1
            if cut["left"] == 1:
                # the answer is lost after the server has taken it
                route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/submissions", away)
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 call is not sent yet").wait_for()
    shoot(page, "hotline-away")
    # a page that is loaded again has what was typed
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_text("Saved. The next call, please.").wait_for(timeout=60_000)
    assert len(needs(site)) == before + 1
    assert page.evaluate("JSON.parse(sessionStorage.getItem('hotline')).queue") == []


def test_what_cannot_be_used_is_said_before_it_is_sent(seen: Watched, site: httpx.Client) -> None:
    page, before = seen.page, len(needs(site))
    page.keyboard.press("Control+Enter")
    assert "Choose one" in page.get_by_role("alert").inner_text()
    page.keyboard.press("2")
    page.get_by_label("People").fill("99")
    page.keyboard.press("Control+Enter")
    assert "1 to 50" in page.get_by_role("alert").inner_text()
    page.get_by_label("People").fill("2")
    page.get_by_label("Phone").fill("call me")
    page.keyboard.press("Control+Enter")
    assert "phone number" in page.get_by_role("alert").inner_text()
    assert len(needs(site)) == before


def test_what_the_server_refuses_comes_back_to_be_corrected(seen: Watched, site: httpx.Client) -> None:
    page, before = seen.page, len(needs(site))
    refused = {"results": [{"id": None, "status": "rejected", "code": 422, "errors": [{"reason": "must be shorter"}]}]}
    page.route("**/v1/submissions", lambda route: route.fulfill(json=refused, status=422))
    page.keyboard.press("2")
    page.get_by_role("combobox", name="Where?").fill("Testikatu 4")
    page.keyboard.press("Control+Enter")
    page.get_by_text("must be shorter").wait_for()
    assert page.get_by_role("combobox", name="Where?").input_value() == "Testikatu 4"
    page.unroute("**/v1/submissions")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Saved. The next call, please.").wait_for()
    assert len(needs(site)) == before + 1


def test_what_callers_say_never_runs(seen: Watched, site: httpx.Client) -> None:
    page, title = seen.page, seen.page.title()
    page.keyboard.press("7")
    page.get_by_role("combobox", name="Where?").fill(NASTY)
    page.get_by_label("What they said").fill(NASTY)
    page.get_by_label("Asked and agreed").check()
    page.keyboard.press("Control+Enter")
    page.get_by_text("Saved. The next call, please.").wait_for()
    assert page.title() == title
    assert needs(site)[-1]["location_state"] == "needs_review"
    assert seen.trouble == []


def test_who_asked_for_a_person_is_shown_and_taken(
    seen: Watched, site: httpx.Client, environment: dict[str, str]
) -> None:
    from datetime import UTC, datetime
    from pathlib import Path

    from geo.domain.texts import InboundText, Texting
    from geo.store.conversations import take_text
    from geo.store.text_hooks import open_hook

    engine = make_engine(environment["BARNRAISER_DATABASE_URL"])
    now = datetime.now(UTC)
    ring = open_keys(Path(environment["BARNRAISER_HOME"]) / "keys.json", now=now, must_exist=True)
    with transaction(make_sessions(engine, keys=ring)) as session:
        hook, _ = open_hook(session, HookKind.PLAIN)
        number = f"+35840{uuid4().int % 10_000_000:07}"
        take_text(session, hook.id, InboundText("1", number, "IHMINEN"), Texting(), now=now)
    engine.dispose()
    page = seen.page
    page.reload()
    row = page.locator("#people-waiting li")
    row.wait_for()
    assert "in Finnish" in row.inner_text()
    assert number not in page.content()
    row.get_by_role("button", name="Show number").click()
    row.get_by_text(number).wait_for()
    shoot(page, "hotline-person")
    row.get_by_role("button", name="I see to it").click()
    page.locator("#waiting").wait_for(state="hidden")
    listed = site.get("/v1/text-conversations?state=handed_over").json()["items"]
    assert all(one["taken_at"] for one in listed)


def test_nothing_serious_is_found_wanting(seen: Watched) -> None:
    page = seen.page
    page.keyboard.press("Control+Enter")
    page.get_by_role("combobox", name="Where?").fill("testikatu")
    page.locator("#offers li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_the_page_fits_its_screen_and_stands_in_the_dashboard(seen: Watched) -> None:
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('button, select, input:not([type=checkbox]):not([type=radio]), .choices span')]"
        ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5).map((one) => one.id)"
    )
    assert small == []
    page.goto(f"{seen.base}/dash/hotline")
    inside = page.frame_locator("iframe[src='/hotline']")
    inside.get_by_role("button", name="Save").wait_for(timeout=60_000)
    shoot(page, "hotline-dashboard")
    assert [one for one in seen.trouble if one.startswith(("script", "outside"))] == []
