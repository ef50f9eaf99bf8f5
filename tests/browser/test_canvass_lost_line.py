"""Entries made without a signal arrive once each over a line that is cut, whatever is killed and whatever the clock.

Small here; ``BARNRAISER_FULL=1`` writes two hundred entries with photos on one phone, and a thousand from twenty.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import create_engine, text

from geo.domain.ids import new_id

from tests.api.sealed import sealed
from tests.browser.bad_line import BadLine
from tests.browser.canvass_pages import jpeg
from tests.browser.canvass_site import Site, serve_small
from tests.browser.phone import YEAR_MS, Phone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Playwright
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FULL = os.environ.get("BARNRAISER_FULL") == "1"
ENTRIES = 200 if FULL else 8
PHONES, EACH = (20, 50) if FULL else (4, 10)
CUT = 0.3


@pytest.fixture
def small(admin: Engine, template: str, server_url: URL, tmp_path: Path) -> Iterator[Site]:
    with serve_small(admin, template, server_url, tmp_path) as site:
        yield site


@pytest.fixture
def line(small: Site) -> Iterator[BadLine]:
    opened = BadLine(urlsplit(small.base).port or 0, cut=0.0, seed=7)
    opened.go_up()
    yield opened
    opened.close()


def stored(site: Site) -> dict[str, bytes]:
    """The hash of every sealed entry the server holds."""
    engine = create_engine(site.env["BARNRAISER_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, body_hash FROM restricted.submission")).all()
    engine.dispose()
    return {str(row.id): bytes(row.body_hash) for row in rows}


def hashes(entries: list[dict[str, Any]]) -> dict[str, bytes]:
    return {one["id"]: hashlib.sha256(base64.b64decode(one["box"])).digest() for one in entries}


def test_a_round_without_a_signal_arrives_whole_and_once(
    small: Site, line: BadLine, tmp_path: Path, playwright: Playwright
) -> None:
    base = f"http://localhost:{line.port}"
    notes = [f"door {n} ☃ ويل {new_id()}" for n in range(ENTRIES)]
    phone = Phone(playwright, tmp_path / "profile", base, clock_ms=-YEAR_MS)
    try:
        phone.switch_on()
        phone.enrol(small.code())
        line.go_down()
        # airplane mode, from a cold start
        phone.kill()
        phone.switch_on()
        phone.open()
        photo = jpeg((1600, 1200))
        for note in notes[: ENTRIES // 2]:
            phone.need(note, photo=photo)
        # the battery falls out, with a half-written entry on the screen
        phone.page.locator("[data-kind=need]").click()
        phone.page.locator("[name=category][value=food]").check()
        phone.kill()
        phone.switch_on()
        phone.open()
        assert len(phone.queued()) == ENTRIES // 2
        if phone.page.locator("#ask").is_visible():
            phone.page.locator("#back").click()
        for note in notes[ENTRIES // 2 :]:
            phone.need(note, photo=photo)
        kept = hashes(phone.queued())
        assert len(kept) == ENTRIES
        assert f"{ENTRIES} not sent yet" in phone.page.locator("#waiting").inner_text()
        line.cut = CUT
        line.go_up()
        phone.page.locator("#send").click()
        # and once more, while it sends
        phone.page.wait_for_timeout(1500)
        phone.kill()
        phone.switch_on()
        phone.open()
        press_until_sent(phone)
        assert phone.queued() == []
        assert phone.trouble == []
    finally:
        phone.kill()
    small.wait_until_taken_in(timeout_s=300)
    assert stored(small) == kept
    assert small.counts() == {"received": 0, "quarantined": 0, "held": 0, "made": ENTRIES, "refused": 0, "discarded": 0}
    assert small.client.get("/v1/balance").json()["received"] == ENTRIES
    typed = [small.typed(entry_id) for entry_id in kept]
    assert sorted(one["note"] for one in typed) == sorted(notes)
    looks = [f"/v1/entries/{entry_id}/photo" for entry_id in list(kept)[:5]]
    assert all(small.client.post(where, json={"reason": "to compare"}).status_code == 200 for where in looks)
    assert sum(line.cuts.values()) >= (10 if FULL else 0)


def press_until_sent(phone: Phone) -> None:
    """Wait as a canvasser does: pressing the button now and then."""
    for _ in range(300):
        if phone.page.locator("html[data-waiting='0'][data-stuck='0']").count():
            return
        phone.page.locator("#send").click()
        phone.page.wait_for_timeout(1000)
    raise AssertionError("not everything was sent")


def test_many_phones_at_once_over_bad_lines(small: Site) -> None:
    """By HTTP alone, sealed as the pages seal, one line for each phone."""
    public = small.client.get("/v1/entries/key").json()["public"]
    rounds = {
        small.token(f"phone {n}"): [
            sealed(public, {"form": 1, "note": f"{n} {i} ☃", "body": {"category": "food"}}) for i in range(EACH)
        ]
        for n in range(PHONES)
    }
    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(lambda given: empty_queue(small, given[0], *given[1]), enumerate(rounds.items())))
    small.wait_until_taken_in(timeout_s=300)
    sent = [entry for entries in rounds.values() for entry in entries]
    assert stored(small) == hashes(sent)
    assert small.counts()["made"] == PHONES * EACH
    assert small.client.get("/v1/balance").json()["received"] == PHONES * EACH
    notes = [small.typed(entry["id"])["note"] for entry in sent[:: 10 if FULL else 1]]
    assert len(set(notes)) == len(notes)


def empty_queue(site: Site, number: int, token: str, entries: list[dict[str, str]]) -> None:
    """Send until everything is acknowledged; whatever is not, again."""
    chance = random.Random(number)  # noqa: S311 - no secret depends on it
    line = BadLine(urlsplit(site.base).port or 0, cut=CUT, seed=number)
    line.go_up()
    waiting = {entry["id"]: entry for entry in entries}
    try:
        for _ in range(60 * EACH):
            if not waiting:
                return
            some = chance.sample(sorted(waiting), min(len(waiting), chance.randint(1, 7)))
            body = json.dumps({"entries": [waiting[each] for each in some]})
            try:
                answer = httpx.post(
                    f"http://localhost:{line.port}/v1/entries",
                    content=body,
                    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                    timeout=60,
                )
            except httpx.HTTPError:
                continue
            for result in answer.json().get("results", ()):
                if result["status"] in ("received", "already_received"):
                    waiting.pop(result["id"], None)
    finally:
        line.close()
    raise AssertionError(f"{len(waiting)} entries are left")
