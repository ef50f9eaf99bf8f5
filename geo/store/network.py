"""The network a session acts for: its name and the area it serves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, select, update

from geo.domain.hours import Window, get_zone
from geo.domain.languages import check_languages
from geo.errors import InvalidInput, NotFound, StaleVersion
from geo.store import tables
from geo.store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection
    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

network = tables.network
MOST_HOURS: Final = 336
CHANGEABLE: Final = frozenset({"name", "time_zone", "languages", "escalate_after_h", "standard_min"})
_EDGES: Final = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}
Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Network:
    """A network; ``bbox`` is its service area as west, south, east, north in degrees.

    ``time_zone`` is a name of the IANA list, in which hours are meant; ``languages`` are those of whoever runs it,
    which are spoken wherever help names no language; none when nobody has said. After ``escalate_after_h`` hours
    without an answer somebody else is asked. Help should be reached within ``standard_min`` minutes; without one the
    installation's standard holds.
    """

    id: UUID
    slug: str
    name: str
    bbox: Bbox | None
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ()
    escalate_after_h: int = 24
    standard_min: int | None = None
    version: int = 1

    @property
    def zone(self) -> ZoneInfo:
        """The zone of time, ready to be used."""
        return get_zone(self.time_zone)

    def standard(self, usual_min: float) -> float:
        """Give its service standard in minutes, or the installation's, which is ``usual_min``, when it has none."""
        return usual_min if self.standard_min is None else float(self.standard_min)


def get_network(session: Session) -> Network:
    """Read the session's network.

    Raises
    ------
    NotFound
        If the session has none.
    """
    names = ("id", "slug", "name", "time_zone", "languages", "escalate_after_h", "standard_min", "version")
    edges = (measure(network.c.service_area).label(edge) for edge, measure in _EDGES.items())
    query = select(*(network.c[name] for name in names), *edges).where(network.c.id == func.current_network())
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such network")
    west, south, east, north = (row[edge] for edge in _EDGES)
    box = None if west is None else (west, south, east, north)
    kept = {name: row[name] for name in names} | {"languages": tuple(row["languages"])}
    return Network(bbox=box, **kept)


def standard_of(session: Session, usual_min: float) -> float:
    """Give the network's service standard in minutes, or the installation's when it has none of its own.

    Every figure for which nobody names a standard is worked out by this one.

    Parameters
    ----------
    usual_min
        The installation's, in minutes.
    """
    own: int | None = session.scalar(select(network.c.standard_min).where(network.c.id == func.current_network()))
    return usual_min if own is None else float(own)


def update_network(session: Session, changes: Mapping[str, Any], *, expected_version: int | None = None) -> Network:
    """Change how the session's network is set up.

    Parameters
    ----------
    changes
        Any of ``CHANGEABLE``; ``standard_min`` may be nothing.

    Raises
    ------
    InvalidInput
        If the zone of time is none, or a language is not written as a code.
    StaleVersion
        If it is no longer at ``expected_version``.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "time_zone" in values:
        values["time_zone"] = get_zone(values["time_zone"]).key
    if "languages" in values:
        values["languages"] = check_languages(values["languages"])
    _change(session, values, expected_version=expected_version)
    return get_network(session)


def _change(session: Session, values: Mapping[str, Any], *, expected_version: int | None = None) -> None:
    statement = update(network).where(network.c.id == func.current_network())
    if expected_version is not None:
        statement = statement.where(network.c.version == expected_version)
    done = session.execute(statement.values(**values, version=network.c.version + 1))
    if not cast("CursorResult[Any]", done).rowcount:
        raise StaleVersion
    record(session, "update", network.name, fields=tuple(values))


def hour_from(session: Session, local: datetime) -> Window:
    """Give the hour from a time by the network's clock."""
    start = local.replace(tzinfo=get_network(session).zone).astimezone(UTC)
    return Window(start, start + timedelta(hours=1))


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
    _change(session, {"service_area": func.ST_MakeEnvelope(*bbox, 4326)})


def set_speech(session: Session, *, time_zone: str | None = None, languages: Sequence[str] | None = None) -> Network:
    """Say in which zone of time the network lives, and which languages whoever runs it speaks.

    Parameters
    ----------
    session
        With the operator's rights.
    time_zone
        A name of the IANA list, such as ``Europe/Helsinki``; stays as it is when left out.
    languages
        Codes of ISO 639; stay as they are when left out.

    Raises
    ------
    InvalidInput
        If the zone is none, a code is not written as one, or there are more than ``MAX_LANGUAGES``.
    """
    values: dict[str, Any] = {}
    if time_zone is not None:
        values["time_zone"] = get_zone(time_zone).key
    if languages is not None:
        values["languages"] = check_languages(languages)
    if values:
        _change(session, values)
    return get_network(session)


def set_escalation(session: Session, hours: int) -> Network:
    """Say after how many hours without an answer somebody else is asked, and organizers are told.

    Parameters
    ----------
    session
        With the operator's rights.
    hours
        1 to 336.

    Raises
    ------
    InvalidInput
        If it is not within that.
    """
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInput(f"1 to {MOST_HOURS} hours", field="escalate_after_h")
    _change(session, {"escalate_after_h": hours})
    return get_network(session)


def require_codes(session: Session, *, wanted: bool) -> None:
    """Say whether the network's organizers must use one-time codes.

    Parameters
    ----------
    session
        With the operator's rights.
    """
    _change(session, {"requires_totp": wanted})
