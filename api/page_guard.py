"""The door of the dashboard: its pages and its socket open for a good session only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse

from geo.domain.principals import Permission

from api.access import identify, is_still_good, shown_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo.privacy.tokens import Token
    from geo.store.engine import SessionFactory

ENTER: Final = "/enter"
POLICY_VIOLATION: Final = 1008
TRY_AGAIN_LATER: Final = 1013
LOOKS_EVERY_S: Final = 5.0


class Socket:
    """One socket of the pages, which ends with the session it was opened with.

    Parameters
    ----------
    receive, send
        The socket's two ways.
    is_good
        Whether the session is good now.
    """

    def __init__(self, receive: Receive, send: Send, is_good: Callable[[], Awaitable[bool]]) -> None:
        self._receive = receive
        self._send = send
        self._is_good = is_good
        self._is_over = False

    async def hear(self) -> Message:
        """Give what comes next, or the end of the socket once its session has ended."""
        coming = asyncio.ensure_future(self._receive())
        try:
            while True:
                await asyncio.wait({coming}, timeout=LOOKS_EVERY_S)
                if coming.done() and coming.result()["type"] != "websocket.receive":
                    return coming.result()
                if self._is_over or not await self._is_good():
                    return await self._end()
                if coming.done():
                    return coming.result()
        finally:
            coming.cancel()

    async def say(self, message: Message) -> None:
        """Pass a message on, while there is somebody to pass it to."""
        if not self._is_over:
            await self._send(message)

    async def _end(self) -> Message:
        if not self._is_over:
            self._is_over = True
            await self._send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        return {"type": "websocket.disconnect", "code": TRY_AGAIN_LATER}


class PageGuard:
    """Sends whoever is not signed in to the page where they can.

    Scripts and styles of the dashboard hold nothing of anybody and are not guarded, so that a page costs two look-ups
    and not a hundred. What the pages show they ask the API for, with the same session, which may have ended since.
    Somebody who has yet to set up one-time codes comes in too, because they do that here; the API gives
    them nothing else.

    A socket outlives the request that opened it, so it is looked after: it ends soon after its session has ended, and
    before anything more is heard over it. The page in the browser stays as it is and opens a socket again once somebody
    has signed in.

    Parameters
    ----------
    app
        The application behind the door.
    sessions
        Where sessions come from.
    path
        The path prefix of the dashboard.
    """

    def __init__(self, app: ASGIApp, *, sessions: SessionFactory, path: str) -> None:
        self.app = app
        self.sessions = sessions
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let signed-in people through."""
        if scope["type"] not in ("http", "websocket") or not self._is_guarded(str(scope["path"])):
            await self.app(scope, receive, send)
            return
        token = shown_token(HTTPConnection(scope))
        principal = await run_in_threadpool(identify, self.sessions, token)
        if principal.may(Permission.SIGNED_IN):
            watched = Socket(receive, send, self._looking(token)) if scope["type"] == "websocket" else None
            await self.app(scope, watched.hear if watched else receive, watched.say if watched else send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            where = f"{ENTER}?next={quote(str(scope['path'])[:60], safe='/')}"
            await RedirectResponse(where, 303, {"Cache-Control": "no-store"})(scope, receive, send)

    def _looking(self, token: Token | None) -> Callable[[], Awaitable[bool]]:
        async def is_good() -> bool:
            try:
                return await run_in_threadpool(is_still_good, self.sessions, token)
            except SQLAlchemyError:
                return True  # the database is away, which says nothing about anybody's session

        return is_good

    def _is_guarded(self, path: str) -> bool:
        inside = path == self.path or path.startswith(f"{self.path}/")
        return inside and not path.startswith((f"{self.path}/static/", f"{self.path}/_stcore/health"))
