"""Notices when somebody asks for a canary that was given to somebody else, whatever they ask for.

It stands around every route and looks at addresses alone, after the answer has gone: nobody can tell from the answer,
or from how long it took, that a number was one of those.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote_plus

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from geo.domain.canaries import CanaryAsker, CanaryDoor
from geo.domain.principals import NOBODY, Principal, PrincipalKind
from geo.privacy.canaries import names_in
from geo.store.canaries import find_known, note_hit
from geo.store.engine import APP_ROLE, Acting, SessionFactory, transaction

from api.access import COOKIE, SIGNING_IN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo.store.canaries import KnownCanary

log = logging.getLogger(__name__)
MOST_NAMES: Final = 20
_DOORS: Final = (
    ("/ogc", CanaryDoor.FEEDS), ("/hsds", CanaryDoor.FEEDS), ("/v1/changes", CanaryDoor.FEEDS),
    ("/v1", CanaryDoor.RECORDS),
)  # fmt: skip
_WHO: Final = {PrincipalKind.PARTNER: CanaryAsker.PARTNER, PrincipalKind.DEVICE: CanaryAsker.PHONE}


class CanaryWatch:
    """Notes in the audit who asked for a canary of somebody else.

    Parameters
    ----------
    app
        The application around which it stands.
    sessions
        Where sessions come from.
    """

    def __init__(self, app: ASGIApp, *, sessions: SessionFactory) -> None:
        self.app = app
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then look at what it asked for."""
        await self.app(scope, receive, send)
        if scope["type"] != "http":
            return
        address = f"{scope['path']} {unquote_plus(scope.get('query_string', b'').decode('latin-1'))}"
        names = sorted(names_in(address))[:MOST_NAMES]
        if not names:
            return
        try:
            await run_in_threadpool(look, self.sessions, names, HTTPConnection(scope))
        except Exception as error:  # noqa: BLE001 - the answer has gone, and is right without this
            log.warning("a canary could not be looked for: %s", type(error).__name__)


def look(sessions: SessionFactory, names: list[str], connection: HTTPConnection) -> None:
    """Note which of these names are canaries of somebody else than whoever asked."""
    with transaction(sessions, SIGNING_IN) as session:
        known = find_known(session, names)
    principal = cast("Principal", getattr(connection.state, "principal", NOBODY))
    for one in known:
        if not _is_theirs(one, principal):
            who = _who(one, principal, connection)
            asker = principal.actor if who in (CanaryAsker.PARTNER, CanaryAsker.PHONE) else None
            acting = Acting(one.network_id, APP_ROLE, asker, who.value if asker is None else principal.kind.value)
            with transaction(sessions, acting) as session:
                note_hit(session, one.id, door_of(connection.url.path), who, asker_id=asker)


def door_of(path: str) -> CanaryDoor:
    """Name the door a path leads to."""
    return next((door for start, door in _DOORS if path.startswith(start)), CanaryDoor.PAGES)


def _is_theirs(one: KnownCanary, principal: Principal) -> bool:
    """Tell whether the partner itself asks, or one of the organizers who planted it."""
    if principal.kind is PrincipalKind.ORGANIZER:
        return principal.network == one.network_id
    return principal.kind is PrincipalKind.PARTNER and principal.actor == one.agreement_id


def _who(one: KnownCanary, principal: Principal, connection: HTTPConnection) -> CanaryAsker:
    if principal.kind in _WHO and principal.network == one.network_id:
        return _WHO[principal.kind]
    if principal is not NOBODY and principal.network is not None:
        return CanaryAsker.ELSEWHERE
    shows = connection.headers.get("authorization") or connection.cookies.get(COOKIE)
    return CanaryAsker.BAD_KEY if shows else CanaryAsker.STRANGER
