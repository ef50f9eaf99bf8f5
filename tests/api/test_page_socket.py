"""A socket of the pages ends with the session it was opened with, and says nothing afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from api import page_guard
from api.page_guard import TRY_AGAIN_LATER, Socket

if TYPE_CHECKING:
    import pytest
    from starlette.types import Message

CLOSED = {"type": "websocket.close", "code": TRY_AGAIN_LATER}
ENDED = {"type": "websocket.disconnect", "code": TRY_AGAIN_LATER}


class Wire:
    """Both ends of a socket, and the session behind it."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.good = True
        self.looks = 0
        self.looked_twice = asyncio.Event()
        self.socket = Socket(self.coming.get, self._send, self._look)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def _look(self) -> bool:
        self.looks += 1
        if self.looks > 1:
            self.looked_twice.set()
        return self.good


def test_messages_pass_while_the_session_is_good() -> None:
    async def talk() -> None:
        wire = Wire()
        for message in ({"type": "websocket.connect"}, {"type": "websocket.receive", "bytes": b"1"}):
            wire.coming.put_nowait(message)
            assert await wire.socket.hear() == message
        await wire.socket.say({"type": "websocket.accept"})
        assert wire.sent == [{"type": "websocket.accept"}]
        assert wire.looks == 1

    asyncio.run(talk())


def test_what_is_said_after_the_end_is_not_heard() -> None:
    async def talk() -> None:
        wire = Wire()
        wire.good = False
        wire.coming.put_nowait({"type": "websocket.receive", "bytes": b"pressed"})
        assert await wire.socket.hear() == ENDED
        assert await wire.socket.hear() == ENDED
        await wire.socket.say({"type": "websocket.send", "bytes": b"somebody's data"})
        assert wire.sent == [CLOSED]

    asyncio.run(talk())


def test_a_silent_socket_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_guard, "LOOKS_EVERY_S", 0.01)

    async def talk() -> None:
        wire = Wire()
        hearing = asyncio.create_task(wire.socket.hear())
        await wire.looked_twice.wait()
        assert not hearing.done()
        wire.good = False
        assert await hearing == ENDED
        assert wire.sent == [CLOSED]

    asyncio.run(talk())


def test_nothing_is_lost_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_guard, "LOOKS_EVERY_S", 0.001)

    async def talk() -> None:
        wire = Wire()
        for number in range(20):
            hearing = asyncio.create_task(wire.socket.hear())
            await asyncio.sleep(0.003)
            wire.coming.put_nowait({"type": "websocket.receive", "text": str(number)})
            assert (await hearing)["text"] == str(number)

    asyncio.run(talk())


def test_a_browser_that_leaves_is_let_go_without_a_look() -> None:
    async def talk() -> None:
        wire = Wire()
        left = {"type": "websocket.disconnect", "code": 1001}
        wire.coming.put_nowait(left)
        assert await wire.socket.hear() == left
        assert wire.looks == 0

    asyncio.run(talk())
