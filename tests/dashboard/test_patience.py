"""Questions that nobody answers are asked again; changes never are, and it is said where they may have been made."""

from __future__ import annotations

from itertools import accumulate
from types import SimpleNamespace
from typing import TYPE_CHECKING

import httpx
import pytest

from dashboard import patience, wire
from dashboard.client import ApiTrouble, Client
from dashboard.widgets import notice

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = httpx.Response | Exception


class Line:
    """A line to an API that fails as it is told to, and how long was waited on it."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.waited: list[float] = []

    def handle(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def open(self, *, wait: bool = True) -> Client:
        transport = httpx.MockTransport(self.handle)
        return Client("http://api.test", transport=transport, wait=self.waited.append if wait else None)


def answer(status: int) -> httpx.Response:
    return httpx.Response(status, json={"title": "so it is", "items": []})


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), answer(502), answer(503), answer(504)],
    ids=str,
)
def test_a_question_is_asked_again_until_it_is_answered(failure: Answer) -> None:
    line = Line(failure, failure, failure, answer(200))
    assert line.open().list_areas() == ()
    assert line.asked == 4
    assert line.waited == list(wire.PAUSES_S[:3])


def test_what_hardly_changes_is_asked_once_until_something_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    line, kept, clock = Line(answer(200)), dict[object, tuple[float, dict[str, object]]](), iter(range(99))
    monkeypatch.setattr(wire, "monotonic", lambda: float(next(clock)))

    def open_as(session: str) -> Client:
        return Client("http://api.test", transport=httpx.MockTransport(line.handle), session=session, kept=kept)

    assert open_as("a").list_areas() == open_as("a").list_areas() == ()
    assert line.asked == 1
    open_as("b").list_areas()
    assert line.asked == 2, "what one person was answered is no answer to another"
    open_as("a").sign_out()
    open_as("a").list_areas()
    assert line.asked == 4
    monkeypatch.setattr(wire, "monotonic", lambda: 100.0 + wire.KEPT_S)
    open_as("a").list_areas()
    assert line.asked == 5


def test_it_is_given_up_in_the_end() -> None:
    line = Line(httpx.ConnectError("refused"))
    with pytest.raises(ApiTrouble, match="not answering") as told:
        line.open().list_areas()
    assert told.value.is_away
    assert line.waited == list(wire.PAUSES_S)
    assert 60 < list(accumulate(line.waited))[-1] < 180
    assert list(wire.PAUSES_S) == sorted(wire.PAUSES_S)


@pytest.mark.parametrize("status", [400, 401, 404, 412, 429, 500])
def test_a_refusal_is_told_at_once(status: int) -> None:
    line = Line(answer(status))
    with pytest.raises(ApiTrouble) as told:
        line.open().list_areas()
    assert not told.value.is_away
    assert (line.asked, line.waited) == (1, [])


def test_without_a_way_to_wait_it_is_asked_once() -> None:
    line = Line(answer(503))
    with pytest.raises(ApiTrouble) as told:
        line.open(wait=False).list_areas()
    assert told.value.is_away
    assert line.asked == 1


@pytest.mark.parametrize(
    ("failure", "is_unsure"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("none free"), False),
        (answer(503), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.RemoteProtocolError("cut off"), True),
        (httpx.WriteError("cut off"), True),
    ],
    ids=str,
)
def test_a_change_is_sent_once_and_it_is_said_what_became_of_it(failure: Answer, *, is_unsure: bool) -> None:
    line = Line(failure)
    with pytest.raises(ApiTrouble) as told:
        line.open().revoke("some-key")
    assert (line.asked, line.waited) == (1, [])
    assert told.value.is_away
    assert told.value.is_unsure is is_unsure
    said = notice.in_words(told.value)
    assert ("Nothing was changed." in said) is not is_unsure
    assert ("may have been done, or not" in said) is is_unsure


def wait_by(monkeypatch: pytest.MonkeyPatch, **kept: object) -> Callable[[float], None] | None:
    monkeypatch.setattr(patience.st, "session_state", kept)
    return patience.find()


def test_only_a_page_that_was_drawn_is_waited_with(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[float] = []
    slot = SimpleNamespace(empty=lambda: written.append(0.0))
    assert wait_by(monkeypatch) is None
    assert wait_by(monkeypatch, page_slot=slot) is None
    wait = wait_by(monkeypatch, page_slot=slot, page_drawn=True)
    assert wait is not None
    monkeypatch.setattr(patience.time, "sleep", lambda _s: None)
    ticks = iter((0.0, 0.0, 0.25, 0.5, 0.75, 1.0))
    monkeypatch.setattr(patience.time, "monotonic", lambda: next(ticks))
    wait(1.0)
    # each writing is a moment at which somebody who presses a button is heard
    assert len(written) == 4
