"""The phone pages in a real browser: enrolled once, used without a signal, by anybody, in any language."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.browser.canvass_pages import complaints, enrolled, finish, go_on, here, jpeg, newest, sent
from tests.browser.canvass_site import Site, serve_small
from tests.browser.conftest import NASTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
LANGUAGES = ("en", "ar", "es", "fi", "ru", "so", "zh")
LOOKS = (
    [(code, scheme) for code in LANGUAGES for scheme in ("light", "dark")]
    if FULL
    else [("en", "light"), ("ar", "dark")]
)


@pytest.fixture(scope="module")
def small(admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve_small(admin, template, server_url, tmp_path_factory.mktemp("home")) as site:
        yield site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, small: Site) -> Iterator[Page]:
    with enrolled(context, small) as opened:
        yield opened


def test_everything_is_asked_and_arrives_as_it_was_typed(page: Page, small: Site) -> None:
    page.locator("[data-kind=need]").click()
    go_on(page)
    page.get_by_role("alert").get_by_text("Choose what is needed.").wait_for()
    here(page).get_by_label("Medicine").check()
    here(page).get_by_label("Within days").check()
    go_on(page)
    here(page).get_by_label("How many people?").fill("4")
    here(page).get_by_label("No car").check()
    go_on(page)
    here(page).get_by_label("Soomaali").check()
    go_on(page)
    here(page).get_by_label("At an address").check()
    here(page).get_by_label("Street and number").fill("Liisankatu 12 B")
    go_on(page)
    here(page).get_by_label("They said yes").check()
    here(page).get_by_label("Name").fill("Faadumo")
    here(page).get_by_label("Telephone").fill("call me")
    go_on(page)
    page.get_by_role("alert").get_by_text("digits and spaces").wait_for()
    assert page.evaluate("document.activeElement.name") == "phone"
    here(page).get_by_label("Telephone").fill("+358 40 123 4567")
    here(page).get_by_label("By a text message").check()
    go_on(page)
    here(page).get_by_label("In their own words").fill(NASTY + " ويل ☃")
    page.locator("#photo").set_input_files([jpeg()])
    page.locator("#picture-row:not([hidden])").wait_for()
    go_on(page)
    assert "Liisankatu 12 B" in page.locator("#summary").inner_text()
    assert page.title() == "Barnraiser"
    page.locator("#save").click()
    page.get_by_text("Saved on this phone.").wait_for()
    sent(page)
    found = newest(small)
    assert (found["state"], found["kind"]) == ("made", "need")
    typed = found["typed"]
    assert typed["note"] == NASTY + " ويل ☃"
    assert typed["body"] | {"household_id": None} == {
        "household_id": None,
        "category": "medicine", "urgency": "high", "household_size": 4, "access": ["no_car"], "languages": ["so"],
        "location": {"address": "Liisankatu 12 B"},
        "contact": {"name": "Faadumo", "phone": "+358 40 123 4567", "preferred_channel": "sms", "consent": True},
    }  # fmt: skip
    photo = small.client.post(f"/v1/entries/{found['id']}/photo", json={"reason": "to look"}).content
    with Image.open(io.BytesIO(photo)) as shown:
        assert (max(shown.size) <= 1280, dict(shown.getexif())) == (True, {})
    need = small.client.get(f"/v1/needs/{found['id']}").json()
    assert (need["urgency"], need["location_state"]) == ("high", "needs_review")


def test_helpers_and_things_are_written_down_too(page: Page, small: Site) -> None:
    page.locator("[data-kind=helper]").click()
    here(page).get_by_label("What others may call them").fill("Aino")
    page.locator("[name=helps][value=transport]").check()
    here(page).get_by_label("By car").check()
    finish(page)
    sent(page)
    helper = small.client.get(f"/v1/helpers/{newest(small)['id']}").json()
    assert (helper["public_name"], helper["status"], helper["vehicle"]) == ("Aino", "paused", "car")
    page.locator("[data-kind=asset]").click()
    here(page).get_by_label("Name").fill("Shelf in the yard")
    here(page).get_by_label("What it is, such as").fill("pantry")
    page.locator("[name=offers][value=food]").check()
    here(page).get_by_label("With help").check()
    finish(page)
    sent(page)
    asset = small.client.get(f"/v1/assets/{newest(small)['id']}").json()
    assert (asset["name"], asset["status"], asset["step_free"]) == ("Shelf in the yard", "inactive", "limited")


def test_several_needs_of_one_household_stay_together(page: Page, small: Site) -> None:
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    here(page).get_by_label("Company").check()
    go_on(page)
    here(page).get_by_label("How many people?").fill("6")
    finish(page)
    page.get_by_text("2 entries are saved on this phone.").wait_for()
    page.locator("#again").click()
    here(page).get_by_label("Shelter").check()
    finish(page)
    sent(page)
    small.wait_until_taken_in()
    last = sorted(small.entries(), key=lambda entry: entry["received_at"] + entry["id"])[-3:]
    bodies = [small.typed(entry["id"])["body"] for entry in last]
    assert {body["category"] for body in bodies} == {"food", "company", "shelter"}
    assert len({body["household_id"] for body in bodies}) == 1
    assert {body["household_size"] for body in bodies} == {6}


def test_a_position_is_kept_with_its_accuracy_and_never_that_of_somebody_else(
    context: BrowserContext, page: Page, small: Site
) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 60.17421, "longitude": 24.95573, "accuracy": 17.25})
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    for _ in range(3):
        go_on(page)
    here(page).get_by_label("Here, by the position of this phone").check()
    page.get_by_text("give or take 18 m").wait_for()
    finish(page)
    sent(page)
    found = newest(small)["typed"]
    where = {"lon": 24.95573, "lat": 60.17421, "accuracy_m": 17.25}
    assert (found["position"], found["body"]["location"]) == (where, where | {"method": "gps"})
    page.locator("#again").click()
    here(page).get_by_label("Water").check()
    for _ in range(3):
        go_on(page)
    here(page).get_by_label("Here, by the position of this phone").check()
    page.get_by_text("give or take 18 m").wait_for()
    here(page).get_by_label("I am writing for somebody who is not here").check()
    assert page.locator("[name=where][value=gps]").is_disabled()
    assert page.locator("[name=where][value=none]").is_checked()
    finish(page)
    sent(page)
    found = newest(small)["typed"]
    assert (found["for_other"], found["position"], found["body"]["location"]) == (True, None, None)


def test_what_was_typed_stays_when_the_language_changes_without_a_signal(
    context: BrowserContext, page: Page, small: Site
) -> None:
    context.set_offline(True)
    page.reload()
    page.locator("html[data-begun]").wait_for(state="attached")
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    go_on(page)
    here(page).get_by_label("How many people?").fill("7")
    for code in LANGUAGES[1:]:
        page.locator("#language").select_option(code)
        page.locator(f"html[lang={code}]").wait_for(state="attached")
        assert page.locator("html").get_attribute("dir") == ("rtl" if code == "ar" else "ltr")
        assert page.locator("[name=household_size]").input_value() == "7"
        assert "The household" not in page.locator("fieldset:not([hidden]) h1").first.inner_text()
    page.locator("#language").select_option("ar")
    finish(page)
    assert "لم تُرسل" in page.locator("#waiting").inner_text()
    context.set_offline(False)
    sent(page)
    typed = newest(small)["typed"]
    assert (typed["language"], typed["body"]["household_size"]) == ("ar", 7)


def test_a_code_that_was_used_says_so(browser: Browser, small: Site) -> None:
    link = small.code("twice")
    for said in ("This phone may now hand in entries.", "This code was used already or is too old."):
        context = browser.new_context()
        opened = context.new_page()
        opened.goto(link)
        opened.get_by_text(said).wait_for()
        assert "bre_" not in opened.url
        context.close()


@pytest.mark.parametrize(("code", "scheme"), LOOKS)
def test_the_checker_finds_nothing_serious_on_any_screen(page: Page, code: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of the two above
    page.locator("#language").select_option(code)
    page.locator(f"html[lang={code}]").wait_for(state="attached")
    found = complaints(page)
    for kind in ("need", "helper", "asset"):
        page.locator(f"[data-kind={kind}]").click()
        if kind == "need":
            # with what is shown only when something is wrong
            go_on(page)
            found += complaints(page)
        for name in ("category", "helps", "offers"):
            page.locator(f"[name={name}]").first.evaluate("field => { field.checked = true; }")
        for name in ("public_name", "asset_name", "asset_kind"):
            page.locator(f"[name={name}]").evaluate("field => { field.value = 'x'; }")
        while page.locator("#next").is_visible():
            found += complaints(page)
            if page.locator("[name=consent][value=yes]").is_visible():
                page.locator("[name=consent][value=yes]").check()
                page.locator("[name=contact_name]").fill("x")
                found += complaints(page)
            go_on(page)
        found += complaints(page)
        while page.locator("#ask").is_visible():
            page.locator("#back").click()
            page.wait_for_timeout(30)
    assert sorted(set(found)) == []


def test_the_first_screen_of_a_strange_phone_is_sound_too(context: BrowserContext, small: Site) -> None:
    opened = context.new_page()
    opened.goto(f"{small.base}/canvass/")
    opened.locator("#welcome:not([hidden])").wait_for()
    assert complaints(opened) == []
    opened.get_by_label("Code").fill("nonsense")
    opened.get_by_role("button", name="Begin").click()
    opened.get_by_text("This is no code of a phone.").wait_for()
    assert complaints(opened) == []


def test_everything_can_be_done_by_keys_alone(page: Page, small: Site) -> None:
    def reach(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached")

    page.locator("body").press("Tab")
    reach("[data-kind=need]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    reach("[name=category]")
    page.keyboard.press("Space")
    reach("[name=urgency]")
    page.keyboard.press("ArrowUp")
    while page.locator("#next").is_visible():
        reach("#next")
        page.keyboard.press("Enter")
    reach("#save")
    page.keyboard.press("Enter")
    page.get_by_text("Saved on this phone.").wait_for()
    sent(page)
    assert newest(small)["typed"]["body"]["urgency"] == "high"


@pytest.mark.parametrize("code", LANGUAGES if FULL else ("ar", "ru"))
def test_at_double_size_nothing_runs_off_the_side(browser: Browser, small: Site, code: str) -> None:
    # a window of 360 pixels at 200 % is one of 180
    context = browser.new_context(viewport={"width": 180, "height": 370}, device_scale_factor=2)
    opened = context.new_page()
    opened.goto(small.code())
    opened.locator("#home:not([hidden])").wait_for()
    opened.locator("#language").select_option(code)
    opened.locator(f"html[lang={code}]").wait_for(state="attached")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert opened.evaluate(wide) <= 0
    opened.locator("[data-kind=need]").click()
    opened.locator("[name=category]").first.check()
    while opened.locator("#next").is_visible():
        assert opened.evaluate(wide) <= 0
        go_on(opened)
    assert opened.evaluate(wide) <= 0
    context.close()


def test_what_is_pressed_is_large_enough_for_a_thumb(page: Page) -> None:
    page.locator("[data-kind=need]").click()
    page.locator("[name=category]").first.check()
    small_ones: list[str] = []
    while True:
        small_ones += page.evaluate("""
            Array.from(document.querySelectorAll("button, select, .choice, .button, input:not([type=file])"))
              .filter((one) => one.offsetParent && !(one.closest(".choice") && one.matches("input")))
              .filter((one) => one.getBoundingClientRect().height < 44)
              .map((one) => one.outerHTML.slice(0, 100))
        """)
        if not page.locator("#next").is_visible():
            break
        go_on(page)
    assert small_ones == []
