"""A line to the server as phones have it: connections are cut before, during and after a request, or there is none."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

_CHUNK = 65_536


class BadLine:
    """A port of its own that leads to a server, some of the time.

    Parameters
    ----------
    port
        The server's port on this machine.
    cut
        The share of exchanges that are cut: before anything was sent on, with a part of it, or when the answer is
        there and is not handed back.
    seed
        For which ones.
    """

    def __init__(self, port: int, *, cut: float = 0.0, seed: int = 0) -> None:
        self.server_port = port
        self.cut = cut
        self.chance = random.Random(seed)  # noqa: S311 - no secret depends on it
        self.cuts = {"before": 0, "during": 0, "after": 0}
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    def go_up(self) -> None:
        """Let there be a signal."""
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = self._server.sockets[0].getsockname()[1]

    def go_down(self) -> None:
        """Let there be none: whoever connects is refused, and what is open breaks."""
        self._do(self._shut())

    def close(self) -> None:
        """End for good."""
        self.go_down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Coroutine[object, object, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._open):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._carry(reader, writer)
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one exchange; each has a connection of its own, so that each may fail by itself."""
        head = await reader.readuntil(b"\r\n\r\n")
        how = self.chance.choice(tuple(self.cuts)) if self.chance.random() < self.cut else ""
        if how:
            self.cuts[how] += 1
        if how == "before":
            return
        head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:"))
        head = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        length = next((int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0)
        onward, back = await asyncio.open_connection("127.0.0.1", self.server_port)
        self._open.add(back)
        try:
            back.write(head)
            if how == "during":
                back.write(await reader.readexactly(length // 2))
                await back.drain()
                return
            back.write(await reader.readexactly(length))
            await back.drain()
            answer = await onward.read()
            if how != "after":
                writer.write(answer)
                await writer.drain()
                writer.write_eof()
                await asyncio.sleep(0)
                with contextlib.suppress(OSError, TimeoutError):
                    await asyncio.wait_for(reader.read(1), 1)
        finally:
            self._open.discard(back)
            back.transport.abort()
