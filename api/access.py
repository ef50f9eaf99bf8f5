"""Who is asking, and whether they may: every route names the permission it demands, or the program does not start.

A secret is taken from the ``Authorization`` header or the session's cookie and from nowhere else. What a caller may
not do is answered like what is not there.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import Depends, Request
from fastapi.routing import APIRoute, iter_route_contexts

from geo.domain.principals import NOBODY, Permission, Principal
from geo.errors import NotPermitted, ProofNeeded, SignInNeeded
from geo.privacy.link_tokens import FEED_TOKEN, PAGE_TOKEN
from geo.privacy.tokens import Token, parse
from geo.store.engine import AUTH_ROLE, Acting, SessionFactory, transaction
from geo.store.signing_in import find_ended_phone, find_principal, is_good

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI
    from fastapi.dependencies.models import Dependant
    from starlette.requests import HTTPConnection

COOKIE: Final = "__Host-sid"
SIGNING_IN: Final = Acting(network=None, role=AUTH_ROLE)
"""How the statements run that find out who somebody is."""
_IN_THE_OPEN: Final = re.compile(r"br[a-z]_[a-z2-7]{8}_")
BASIC_PATH: Final = "/openrosa/"
"""Below which a phone's token may come as a password: ODK programs send nothing else."""
FEED_PATH: Final = "/v1/calendar.ics"
"""The one address that a secret may stand in: its own kind, because calendar programs send nothing else."""
_NEEDS_NOBODY: Final = frozenset({Permission.OPEN, Permission.ENROL, Permission.FOLLOW})
_SIGNED: Final = frozenset({Permission.RECEIVE_TEXTS})
"""What no token gives: who asks is known by how the body is signed, which the route's own session looks at."""


class Requires:
    """Marks a route with the permission it demands; asked for by `authorize` before anything else is looked at."""

    def __init__(self, permission: Permission, *, proof: bool = False) -> None:
        self.permission = permission
        self.proof = proof

    async def __call__(self) -> None:
        """Do nothing: the check has been made already."""


def requires(permission: Permission, *, proof: bool = False) -> Any:  # noqa: ANN401 - what FastAPI's Depends gives
    """Demand a permission of whoever calls a route.

    Parameters
    ----------
    permission
        What the caller must have.
    proof
        Whether somebody signed in must have given their password within the last minutes.
    """
    return Depends(Requires(permission, proof=proof))


def demand_of(route: APIRoute) -> Requires | None:
    """Find what a route demands; the demand nearest to the route counts."""
    known: Requires | None = getattr(route, "demand", None)
    if known is None:
        found = list(_demands(route.dependant))
        known = found[-1] if found else None
        route.demand = known  # type: ignore[attr-defined] # worked out once for each route
    return known


def _demands(dependant: Dependant) -> Iterable[Requires]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Requires):
            yield inner.call


def check_routes(app: FastAPI) -> None:
    """Refuse to start while a route does not say who may call it.

    Raises
    ------
    RuntimeError
        Naming the routes.
    """
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    bare = [route.path for route in routes if isinstance(route, APIRoute) and demand_of(route) is None]
    if bare:
        raise RuntimeError(f"these routes demand no permission: {', '.join(sorted(bare))}")


def shown_token(connection: HTTPConnection) -> Token | None:
    """Read the secret a caller shows, in the one header or the one cookie that may carry it."""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic" and connection.url.path.startswith(BASIC_PATH):
        return parse(_password(given.strip()))
    if scheme:
        return parse(given.strip()) if scheme.lower() == "bearer" else None
    return parse(connection.cookies.get(COOKIE, ""))


def _password(given: str) -> str:
    """Read the password of HTTP Basic (RFC 7617); the name beside it is for people."""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2].strip()
    except (binascii.Error, ValueError):
        return ""


def shown_link(connection: HTTPConnection) -> str:
    """Read the secret of a link without sign-in, in the one header that may carry it; empty when there is none."""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def identify(sessions: SessionFactory, token: Token | None, *, ended_too: bool = False) -> Principal:
    """Find out who carries a token; nobody, when it is not good.

    Parameters
    ----------
    ended_too
        Whether a phone that was ended is told from nobody.
    """
    if token is None:
        return NOBODY
    with transaction(sessions, SIGNING_IN) as session:
        found = find_principal(session, token)
        return found or (find_ended_phone(session, token) if ended_too else None) or NOBODY


def is_still_good(sessions: SessionFactory, token: Token | None) -> bool:
    """Tell whether a token is good now; looking does not count as using it."""
    if token is None:
        return False
    with transaction(sessions, SIGNING_IN) as session:
        return is_good(session, token)


def authorize(request: Request) -> None:
    """Let a request through to its route, or refuse it before its parameters are read.

    Raises
    ------
    SignInNeeded
        If nobody known is asking, or a secret stands in the address, where logs and histories keep it.
    ProofNeeded
        If the password was given too long ago.
    NotPermitted
        If the caller may not do this; answered like what is not there.
    """
    route = request.scope.get("route")
    demand = demand_of(route) if isinstance(route, APIRoute) else None
    if demand is None:
        raise NotPermitted
    if _stands_open(request.url.path, request.url.query):
        raise SignInNeeded("a key never stands in an address; send it in the Authorization header")
    if demand.permission in _NEEDS_NOBODY | _SIGNED:
        request.state.principal = NOBODY
        return
    sessions = cast("SessionFactory", request.app.state.sessions)
    # what a lost phone still carries must arrive, so this one thing is open to it
    ended_too = demand.permission is Permission.HAND_IN
    principal = identify(sessions, shown_token(request), ended_too=ended_too)
    request.state.principal = principal
    if principal.may(demand.permission):
        _check_proof(demand, principal)
        return
    if principal is NOBODY:
        raise SignInNeeded
    raise NotPermitted


def _stands_open(path: str, query: str) -> bool:
    """Tell whether a secret stands in an address; that of a calendar's feed may, in its one place."""
    if any(form.search(part) for form in (_IN_THE_OPEN, PAGE_TOKEN) for part in (path, query)):
        return True
    return bool(FEED_TOKEN.search(path) or (path != FEED_PATH and FEED_TOKEN.search(query)))


def _check_proof(demand: Requires, principal: Principal) -> None:
    if demand.proof and not (principal.fresh_until and principal.fresh_until > datetime.now(UTC)):
        raise ProofNeeded


async def _principal(request: Request) -> Principal:
    return cast("Principal", request.state.principal)


PrincipalDep = Annotated[Principal, Depends(_principal)]
