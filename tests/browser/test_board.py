"""The board, matches, helpers and the calendar in a browser, with the demonstration's network behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Locator

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENT_MS = 60_000
PAGES = {
    "board": ("Board", "h1:has-text('for somebody')"),
    "matches": ("Matches", "h1:has-text('Whom to ask')"),
    "helpers": ("Helpers", "h1:has-text('helpers')"),
    "calendar": ("Calendar", "h1:has-text('shift')"),
}


def board(site: httpx.Client, lane: str) -> dict[str, Any]:
    return dict(site.get("/v1/board", params={"lane": lane, "limit": 200}).json())


def counts(site: httpx.Client) -> dict[str, int]:
    return {one["lane"]: one["count"] for one in board(site, "waiting")["lanes"]}


def trouble(seen: Watched) -> list[str]:
    # a page that is opened by its own address is looked for by its framework below that address first
    return [one for one in seen.trouble if "/_stcore/" not in one]


def press(seen: Watched, name: str) -> None:
    seen.page.get_by_role("button", name=name, exact=True).first.click()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_every_page_is_reached_and_fits(look: Look, width: int, theme: str) -> None:
    seen = look(width, dark=theme == "dark")
    seen.page.goto(f"{seen.base}/dash/about")
    seen.page.locator("h1").wait_for(timeout=PATIENT_MS)
    for path, (name, marker) in PAGES.items():
        seen.go(name)
        seen.page.locator(marker).first.wait_for(timeout=PATIENT_MS)
        assert seen.page.url.partition("?")[0].endswith(f"/dash/{path}")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert trouble(seen) == []


def test_a_need_is_asked_about_accepted_and_each_step_taken_back(look: Look, site: httpx.Client) -> None:
    before = counts(site)
    seen = look()
    seen.page.goto(f"{seen.base}/dash/board")
    seen.page.locator(f"h1:has-text('{before['waiting']:,} needs wait for somebody')").wait_for(timeout=PATIENT_MS)
    listed = [card["need"]["id"] for card in board(site, "waiting")["items"][:50]]
    shown = seen.page.locator("[class*='st-key-wait_']")
    shown.nth(len(listed) - 1).wait_for()
    keys = [f"st-key-wait_{need_id}" for need_id in listed]
    assert [next(k for k in keys if k in (one.get_attribute("class") or "")) for one in shown.all()] == keys
    ask = seen.page.get_by_role("button", name="Ask", exact=True)
    for _need in listed:
        seen.page.locator("h2:has-text('Who could help soonest')").wait_for()
        seen.page.locator("[data-testid='stStatusWidget']").wait_for(state="detached", timeout=PATIENT_MS)
        if ask.count():
            break
        seen.page.keyboard.press("j")
        seen.page.wait_for_timeout(700)
    ask.first.click()
    seen.page.get_by_text("Without an answer it lapses in a day").wait_for(timeout=PATIENT_MS)
    assert counts(site) == before | {"waiting": before["waiting"] - 1, "asked": before["asked"] + 1}
    seen.page.get_by_role("radio", name="Asked").click()
    seen.page.locator("h1:has-text('for an answer')").wait_for()
    press(seen, "Said yes")
    seen.page.get_by_text("has promised to help").wait_for(timeout=PATIENT_MS)
    assert counts(site)["accepted"] == before["accepted"] + 1
    press(seen, "Undo")
    seen.page.get_by_text("It stands as it did before").wait_for(timeout=PATIENT_MS)
    assert counts(site)["accepted"] == before["accepted"]
    assert trouble(seen) == []


def test_proposals_are_those_of_the_service_and_one_is_asked(look: Look, site: httpx.Client) -> None:
    asked = {"ring_min": 30.0, "most_each": 2, "answer_within_h": 24.0}
    found = site.post("/v1/matches/propose", json=asked, timeout=60).json()
    assert found["pairs"]
    before = counts(site)["asked"]
    seen = look()
    seen.page.goto(f"{seen.base}/dash/matches")
    seen.page.get_by_role("button", name="Propose").click()
    pairs, whole = len(found["pairs"]), len(found["pairs"]) + len(found["unmatched"])
    seen.page.locator(f"h1:has-text('about {pairs} of {whole} needs')").wait_for(timeout=PATIENT_MS)
    assert counts(site)["asked"] == before
    why = seen.page.get_by_role("region", name="Needs nobody is proposed for, and why")
    why.locator("tbody td:nth-child(2)").first.wait_for(timeout=PATIENT_MS)
    rows = why.locator("tbody td:nth-child(2)").all_inner_texts()
    assert sorted(int(n.replace(",", "")) for n in rows) == sorted(found["unmatched_by_reason"].values())
    press(seen, "Ask")
    seen.page.get_by_role("button", name="Take back").first.wait_for(timeout=PATIENT_MS)
    assert counts(site)["asked"] == before + 1
    assert trouble(seen) == []


def test_a_helpers_contact_is_kept_and_seen_on_demand(look: Look, site: httpx.Client) -> None:
    seen = look(390)
    seen.page.goto(f"{seen.base}/dash/helpers")
    press_when_there(seen, "Set contact")
    seen.page.get_by_label("Telephone").fill("+358 40 555 0199")
    seen.page.get_by_text("They agreed to this being kept").click()
    press(seen, "Keep it")
    seen.page.get_by_text("is kept, sealed").wait_for(timeout=PATIENT_MS)
    # nothing of it stays on the page, the form it was typed in either
    seen.page.wait_for_function("() => !document.documentElement.outerHTML.includes('555 0199')", timeout=PATIENT_MS)
    press(seen, "Show contact")
    seen.page.get_by_label("Why do you need it?").fill("to ring them")
    press(seen, "Show it")
    seen.page.locator(".br-revealed").get_by_text("+358 40 555 0199").wait_for(timeout=PATIENT_MS)
    newest = site.get("/v1/audit", params={"action": "reveal", "limit": 1}).json()["items"][0]
    assert (newest["object_kind"], set(newest["fields"])) == ("helper", {"contact_phone", "contact_preferred_channel"})
    assert trouble(seen) == []


def press_when_there(seen: Watched, name: str) -> None:
    button = seen.page.get_by_role("button", name=name).first
    button.wait_for(timeout=PATIENT_MS)
    button.click()


def test_somebody_is_signed_up_in_the_week_after(look: Look, site: httpx.Client) -> None:
    now = datetime.now(UTC)
    seen = look()
    seen.page.goto(f"{seen.base}/dash/calendar")
    seen.page.get_by_role("button", name="After").wait_for(timeout=PATIENT_MS)
    moved = seen.page.get_by_role("button", name="This week").and_(seen.page.locator(":enabled"))
    _until(seen, lambda: seen.page.locator("body").press("j"), moved)
    shifts = seen.page.locator("[class*='st-key-shift_'] button")
    shifts.first.wait_for()
    sign_up = seen.page.get_by_role("button", name="Sign up", exact=True)
    _until(seen, shifts.first.click, sign_up)
    window = {"start": now.isoformat(), "end": (now + timedelta(days=20)).isoformat()}
    taken = sum(role["taken"] for shift in shifts_of(site, window) for role in shift["roles"])
    who = seen.page.get_by_role("combobox", name="Helper")
    who.click()
    seen.page.get_by_role("option").first.click()
    press(seen, "Sign up")
    seen.page.get_by_text("comes as").first.wait_for(timeout=PATIENT_MS)
    assert sum(role["taken"] for shift in shifts_of(site, window) for role in shift["roles"]) == taken + 1
    press(seen, "Undo")
    seen.page.get_by_text("does not come").wait_for(timeout=PATIENT_MS)
    assert sum(role["taken"] for shift in shifts_of(site, window) for role in shift["roles"]) == taken
    assert trouble(seen) == []


def _until(seen: Watched, do: Callable[[], None], there: Locator) -> None:
    """Do something until it shows, again where the page was being drawn and did not hear it."""
    for _ in range(6):
        do()
        for _ in range(100):
            if there.count():
                return
            seen.page.wait_for_timeout(100)
    raise AssertionError("the page never heard it")


def shifts_of(site: httpx.Client, window: dict[str, str]) -> list[dict[str, Any]]:
    return list(site.get("/v1/shifts", params=window | {"limit": "500"}).json()["items"])
