"""What waits on a phone, in a real browser: sealed, never lost, sent once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.canvass_pages import enrolled, finish, go_on, here, jpeg, newest, sent
from tests.browser.canvass_site import Site, serve_small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
