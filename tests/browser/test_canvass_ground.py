"""Places that are found on the phone itself: an address that is offered and a pin on the map, without a signal."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from geo.crs import geodesic_m
from geo.domain.place import Point

from tests.browser.canvass_pages import complaints, finish, go_on, here, newest, sent
from tests.browser.canvass_site import Site, serve_small
from tests.browser.conftest import NASTY, run_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
LOOKS = [("en", "light"), ("ar", "dark"), ("zh", "light"), ("ru", "dark")][: 4 if FULL else 2]
RING = [[24.93, 60.165], [24.95, 60.165], [24.95, 60.175], [24.93, 60.175], [24.93, 60.165]]
LON, LAT = 24.94, 60.17
STREETS = ("Testikatu", "Ääkköstie", "شارع الملك", "南京路", "Øster Allé")


def distance_m(a: Point, b: Point) -> float:
    return float(geodesic_m([a.lon], [a.lat], [b.lon], [b.lat])[0])


def lon_of(number: int) -> float:
    return LON + number / 5000


@pytest.fixture(scope="module")
def small(admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with one turf of some streets, each of six doors."""
    home = tmp_path_factory.mktemp("home")
    with serve_small(admin, template, server_url, home) as site:
        lines = [
            f"{n},{street},Helsinki,00100,{lon_of(n)},{LAT + at / 1000}"
            for at, street in enumerate(STREETS)
            for n in range(1, 7)
        ]
        doors = home / "addresses.csv"
        doors.write_text("\n".join(["number,street,city,postcode,lon,lat", *lines]), "utf-8")
        names = ",".join(f"{name}={name}" for name in ("number", "street", "city", "postcode", "lon", "lat"))
        run_command(site.env, "load", "addresses", str(doors), "--map", names)
        body = {"name": NASTY[:90], "geometry": {"type": "Polygon", "coordinates": [RING]}}
        made = site.client.post("/v1/turfs", json=body)
        assert made.status_code == 201, made.text
        yield site


def phone(browser: Browser, small: Site, **look: Any) -> Page:
    """Enrol a phone, let it take its turf along, and open the pages anew without a signal."""
    context = browser.new_context(**{"viewport": {"width": 360, "height": 740}, "locale": "en-GB"} | look)
    context.set_default_timeout(20_000)
    link = small.code()
    device = small.client.get("/v1/devices", params={"limit": 1000}).json()["items"][-1]["id"]
    turf = small.client.get("/v1/turfs").json()["items"][0]["id"]
    small.client.post(f"/v1/turfs/{turf}/assignments", json={"device_id": device}).raise_for_status()
    page = context.new_page()
    page.goto(link)
    page.locator("html[data-offline=ready]").wait_for(state="attached")
    page.locator("html[data-grounds='1']").wait_for(state="attached")
    context.set_offline(True)
    page.close()
    page = context.new_page()
    page.goto(f"{small.base}/canvass/")
    page.locator("#home:not([hidden])").wait_for()
    page.locator("html[data-begun]").wait_for(state="attached")
    return page


@pytest.fixture
def page(browser: Browser, small: Site) -> Iterator[Page]:
    opened = phone(browser, small)
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    yield opened
    assert trouble == []
    opened.context.close()


def ask_where(page: Page) -> None:
    """Go to the question where."""
    page.locator("[data-kind=need]").click()
    page.locator("[name=category]").first.check()
    while not page.locator("[name=where][value=none]").is_visible():
        go_on(page)


def back_online(page: Page) -> None:
    page.context.set_offline(False)
    sent(page)


def offers(page: Page, typed: str) -> list[str]:
    page.locator("#address").fill(typed)
    return page.locator("#offers bdi").all_inner_texts()


def test_an_address_that_is_offered_arrives_with_its_place_and_as_it_was_typed(page: Page, small: Site) -> None:
    ask_where(page)
    here(page).get_by_label("I am writing for somebody who is not here").check()
    here(page).get_by_label("At an address").check()
    # two letters have changed places
    here(page).get_by_role("combobox").fill("tesitkatu 3")
    page.get_by_role("option", name="Testikatu 3").wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator("#offer-0").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    assert page.locator("#address").input_value() == "Testikatu 3"
    assert page.get_by_role("listbox").is_hidden()
    finish(page)
    back_online(page)
    found = newest(small)
    where = {"lon": pytest.approx(lon_of(3), abs=4e-6), "lat": pytest.approx(LAT, abs=4e-6)}
    location = found["typed"]["body"]["location"]
    assert location == where | {"accuracy_m": 15, "method": "suggestion", "typed": "tesitkatu 3"}
    assert (found["typed"]["for_other"], found["typed"]["position"]) == (True, None)
    need = small.client.get(f"/v1/needs/{found['id']}").json()
    assert (need["location_state"], need["match_quality"], need["uncertainty_m"]) == ("located", "rooftop", 15)


def test_a_pin_set_by_keys_arrives_with_its_place_and_its_doubt(page: Page, small: Site) -> None:
    ask_where(page)
    here(page).get_by_label("At a pin on the map").check()
    go_on(page)
    page.get_by_role("alert").get_by_text("Move the map until the pin is at the place").wait_for()
    page.locator("#chart").focus()
    for _ in range(12):
        page.keyboard.press("+")
    page.get_by_text("give or take 5 m").wait_for()
    before = pin(page)
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    after = pin(page)
    # ten pixels a metre, and 24 of them with each key
    assert distance_m(before, Point(after.lon, before.lat)) == pytest.approx(4.8, abs=0.15)
    assert distance_m(before, Point(before.lon, after.lat)) == pytest.approx(2.4, abs=0.15)
    assert after.lon > before.lon
    assert after.lat > before.lat
    finish(page)
    back_online(page)
    found = newest(small)
    expected = {"lon": after.lon, "lat": after.lat, "accuracy_m": 5, "method": "pin"}
    assert found["typed"]["body"]["location"] == expected
    need = small.client.get(f"/v1/needs/{found['id']}").json()
    assert (need["location_state"], need["match_quality"], need["uncertainty_m"]) == ("located", "manual", 5)


def pin(page: Page) -> Point:
    told = page.evaluate("import('/canvass/chart.js').then((chart) => chart.place())")
    return Point(told["lon"], told["lat"])


def test_the_map_goes_to_an_address_and_moves_by_taps_drags_and_buttons(page: Page) -> None:
    ask_where(page)
    here(page).get_by_label("At a pin on the map").check()
    page.locator("#address").fill("aakkostie 2")
    page.get_by_role("option", name="Ääkköstie 2").click()
    page.get_by_text("Pin: at Ääkköstie 2, give or take 8 m.").wait_for()
    chart = page.locator("#chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    start, middle = pin(page), (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(middle[0] + 40, middle[1])
    tapped = pin(page)
    # two pixels a metre
    assert distance_m(start, tapped) == pytest.approx(20, abs=0.7)
    page.get_by_text("Pin: at Ääkköstie 4").wait_for()
    page.mouse.click(middle[0], middle[1] - 60)
    page.get_by_text("Pin: 30 m north of Ääkköstie 4").wait_for()
    page.mouse.click(middle[0], middle[1] + 60)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 20, middle[1])
    page.mouse.move(middle[0] + 40, middle[1])
    page.mouse.up()
    assert distance_m(start, pin(page)) == pytest.approx(0, abs=1.5)
    doubt = "import('/canvass/chart.js').then((chart) => chart.accuracy())"
    page.get_by_role("button", name="Zoom out").click()
    wider = page.evaluate(doubt)
    page.get_by_role("button", name="Zoom in").click()
    assert (page.evaluate(doubt), wider) == (8, 13)
    assert distance_m(start, pin(page)) < 2


def test_two_fingers_pull_the_map_larger(page: Page) -> None:
    ask_where(page)
    here(page).get_by_label("At a pin on the map").check()
    before = page.evaluate("import('/canvass/chart.js').then((chart) => chart.accuracy())")
    page.evaluate("""
        const canvas = document.querySelector('#chart canvas');
        canvas.setPointerCapture = () => {};
        const { left, top } = canvas.getBoundingClientRect();
        const send = (type, id, x, y) => canvas.dispatchEvent(new PointerEvent(type,
            { pointerId: id, clientX: left + x, clientY: top + y, bubbles: true }));
        send('pointerdown', 1, 140, 150); send('pointerdown', 2, 180, 150);
        for (let step = 1; step <= 10; step += 1) {
            send('pointermove', 1, 140 - step * 4, 150); send('pointermove', 2, 180 + step * 4, 150);
        }
        send('pointerup', 1, 100, 150); send('pointerup', 2, 220, 150);
    """)
    after = page.evaluate("import('/canvass/chart.js').then((chart) => chart.accuracy())")
    assert before / after == pytest.approx(3, rel=0.25)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("testikatu", [f"Testikatu {n}" for n in range(1, 7)]),
        ("TESTIKATU 4", ["Testikatu 4"]),
        ("4 testikatu", ["Testikatu 4"]),
        ("testikatu 4 b", ["Testikatu 4"]),
        ("aakkos 2", ["Ääkköstie 2"]),
        ("oster alle 5", ["Øster Allé 5"]),
        ("الملك ٣", ["شارع الملك 3"]),
        ("南京路 6", ["南京路 6"]),
        ("testekatu 1", ["Testikatu 1"]),
        ("tosteketu 1", []),
        ("t", []),
        ("testikatu 77", []),
    ],
)
def test_what_is_offered(finder: Page, typed: str, told: list[str]) -> None:
    assert offers(finder, typed) == told


@pytest.fixture(scope="module")
def finder(browser: Browser, small: Site) -> Iterator[Page]:
    opened = phone(browser, small)
    ask_where(opened)
    here(opened).get_by_label("At an address").check()
    yield opened
    opened.context.close()


def edits(a: str, b: str) -> int:
    """Count letters wrong, missing, too many or swapped (optimal string alignment), the plain way."""
    rows = {(-1, -1): 0}
    for i in range(-1, len(a)):
        for j in range(-1, len(b)):
            if i < 0 or j < 0:
                rows[i, j] = max(i, j) + 1
                continue
            rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + (a[i] != b[j]))
            if i and j and a[i] == b[j - 1] and a[i - 1] == b[j]:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(a) - 1, len(b) - 1]


def expected(word: str, asked: str) -> int:
    if word.startswith(asked):
        return 0
    near = len(asked) >= 4 and any(edits(word[:end], asked) <= 1 for end in range(len(word) + 1))
    return 1 if near else -1


def test_one_letter_may_be_wrong_and_no_more(finder: Page) -> None:
    chance = Random(0)  # noqa: S311 - words for a test
    pairs = [["".join(chance.choices("ab", k=chance.randint(1, 7))) for _ in range(2)] for _ in range(3000)]
    told: Sequence[int] = finder.evaluate(
        "(pairs) => import('/canvass/suggest.js').then((one) => pairs.map(([word, asked]) => one.begins(word, asked)))",
        pairs,
    )
    assert list(told) == [expected(word, asked) for word, asked in pairs]
    assert set(told) == {0, 1, -1}


def test_words_behind_a_chosen_address_leave_it_chosen_and_other_words_do_not(page: Page) -> None:
    ask_where(page)
    here(page).get_by_label("At an address").check()
    page.locator("#address").fill("testik 3")
    page.get_by_role("option", name="Testikatu 3").click()
    place = "import('/canvass/place.js').then((one) => one.place())"
    assert page.evaluate(place)["typed"] == "testik 3"
    page.locator("#address").press_sequentially(" B 12")
    kept = page.evaluate(place)
    assert (kept["typed"], kept["method"]) == ("Testikatu 3 B 12", "suggestion")
    assert page.get_by_role("listbox").is_hidden()
    page.locator("#address").fill("Testikatu 4")
    page.keyboard.press("Escape")
    assert page.get_by_role("listbox").is_hidden()
    assert page.evaluate(place) == {"address": "Testikatu 4"}


def test_a_pin_outlives_a_page_that_is_ended_in_the_background(page: Page) -> None:
    ask_where(page)
    here(page).get_by_label("At a pin on the map").check()
    page.locator("#chart").focus()
    page.keyboard.press("Shift+ArrowRight")
    before = pin(page)
    hide = "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange'))")
    kept = "import('/canvass/queue.js').then((queue) => queue.own('draft')).then(Boolean)"
    for _ in range(100):
        if page.evaluate(kept):
            break
        page.wait_for_timeout(50)
    page.reload()
    page.locator("#chart-row:not([hidden])").wait_for()
    assert pin(page) == before
    assert "give or take" in page.locator("#pin-told").inner_text()


def test_the_ground_leaves_the_phone_with_its_turf(browser: Browser, small: Site) -> None:
    page = phone(browser, small)
    turf = small.client.get("/v1/turfs").json()["items"][0]["id"]
    given = small.client.get(f"/v1/turfs/{turf}/assignments", params={"limit": 1000}).json()["items"]
    for one in given:
        small.client.delete(f"/v1/turfs/{turf}/assignments/{one['id']}")
    page.context.set_offline(False)
    page.reload()
    page.locator("html[data-grounds='0']").wait_for(state="attached")
    kept = page.evaluate("import('/canvass/queue.js').then((queue) => queue.listOwn('ground:'))")
    assert kept == []
    ask_where(page)
    assert page.locator("[name=where][value=pin]").is_hidden()
    page.context.close()


@pytest.mark.parametrize(("code", "scheme"), LOOKS)
def test_the_checker_finds_nothing_serious_where_places_are_found(
    browser: Browser, small: Site, code: str, scheme: str
) -> None:
    page = phone(browser, small, color_scheme=scheme)
    page.locator("#language").select_option(code)
    page.locator(f"html[lang={code}]").wait_for(state="attached")
    ask_where(page)
    page.locator("[name=where][value=address]").check()
    page.locator("#address").fill("testikatu")
    page.locator("#offers:not([hidden])").wait_for()
    page.keyboard.press("ArrowDown")
    found = complaints(page)
    page.locator("[name=where][value=pin]").check()
    page.locator("#chart").focus()
    page.keyboard.press("+")
    page.locator("#pin-told:not(:empty)").wait_for()
    found += complaints(page)
    assert found == []
    thumbs = """
        Array.from(document.querySelectorAll('#chart-row button, #chart-row select, #address'))
          .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)
    """
    assert page.evaluate(thumbs) == []
    page.context.close()


def test_at_double_size_the_map_and_the_offers_stay_in_the_window(browser: Browser, small: Site) -> None:
    page = phone(browser, small, viewport={"width": 180, "height": 370}, device_scale_factor=2)
    ask_where(page)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.locator("[name=where][value=pin]").check()
    page.locator("#address").fill("testikatu")
    page.locator("#offers:not([hidden])").wait_for()
    assert page.evaluate(wide) <= 0
    # a finger must find room beside the map to move the page by
    assert page.evaluate("document.querySelector('#chart').offsetHeight / innerHeight") < 0.6
    page.context.close()


def test_a_place_is_found_by_keys_alone(page: Page, small: Site) -> None:
    def reach(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached")

    ask_where(page)
    reach("[name=where]")
    while not page.locator("[name=where][value=pin]").is_checked():
        page.keyboard.press("ArrowDown")
    reach("#address")
    page.keyboard.type("testikatu 5")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    reach("#chart")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert page.locator("#chart").is_hidden()
    while page.locator("#next").is_visible():
        reach("#next")
        page.keyboard.press("Enter")
    assert "Pin: " in page.locator("#summary").inner_text()
    reach("#save")
    page.keyboard.press("Enter")
    page.get_by_text("Saved on this phone.").wait_for()
    back_online(page)
    location = newest(small)["typed"]["body"]["location"]
    assert (location["method"], location["typed"], location["accuracy_m"]) == ("pin", "testikatu 5", 8)
    # 24 pixels at two a metre
    assert distance_m(Point(location["lon"], location["lat"]), Point(lon_of(5), LAT)) == pytest.approx(12, abs=1)
