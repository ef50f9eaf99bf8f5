"""A turf whose shape is drawn on the map: by a mouse, and by keys alone; and what it looks like to a checker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.canvass_site import AXE

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Locator

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT_MS = 30_000


def open_drawing(look: Look, width: int, *, dark: bool = False) -> Watched:
    seen = look(width, dark=dark)
    seen.page.goto(f"{seen.base}/dash/turfs")
    seen.page.get_by_text("Cut turfs").wait_for(timeout=PATIENT_MS)
    draws = seen.page.get_by_role("radio", name="A shape I draw")
    until(seen, seen.page.get_by_text("Cut turfs").click, draws)
    until(seen, draws.click, seen.page.locator(".st-key-drawn_does"))
    # a deep link asks for more than there is, as everywhere
    seen.trouble.clear()
    until(seen, lambda: None, frame(seen).locator(".br-drawing"))
    return seen


def frame(seen: Watched) -> Any:
    """The map to draw on; the other one shows a turf."""
    room = seen.page.get_by_test_id("stExpanderDetails").locator("iframe[title*=st_folium]")
    found = room.element_handle().content_frame()
    assert found is not None
    return found


def until(seen: Watched, do: Callable[[], None], there: Locator) -> None:
    """Do something until it shows, again where the page was being drawn and did not hear it."""
    for _ in range(5):
        do()
        for _ in range(60):
            if there.count() and there.first.is_visible():
                return
            seen.page.wait_for_timeout(100)
    raise AssertionError("the page never heard it")


def corners(seen: Watched, count: int) -> list[list[float]]:
    """The corners as they stand in the box for typing, once there are so many."""
    seen.page.get_by_text(f"{count} corners" if count > 1 else "1 corner", exact=True).wait_for(timeout=PATIENT_MS)
    typed = seen.page.get_by_role("textbox", name="Corners, if you would rather type them")
    for _ in range(100):
        # the box is filled a moment after the words
        lines = typed.input_value().splitlines()
        if len(lines) == count:
            break
        seen.page.wait_for_timeout(50)
    return [[float(part) for part in line.split(",")] for line in lines]


def turf_named(site: httpx.Client, name: str) -> dict[str, Any]:
    items = site.get("/v1/turfs", params={"limit": 1000}).json()["items"]
    return dict(next(turf for turf in items if turf["name"] == name))


def complaints(seen: Watched) -> list[str]:
    """What the checker finds that is serious or worse where a shape is drawn; the frame around it is not ours."""
    found = []
    for room, what in (
        (seen.page, "{include: ['[data-testid=stExpander]'], exclude: ['iframe']}"),
        (frame(seen), "document"),
    ):
        room.evaluate(AXE.read_text("utf-8"))
        found += room.evaluate(f"() => axe.run({what})")["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {[node['html'][:150] for node in one['nodes']]}" for one in serious]


def test_a_shape_is_drawn_changed_and_becomes_a_turf(look: Look, site: httpx.Client) -> None:
    seen = open_drawing(look, 1400)
    page, box = seen.page, frame(seen).locator(".br-drawing")
    middle = box.bounding_box()["width"] / 2
    for at, (x, y) in enumerate([(-60, 180), (60, 180), (60, 260), (-60, 260)], 1):
        box.click(position={"x": middle + x, "y": y})
        corners(seen, at)
    first = corners(seen, 4)
    grip = frame(seen).locator("[data-corner='0']").bounding_box()
    x, y = grip["x"] + 12, grip["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10, y)
    page.mouse.move(x - 40, y)
    page.mouse.up()
    frame(seen).locator("[data-between='1']").click()
    last = corners(seen, 5)
    assert complaints(seen) == []
    assert last[0][0] < first[0][0]
    assert last[2] == pytest.approx([(first[1][at] + first[2][at]) / 2 for at in (0, 1)], abs=2e-5)
    page.get_by_text("One turf of all its doors").click()
    page.get_by_role("textbox", name="What they are called").fill("Drawn by hand")
    page.get_by_role("button", name="Cut", exact=True).click()
    page.get_by_text("1 turf was made.").wait_for(timeout=PATIENT_MS)
    turf = turf_named(site, "Drawn by hand")
    ((ring,),) = turf["geometry"]["coordinates"]
    assert {tuple(round(part, 5) for part in corner) for corner in ring} == {
        tuple(round(part, 5) for part in corner) for corner in last
    }
    assert turf["doors"] > 0
    # the map is empty again
    page.get_by_text("Click on the map for each corner of the shape.").wait_for(timeout=PATIENT_MS)
    assert frame(seen).locator("[data-corner]").count() == 0
    assert seen.trouble == []


def test_a_shape_is_drawn_by_keys_alone_and_one_that_crosses_itself_is_refused(look: Look) -> None:
    seen = open_drawing(look, 390, dark=True)
    page, inside = seen.page, frame(seen)
    inside.locator(".br-drawing").focus()
    page.keyboard.press("Enter")
    corners(seen, 1)
    for at, keys in enumerate((["ArrowRight"] * 2, ["ArrowDown"] * 2, ["ArrowLeft"] * 2), 2):
        for key in keys:
            page.keyboard.press(key)
            # the map glides
            page.wait_for_timeout(400)
        page.keyboard.press("Enter")
        corners(seen, at)
    square = corners(seen, 4)
    assert complaints(seen) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert square[1][0] > square[0][0]
    assert square[2][1] < square[1][1]
    inside.locator("[data-corner='3']").focus()
    page.keyboard.press("Delete")
    corners(seen, 3)
    inside.locator("[data-corner='2']").focus()
    page.keyboard.press("Shift+ArrowUp")
    for _ in range(100):
        if corners(seen, 3)[2] != square[2]:
            break
        page.wait_for_timeout(50)
    assert corners(seen, 3)[2][1] > square[2][1]
    typed = page.get_by_role("textbox", name="Corners, if you would rather type them")
    typed.fill("24.945, 60.168\n24.955, 60.173\n24.955, 60.168\n24.945, 60.173")
    typed.blur()
    corners(seen, 4)
    page.get_by_role("textbox", name="What they are called").fill("Crossed")
    page.get_by_role("button", name="Cut", exact=True).click()
    page.get_by_text("the shape is not valid").wait_for(timeout=PATIENT_MS)
    # and what was drawn is still there
    assert len(corners(seen, 4)) == 4
