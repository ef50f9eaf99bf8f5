"""What waits for an organizer, decided in a real browser: an entry that is held, and requests that may be one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError, expect  # noqa: A004 - that of the browser

from tests.browser.conftest import FOLDS_AT, NASTY
from tests.browser.looking import PATIENT_MS, be_idle, check_axe, press_until, shoot

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def choose_first(page: Page, name: str) -> None:
    """Choose the first of a list, opening it again where the page was drawn anew meanwhile."""
    box, first = page.get_by_role("combobox", name=name), page.get_by_role("option").first
    for _try in range(5):
        box.click()
        try:
            first.click(timeout=4_000)
        except TimeoutError:
            continue
        return
    first.click(timeout=4_000)


def hold_row(site: httpx.Client, width: int) -> None:
    """Bring a table whose one row cannot be used as it stands."""
    sent = {"name": f"held-{width}.csv", "kind": "need"}
    nasty = NASTY.replace('"', '""')
    table = f'category,household_size,address\n,3,"{nasty} {width}"\n'
    brought = site.post("/v1/imports", params=sent, content=table.encode(), headers={"Content-Type": "text/csv"})
    brought.raise_for_status()
    site.post(f"/v1/imports/{brought.json()['id']}/run").raise_for_status()
    for _try in range(100):
        if site.get(f"/v1/imports/{brought.json()['id']}").json()["state"] == "done":
            return
        time.sleep(0.2)
    raise AssertionError("the import did not end")


@pytest.mark.parametrize("width", [390, 1400])
def test_an_entry_that_is_held_is_seen_for_a_reason_and_put_right(look: Look, site: httpx.Client, width: int) -> None:
    hold_row(site, width)
    before = site.get("/v1/balance").json()["received"]
    seen = look(width, dark=width < FOLDS_AT)
    page = seen.page
    page.goto(f"{seen.base}/dash/entries")
    expect(page.get_by_role("button", name="Show what was typed")).to_be_visible(timeout=PATIENT_MS)
    expect(page.get_by_test_id("stAlert")).to_contain_text("Kind of need: Field required")
    shoot(page, "entries")
    check_axe(page)
    page.get_by_role("button", name="Show what was typed").click()
    page.get_by_role("textbox", name="Why do you need it?").fill("to put it right")
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("As it was typed", exact=True)).to_be_visible(timeout=PATIENT_MS)
    be_idle(page)
    shoot(page, "entries-typed")
    check_axe(page)
    choose_first(page, "Kind of need")
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("It is taken in: a need")).to_be_visible(timeout=PATIENT_MS)
    assert site.get("/v1/balance").json()["received"] == before + 1
    page.get_by_test_id("stMain").get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("Taken back. It waits for you again.")).to_be_visible(timeout=PATIENT_MS)
    assert site.get("/v1/balance").json()["received"] == before
    assert page.title() != "taken"
    assert [one for one in seen.trouble if "_stcore" not in one] == []


def ask_twice(site: httpx.Client, width: int) -> None:
    """Ask for the same at one door twice, with one telephone."""
    contact = {"name": NASTY[:200], "phone": f"+358 40 555 0{width % 1000:03d}", "consent": True}
    place = {"lon": 24.945, "lat": 60.169 + width / 1e6, "accuracy_m": 5, "method": "gps"}
    body = {"category": "medicine", "household_size": 2, "location": place, "contact": contact}
    for _time in range(2):
        site.post("/v1/needs", json=body).raise_for_status()


@pytest.mark.parametrize("width", [390, 1400])
def test_requests_that_may_be_one_are_decided_with_keys_alone(look: Look, site: httpx.Client, width: int) -> None:
    ask_twice(site, width)
    received = site.get("/v1/balance").json()
    seen = look(width, dark=width < FOLDS_AT)
    page = seen.page
    page.goto(f"{seen.base}/dash/duplicates")
    expect(page.get_by_text("Why they are shown")).to_be_visible(timeout=PATIENT_MS)
    shoot(page, "duplicates")
    check_axe(page)
    taken_back = page.get_by_text("Taken back. Both requests are as they were.")
    press_until(page, "n", page.get_by_text("They are two requests, and are not shown together again."))
    press_until(page, "u", taken_back)
    press_until(page, "m", page.get_by_text("The two are one request now."))
    after = site.get("/v1/balance").json()
    assert (after["received"], after["closed"]) == (received["received"], received["closed"] + 1)
    shoot(page, "duplicates-merged")
    press_until(page, "u", taken_back)
    assert site.get("/v1/balance").json() == received
    press_until(page, "m", page.get_by_text("The two are one request now."))
    assert page.title() != "taken"
    assert [one for one in seen.trouble if "_stcore" not in one] == []
