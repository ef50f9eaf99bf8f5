"""A network with nothing in it: its organizer is guided, and everybody reads its public page, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import FOLDS_AT, NASTY, Watched, keep_signed_in, run_command, serve
from tests.browser.looking import AXE, PATIENT_MS, check_axe, find_broken_rules, shoot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Client
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = [(390, "light"), (1400, "dark")]
MOST_BYTES = 100_000
AREA = '{"features": [{"geometry": {"type": "Polygon", "coordinates": [[[24.9, 60.1], [25, 60.1], [25, 60.2], '
AREA += '[24.9, 60.1]]]}, "properties": {"name": "Kallio"}}]}'


@pytest.fixture(scope="module")
def site(own_environment: dict[str, str]) -> Iterator[Client]:
    with serve(own_environment, timeout_s=60) as client:
        yield client


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: Client, own_environment: dict[str, str]) -> dict[str, Any]:
    return keep_signed_in(browser, site, own_environment)


def heading(page: Page, words: str) -> Any:
    return page.get_by_role("heading", name=re.compile(words))


def test_the_first_steps_are_found_by_their_name_too(browser: Browser, site: Client, signed_in: dict[str, Any]) -> None:
    context = browser.new_context(storage_state=signed_in)
    seen = Watched(context.new_page(), str(site.base_url).rstrip("/"))
    seen.page.goto(f"{seen.base}/dash/first-steps")
    heading(seen.page, r"1\. Name the area.*\(next\)").wait_for(timeout=PATIENT_MS)
    seen.page.wait_for_url(f"{seen.base}/dash/")
    assert seen.page.get_by_text("Page not found").count() == 0
    assert seen.page.get_by_role("link", name="First steps").count() == 1
    assert seen.trouble == []
    context.close()


def test_an_organizer_is_led_through_the_first_steps(
    browser: Browser, site: Client, signed_in: dict[str, Any], tmp_path: Path
) -> None:
    for width, scheme in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, storage_state=signed_in
        )
        seen = Watched(context.new_page(), str(site.base_url).rstrip("/"))
        seen.page.goto(f"{seen.base}/dash/")
        heading(seen.page, r"6\. Cut the first turf").wait_for(timeout=PATIENT_MS)
        heading(seen.page, r"1\. Name the area.*\(next\)").wait_for()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        shoot(seen.page, f"first-steps-{scheme}")
        check_axe(seen.page)
        if width >= FOLDS_AT:
            # the framework's folded list of pages is a list of what are no items
            assert find_broken_rules(seen.page) == []
        assert seen.trouble == []
        if width < 1000:
            context.close()
    (tmp_path / "areas.geojson").write_text(AREA)
    seen.page.locator("input[type=file]").set_input_files(tmp_path / "areas.geojson")
    taking = seen.page.get_by_role("button", name="Take in the areas")
    taking.and_(seen.page.locator(":enabled")).wait_for(timeout=PATIENT_MS)
    taking.click()
    heading(seen.page, r"1\. Name the area.*\(done\)").wait_for(timeout=PATIENT_MS)
    assert [area["name"] for area in site.get("/v1/areas").json()["items"]] == ["Kallio"]
    away = seen.page.get_by_role("button", name="Put these steps away")
    away.focus()
    seen.page.keyboard.press("Enter")
    seen.page.get_by_role("button", name="Take them out again").wait_for(timeout=PATIENT_MS)
    assert site.get("/v1/first-steps").json()["is_away"] is True
    assert seen.trouble == []
    # whoever comes anew is shown the map, and no page of steps
    seen.page.goto(f"{seen.base}/dash/")
    seen.page.get_by_role("link", name="Map").wait_for(timeout=PATIENT_MS)
    assert seen.page.get_by_role("link", name="First steps").count() == 0
    context.close()


@pytest.fixture
def public(site: Client, own_environment: dict[str, str]) -> str:
    """The address of the public page, with three places on it."""
    for number, hours in enumerate(("24/7", "Mo-Su off", None)):
        at = {"lon": 24.94 + number / 500, "lat": 60.17}
        body = {"kind": "food_bank", "categories": ["food"], "name": f"{number} {NASTY}", "point": at}
        site.post("/v1/assets", json=body | ({"opening_hours": hours} if hours else {})).raise_for_status()
    run_command(own_environment, "release")
    return f"{str(site.base_url).rstrip('/')}/public/home/"


def test_the_public_page_is_small_and_sound_in_both_directions(browser: Browser, public: str) -> None:
    for width, scheme in SIZES:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        for language in ("en", "ar"):
            seen, sizes = Watched(context.new_page(), public), list[int]()
            seen.page.on("requestfinished", lambda asked, sizes=sizes: sizes.append(asked.sizes()["responseBodySize"]))
            seen.page.goto(f"{public}{language}.html", wait_until="networkidle")
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
            seen.page.evaluate(AXE.read_text("utf-8"))
            assert seen.page.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []
            assert seen.page.title().startswith("Our network")
            assert 0 < sum(sizes) < MOST_BYTES
            shoot(seen.page, f"public-{language}-{scheme}")
            assert seen.trouble == []
        context.close()


def test_the_public_page_is_read_without_script_and_by_keyboard(browser: Browser, public: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ar")
    page = context.new_page()
    page.goto(public)
    assert page.get_by_role("row").count() >= 4
    # in the browser's language, and over to another
    page.get_by_text("مفتوح", exact=True).first.wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_text("Open", exact=True).first.wait_for()
    page.get_by_label("Everything").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("Food").is_checked()
    page.keyboard.press("ArrowRight")
    # none of them has water: all rows of places are gone but the head
    assert page.get_by_label("Drinking water").is_checked()
    assert page.get_by_role("row").count() == 1
    context.close()
