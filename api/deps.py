"""What routes are given: a session that commits before the reply, the settings, and how travel is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from geo.domain.principals import Principal, PrincipalKind
from geo.domain.travel import TravelModel
from geo.domain.words import Audience
from geo.errors import SignInNeeded
from geo.store.engine import APP_ROLE, DEVICE_ROLE, PARTNER_ROLE, Acting, SessionFactory, transaction
from geo.store.live_coverage import LiveCoverages

from api.access import SIGNING_IN, PrincipalDep
from api.settings import Settings
from api.travel import TravelChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

ROLES: Final[Mapping[PrincipalKind, str]] = {
    PrincipalKind.ORGANIZER: APP_ROLE,
    PrincipalKind.DEVICE: DEVICE_ROLE,
    PrincipalKind.PARTNER: PARTNER_ROLE,
    PrincipalKind.WEBHOOK: APP_ROLE,
}
"""The database role each kind of caller acts as; who is not named never reaches a record."""


def _sessions(request: Request) -> SessionFactory:
    return cast("SessionFactory", request.app.state.sessions)


def _settings(request: Request) -> Settings:
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

    travel: TravelModel
    live: LiveCoverages


def _reckoning(request: Request, travel: TravelDep) -> Reckoning:
    return Reckoning(travel, cast("LiveCoverages", request.app.state.live))


ReckoningDep = Annotated[Reckoning, Depends(_reckoning)]


def _audience(principal: PrincipalDep) -> Audience:
    return principal.audience


AudienceDep = Annotated[Audience, Depends(_audience)]


def set_state(app: FastAPI, settings: Settings, sessions: SessionFactory) -> None:
    """Put what the dependencies need where they look for it."""
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.travel = TravelChoice(settings.home.home, settings.travel)
    app.state.live = LiveCoverages()
