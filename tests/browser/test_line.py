"""The script that watches the line to the server, by a clock of its own on a page that pretends to be the dashboard."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dashboard.patience import WORDS
from tests.laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOST = "http://localhost:9"
TICK_MS = 500
BEGINS = datetime(2026, 5, 20, 12, tzinfo=UTC)
SAID = "".join(f" data-{name}='{words}'" for name, words in WORDS.items())
PAGE = f"""<!doctype html><title>x</title><style>[hidden]{{display:none}}</style><span{SAID}></span>
<div data-testid="stApp" data-test-connection-state="CONNECTED" data-test-script-state="notRunning"><input></div>
<script src="/enter/line.js"></script><script src="/enter/line.js"></script>"""
DIALOGS = """() => {
  for (const [id, words] of [["theirs", "Connection error"], ["ours", "A form"]]) {
    const dialog = document.createElement("div"), close = document.createElement("button");
    dialog.setAttribute("role", "dialog");
    dialog.id = id;
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => dialog.remove());
    dialog.append(words, close);
    document.body.append(dialog);
  }
}"""


class Pretended:
    """A page that says of itself what the dashboard's would, and a server that answers as it is told to."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status: int | None = 200
        self.kind = "organizer"
        self.asked: list[str] = []
        page.clock.install(time=BEGINS)
        page.route("**/*", self._answer)
        page.goto(f"{HOST}/dash/review")
        page.locator("input").fill("typed")
        # until here the clock went by itself; from here on only this test moves it
        page.clock.pause_at(BEGINS + timedelta(hours=1))
        self.pass_time(1)
        self.asked.clear()

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == "/enter/line.js":
            route.fulfill(path=ROOT / "api" / "pages" / "line.js", content_type="text/javascript")
        elif path.startswith("/dash/"):
            route.fulfill(body=PAGE, content_type="text/html")
        else:
            self.asked.append(path)
            if self.status is None:
                route.abort("connectionrefused")
            elif self.status:
                route.fulfill(status=self.status, body=json.dumps({"kind": self.kind}), content_type="application/json")

    def now(self, *, connected: bool = True, runs: bool = False) -> None:
        is_so = {"testConnectionState": "CONNECTED" if connected else "CONNECTING"}
        is_so["testScriptState"] = "running" if runs else "notRunning"
        self.page.evaluate("so => Object.assign(document.querySelector('[data-testid=stApp]').dataset, so)", is_so)

    def says(self) -> str:
        return str(self.page.evaluate("document.getElementById('br-line').dataset.says || ''"))

    def words(self) -> str:
        return self.page.locator("#br-line").inner_text()

    def pass_time(self, seconds: float) -> list[str]:
        """Let so much time pass, and give what was said meanwhile, each once in a row."""
        said: list[str] = []
        for _tick in range(round(seconds * 1000 / TICK_MS)):
            self.page.clock.run_for(TICK_MS)
            # an answer comes in the browser's own time
            self.page.wait_for_timeout(5)
            if not said or said[-1] != self.says():
                said.append(self.says())
        return said


@pytest.fixture
def line(browser: Browser) -> Iterator[Pretended]:
    context = browser.new_context()
    yield Pretended(context.new_page())
    context.close()


def kept(line: Pretended) -> Any:
    return line.page.locator("input").input_value()


def test_a_quiet_page_says_nothing_and_never_asks_for_the_session(line: Pretended) -> None:
    assert line.pass_time(61) == [""]
    assert set(line.asked) == {"/health/ready"}
    assert 3 <= len(line.asked) <= 5


def test_a_server_that_hangs_is_told_and_asked_later_and_later(line: Pretended) -> None:
    line.status = 0
    assert line.pass_time(30) == ["", "away"]
    assert "The server is not answering. What you typed stays here." in line.words()
    line.asked.clear()
    line.pass_time(60)
    # each try hangs for six seconds, and eight are waited in the end
    assert 3 <= len(line.asked) <= 6
    line.status = 200
    assert line.pass_time(25)[-2:] == ["back", ""]
    assert kept(line) == "typed"


def test_a_server_that_is_gone_takes_the_socket_with_it(line: Pretended) -> None:
    line.status = None
    line.now(connected=False)
    assert line.pass_time(5)[-1] == "away"
    line.status = 200
    line.now()
    assert line.pass_time(16)[-2:] == ["back", ""]


def test_a_long_answer_is_told_and_then_forgotten(line: Pretended) -> None:
    line.now(runs=True)
    assert line.pass_time(2.5) == [""]
    assert line.pass_time(8)[-1] == "slow"
    line.now()
    assert line.pass_time(1)[-1] == ""


def test_data_that_is_away_is_told_while_a_page_waits_for_it(line: Pretended) -> None:
    line.status = 503
    line.now(runs=True)
    assert line.pass_time(9)[-1] == "dataless"
    assert "The service that holds the data is not answering." in line.words()


def test_an_ended_session_is_told_with_the_way_back_to_this_page(line: Pretended) -> None:
    line.kind = "public"
    line.now(connected=False)
    assert line.pass_time(5)[-1] == "over"
    link = line.page.locator("#br-line a")
    assert (link.get_attribute("href"), link.get_attribute("target")) == ("/enter?next=/dash/review", "_blank")
    line.kind = "organizer"
    assert line.pass_time(16)[-1] == "lost"
    line.now()
    assert line.pass_time(16)[-2:] == ["back", ""]
    assert kept(line) == "typed"


def test_the_frameworks_own_words_are_put_away(line: Pretended) -> None:
    line.page.evaluate(DIALOGS)
    line.status = None
    line.now(connected=False)
    line.pass_time(2)
    assert line.page.locator("[role=dialog]").evaluate_all("all => all.map(one => one.id)") == ["ours"]
