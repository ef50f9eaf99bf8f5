"""Packs the ground of a turf for a phone: whole numbers, each corner from the one before, within a bound of bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import shapely
from shapely import LineString, Polygon

from geo.crs import metres_per_degree
from geo.domain.ground import BaseShapes, StreetDoors, TurfGround

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from shapely import Geometry, MultiLineString

    from geo.domain.ground import Line, PackedDoors, Shape
    from geo.domain.turf import CarriedTurf

_Kept = TypeVar("_Kept")
AROUND_M: Final = 250.0
"""So far beyond its turf the ground goes on."""
MOST_BYTES: Final = 300_000
"""Of a packed ground as JSON."""
STEP_DEG: Final = 2e-6
"""A fifth of a metre at most."""
DOOR_M: Final = 15.0
"""Within so many metres of its point a door of the gazetteer is."""
_DETAILS: Final = ((0.4, True, True), (1.0, True, True), (2.0, True, True), (3.0, False, True), (6.0, False, False))
"""How many metres lines may be out, and whether buildings and unnamed paths are drawn: each poorer than the last."""


@dataclass(frozen=True, slots=True)
class GroundSources:
    """What a ground is packed from; WGS 84. Streets are the longest first, addresses the nearest first."""

    turf: CarriedTurf
    streets: Sequence[tuple[str, MultiLineString]]
    addresses: Sequence[StreetDoors]
    base: BaseShapes = field(default_factory=BaseShapes)
    attribution: str = ""


def box_around(shape: Geometry, around_m: float = AROUND_M) -> tuple[float, float, float, float]:
    """Give the box of a shape with so many metres around it: west, south, east, north in degrees."""
    west, south, east, north = shape.bounds
    east_m, north_m = metres_per_degree((south + north) / 2)
    wide, high = around_m / max(east_m, 1e-6), around_m / north_m
    return max(west - wide, -180.0), max(south - high, -90.0), min(east + wide, 180.0), min(north + high, 90.0)


def pack_ground(sources: GroundSources, *, most_bytes: int = MOST_BYTES) -> TurfGround:
    """Pack a ground into at most so many bytes, leaving out the least needed first.

    Lines are simplified (Douglas and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727), more and more; then buildings
    go, then paths; and at last the shortest streets and the farthest addresses, a half each time.
    """
    for bend_m, has_buildings, has_paths in _DETAILS:
        base = replace(sources.base, buildings=sources.base.buildings if has_buildings else ())
        base = replace(base, paths=base.paths if has_paths else ())
        packed = _pack(replace(sources, base=base), bend_m)
        if size_of(packed) <= most_bytes:
            return packed
    while size_of(packed) > most_bytes and (packed.streets or packed.addresses or packed.water or packed.green):
        packed = replace(packed, water=(), green=(), streets=_half(packed.streets), addresses=_half(packed.addresses))
    return packed


def size_of(ground: TurfGround) -> int:
    """Tell how many bytes of JSON a ground is."""
    parts = [ground.outline, ground.streets, ground.paths, ground.water, ground.green, ground.buildings]
    said = json.dumps([*parts, ground.addresses, ground.attribution], ensure_ascii=False, separators=(",", ":"))
    # the names of its members and what they hold by the way
    return len(said.encode()) + 400


def _half(found: tuple[_Kept, ...]) -> tuple[_Kept, ...]:
    return found[: len(found) // 2]


class _Packer:
    """Turns shapes into steps from a corner of a box."""

    def __init__(self, box: tuple[float, float, float, float], bend_m: float) -> None:
        self.origin = np.array(box[:2])
        self.box = shapely.box(*box)
        # a degree of longitude is the shorter one, so no bend is more than this out
        self.bend_deg = bend_m / metres_per_degree((box[1] + box[3]) / 2)[1]

    def lines(self, shapes: Iterable[Geometry]) -> tuple[Line, ...]:
        """Pack lines, where they lie in the box."""
        return tuple(self._line(part.coords) for part in self._parts(shapes) if isinstance(part, LineString))

    def shapes(self, shapes: Iterable[Geometry]) -> tuple[Shape, ...]:
        """Pack polygons, where they lie in the box."""
        found = (part for part in self._parts(shapes) if isinstance(part, Polygon))
        return tuple(tuple(self._line(ring.coords) for ring in (part.exterior, *part.interiors)) for part in found)

    def doors(self, street: StreetDoors) -> PackedDoors:
        """Pack the doors of a street."""
        at = self.steps(np.array([(point.lon, point.lat) for _, point in street.doors]))
        doors = zip((number for number, _ in street.doors), at.tolist(), strict=True)
        return street.names, street.locality, tuple((number, x, y) for number, (x, y) in doors)

    def steps(self, lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
        """Count the steps east and north, shape ``(n, 2)``."""
        counted: NDArray[np.int64] = np.rint((lonlat - self.origin) / STEP_DEG).astype(np.int64)
        return counted

    def _parts(self, shapes: Iterable[Geometry]) -> Iterator[Geometry]:
        for part in shapely.get_parts(np.array([*shapes], dtype=object)):
            # what was cut at the edge of a tile may be no valid polygon; it is drawn whole
            kept = shapely.intersection(part, self.box) if shapely.is_valid(part) else part
            yield from (one for one in shapely.get_parts(shapely.simplify(kept, self.bend_deg)) if not one.is_empty)

    def _line(self, corners: Iterable[Sequence[float]]) -> Line:
        at = self.steps(np.array([corner[:2] for corner in corners]))
        at = at[np.r_[True, np.any(np.diff(at, axis=0) != 0, axis=1)]]
        return tuple(np.diff(at, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist())


def _pack(sources: GroundSources, bend_m: float) -> TurfGround:
    turf, base, box = sources.turf, sources.base, box_around(sources.turf.geometry)
    packer = _Packer(box, bend_m)
    width, height = packer.steps(np.array([box[2:]]))[0].tolist()
    streets = ((name, packer.lines([line])) for name, line in sources.streets)
    return TurfGround(
        turf_id=turf.id,
        version=turf.version,
        attribution=sources.attribution,
        origin_lon=box[0],
        origin_lat=box[1],
        step_deg=STEP_DEG,
        width=width,
        height=height,
        door_m=DOOR_M,
        outline=packer.shapes([turf.geometry]),
        streets=tuple((name, lines) for name, lines in streets if lines),
        paths=packer.lines(base.paths),
        water=packer.shapes(base.water),
        green=packer.shapes(base.green),
        buildings=packer.shapes(base.buildings),
        addresses=tuple(packer.doors(street) for street in sources.addresses),
    )
