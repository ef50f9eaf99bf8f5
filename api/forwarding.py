"""Pass requests and sockets on to a server of our own behind a Unix socket, as they are."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import httpx
from starlette.datastructures import Headers
from websockets.asyncio.client import unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send
    from websockets.asyncio.client import ClientConnection
    from websockets.typing import Subprotocol

_PATIENCE: Final = httpx.Timeout(60.0, connect=5.0)
_ONE_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers about one connection (RFC 9110, 7.6.1); the next connection has its own."""
_ITS_OWN: Final = frozenset(
    {"host", "sec-websocket-extensions", "sec-websocket-key", "sec-websocket-protocol", "sec-websocket-version"}
)
"""What the library that opens a socket writes itself."""
RESTARTING: Final = 1012
_NO_CODE: Final = frozenset({1005, 1006})
"""What a library calls a socket that ended without saying why; never sent."""


class Forwarder:
    """An application that another one answers for.

    Parameters
    ----------
    path
        The Unix socket of the server behind.
    away
        Answers while that server does not.
    """

    def __init__(self, path: Path, away: ASGIApp) -> None:
        self._path = str(path)
        self._away = away
        # idle connections are closed by the other side after five seconds; one that is closing must not be used again
        self._http = httpx.AsyncHTTPTransport(uds=self._path, limits=httpx.Limits(keepalive_expiry=2.0), retries=1)

    async def close(self) -> None:
        """Close what is kept open."""
        await self._http.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request or one socket on."""
        if scope["type"] == "websocket":
            await self._pass_socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass_request(scope, receive, send)

    async def _pass_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = httpx.Request(
            scope["method"],
            f"http://pages{_target(scope)}",
            headers=_kept(scope),
            content=_body(receive) if _has_body(scope) else None,
            extensions={"timeout": _PATIENCE.as_dict()},
        )
        try:
            answer = await self._http.handle_async_request(request)
        except httpx.TransportError:
            await self._away(scope, receive, send)
            return
        try:
            await _pass_answer(answer, send)
        finally:
            await answer.aclose()

    async def _pass_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        protocols: list[Subprotocol] = list(scope.get("subprotocols", ()))
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in _kept(scope, _ITS_OWN)]
        try:
            behind = await unix_connect(
                self._path,
                f"ws://{Headers(scope=scope)['host']}{_target(scope)}",
                additional_headers=headers,
                subprotocols=protocols or None,
                compression=None,
                user_agent_header=None,
                max_size=None,
                ping_interval=None,
                proxy=None,
            )
        except (OSError, EOFError, TimeoutError, InvalidHandshake):
            await send({"type": "websocket.close", "code": RESTARTING})
            return
        async with behind:
            await send({"type": "websocket.accept", "subprotocol": behind.subprotocol})
            await _relay(behind, receive, send)


def _target(scope: Scope) -> str:
    path = scope.get("raw_path") or str(scope["path"]).encode()
    query = scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def _kept(scope: Scope, but: frozenset[str] = frozenset()) -> list[tuple[bytes, bytes]]:
    named = {part.strip().lower() for part in Headers(scope=scope).get("connection", "").split(",")}
    left_out = {name.encode("latin-1") for name in _ONE_HOP | named | but}
    return [(name, value) for name, value in scope["headers"] if name not in left_out]


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise httpx.ReadError("the browser went away")
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def _pass_answer(answer: httpx.Response, send: Send) -> None:
    headers = [(name.lower(), value) for name, value in answer.headers.raw]
    headers = [(name, value) for name, value in headers if name.decode("latin-1") not in _ONE_HOP]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    async for part in answer.aiter_raw():
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _relay(behind: ClientConnection, receive: Receive, send: Send) -> None:
    """Carry messages both ways until either side has ended, then end the other."""
    ways = {asyncio.create_task(_carry_in(behind, receive)), asyncio.create_task(_carry_out(behind, send))}
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in done:
            way.result()
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _carry_in(behind: ClientConnection, receive: Receive) -> None:
    with contextlib.suppress(ConnectionClosed):
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            await behind.send(message["bytes"] if text is None else text)
        await behind.close()
        return
    await asyncio.Event().wait()  # the other way tells the browser


async def _carry_out(behind: ClientConnection, send: Send) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in behind:
            kind = "text" if isinstance(message, str) else "bytes"
            await send({"type": "websocket.send", kind: message})
    code = behind.close_code
    await send({"type": "websocket.close", "code": RESTARTING if code is None or code in _NO_CODE else code})
