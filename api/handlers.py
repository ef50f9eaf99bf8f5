"""Where exceptions become problems: ours, the framework's and the database driver's."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from geo.errors import Conflict, FormRefused, GeoError, OutsideTooSoon, SignInNeeded

from api import problems
from api.access import BASIC_PATH
from api.etags import Unchanged
from api.problems import Problem, lookup, respond

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)
_UNIQUE, _FOREIGN, _CANCELLED = "23505", "23503", "57014"
_RETRYABLE = frozenset({_CANCELLED, "40001", "40P01", "55P03"})
MAX_ERRORS = 20
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def pointer(loc: Sequence[int | str]) -> str:
    """Write a place inside the request as a JSON pointer (RFC 6901); the part it is in comes first."""
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1")[:60] for part in loc)


def errors_of(found: Sequence[Any], *, inside: tuple[int | str, ...] = ()) -> list[dict[str, str]]:
    """Name each field and its reason, leaving out whatever was sent."""
    listed = []
    for error in found[:MAX_ERRORS]:
        loc = tuple(error["loc"])
        # the last step of a forbidden extra is a name the caller chose, and a name may be anybody's
        if error["type"] == "extra_forbidden":
            listed.append({"pointer": pointer((*inside, *loc[:-1])), "reason": "an unknown member is not accepted"})
        else:
            listed.append({"pointer": pointer((*inside, *loc)), "reason": _reason(error)})
    return listed


def _reason(error: Mapping[str, Any]) -> str:
    """Say the reason in words that cannot repeat the value."""
    if error["type"] == "value_error":
        cause = (error.get("ctx") or {}).get("error")
        return str(cause) if isinstance(cause, ValueError) else "this value cannot be used"
    return str(error["msg"])


def _on_unchanged(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Unchanged):
        raise TypeError
    return Response(status_code=304, headers=error.headers)


def _on_geo_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, GeoError):
        raise TypeError
    kind = lookup(error)
    if kind.status >= 500:  # noqa: PLR2004 - the first of the server's own errors
        log.error("a %s reached the edge", type(error).__name__)
        return respond(kind, request.url.path)
    where = [{"pointer": f"/body/{error.field}", "reason": str(error)}] if error.field else []
    detail = str(error) if kind.slug != "not-found" else None
    if isinstance(error, FormRefused):
        where = [{"pointer": pointer, "reason": reason} for pointer, reason in error.faults]
    return respond(kind, request.url.path, detail=detail, errors=where, headers=_headers(request, error))


def _headers(request: Request, error: GeoError) -> dict[str, str] | None:
    if isinstance(error, SignInNeeded) and request.url.path.startswith(BASIC_PATH):
        # ODK programs send their password when they are asked for it, and not before
        return {"WWW-Authenticate": 'Basic realm="Barnraiser", charset="UTF-8"'}
    return {"Retry-After": str(error.wait_s)} if isinstance(error, OutsideTooSoon) else None


def _on_problem(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Problem):
        raise TypeError
    return respond(error.kind, request.url.path, detail=error.detail, errors=error.errors, headers=error.headers)


def _on_validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError
    return respond(problems.VALIDATION, request.url.path, errors=errors_of(error.errors()))


def _on_http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise TypeError
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _offered_at(request)
    return respond(problems.for_status(error.status_code), request.url.path, headers=headers)


def _offered_at(request: Request) -> str:
    """Name every method of a path; the framework names those of its first route alone."""
    return ", ".join(method for method in _METHODS if _is_offered(request, method))


def _is_offered(request: Request, method: str) -> bool:
    asked = dict(request.scope) | {"method": method}
    return any(one.matches(asked)[0] is Match.FULL for one in request.app.routes)


def _on_database(request: Request, error: Exception) -> JSONResponse:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    log.warning("the database refused: %s %s", type(error).__name__, state)
    path = request.url.path
    if isinstance(error, PoolTimeout) or state in _RETRYABLE:
        return respond(problems.BUSY, path)
    if isinstance(error, IntegrityError):
        return _on_integrity(path, state, _constraint(error))
    if isinstance(error, DataError):
        return respond(problems.VALIDATION, path, detail="the database cannot hold one of these values")
    if isinstance(error, OperationalError | InterfaceError):
        return respond(problems.DATABASE, path)
    return respond(problems.INTERNAL, path)


def _constraint(error: DBAPIError) -> str:
    """Name the broken rule; its name is ours and holds no value."""
    return str(getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "")


def _on_integrity(path: str, state: str | None, constraint: str) -> JSONResponse:
    if state == _UNIQUE:
        return respond(problems.DOMAIN_PROBLEMS[Conflict], path, detail="such a record exists already")
    if state == _FOREIGN:
        return respond(problems.VALIDATION, path, detail="this refers to a record that is not there")
    return respond(problems.VALIDATION, path, detail=f"a stored rule was broken: {constraint}".rstrip(": "))


class LastResort:
    """Answers what no handler knows, so that no message with somebody's data in it reaches a log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; log where an unexpected error came from, never what it says."""
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting if scope["type"] == "http" else send)
        except Exception as error:
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("unexpected %s\n%s", type(error).__name__, frames)  # noqa: TRY400 - the message is left out
            if started or scope["type"] != "http":
                raise
            await respond(problems.INTERNAL, str(scope["path"])[:200])(scope, receive, send)


def install_handlers(app: FastAPI) -> None:
    """Make every error of an application come out as a problem."""
    app.add_exception_handler(Unchanged, _on_unchanged)
    app.add_exception_handler(GeoError, _on_geo_error)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DBAPIError, _on_database)
    app.add_exception_handler(PoolTimeout, _on_database)
