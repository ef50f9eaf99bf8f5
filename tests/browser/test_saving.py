"""What the map shows, saved and printed from its menu, by mouse and by keys."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.looking import be_idle, shoot
from tests.browser.test_dashboard import frame

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def save(seen: Watched, words: str) -> bytes:
    drawn = frame(seen)
    with seen.page.expect_download(timeout=60_000) as found:
        drawn.get_by_role("button", name=words).click()
    assert drawn.get_by_role("status").filter(has_text="Saved as").count() <= 1
    return found.value.path().read_bytes()


def test_what_is_seen_is_saved_and_printed(look: Look, site: httpx.Client) -> None:
    seen = look()
    seen.open("/dash/?need=Childcare")
    drawn = frame(seen)
    drawn.wait_for_selector("path.br-cell")
    headline = seen.page.locator("h1").inner_text()
    opener = drawn.get_by_role("button", name="Save or print")
    opener.focus()
    seen.page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    shoot(seen.page, "save")
    said = " ".join(PdfReader(io.BytesIO(save(seen, "Page to print"))).pages[0].extract_text().split())
    assert headline in said
    assert "© OpenStreetMap contributors" in said
    assert save(seen, "Picture for a phone").startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO(save(seen, "Table").decode("utf-8-sig"), newline="")))
    told = site.get("/v1/coverage", params={"standard_min": 5, "category": "childcare"}).json()["rows"]
    assert {(row["cell"], row["needs_without_help"]) for row in rows} == {(row["key"], str(row["gap"])) for row in told}
    seen.page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(drawn.locator("#br-save-list")).to_be_hidden()
    be_idle(seen.page)
    paper = PdfReader(io.BytesIO(seen.page.pdf(format="A4", print_background=True)))
    printed = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert headline in printed
    assert "Printed on" in printed
    assert all(row["place"] in printed for row in rows[:5])
    assert "Save or print" not in printed
    assert "Look closer" not in printed
    assert seen.trouble == []


def test_a_picture_that_cannot_be_drawn_says_why(look: Look) -> None:
    seen = look(390)
    seen.open("/dash/?at=24.945,60.171,7")
    drawn = frame(seen)
    drawn.get_by_role("button", name="Save or print").click()
    drawn.get_by_role("button", name="Picture (PNG)").click()
    expect(drawn.get_by_role("status").filter(has_text="This cannot be drawn")).to_contain_text("2 degrees")
    shoot(seen.page, "save-refused")
