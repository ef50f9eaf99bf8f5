"""Acting as the operator for a moment, within a test whose session otherwise has a request's few rights."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geo.store.engine import APP_ROLE
from geo.store.gazetteer_import import replace_source
from geo.store.network import set_service_area

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

SET_ROLE = text("SELECT set_config('role', :role, true)")


@contextmanager
def operator(session: Session) -> Iterator[None]:
    session.execute(SET_ROLE, {"role": "none"})
    yield
    session.execute(SET_ROLE, {"role": APP_ROLE})


def load_source(session: Session, *args: Any, **values: Any) -> UUID:
    with operator(session):
        return replace_source(session, *args, **values)


def serve_area(session: Session, bbox: tuple[float, float, float, float]) -> None:
    with operator(session):
        set_service_area(session, bbox)
