"""The doors a phone carries, in a real browser: noted without a signal, sent once there is one, and nothing kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.canvass_site import AXE, Site, serve_small
from tests.browser.conftest import NASTY, run_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RING = [[24.93, 60.16], [24.96, 60.16], [24.96, 60.18], [24.93, 60.18], [24.93, 60.16]]


@pytest.fixture(scope="module")
def small(admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve_small(admin, template, server_url, tmp_path_factory.mktemp("home")) as site:
        yield site


@pytest.fixture
def turf(small: Site, tmp_path: Path) -> dict[str, Any]:
    doors = tmp_path / "addresses.csv"
    lines = [f"{n},Testikatu,Helsinki,00100,{24.94 + n / 5000},60.17" for n in range(1, 7)]
    doors.write_text("\n".join(["number,street,city,postcode,lon,lat", *lines]), "utf-8")
    names = ",".join(f"{name}={name}" for name in ("number", "street", "city", "postcode", "lon", "lat"))
    run_command(small.env, "load", "addresses", str(doors), "--map", names)
    body = {"name": NASTY[:90], "note": NASTY[:300], "geometry": {"type": "Polygon", "coordinates": [RING]}}
    made = small.client.post("/v1/turfs", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


@pytest.fixture
def page(browser: Browser, small: Site, turf: dict[str, Any]) -> Iterator[Page]:
    """A phone that was just enrolled and carries the turf."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    context.set_default_timeout(30_000)
    link = small.code()
    device = small.client.get("/v1/devices").json()["items"][-1]["id"]
    given = small.client.post(f"/v1/turfs/{turf['id']}/assignments", json={"device_id": device})
    assert given.status_code == 201, given.text
    opened, trouble = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.goto(link)
    opened.locator("#home:not([hidden])").wait_for()
    opened.locator("html[data-offline=ready]").wait_for(state="attached")
    yield opened
    assert trouble == []
    context.close()


def met(page: Page, position: int, outcome: str) -> None:
    page.locator("#walks li").nth(position - 1).get_by_role("button", name=outcome).click()
    page.locator("#walks li").nth(position - 1).locator(".met", has_text="✓").wait_for()


def outcomes(small: Site, turf: dict[str, Any]) -> dict[str, int]:
    told = small.client.get(f"/v1/turfs/{turf['id']}/progress").json()["outcomes"]
    return {name: count for name, count in told.items() if count}


def test_doors_are_noted_without_a_signal_and_sent_once(page: Page, small: Site, turf: dict[str, Any]) -> None:
    page.locator("#to-turf").click()
    assert page.locator("#walks li").count() == 6
    assert page.locator("#turf h2").inner_text() == turf["name"]
    page.context.set_offline(True)
    met(page, 1, "Nobody home")
    met(page, 2, "Somebody opened")
    met(page, 1, "Come back later")
    page.reload()
    page.locator("#to-turf").click()
    assert page.locator("#turf-far").inner_text() == "2 of 6 doors"
    # what was met is not shown again, so that a lost phone does not tell it
    assert "Nobody home ✓" not in page.locator("#walks").inner_text()
    assert outcomes(small, turf) == {}
    page.context.set_offline(False)
    page.locator("html[data-visits='0']").wait_for(state="attached")
    assert outcomes(small, turf) == {"visited": 1, "come_back": 1}
    kept = page.evaluate(
        """() => new Promise((done) => {
          const open = indexedDB.open("barnraiser-canvass");
          open.onsuccess = () => {
            const all = open.result.transaction("own").objectStore("own").getAllKeys();
            all.onsuccess = () => done(all.result);
          };
        })"""
    )
    assert not [key for key in kept if key.startswith("visit:")]
    assert page.title() == "Barnraiser"


def test_a_turf_that_is_taken_back_leaves_the_phone(page: Page, small: Site, turf: dict[str, Any]) -> None:
    page.locator("#to-turf").wait_for()
    (given,) = small.client.get(f"/v1/turfs/{turf['id']}/assignments").json()["items"]
    small.client.delete(f"/v1/turfs/{turf['id']}/assignments/{given['id']}")
    page.reload()
    page.locator("#to-turf").wait_for(state="hidden")


def test_the_doors_can_be_used_by_anybody(page: Page) -> None:
    page.locator("#to-turf").click()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run()")["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in page.locator("#walks li").first.get_by_role("button").all():
        assert (button.bounding_box() or {"height": 0})["height"] >= 44
