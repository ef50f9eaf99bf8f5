"""A form is brought, refused with reasons, looked at, asked and ended on its page, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FOLDS_AT, NASTY
from tests.browser.looking import PATIENT_MS, be_idle, check_axe, shoot
from tests.xlsforms import ROWS, winter

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD = [*ROWS, ["audit", "watched", "Watched"], ["rank kinds", "order", NASTY]]


@pytest.mark.parametrize("width", [390, 1400])
def test_a_form_is_brought_and_asked(look: Look, site: httpx.Client, width: int) -> None:
    seen = look(width, dark=width < FOLDS_AT)
    page = seen.page
    page.goto(f"{seen.base}/dash/forms")
    expect(page.get_by_text("Bring a form")).to_be_visible(timeout=PATIENT_MS)
    if page.locator("details:not([open])", has_text="Bring a form").count():
        page.get_by_text("Bring a form").click()
    bring = page.get_by_role("button", name="Bring it")
    settings = [["form_title", "form_id", "version"], [f"Winter {width}", f"winter{width}", "1"]]
    for rows, said in ((BAD, "This workbook cannot be used as it is."), (ROWS, "is here. Look at it")):
        content = winter(rows=rows, settings=settings)
        name = f"{'bad' if rows is BAD else 'good'}.xlsx"
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": XLSX, "buffer": content})
        # the button stands open for the one before, too
        expect(page.get_by_text(name)).to_be_visible(timeout=PATIENT_MS)
        be_idle(page)
        expect(bring).to_be_enabled(timeout=PATIENT_MS)
        bring.click()
        expect(page.get_by_text(said, exact=False)).to_be_visible(timeout=PATIENT_MS)
        shoot(page, f"forms-{'bad' if rows is BAD else 'brought'}")
    expect(page.get_by_text("The household")).to_have_count(0)
    # what stood open before may still be there for a moment
    expect(page.get_by_text("How is it heated?")).to_have_count(1, timeout=PATIENT_MS)
    check_axe(page)
    page.get_by_role("button", name="Let it be asked").click()
    expect(page.get_by_text("It is asked from now on.", exact=False)).to_be_visible(timeout=PATIENT_MS)
    names = {one["name"]: one["is_active"] for one in site.get("/v1/forms").json()["items"]}
    assert names[f"winter{width}"]
    page.get_by_test_id("stMain").get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("It is asked no more.", exact=False)).to_be_visible(timeout=PATIENT_MS)
    names = {one["name"]: one["is_active"] for one in site.get("/v1/forms").json()["items"]}
    assert not names[f"winter{width}"]
    assert page.title() != "taken"
    assert [one for one in seen.trouble if "_stcore" not in one and "422" not in one] == []
