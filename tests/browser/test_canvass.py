"""The phone pages in a real browser: enrolled once, used without a signal, by anybody, in any language."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.browser.canvass_site import AXE, Site, serve_small
from tests.browser.conftest import NASTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route
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
    """A phone that was just enrolled, with the pages on it."""
    opened, trouble = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.goto(small.code())
    opened.locator("#home:not([hidden])").wait_for()
    assert opened.url == f"{small.base}/canvass/"
    opened.locator("html[data-offline=ready]").wait_for(state="attached")
    yield opened
    assert trouble == []


def jpeg(size: tuple[int, int] = (2400, 1800)) -> dict[str, Any]:
    picture, written = Image.effect_noise(size, 60).convert("RGB"), io.BytesIO()
    exif = picture.getexif()
    exif[0x010F] = "Secret maker"
    picture.save(written, "JPEG", exif=exif, quality=85)
    return {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def here(page: Page) -> Locator:
    """The questions that are on the screen."""
    return page.locator("fieldset[data-step]:not([hidden])")


def go_on(page: Page) -> None:
    page.locator("#next").click()


def finish(page: Page) -> None:
    while page.locator("#next").is_visible():
        go_on(page)
    page.locator("#save").click()
    # said once the queue has been counted anew; the first screen alone may still show the count from before
    page.locator("#done:not([hidden])").wait_for()


def sent(page: Page) -> None:
    page.locator("html[data-waiting='0'][data-stuck='0']").wait_for(state="attached")


def newest(small: Site) -> dict[str, Any]:
    small.wait_until_taken_in()
    found = max(small.entries(), key=lambda entry: entry["received_at"] + entry["id"])
    return found | {"typed": small.typed(found["id"])}


def complaints(page: Page) -> list[str]:
    """What the checker finds that is serious or worse."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


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


def test_a_finished_entry_cannot_be_read_back_on_the_phone(context: BrowserContext, page: Page) -> None:
    context.set_offline(True)
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    page.locator("[name=note]").evaluate("field => { field.value = 'the blue door'; }")
    finish(page)
    kept = page.evaluate("""
        import('/canvass/queue.js').then(async (queue) =>
            JSON.stringify([await queue.all(), await queue.own('draft') ?? null]))
    """)
    assert "the blue door" not in kept
    assert [set(one) for one in json.loads(kept)[0]] == [{"id", "kind", "box", "state", "at"}]
    assert page.locator("[name=note]").input_value() == ""


def test_a_page_that_is_ended_in_the_background_keeps_what_was_typed(page: Page) -> None:
    page.locator("[data-kind=helper]").click()
    here(page).get_by_label("What others may call them").fill("Half a na")
    hide = "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange'))")
    for _ in range(100):
        if page.evaluate("import('/canvass/queue.js').then((queue) => queue.own('draft')).then(Boolean)"):
            break
        page.wait_for_timeout(50)
    page.reload()
    page.locator("#ask:not([hidden])").wait_for()
    assert here(page).get_by_label("What others may call them").input_value() == "Half a na"
    page.locator("#back").click()
    page.locator("#home:not([hidden])").wait_for()
    page.reload()
    page.locator("html[data-begun]").wait_for(state="attached")
    assert page.locator("#home").is_visible()


def test_a_full_phone_says_so_and_loses_nothing(context: BrowserContext, page: Page, small: Site) -> None:
    context.set_offline(True)
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    finish(page)
    before = page.evaluate("import('/canvass/queue.js').then((queue) => queue.all())")
    # the browser's own answer when there is no room, which it gives for what a person writes and not for its own
    page.evaluate("""
        globalThis.put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...given) {
            if (this.name === 'entries') throw new DOMException('full', 'QuotaExceededError');
            return globalThis.put.apply(this, given);
        };
        null
    """)
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Company").check()
    page.locator("[name=note]").evaluate("field => { field.value = 'x'.repeat(1900); }")
    page.locator("#photo").set_input_files([jpeg()])
    page.locator("#picture-row:not([hidden])").wait_for(state="attached")
    while page.locator("#next").is_visible():
        go_on(page)
    page.locator("#save").click()
    page.get_by_role("alert").get_by_text("This phone is full. Nothing that was saved is lost.").wait_for()
    assert page.evaluate("import('/canvass/queue.js').then((queue) => queue.all())") == before
    assert page.locator("[name=note]").input_value() == "x" * 1900
    page.evaluate("IDBObjectStore.prototype.put = globalThis.put; null")
    page.locator("#save").click()
    page.get_by_text("Saved on this phone.").wait_for()
    context.set_offline(False)
    sent(page)
    assert newest(small)["typed"]["note"] == "x" * 1900


def test_a_rescue_file_reaches_the_server_by_another_phone_and_nothing_counts_twice(
    browser: Browser, context: BrowserContext, page: Page, small: Site
) -> None:
    context.set_offline(True)
    for name in ("Food", "Company"):
        page.locator("[data-kind=need]").click()
        here(page).get_by_label(name, exact=True).check()
        finish(page)
    with page.expect_download() as saved:
        page.locator("#rescue").click()
    content = saved.value.path().read_bytes()
    before = small.counts()["made"]
    other = browser.new_context()
    theirs = other.new_page()
    theirs.goto(small.code("organizer's"))
    theirs.locator("#home:not([hidden])").wait_for()
    taken = {"name": "entries.json", "mimeType": "application/json", "buffer": content}
    theirs.locator("#take").set_input_files([taken | {"buffer": b"{}"}])
    theirs.get_by_text("This is no file of entries.").wait_for()
    theirs.locator("#take").set_input_files([taken])
    theirs.get_by_text("2 entries were taken in").wait_for()
    theirs.locator("#sent").get_by_text("2 sent").wait_for()
    other.close()
    context.set_offline(False)
    page.locator("#send").click()
    sent(page)
    small.wait_until_taken_in()
    assert small.counts()["made"] == before + 2


def test_what_is_answered_decides_whether_an_entry_waits_or_is_set_aside(page: Page, small: Site) -> None:
    """Whatever is not a clear word about this very entry leaves it on the phone."""
    asked: list[int] = []
    answer: dict[str, Any] = {}

    def answered(route: Route) -> None:
        asked.append(1)
        route.fulfill(**answer)

    def send(button: Locator | None = None) -> str:
        before = len(asked)
        (button or page.locator("#send")).click()
        for _ in range(200):
            if len(asked) > before and not page.evaluate("import('/canvass/sending.js').then((one) => one.busy())"):
                break
            page.wait_for_timeout(25)
        assert len(asked) > before
        [kept] = page.evaluate("import('/canvass/queue.js').then((queue) => queue.all())")
        return str(kept["state"])

    page.route("**/v1/entries", answered)
    answer = {"status": 503}
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    finish(page)
    other = json.dumps({"results": [{"id": "01a224f1-522f-7b3d-b9f6-8c848ba8825c", "status": "received"}]})
    waits = [{"status": status} for status in (401, 408, 425, 429, 500, 502, 503, 504)]
    # a hotel's page for signing in, an answer about another entry, one that broke off
    waits += [{"status": 200, "body": body} for body in ("<html>Welcome", other, '{"results": [', "null", "[]", "")]
    for answer in waits:
        assert send() == "waiting", answer
    for status in (400, 403, 404, 413, 422):
        answer = {"status": status}
        assert send() == "stuck", answer
        page.get_by_text("The server did not take the entry of").wait_for()
        # trying again asks at once, and is answered the same
        assert send(page.get_by_role("button", name="Try again")) == "stuck", answer
        page.evaluate("""
            import('/canvass/queue.js').then(async (queue) => {
                for (const one of await queue.all()) await queue.mark([one.id], {state: 'waiting'});
            })
        """)
    page.unroute("**/v1/entries")
    page.locator("#send").click()
    sent(page)
    assert newest(small)["state"] == "made"


def test_an_ended_phone_empties_its_queue_into_quarantine(context: BrowserContext, page: Page, small: Site) -> None:
    context.set_offline(True)
    page.locator("[data-kind=need]").click()
    here(page).get_by_label("Food", exact=True).check()
    finish(page)
    devices = small.client.get("/v1/devices", params={"limit": 1000}).json()["items"]
    small.client.delete(f"/v1/devices/{devices[-1]['id']}")
    before = small.counts()["quarantined"]
    context.set_offline(False)
    sent(page)
    assert small.counts()["quarantined"] == before + 1


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
