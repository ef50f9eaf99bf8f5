"""What an organizer does, in a browser that can reach nobody but this host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import NASTY, Watched
from tests.browser.looking import shoot

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Route

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def coverage(site: httpx.Client, **query: object) -> dict[str, Any]:
    return dict(site.get("/v1/coverage", params={"standard_min": 5, **query}).json())


def choose(seen: Watched, label: str, option: str) -> None:
    seen.page.get_by_label(label).first.click()
    seen.page.get_by_role("option", name=option, exact=True).click()


def frame(seen: Watched) -> Any:
    return next(f for f in reversed(seen.page.frames) if "streamlit_folium" in f.url)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_the_page_is_complete_with_no_other_host_in_reach(
    look: Look, site: httpx.Client, width: int, theme: str
) -> None:
    seen = look(width, dark=theme == "dark")
    seen.open()
    drawn = frame(seen)
    drawn.wait_for_selector("path.br-cell")
    drawn.wait_for_selector("canvas.leaflet-tile-loaded")
    balance = site.get("/v1/balance").json()
    line = seen.page.locator(".br-balance").get_attribute("aria-label") or ""
    numbers = [int(n.replace(",", "")) for n in re.findall(r"[\d,]+", line)]
    assert numbers[0] == sum(numbers[1:]) == balance["received"]
    assert "OpenStreetMap contributors" in drawn.locator(".leaflet-control-attribution").inner_text()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert drawn.evaluate("document.documentElement.dataset.theme") == theme
    assert seen.trouble == []


def test_a_filter_changes_the_figures_and_keeps_the_view(look: Look, site: httpx.Client) -> None:
    seen = look()
    seen.open()
    drawn = frame(seen)
    drawn.evaluate("window.stays = true; map.setView([60.171, 24.945], 16, {animate: false})")
    choose(seen, "Kind of need", "Childcare")
    totals = coverage(site, category="childcare")["totals"]["childcare"]
    seen.page.wait_for_selector(f"h1:has-text('{totals['gap']} of {totals['demand']} open childcare needs')")
    assert drawn.evaluate("window.stays && map.getZoom()") == 16
    assert "need=Childcare" in seen.page.url
    assert "at=24.945" in seen.page.url
    assert seen.trouble == []


def test_the_map_the_list_and_the_service_give_the_same_gap(look: Look, site: httpx.Client) -> None:
    seen = look()
    seen.open("/dash/?need=Childcare")
    worst = max(coverage(site, category="childcare")["rows"], key=lambda row: row["gap"])
    said = f"{worst['gap']} of {worst['demand']} childcare needs here"
    assert said in seen.page.locator(".br-card h3").first.inner_text()
    cell = frame(seen).locator(f"path.br-cell[aria-label^='{said}']").first
    cell.hover()
    tip = frame(seen).locator(".leaflet-tooltip").inner_text()
    assert said in tip
    assert worst["why"] in tip
    cell.click()
    seen.page.wait_for_selector("text=Who could help soonest")
    assert f"cell={worst['key']}" in seen.page.url
    seen.page.locator(".br-need").first.wait_for()
    assert seen.trouble == []


def test_the_filters_come_back_with_the_address(look: Look) -> None:
    seen = look()
    seen.open("/dash/?need=Medicine&minutes=within+10+minutes&layers=Places+that+help&at=24.945,60.171,17")
    assert "within 10 minutes" in seen.page.locator("h1").inner_text()
    frame(seen).wait_for_selector(".br-asset")
    assert frame(seen).locator("path.br-cell").count() == 0
    assert frame(seen).evaluate("map.getZoom()") == 17


def test_what_people_write_is_never_run(look: Look, site: httpx.Client) -> None:
    asset = {"kind": "library", "categories": ["food"], "name": NASTY, "point": {"lon": 24.947, "lat": 60.17}}
    assert site.post("/v1/assets", json=asset).status_code == 201
    assert site.post("/v1/needs", json={"category": "food", "location": {"address": NASTY}}).status_code == 201
    seen = look()
    seen.open("/dash/?layers=Places+that+help&at=24.947,60.17,19")
    mark = frame(seen).locator(".br-asset[aria-label^='{{7*7}}']")
    mark.wait_for()
    mark.hover()
    assert NASTY in frame(seen).locator(".leaflet-tooltip").inner_text()
    seen.go("Review queue")
    seen.page.get_by_role("button", name="{{7*7}}").first.click()
    seen.page.wait_for_selector(".br-quote:has-text('{{7*7}} ${document.title=')")
    seen.wait_for_map()
    assert frame(seen).evaluate("document.title") != "taken"
    assert seen.page.title() != "taken"
    assert seen.page.locator("img[src='x']").count() == 0
    assert seen.trouble == []


def test_too_much_in_view_is_drawn_as_larger_hexagons_that_come_closer(look: Look, site: httpx.Client) -> None:
    seen = look()

    def draw_little(route: Route) -> None:
        route.continue_(url=route.request.url.replace("most=400", "most=50"))

    seen.page.route("**/v1/map/assets?*", draw_little)
    seen.open("/dash/?layers=Places+that+help&at=24.945,60.17,13")
    drawn = frame(seen)
    marks = drawn.locator(".br-places[aria-label]")
    marks.first.wait_for()
    said = [int(re.sub(r"\D", "", one)) for one in marks.evaluate_all("all => all.map(one => one.ariaLabel)")]
    assets = site.get("/v1/map/assets", params={"bbox": "24.5,60,25.5,60.4"}).json()["features"]
    assert len(said) <= 50
    assert sum(said) == len(assets)
    before = drawn.evaluate("map.getZoom()")
    marks.first.focus()
    seen.page.keyboard.press("Enter")
    drawn.wait_for_function(f"map.getZoom() > {before}")
    shoot(seen.page, "larger")
    assert seen.trouble == []
