"""The walls before anything is parsed: size, time, content type, and strict JSON.

They are plain ASGI, so nothing of the framework touches a body that they refuse.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from api import problems, strict_json
from api.problems import Problem, respond

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON: Final = "application/json"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_INLINE_BYTES: Final = 16_384
MAX_HEADERS: Final = 100


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much a body may be: bytes, and seconds until it is there."""

    max_bytes: int = 1_000_000
    read_timeout_s: float = 15.0


class BodyWall:
    """Reads each body under limits, checks it, and hands it on whole.

    Parameters
    ----------
    app
        The application behind the wall.
    limits
        Bytes and seconds.
    plain_types
        Content types that a path takes besides JSON, by path.
    unguarded
        Path prefixes that look after themselves.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: BodyLimits,
        plain_types: dict[str, frozenset[str]],
        unguarded: tuple[str, ...] = (),
    ) -> None:
        self.app = app
        self.limits = limits
        self.plain_types = plain_types
        self.unguarded = unguarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http" or scope["path"].startswith(self.unguarded):
            await self.app(scope, receive, send)
            return
        try:
            raw = await self._read(scope, receive)
            await self._check(scope, raw)
        except Problem as problem:
            headers = {"Connection": "close"} if problem.kind in (problems.TOO_LARGE, problems.TIMEOUT) else {}
            refusal = respond(problem.kind, _path(scope), detail=problem.detail, errors=problem.errors, headers=headers)
            await refusal(scope, receive, send)
            return
        await self.app(scope, _replay(raw, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        headers = Headers(scope=scope)
        if len(headers) > MAX_HEADERS:
            raise Problem(problems.BAD_REQUEST, "there are too many headers")
        declared = headers.get("content-length", "0")
        if not (declared.isascii() and declared.isdigit()):
            raise Problem(problems.BAD_REQUEST, "the content length must be a number")
        if len(declared) > len(str(self.limits.max_bytes)) or int(declared) > self.limits.max_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self.limits.read_timeout_s):
                return await self._collect(receive)
        except TimeoutError:
            raise Problem(problems.TIMEOUT) from None

    async def _collect(self, receive: Receive) -> bytes:
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem(problems.BAD_REQUEST, "the body ended early")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.limits.max_bytes:
                raise self._too_large()
            more = message.get("more_body", False)
        return b"".join(chunks)

    def _too_large(self) -> Problem:
        return Problem(problems.TOO_LARGE, f"a body may be {self.limits.max_bytes} bytes")

    async def _check(self, scope: Scope, raw: bytes) -> None:
        if scope["method"] not in _WITH_BODY:
            if raw:
                raise Problem(problems.BAD_REQUEST, "this method takes no body")
            return
        if not raw and "content-type" not in Headers(scope=scope):
            # some things are done by their path alone; a route that wants a body misses it
            return
        kind, _, parameters = Headers(scope=scope).get("content-type", "").lower().partition(";")
        if Headers(scope=scope).get("content-encoding", "identity") != "identity":
            raise Problem(problems.MEDIA, "a compressed body is not accepted")
        plain = self.plain_types.get(scope["path"], frozenset())
        if kind.strip() not in {JSON, *plain} or _foreign_charset(parameters):
            raise Problem(problems.MEDIA, f"send {' or '.join(sorted({JSON, *plain}))} in UTF-8")
        if kind.strip() == JSON:
            await _check_json(raw)


def _foreign_charset(parameters: str) -> bool:
    name, _, value = parameters.strip().partition("=")
    return name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8")


async def _check_json(raw: bytes) -> None:
    try:
        if len(raw) > _INLINE_BYTES:
            await run_in_threadpool(strict_json.loads, raw)
        else:
            strict_json.loads(raw)
    except strict_json.Unreadable as error:
        raise Problem(problems.BAD_REQUEST, str(error)) from None
    except strict_json.BadText as error:
        raise Problem(problems.VALIDATION, errors=[{"pointer": error.pointer, "reason": error.reason}]) from None


def _replay(raw: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Give the body that was read, then whatever the server says next."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": raw, "more_body": False}

    return replay


def _path(scope: Scope) -> str:
    return str(scope["path"])[:200]
