"""How many requests may work at once: as many as there are connections; the others wait outside, briefly.

A request needs a thread to run in and again one to write its answer, all before it commits. Were more requests let in
than there are connections, those that wait for a connection could hold every thread while the ones that have a
connection wait for a thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from api.problems import BUSY, respond

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Gate:
    """Lets a bounded number of requests in, and answers 503 when the wait would be too long.

    Parameters
    ----------
    app
        The application behind the gate.
    at_once
        How many requests may be inside.
    wait_s
        Seconds a request waits at most.
    unguarded
        Path prefixes that need no connection.
    """

    def __init__(self, app: ASGIApp, *, at_once: int, wait_s: float, unguarded: tuple[str, ...]) -> None:
        self.app = app
        self.wait_s = wait_s
        self.unguarded = unguarded
        self.places = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a place, then pass the request on."""
        if scope["type"] != "http" or scope["path"].startswith(self.unguarded):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.wait_s):
                await self.places.acquire()
        except TimeoutError:
            await respond(BUSY, str(scope["path"])[:200])(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.places.release()
