"""Rounds of a running server go on whatever refuses, and end with it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from api import rounds
from api.rounds import going_round

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

SOON_S = 30


def test_it_is_done_at_once_and_again_whatever_refuses(caplog: pytest.LogCaptureFixture) -> None:
    done, times = threading.Event(), list[int]()

    def refuse_once(stop: Callable[[], bool]) -> None:
        assert not stop()
        times.append(1)
        if len(times) == 1:
            raise OSError("Somebody, 040 123 4567")
        done.set()

    async def serve() -> None:
        async with going_round(refuse_once, every_s=0.001, failed="it could not be done"):
            assert await asyncio.to_thread(done.wait, SOON_S)

    asyncio.run(serve())
    assert len(times) >= 2
    assert "it could not be done; it is tried again: OSError" in caplog.text
    assert "040" not in caplog.text


def test_what_was_begun_is_finished_before_the_end() -> None:
    begun, finished = threading.Event(), list[bool]()

    def until_told(stop: Callable[[], bool]) -> None:
        begun.set()
        while not stop():
            threading.Event().wait(0.001)
        finished.append(True)

    async def serve() -> None:
        async with going_round(until_told, every_s=3600, failed="it could not be done"):
            assert await asyncio.to_thread(begun.wait, SOON_S)

    asyncio.run(serve())
    assert finished == [True]


def test_work_that_hangs_does_not_keep_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PATIENCE_S", 0.01)
    begun, release = threading.Event(), threading.Event()

    def hang(stop: Callable[[], bool]) -> None:
        assert not stop()
        begun.set()
        release.wait(SOON_S)

    async def serve() -> None:
        async with going_round(hang, every_s=3600, failed="it could not be done"):
            assert await asyncio.to_thread(begun.wait, SOON_S)
        assert not release.is_set()
        release.set()

    asyncio.run(serve())
