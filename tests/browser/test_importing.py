"""A table goes its whole way in a real browser: brought, mapped, checked, taken in, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FOLDS_AT, NASTY
from tests.browser.looking import be_idle, check_axe, shoot

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TABLE = f"""Tarve,Katu,Kunta,Henkilöitä,"{NASTY.replace('"', '""')}"
ruoka,Liisankatu 12,Helsinki,3,x
kassi,Liisankatu 14,Helsinki,2,=1+1
vesi,,,monta,
"""


@pytest.mark.parametrize("width", [390, 1400])
def test_a_table_goes_its_whole_way(look: Look, site: httpx.Client, width: int) -> None:
    seen = look(width, dark=width > FOLDS_AT)
    page, before = seen.page, site.get("/v1/balance").json()["received"]
    page.goto(f"{seen.base}/dash/import")
    bring = page.get_by_role("button", name="Bring it")
    expect(page.get_by_text("Bring a table")).to_be_visible(timeout=20_000)
    if page.locator("details:not([open])", has_text="Bring a table").count():
        # it stands open only where nothing was brought yet
        page.get_by_text("Bring a table").click()
    expect(bring).to_be_visible()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": f"list-{width}.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    expect(bring).to_be_enabled(timeout=20_000)
    bring.click()
    expect(page.get_by_text("Look at what its columns mean")).to_be_visible(timeout=20_000)
    category = page.get_by_role("combobox", name="What is needed (required)")
    # what stood open before may still be there for a moment
    expect(category).to_have_count(1, timeout=20_000)
    expect(category).to_have_value("Tarve")
    be_idle(page)
    expect(page.get_by_text("Not used:")).not_to_contain_text("Katu")
    shoot(page, "import-columns")
    check_axe(page)
    page.get_by_role("textbox", name="What words of the table mean").fill("kassi = food")
    page.get_by_role("button", name="Check every row").click()
    expect(page.get_by_text("2 rows can be taken in, 1 row would be held")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("cell", name="Henkilöitä", exact=True)).to_be_visible()
    shoot(page, "import-checked")
    check_axe(page)
    assert site.get("/v1/balance").json()["received"] == before
    page.get_by_role("button", name="Take in 2 needs").click()
    expect(page.get_by_text("1 row waits among the entries")).to_be_visible(timeout=30_000)
    assert site.get("/v1/balance").json()["received"] == before + 2
    be_idle(page)
    with page.expect_download() as report:
        page.get_by_role("link", name="Report as CSV").click()
    assert "household_size" in report.value.path().read_text("utf-8-sig")
    shoot(page, "import-done")
    page.get_by_role("button", name="Correct what waits").click()
    expect(page.get_by_role("button", name="Show what was typed").first).to_be_visible(timeout=20_000)
    page.goto(f"{seen.base}/dash/import")
    expect(page.get_by_text("1 row waits among the entries")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("All that came from this table was taken back.")).to_be_visible(timeout=20_000)
    assert site.get("/v1/balance").json()["received"] == before
    assert page.title() != "taken"
    assert [one for one in seen.trouble if "_stcore" not in one and "report.csv" not in one] == []
