"""The ground of a turf put together for the phone that carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo.domain.ground import StreetDoors
from geo.interchange.base_map import read_base_map
from geo.interchange.ground import GroundSources, box_around, pack_ground
from geo.store.gazetteer_sources import list_sources
from geo.store.turf_assignments import get_carried
from geo.store.turf_ground import list_addresses_around, list_streets_within

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.ground import TurfGround
    from geo.domain.turf import Door


def make_ground(session: Session, turf_id: UUID, base_map: Path) -> TurfGround:
    """Put together what a phone takes along of a turf that it carries today.

    Parameters
    ----------
    base_map
        The base map this host serves, if it has one.

    Raises
    ------
    NotFound
        If the phone that acts carries no such turf today.
    """
    turf, doors = get_carried(session, turf_id)
    box = box_around(turf.geometry)
    sources = GroundSources(
        turf=turf,
        streets=[(street.name, street.line) for street in list_streets_within(session, box)],
        addresses=_with_doors(list_addresses_around(session, box), doors),
        base=read_base_map(base_map, box),
        attribution=", ".join(dict.fromkeys(source.attribution for source in list_sources(session))),
    )
    return pack_ground(sources)


def _with_doors(known: Sequence[StreetDoors], doors: Sequence[Door]) -> list[StreetDoors]:
    """Add the turf's doors that the gazetteer no longer has; they stay as they were cut."""
    found = {(name, number) for street in known for name in street.names for number, _ in street.doors}
    missing: dict[tuple[str, str | None], StreetDoors] = {}
    for door in doors:
        if (door.street, door.number) in found:
            continue
        street = missing.setdefault((door.street, door.locality), StreetDoors((door.street,), door.locality, ()))
        grown = replace(street, doors=(*street.doors, (door.number, door.point)))
        missing[door.street, door.locality] = grown
    return [*missing.values(), *known]
