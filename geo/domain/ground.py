"""The ground a phone takes along: public geography of a turf and what lies around it, packed small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from shapely import Geometry

    from geo.domain.place import Point

Line = tuple[int, ...]
"""Corners in whole steps east and north: the first from the origin, each other from the one before."""
Shape = tuple[Line, ...]
"""The rings of a polygon, its edge first."""
PackedDoors = tuple[tuple[str, ...], str | None, tuple[tuple[str, int, int], ...]]
"""The names of a street, its town, and its doors by number with their steps east and north of the origin."""


@dataclass(frozen=True, slots=True)
class StreetDoors:
    """The doors of a street, which may have a name in each of several languages; WGS 84."""

    names: tuple[str, ...]
    locality: str | None
    doors: tuple[tuple[str, Point], ...]


@dataclass(frozen=True, slots=True)
class BaseShapes:
    """What the base map shows in a box, each part perhaps cut where its tiles end; WGS 84."""

    paths: Sequence[Geometry] = ()
    water: Sequence[Geometry] = ()
    green: Sequence[Geometry] = ()
    buildings: Sequence[Geometry] = ()


@dataclass(frozen=True, slots=True)
class TurfGround:
    """The ground of a turf: nothing of who lives there or what is needed.

    Everything is in steps of ``step_deg`` degrees east and north of ``origin_lon`` and ``origin_lat``; ``width`` and
    ``height`` are those of the box that is drawn, ``door_m`` says within how many metres of its point a door is.
    """

    turf_id: UUID
    version: int
    attribution: str
    origin_lon: float
    origin_lat: float
    step_deg: float
    width: int
    height: int
    door_m: float
    outline: tuple[Shape, ...]
    streets: tuple[tuple[str, tuple[Line, ...]], ...]
    paths: tuple[Line, ...]
    water: tuple[Shape, ...]
    green: tuple[Shape, ...]
    buildings: tuple[Shape, ...]
    addresses: tuple[PackedDoors, ...]
