"""Who may come in, decided by an admin in a browser: invited, enrolled, agreed, revoked, and told in the log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.browser.conftest import Watched, run_command
from tests.browser.looking import be_idle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "four words nobody guesses"  # noqa: S105 - of a person made up for this test


@pytest.fixture
def admin_page(browser: Browser, site: httpx.Client, environment: dict[str, str]) -> Iterator[Watched]:
    """A page of somebody who has only just come in, so that their password counts."""
    link = run_command(environment, "user", "add", "decider", "--admin").partition("#")[2]
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    seen = Watched(context.new_page(), str(site.base_url).rstrip("/"))
    come_in(seen, link)
    yield seen
    context.close()
    run_command(environment, "user", "remove", "decider")


def come_in(seen: Watched, token: str) -> None:
    seen.page.goto(f"{seen.base}/enter#{token}")
    seen.page.get_by_label("Password", exact=True).fill(PASSWORD)
    seen.page.get_by_role("button", name="Come in").click()
    seen.page.wait_for_url("**/dash/**")
    # going on takes back the answer that let them in
    seen.trouble.clear()


def section(seen: Watched, name: str) -> None:
    seen.page.get_by_role("radio", name=name, exact=True).click()
    seen.page.locator(f"h1:has-text('{name}')").wait_for()


def press(seen: Watched, name: str) -> None:
    seen.page.get_by_role("button", name=name, exact=True).click()


def secret(seen: Watched) -> str:
    """What is shown once, and put away again."""
    shown = seen.page.locator(".st-key-once code").first
    shown.wait_for()
    told = shown.inner_text().strip()
    seen.page.locator(".st-key-once_done button").click()
    shown.wait_for(state="detached")
    return told


def row(seen: Watched, title: str) -> Locator:
    named = seen.page.locator("h3", has_text=re.compile(f"^{title}"))
    return seen.page.locator("[class*='st-key-row_']").filter(has=named).first


def test_somebody_is_invited_comes_in_and_is_shown_out(admin_page: Watched, browser: Browser) -> None:
    seen = admin_page
    seen.go("People and access")
    seen.page.get_by_text("Invite somebody").click()
    seen.page.get_by_label("Name they sign in with").fill("mirja")
    seen.page.get_by_label("What others here call them").fill("Mirja {{7*7}}")
    press(seen, "Make the one-time link")
    link = secret(seen)
    assert link.startswith(f"{seen.base}/enter#")
    context = browser.new_context(viewport={"width": 390, "height": 900})
    hers = Watched(context.new_page(), seen.base)
    come_in(hers, link.partition("#")[2])
    hers.page.locator(".st-key-who").get_by_text("Mirja {{7*7}}").wait_for()
    hers.page.goto(f"{seen.base}/dash/access")
    hers.page.get_by_text("Only admins invite people").wait_for()
    row(seen, "Mirja").get_by_role("button", name="Change").click()
    seen.page.get_by_role("button", name="Remove Mirja").click()
    seen.page.get_by_text("is no longer a member").wait_for()
    hers.page.goto(f"{seen.base}/dash/log")
    hers.page.wait_for_url("**/enter**")
    context.close()
    assert [one for one in seen.trouble if "_stcore" not in one] == []


def test_a_phone_is_enrolled_and_ended(admin_page: Watched, site: httpx.Client) -> None:
    seen = admin_page
    seen.go("People and access")
    section(seen, "Phones")
    seen.page.get_by_text("Add a phone").click()
    seen.page.get_by_label("What you call it", exact=True).fill("Turf 3")
    press(seen, "Make the code")
    seen.page.locator(".st-key-once img").wait_for()
    code = secret(seen).partition("#")[2]
    headers = {"Authorization": f"Bearer {code}"}
    carried = httpx.post(f"{site.base_url}/v1/devices/enrol", headers=headers).json()["token"]
    of_phone = {"Authorization": f"Bearer {carried}"}
    assert httpx.get(f"{site.base_url}/v1/meta", headers=of_phone).status_code == 200
    row(seen, "Turf 3").get_by_role("button", name="End").click()
    press(seen, "End this phone")
    seen.page.get_by_text("Turf 3 has ended").wait_for()
    assert httpx.get(f"{site.base_url}/v1/meta", headers=of_phone).status_code == 401


def test_a_partners_key_is_made_and_revoked_and_all_stands_in_the_log(admin_page: Watched, site: httpx.Client) -> None:
    seen = admin_page
    seen.go("People and access")
    seen.go("Partners")
    seen.page.get_by_text("Make an agreement", exact=True).click()
    seen.page.get_by_label("Partner", exact=True).fill("Food bank")
    seen.page.get_by_label("What it is for").fill("Deliveries")
    seen.page.get_by_text("Hexagons", exact=True).click()
    food = seen.page.get_by_role("option", name="Food", exact=True)
    # a list that is opened while the page draws itself anew closes again, so one looks again
    for _try in range(3):
        seen.page.get_by_label("Kinds of need").click()
        seen.page.wait_for_timeout(1000)
        if food.count():
            break
    food.click()
    seen.page.keyboard.press("Escape")
    press(seen, "Make the agreement")
    seen.page.get_by_text("The agreement with Food bank holds.").wait_for()
    row(seen, "Food bank").get_by_role("button", name="Make a key").click()
    of_partner = {"Authorization": f"Bearer {secret(seen)}"}
    assert httpx.get(f"{site.base_url}/ogc/collections", headers=of_partner).status_code == 200
    row(seen, "Key ").get_by_role("button", name="Revoke").click()
    press(seen, "Revoke this key")
    seen.page.get_by_text("is revoked").wait_for()
    assert httpx.get(f"{site.base_url}/ogc/collections", headers=of_partner).status_code == 401
    seen.go("What has happened")
    seen.page.get_by_role("radio", name="Everything").click()
    seen.page.get_by_text("made a key: Food bank").wait_for()
    assert "made an agreement: Food bank" in seen.page.locator(".br-log").first.inner_text()


def test_the_password_is_asked_for_again_after_a_while(admin_page: Watched, environment: dict[str, str]) -> None:
    seen = admin_page
    engine = create_engine(environment["BARNRAISER_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE access.credential SET fresh_at = now() - interval '1 hour'"))
    engine.dispose()
    seen.go("People and access")
    section(seen, "Keys")
    seen.page.get_by_text("Make a token for a script of your own").click()
    seen.page.get_by_label("What it is for").fill("Nightly")
    seen.page.get_by_label("What it is for").press("Tab")
    # what is pressed while the page is drawn anew can get lost
    be_idle(seen.page)
    press(seen, "Make the token")
    asked = seen.page.get_by_role("dialog")
    asked.get_by_label("Password", exact=True).fill("not this one")
    asked.get_by_role("button", name="Go on").click()
    asked.get_by_text("This is not your password.").wait_for()
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_label("Password", exact=True).press("Enter")
    assert re.fullmatch(r"brs?[a-z]?_\S+", secret(seen))
    assert not seen.page.get_by_role("dialog").is_visible()


def test_an_address_is_shown_with_a_reason_and_noted(admin_page: Watched, site: httpx.Client) -> None:
    located = site.get("/v1/needs", params={"location_state": "located", "status": "open", "limit": 1}).json()["items"]
    seen = admin_page
    seen.open(f"/dash/?cell={located[0]['cell']}")
    seen.page.get_by_role("button", name="Show address or contact").first.click()
    seen.page.get_by_label("Why do you need it?").fill("Delivery on Friday")
    seen.page.get_by_role("button", name="Show address", exact=True).click()
    seen.page.locator(".br-revealed").get_by_text("give or take").wait_for()
    assert "Friday" not in seen.page.url
    seen.go("What has happened")
    seen.page.locator(".br-log").get_by_text("saw the place of a need").first.wait_for()
    assert "Delivery on Friday" in seen.page.locator(".br-log").first.inner_text()


def test_signing_out_leads_to_the_door(admin_page: Watched) -> None:
    seen = admin_page
    seen.page.locator(".st-key-who button").click()
    seen.page.get_by_role("button", name="Sign out").click()
    seen.page.wait_for_url("**/enter")
    seen.page.goto(f"{seen.base}/dash/access")
    seen.page.wait_for_url("**/enter?next=/dash/access")
