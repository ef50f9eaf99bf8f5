"""The pages in a process of their own: what it knows, that the map works all the same, and that it comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.browser.conftest import Watched, serve
from tests.browser.test_dashboard import choose, coverage, frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def split(environment: dict[str, str]) -> Iterator[httpx.Client]:
    with serve({**environment, "PGPASSWORD": "told-to-nobody"}, "--split", timeout_s=20) as client:
        yield client


def pages_of(environment: dict[str, str]) -> psutil.Process:
    """The process that answers for the pages of this installation."""
    (served,) = (
        one
        for one in psutil.process_iter(["cmdline"])
        if "--split" in (one.info["cmdline"] or ())
        and one.environ().get("BARNRAISER_HOME") == environment["BARNRAISER_HOME"]
    )
    (pages,) = (one for one in served.children() if "dashboard.alone" in one.cmdline())
    return pages


def test_the_pages_know_no_database_and_work(
    split: httpx.Client, environment: dict[str, str], browser: Browser, signed_in: dict[str, Any]
) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, storage_state=signed_in)
    base = str(split.base_url).rstrip("/")
    seen = Watched(context.new_page(), base)
    seen.open()
    frame(seen).wait_for_selector("path.br-cell")
    pages = pages_of(environment)

    told = Path(f"/proc/{pages.pid}/environ").read_bytes()
    assert f"BARNRAISER_API_URL=http://127.0.0.1:{split.base_url.port}".encode() in told
    assert told.count(b"BARNRAISER_") == 1
    for secret in (environment["BARNRAISER_DATABASE_URL"], environment["BARNRAISER_HOME"], "told-to-nobody", "PG"):
        assert secret.encode() not in told
    loaded = Path(f"/proc/{pages.pid}/maps").read_text()
    assert "pyarrow" in loaded
    assert not any(library in loaded for library in ("psycopg", "libpq"))
    opened = {one.path for one in pages.open_files()}
    assert not any(path.startswith(environment["BARNRAISER_HOME"]) for path in opened)
    assert {one.raddr.port for one in pages.net_connections("tcp") if one.raddr} <= {split.base_url.port}

    choose(seen, "Kind of need", "Childcare")
    totals = coverage(split, category="childcare")["totals"]["childcare"]
    seen.page.wait_for_selector(f"h1:has-text('{totals['gap']} of {totals['demand']} open childcare needs')")
    assert seen.trouble == []

    pages.kill()
    pages.wait(10)
    seen.page.goto(f"{base}/dash/map")
    seen.wait_for_map()
    assert pages_of(environment).pid != pages.pid
    context.close()


def test_the_pages_end_with_whoever_started_them(split: httpx.Client, environment: dict[str, str]) -> None:
    assert split.get("/health/live").is_success
    pages = pages_of(environment)
    parent = pages.parent()
    assert parent is not None
    parent.kill()
    pages.wait(15)
    assert not pages.is_running()


def test_nobody_comes_to_the_pages_without_a_session(split: httpx.Client) -> None:
    nobody = {"Authorization": ""}
    answer = split.get("/dash/", headers=nobody)
    assert (answer.status_code, answer.headers["location"]) == (303, "/enter?next=/dash/")
    assert "script-src 'self'" in split.get("/dash/").headers["content-security-policy"]
