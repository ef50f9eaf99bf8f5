"""The network a session acts for: its name and the area it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from geo.errors import NotFound
from geo.store import tables
from geo.store.audit import record

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

network = tables.network
Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Network:
    """A network; ``bbox`` is its service area as west, south, east, north in degrees."""

    id: UUID
    slug: str
    name: str
    bbox: Bbox | None


def get_network(session: Session) -> Network:
    """Read the session's network.

    Raises
    ------
    NotFound
        If the session has none.
    """
    area = network.c.service_area
    edges = (func.ST_XMin(area), func.ST_YMin(area), func.ST_XMax(area), func.ST_YMax(area))
    query = select(network.c.id, network.c.slug, network.c.name, *edges)
    row = session.execute(query.where(network.c.id == func.current_network())).one_or_none()
    if row is None:
        raise NotFound("there is no such network")
    west, south, east, north = row[3:]
    return Network(row[0], row[1], row[2], None if west is None else (west, south, east, north))


def list_networks(connection: Session | Connection) -> list[UUID]:
    """List every network of the installation; only the operator's own rights see more than one."""
    return list(connection.scalars(select(network.c.id).order_by(network.c.id)))


def set_service_area(session: Session, bbox: Bbox) -> None:
    """Say which area the network serves; places outside it are refused from now on.

    Parameters
    ----------
    bbox
        West, south, east, north in degrees.
    """
    values = {"service_area": func.ST_MakeEnvelope(*bbox, 4326)}
    session.execute(update(network).where(network.c.id == func.current_network()).values(**values))
    record(session, "update", network.name, fields=("service_area",))


def require_codes(session: Session, *, wanted: bool) -> None:
    """Say whether the network's organizers must use one-time codes.

    Parameters
    ----------
    session
        With the operator's rights.
    """
    session.execute(update(network).where(network.c.id == func.current_network()).values(requires_totp=wanted))
    record(session, "update", network.name, fields=("requires_totp",))
