"""The door of the dashboard: its pages and its socket open for a good session only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse

from geo.domain.principals import Permission

from api.access import identify, shown_token

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo.store.engine import SessionFactory

ENTER: Final = "/enter"
POLICY_VIOLATION: Final = 1008


class PageGuard:
    """Sends whoever is not signed in to the page where they can.

    Scripts and styles of the dashboard hold nothing of anybody and are not guarded, so that a page costs two look-ups
    and not a hundred. What the pages show they ask the API for, with the same session, which may have ended since.
    Somebody who has yet to set up one-time codes comes in too, because they do that here; the API gives
    them nothing else.

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
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            where = f"{ENTER}?next={quote(str(scope['path'])[:60], safe='/')}"
            await RedirectResponse(where, 303, {"Cache-Control": "no-store"})(scope, receive, send)

    def _is_guarded(self, path: str) -> bool:
        inside = path == self.path or path.startswith(f"{self.path}/")
        return inside and not path.startswith((f"{self.path}/static/", f"{self.path}/_stcore/health"))
