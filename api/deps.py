"""What routes are given: a session that commits before the reply, the settings, and how travel is measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from geo.analysis.travel import StraightLineTravel
from geo.domain.travel import TravelModel
from geo.domain.words import Audience
from geo.store.engine import SessionFactory, transaction

from api.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def _sessions(request: Request) -> SessionFactory:
    return cast("SessionFactory", request.app.state.sessions)


def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


SessionsDep = Annotated[SessionFactory, Depends(_sessions)]
SettingsDep = Annotated[Settings, Depends(_settings)]


def get_session(sessions: SessionsDep) -> Iterator[Session]:
    """Give one request one transaction.

    Yields
    ------
    sqlalchemy.orm.Session
        Committed when the route has returned and before its answer is sent; rolled back on any error.
    """
    with transaction(sessions) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def _travel() -> TravelModel:
    return StraightLineTravel()


TravelDep = Annotated[TravelModel, Depends(_travel)]


def _audience() -> Audience:
    """Everyone is an organizer until there are accounts: the server answers on the loopback address alone."""
    return Audience.ORGANIZER


AudienceDep = Annotated[Audience, Depends(_audience)]


def set_state(app: FastAPI, settings: Settings, sessions: SessionFactory) -> None:
    """Put what the dependencies need where they look for it."""
    app.state.settings = settings
    app.state.sessions = sessions
