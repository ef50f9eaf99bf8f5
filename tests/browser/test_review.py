"""The review queue with a mouse, with keys alone, and on a telephone's screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PATIENT_MS, be_idle
from tests.browser.test_dashboard import frame

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PIN = "(() => { let p; map.eachLayer(l => { if (l.options.draggable) p = l.getLatLng(); }); return [p.lng, p.lat] })()"


def waiting(site: httpx.Client) -> int:
    return int(site.get("/v1/review").json()["counts"]["waiting"])


def add(site: httpx.Client, typed: str) -> dict[str, Any]:
    need = {"category": "food", "urgency": "critical", "location": {"address": typed}}
    made = site.post("/v1/needs", json=need)
    assert made.status_code == 201, made.text
    return dict(made.json())


def open_queue(look: Look, *, width: int = 1400) -> Watched:
    # by the link, as a person does: the first page has everything that a deep link asks for
    seen = look(width)
    seen.open("/dash/review")
    seen.page.locator(".br-quote").wait_for()
    seen.trouble.clear()
    return seen


def typed_at(page: Page) -> str:
    return page.locator(".br-quote").inner_text().splitlines()[-1]


def pin_of(seen: Watched) -> list[float]:
    return list(frame(seen).evaluate(PIN))


def decided(site: httpx.Client, need_id: str) -> dict[str, Any]:
    items = site.get("/v1/review", params={"state": "decided"}).json()["items"]
    return dict(next(item for item in items if item["need"]["id"] == need_id))


def open_entry(seen: Watched, typed: str) -> None:
    seen.page.locator(".st-key-waiting").get_by_role("button", name=typed).first.click()
    reads(seen.page, typed)
    seen.wait_for_map()
    be_idle(seen.page)


def reads(page: Page, typed: str, said: str | None = None) -> None:
    """Wait until one need is open and no other, and until what was done to another one is said.

    A page that is being drawn may show either of them for a moment, also before a key is heard.
    """
    if said:
        page.get_by_test_id("stAlert").get_by_text(said).wait_for()
    expect(page.locator(".br-quote")).to_contain_text([typed], timeout=PATIENT_MS)


def test_a_pin_is_set_dragged_and_saved(look: Look, site: httpx.Client) -> None:
    need = add(site, "Mikälienkatu 71")
    before, balance = waiting(site), site.get("/v1/balance").json()
    seen = look()
    seen.open()
    seen.go("Review queue")
    seen.page.wait_for_selector(f"h1:has-text('{before} addresses wait for a place')")
    open_entry(seen, "Mikälienkatu 71")
    frame(seen).locator(".br-aim").click(position={"x": 200, "y": 180})
    seen.page.wait_for_selector("button:enabled:has-text('Save the pin')")
    first = pin_of(seen)
    grip = frame(seen).locator(".br-pin").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    seen.page.mouse.move(x + 20, y + 10)
    seen.page.mouse.move(x + 60, y + 30)
    seen.page.mouse.up()
    last = pin_of(seen)
    assert last[0] > first[0]
    assert last[1] < first[1]
    seen.page.get_by_label("How exact is the pin?").wait_for()
    seen.page.get_by_role("button", name="Save the pin").click()
    seen.page.wait_for_selector(f"h1:has-text('{before - 1} addresses wait for a place')")
    after = site.get("/v1/balance").json()
    assert after["needs_review"] == balance["needs_review"] - 1
    assert after["located"] == balance["located"] + 1
    assert after["received"] == balance["received"]
    assert seen.trouble == []
    shown = site.post(f"/v1/needs/{need['id']}/reveal", json={"what": "place", "reason": "where the pin went"}).json()
    assert shown["place"]["lon"] == pytest.approx(last[0], abs=1e-4)
    assert shown["place"]["lat"] == pytest.approx(last[1], abs=1e-4)


def test_the_whole_queue_goes_by_keys(look: Look, site: httpx.Client) -> None:
    needs = [add(site, f"Näppäinkatu {number}") for number in (1, 2, 3)]
    seen = open_queue(look)
    page = seen.page
    open_entry(seen, "Näppäinkatu 1")
    for key, typed in (("j", "2"), ("ArrowDown", "3"), ("k", "2"), ("ArrowUp", "1")):
        page.keyboard.press(key)
        reads(page, f"Näppäinkatu {typed}")
    page.keyboard.press("p")
    page.wait_for_selector("button:enabled:has-text('Save the pin')")
    frame(seen).wait_for_selector(".br-aim:focus")
    first = pin_of(seen)
    page.keyboard.press("ArrowRight")
    small = pin_of(seen)
    page.keyboard.press("Shift+ArrowRight")
    large = pin_of(seen)
    assert small[0] - first[0] > 0
    assert large[0] - small[0] == pytest.approx(10 * (small[0] - first[0]), rel=0.05)
    # the map has the focus, and hands on what it does not know itself
    page.keyboard.press("Enter")
    reads(page, "Näppäinkatu 2", "Näppäinkatu 1 is now at the pin")
    assert decided(site, needs[0]["id"])["kind"] == "pin"
    page.keyboard.press("u")
    reads(page, "Näppäinkatu 1")
    assert site.get(f"/v1/needs/{needs[0]['id']}").json()["location_state"] == "needs_review"
    page.keyboard.press("o")
    reads(page, "Näppäinkatu 2", "Näppäinkatu 1 is marked as outside our area")
    assert decided(site, needs[0]["id"])["kind"] == "outside_area"
    page.keyboard.press("a")
    page.wait_for_selector(".st-key-asking input:focus")
    page.keyboard.type("joku? 1 pou")
    assert typed_at(page) == "Näppäinkatu 2"
    page.keyboard.press("Enter")
    reads(page, "Näppäinkatu 3", "Näppäinkatu 2 is to be asked for")
    assert decided(site, needs[1]["id"])["note"] == "joku? 1 pou"
    be_idle(page)
    page.keyboard.press("?")
    page.get_by_text("the next address").wait_for()
    assert seen.trouble == []


def test_keys_pressed_faster_than_the_page_is_drawn_are_all_heard(look: Look, site: httpx.Client) -> None:
    needs = [add(site, f"Kiirekatu {number}") for number in (1, 2, 3)]
    seen = open_queue(look)
    open_entry(seen, "Kiirekatu 1")
    for key in ("j", "k", "j", "ArrowDown", "ArrowUp", "o"):
        seen.page.keyboard.press(key)
    seen.page.get_by_text("is marked as outside our area").wait_for()
    reads(seen.page, "Kiirekatu 3")
    # the decision fell on the second, which was open when its key was pressed, and on no other
    assert decided(site, needs[1]["id"])["kind"] == "outside_area"
    for other in (needs[0], needs[2]):
        assert site.get(f"/v1/needs/{other['id']}").json()["location_state"] == "needs_review"
    assert seen.trouble == []


def test_suggestions_are_chosen_by_number_in_the_list_and_on_the_map(look: Look, site: httpx.Client) -> None:
    # "behind the library": which of them is for a person to say
    need = add(site, "kirjaston takana")
    items = site.get("/v1/review", params={"state": "waiting"}).json()["items"]
    item = next(item for item in items if item["need"]["id"] == need["id"])
    assert len(item["candidates"]) > 1
    seen = open_queue(look)
    open_entry(seen, item["address_typed"])
    drawn = frame(seen).locator(".br-offer")
    drawn.first.wait_for()
    assert drawn.count() == len(item["candidates"])
    seen.page.keyboard.press("2")
    seen.page.wait_for_selector("button:has-text('Save suggestion 2')")
    frame(seen).locator(".br-offer-on", has_text="2").wait_for()
    frame(seen).locator(".br-offer[aria-label='Suggestion 1']").press("Enter")
    seen.page.wait_for_selector("button:has-text('Save suggestion 1')")
    # Enter presses the button that has the focus, and saves nothing
    seen.page.locator(".st-key-pick_2 button").focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("button:has-text('Save suggestion 2')")
    assert site.get(f"/v1/needs/{item['need']['id']}").json()["version"] == item["need"]["version"]
    assert seen.trouble == []


def test_coordinates_are_pasted_on_a_narrow_screen(look: Look, site: httpx.Client) -> None:
    add(site, "Kapeakatu 5")
    before = waiting(site)
    seen = open_queue(look, width=390)
    open_entry(seen, "Kapeakatu 5")
    field = seen.page.get_by_label("Paste coordinates")
    field.fill("60.1700, 24.9470")
    field.press("Enter")
    frame(seen).wait_for_selector(".br-pin")
    seen.page.wait_for_selector("button:enabled:has-text('Save the pin')")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    seen.page.get_by_role("button", name="Save the pin").press("Enter")
    seen.page.wait_for_selector(f"h1:has-text('{before - 1} addresses wait for a place')")
    assert seen.trouble == []
