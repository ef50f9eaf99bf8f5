"""The first page against the stand-in API: it says what changed, adds up, and leads to where each thing is done."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from geo.domain.now import LONGEST_BACK, NeedFlow, TaskKind

from dashboard import client
from dashboard.now_answers import Task
from dashboard.now_words import COUNTED, flow_pieces, headline, here, how_many, news, why_and_where
from dashboard.views.now.tasks import LEADS
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_board import FakeBoard
from tests.laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.dashboard.fake_api import Answer

    Open = Callable[..., AppTest]

THEN = datetime(2026, 3, 1, tzinfo=UTC)


class FakeNow(FakeBoard):
    """A network in which there is of everything something to do."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks = [{"kind": kind.value, "count": n + 1, "is_more": False} for n, kind in enumerate(TaskKind)]
        self.flow = {"open_then": 9, "came_in": 4, "met": 3, "withdrawn": 2, "expired": 0, "merged": 1, "open_now": 7}
        self.forbidden = False
        self.before: str | None = None
        self.is_busy = False

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if path == "/v1/now/seen":
            self.asked.append((method, path, body))
            return problem(503, "busy", "Not now") if self.is_busy else (200, {"before": self.before})
        if path != "/v1/now":
            return super().answer(method, path, query, body)
        self.asked.append((method, path, dict(query)))
        if self.forbidden:
            return problem(404, "not-found", "There is nothing here.")
        flow = {"since": query["since"], **self.flow}
        longest = self.needs[: int(query["limit"])]
        return 200, {"flow": flow, "longest": longest, "tasks": self.tasks, "balance": self._balance()}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeNow:
    api = FakeNow()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def written(page: AppTest) -> str:
    return unescape(" ".join(block.proto.body for block in page.get("html")))


def test_it_says_what_changed_what_waits_and_what_to_do(open_page: Open, fake: FakeNow) -> None:
    page = open_page("now")
    assert not page.exception
    told = written(page)
    assert "10 things to do next" in told
    assert "Since a day ago 4 needs came in; 3 met, 2 withdrawn, 1 merged into another." in told
    assert "9 open then + 4 came in = 3 met + 2 withdrawn + 0 expired + 1 merged into another + 7 open now" in told
    assert "needs received" in told
    keys = [button.key for button in page.button]
    assert [key for key in keys if key.startswith("do_")] == [f"do_{kind.value}" for kind in TaskKind]
    assert sum(key.startswith("wait_") for key in keys) == len(fake.needs)


def test_since_when_is_chosen(open_page: Open, fake: FakeNow) -> None:
    page = open_page("now")
    page.button_group(key="now_ago").set_value("week").run()
    asked = [query["since"] for _, path, query in fake.asked if path == "/v1/now"]
    week = datetime.now(UTC) - datetime.fromisoformat(asked[-1])
    assert timedelta(days=7) <= week < timedelta(days=7, hours=1)


def test_a_quiet_network_is_told_so(open_page: Open, fake: FakeNow) -> None:
    fake.tasks, fake.needs, fake.kept_day = [], [], None
    fake.flow = dict.fromkeys(fake.flow, 0)
    told = written(open_page("now"))
    assert "Nothing wants you just now" in told
    assert "No need has come in and none was closed since a day ago." in told
    assert "Nobody waits." in told
    assert "No figures are kept from a day ago" in told


def test_a_line_that_does_not_add_up_is_not_shown(open_page: Open, fake: FakeNow) -> None:
    fake.flow["met"] += 1
    told = written(open_page("now"))
    assert "an answer that cannot be shown" in told
    assert "open then" not in told


def test_whoever_may_not_is_told_and_so_is_whoever_is_cut_off(open_page: Open, fake: FakeNow) -> None:
    fake.forbidden = True
    assert "There is nothing here." in written(open_page("now"))
    fake.down = True
    assert "tries again by itself" in written(open_page("now"))


def test_gaps_that_do_not_come_leave_the_rest_to_read(
    open_page: Open, fake: FakeNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "_changes", lambda: {"since": "2026-03-01", "rows": "none"})
    page = open_page("now")
    told = written(page)
    assert "an answer that cannot be shown" in told
    assert "needs received" in told
    assert page.button(key="do_review")


def test_texts_people_wrote_are_text(open_page: Open, fake: FakeNow, monkeypatch: pytest.MonkeyPatch) -> None:
    meta, changes = fake._meta(), fake._changes()
    row = {"key": "a", "label": NASTY, "category": "food", "demand": 5, "gap_then": 1, "gap": 4, "demand_then": 5}
    monkeypatch.setattr(fake, "_meta", lambda: {**meta, "network": NASTY})
    monkeypatch.setattr(fake, "_changes", lambda: {**changes, "rows": [{**row, "gap_change": 3}]})
    page = open_page("now")
    assert not page.exception
    raw = " ".join(block.proto.body for block in page.get("html"))
    assert NASTY not in raw
    assert f"{NASTY}: 3 more food needs without help" in unescape(raw)


def asked_since(fake: FakeNow) -> datetime:
    return next(datetime.fromisoformat(query["since"]) for _, path, query in reversed(fake.asked) if path == "/v1/now")


def test_it_tells_what_has_changed_since_the_last_visit_and_can_be_switched(open_page: Open, fake: FakeNow) -> None:
    before = datetime.now(UTC) - timedelta(days=30)
    fake.before = before.isoformat()
    page = open_page("now")
    # by the network's clock, where the day may have changed already
    day = before.astimezone(ZoneInfo("Europe/Helsinki")).day
    assert f"Since you were here on {day} " in written(page)
    assert asked_since(fake) == before
    page.button_group(key="now_ago").set_value("week").run()
    assert "Since a week ago" in written(page)
    assert datetime.now(UTC) - asked_since(fake) < timedelta(days=7, minutes=5)
    # one look at the page is one visit, however often it is drawn
    assert [path for _, path, _ in fake.asked].count("/v1/now/seen") == 1


def test_the_first_visit_says_that_the_next_one_is_told_more(open_page: Open) -> None:
    page = open_page("now")
    assert "From your next visit on" in written(page)
    assert "Since a day ago" in written(page)


def test_after_a_long_absence_it_tells_as_far_back_as_can_be_told(open_page: Open, fake: FakeNow) -> None:
    fake.before = "2020-02-03T10:00:00+00:00"
    page = open_page("now")
    assert "Since you were here on 3 February 2020" in written(page)
    assert "longer ago than 92 days is not told" in written(page)
    assert datetime.now(UTC) - asked_since(fake) < LONGEST_BACK


def test_a_visit_that_cannot_be_noted_takes_nothing_from_the_page(open_page: Open, fake: FakeNow) -> None:
    fake.is_busy = True
    page = open_page("now")
    assert not page.exception
    assert "Since a day ago" in written(page)


@pytest.mark.parametrize(
    ("days", "told"), [(0, "today at 09:05"), (1, "yesterday at 09:05"), (2, "on Tuesday"), (8, "on 24 February 2026")]
)
def test_when_somebody_was_here_is_said_as_people_say_it(days: int, told: str) -> None:
    now = datetime(2026, 3, 5, 23, 59, tzinfo=UTC) if days == 2 else datetime(2026, 3, 4, 23, 59, tzinfo=UTC)
    assert here(now.replace(hour=9, minute=5) - timedelta(days=days), now) == told


@pytest.mark.parametrize("kind", list(TaskKind))
def test_each_thing_has_words_and_a_page(kind: TaskKind) -> None:
    assert all(why_and_where(kind))
    assert not any("{" in words for words in why_and_where(kind))
    assert how_many(Task(kind, 1, is_more=False)).startswith("1 ")
    assert how_many(Task(kind, 1000, is_more=True)).startswith("more than 1,000 ")
    assert kind.value in COUNTED
    assert kind.value in LEADS


def test_a_thing_nobody_has_words_for_is_read_out(open_page: Open, fake: FakeNow) -> None:
    fake.tasks = [{"kind": "new_thing", "count": 2, "is_more": False}]
    page = open_page("now")
    assert not page.exception
    assert "2 new thing" in written(page)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0, 0, 0, 0), (5, 1, 1, 0, 0, 0, 5), (2, 9, 3, 1, 1, 1, 5)])
def test_both_sides_of_the_line_are_the_same(counts: tuple[int, ...]) -> None:
    flow = NeedFlow(THEN, *counts)
    left, right = flow_pieces(flow)
    assert sum(count for count, _ in left) == sum(count for count, _ in right)
    assert news(flow, "a day ago").endswith(".")
    assert headline(()) == "Nothing wants you just now"


def app(**query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


@pytest.mark.usefixtures("fake")
def test_it_is_the_first_page_unless_the_address_asks_for_the_map() -> None:
    assert "things to do next" in written(app())
    told = written(app(need="food"))
    assert "things to do next" not in told
    assert not re.search(r"cannot be shown", told)


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(
    ("press", "expect"), [("do_unclaimed", "waits? for somebody"), ("do_review", "waits? for a place")]
)
def test_a_press_leads_there(press: str, expect: str) -> None:
    page = app()
    page.button(key=press).click().run()
    assert not page.exception
    assert re.search(expect, written(page)), written(page)[:500]


def test_a_need_that_waits_is_opened_on_the_board(fake: FakeNow) -> None:
    page = app()
    page.button(key=f"wait_{fake.needs[3]['id']}").click().run()
    assert not page.exception
    assert page.button(key="board_lanes")
