"""What routes are given: a session that commits before the reply, the settings, and how travel is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from geo.domain.links import LinkKind, OpenLink
from geo.domain.listed import Freshness
from geo.domain.principals import Principal, PrincipalKind
from geo.domain.travel import TravelModel
from geo.domain.words import Audience
from geo.errors import SignInNeeded
from geo.store.engine import APP_ROLE, DEVICE_ROLE, PARTNER_ROLE, Acting, SessionFactory, transaction
from geo.store.links import find_open
from geo.store.live_coverage import LiveCoverages

from api.access import SIGNING_IN, PrincipalDep, shown_link
from api.ogc.remembered import Answers
from api.settings import Settings
from api.tile_shelf import TileShelf
from api.travel import TravelChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

PICTURES_AT_ONCE: Final = 2
"""Drawn at the same time: each takes a good 100 MB and a core for about a second."""
ROLES: Final[Mapping[PrincipalKind, str]] = {
    PrincipalKind.ORGANIZER: APP_ROLE,
    PrincipalKind.DEVICE: DEVICE_ROLE,
    PrincipalKind.PARTNER: PARTNER_ROLE,
    PrincipalKind.WEBHOOK: APP_ROLE,
}
"""The database role each kind of caller acts as; who is not named never reaches a record."""


FOLLOWERS: Final[Mapping[LinkKind, str]] = {
    LinkKind.HELP: "helper_by_link",
    LinkKind.NEED: "asker_by_link",
    LinkKind.SHIFT: "helper_by_link",
    LinkKind.ASSET: "organization_by_link",
}
"""What the audit calls whoever follows a link of each kind."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A link that was followed, and the transaction in which it is."""

    session: Session
    link: OpenLink


async def _sessions(request: Request) -> SessionFactory:
    return cast("SessionFactory", request.app.state.sessions)


async def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


SessionsDep = Annotated[SessionFactory, Depends(_sessions)]
SettingsDep = Annotated[Settings, Depends(_settings)]


def acting_for(principal: Principal) -> Acting:
    """Tell the database for whom a request acts.

    Raises
    ------
    SignInNeeded
        If it is nobody who may reach records.
    """
    if principal.kind not in ROLES or principal.network is None:
        raise SignInNeeded
    return Acting(principal.network, ROLES[principal.kind], principal.actor, principal.kind.value)


def get_session(sessions: SessionsDep, principal: PrincipalDep) -> Iterator[Session]:
    """Give one request one transaction, with the rights of whoever asks.

    Yields
    ------
    sqlalchemy.orm.Session
        Committed when the route has returned and before its answer is sent; rolled back on any error.
    """
    with transaction(sessions, acting_for(principal)) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def follow(kind: LinkKind) -> Any:  # noqa: ANN401 - what FastAPI's Depends gives
    """Give what the link without sign-in that a caller shows is about, and a session that acts for its network.

    What is done is done by "helper by link" or "asker by link": the actor is the link itself.

    Raises
    ------
    SignInNeeded
        If it opens nothing: unknown, over, revoked and of another kind are one answer.
    """

    def followed(request: Request, sessions: SessionsDep) -> Iterator[Followed]:
        with transaction(sessions, SIGNING_IN) as session:
            opened = find_open(session, kind, shown_link(request))
        if opened is None:
            raise SignInNeeded("this link opens nothing, or no longer")
        request.state.principal = Principal(link=opened)
        acting = Acting(opened.network_id, APP_ROLE, opened.id, FOLLOWERS[kind])
        with transaction(sessions, acting) as session:
            yield Followed(session, opened)

    return Depends(followed, scope="function")


def get_signing_in(sessions: SessionsDep) -> Iterator[Session]:
    """Give a transaction that can sign somebody in, and do nothing else.

    Yields
    ------
    sqlalchemy.orm.Session
        Committed as `get_session` does.
    """
    with transaction(sessions, SIGNING_IN) as session:
        yield session


SigningInDep = Annotated[Session, Depends(get_signing_in, scope="function")]


def _travel(request: Request) -> TravelModel:
    return cast("TravelChoice", request.app.state.travel).model()


TravelDep = Annotated[TravelModel, Depends(_travel)]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How coverage is worked out: travel, and the figures that are kept up to date."""

    choice: TravelChoice
    live: LiveCoverages

    @property
    def travel(self) -> TravelModel:
        """The model to travel by now; looked up only where something is worked out."""
        return self.choice.model()


async def _reckoning(request: Request) -> Reckoning:
    return Reckoning(cast("TravelChoice", request.app.state.travel), cast("LiveCoverages", request.app.state.live))


ReckoningDep = Annotated[Reckoning, Depends(_reckoning)]


async def _audience(principal: PrincipalDep) -> Audience:
    return principal.audience


async def _origin(request: Request, settings: SettingsDep) -> str:
    """Tell where links lead: to the name people know, or else the one this request came to."""
    return settings.server.origin or f"{request.url.scheme}://{request.url.netloc}"


OriginDep = Annotated[str, Depends(_origin)]
"""Scheme and host that links for people are written with."""
AudienceDep = Annotated[Audience, Depends(_audience)]


async def _fresh(settings: SettingsDep) -> Freshness:
    return Freshness(datetime.now(UTC).date(), timedelta(days=settings.verify.verify_after_days))


FreshDep = Annotated[Freshness, Depends(_fresh)]
"""How long a confirmation of an asset lasts, seen from today."""


def set_state(app: FastAPI, settings: Settings, sessions: SessionFactory) -> None:
    """Put what the dependencies need where they look for it."""
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.travel = TravelChoice(settings.home.home, settings.travel)
    app.state.live = LiveCoverages()
    app.state.tile_shelf = TileShelf()
    app.state.answers = Answers()
    app.state.drawing = BoundedSemaphore(PICTURES_AT_ONCE)
