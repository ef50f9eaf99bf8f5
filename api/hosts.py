"""Which names this server answers to, and which headers every answer carries.

A page of another site may point its own name at the loopback address (DNS rebinding) or send a form here, so the
name and the origin are checked before anything else, for sockets too.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from api import problems
from api.problems import respond

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
_OWN: Final = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; media-src 'self'; frame-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; script-src 'self'"
)
MAP: Final = "/dash/component/streamlit_folium"
MAP_POLICY: Final = f"{_OWN} 'unsafe-inline' 'unsafe-eval'"
"""The map's frame alone may compile what it is sent: that is how its component works. Everything is of this host."""
OWN_PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Our own pages': nothing inline, nothing compiled, nothing of another host."""
FRAMED_POLICY: Final = OWN_PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""Likewise, for a page of ours that the dashboard shows in a frame."""
DATA_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_COMMON: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


def page_policies(
    page: str, *, own: Iterable[str] = (), framed: Iterable[str] = (), inline: Iterable[str] = ()
) -> dict[str, str]:
    """Say what pages may do, by the beginning of their path, the narrower path first.

    Parameters
    ----------
    page
        Where the dashboard is.
    own
        Where pages of our own are, which hold nothing inline.
    framed
        Likewise, where the dashboard shows them in a frame.
    inline
        The scripts that its first document holds as text; they and no others may run, known by their hash.
    """
    hashes = (b64encode(sha256(script.encode()).digest()).decode() for script in inline)
    whole = " ".join([_OWN, *(f"'sha256-{known}'" for known in hashes)])
    ours = dict.fromkeys(own, OWN_PAGE_POLICY) | dict.fromkeys(framed, FRAMED_POLICY)
    return {MAP: MAP_POLICY, page: whole, **ours}


def host_name(authority: str) -> str:
    """Take the port off an authority; IPv6 keeps its brackets."""
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.rpartition(":")[0] or authority if authority.count(":") == 1 else authority


class HostWall:
    """Refuses unknown host names and other sites' pages, and adds the security headers.

    Parameters
    ----------
    app
        The application behind the wall.
    names
        Host names that are ours.
    pages
        The policies of pages by the beginning of their path; anything else gets the policy for data.
    origin
        Where a proxy that encrypts answers for us. Requests under its name count as encrypted, because the installation
        says so, not because a header does.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        names: frozenset[str] = LOOPBACK_NAMES,
        pages: Mapping[str, str],
        origin: str | None = None,
    ) -> None:
        self.app = app
        self.encrypted = host_name(urlsplit(origin or "").netloc)
        self.names = names | ({self.encrypted} if self.encrypted else set())
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the name, then the origin, then add the headers on the way out."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if self.encrypted and host_name(Headers(scope=scope).get("host", "").lower()) == self.encrypted:
            scope = {**scope, "scheme": "wss" if scope["type"] == "websocket" else "https"}
        if scope["type"] == "websocket":
            await (_close(send) if refused else self.app(scope, receive, send))
            return
        sender = self._with_headers(scope, send)
        if refused:
            await respond(refused, str(scope["path"])[:200])(scope, receive, sender)
            return
        await self.app(scope, receive, sender)

    def _refusal(self, scope: Scope) -> problems.ProblemType | None:
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "").lower()) not in self.names:
            return problems.MISDIRECTED
        origin = headers.get("origin")
        reads_only = scope["type"] == "http" and scope["method"] in _READS
        if origin is None or reads_only:
            return None
        return None if host_name(urlsplit(origin).netloc.lower()) in self.names else problems.FORBIDDEN_ORIGIN

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        path = str(scope["path"])
        policy = next((found for start, found in self.pages.items() if path.startswith(start)), DATA_POLICY)

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # a page that a route makes brings its own, which allows less than the dashboard's
                headers.setdefault("Content-Security-Policy", policy)
                for name, value in _COMMON.items():
                    headers[name] = value
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        return sender


async def _close(send: Send) -> None:
    """Turn a socket away before it opens."""
    await send({"type": "websocket.close", "code": 1008})
