"""What lies at a point: the nearest door, crossing or street, and the area around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo.crs import metres_per_degree
from geo.domain.words import NearbyKind
from geo.geocode.candidates import label_of
from geo.geocode.geocoder import ReverseResult
from geo.store.asking import Questions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from geo.domain.place import Point

DOOR_REACH_M: Final = 60.0
"""Metres from a point to the door it may be named after."""
CROSSING_REACH_M: Final = 25.0
"""Metres from a point to the crossing it may be named after."""
STREET_REACH_M: Final = 250.0
"""Metres from a point to the street it may be named after."""
_WIDER: Final = 1.001
_REACHES: Final = {"door_m": DOOR_REACH_M, "crossing_m": CROSSING_REACH_M, "street_m": STREET_REACH_M}
_RANK: Final = {kind: rank for rank, kind in enumerate(NearbyKind)}
_TURN: Final = 360.0


@dataclass(frozen=True, slots=True)
class Nearby(ReverseResult):
    """What lies at a point, and by what it was named."""

    kind: NearbyKind = NearbyKind.NONE


class LocalReverse:
    """Names points by the gazetteer of the session's network.

    Parameters
    ----------
    session
        Any session; nothing is written.
    """

    def __init__(self, session: Session) -> None:
        self._questions = Questions(session, "reverse")

    def find(self, point: Point) -> Nearby:
        """Name what lies at one point; see :meth:`find_many`."""
        return self.find_many([point])[0]

    def find_many(self, points: Sequence[Point]) -> list[Nearby]:
        """Name what lies at points, all in one statement.

        Parameters
        ----------
        points
            WGS 84.

        Returns
        -------
        list of Nearby
            For each point the nearest door within 60 m, else the nearest crossing within 25 m, else the nearest street
            within 250 m, and the smallest area that holds the point. Geodesic metres.
        """
        asked = [box for position, point in enumerate(points) for box in _boxes(position, point)]
        if not asked:
            return []
        if len(asked) == 1:
            rows = self._questions.ask("reverse", asked[0] | _REACHES)
        else:
            columns: dict[str, Any] = {name: [box[name] for box in asked] for name in asked[0]}
            rows = self._questions.ask("reverse_many", columns | _REACHES)
        best: dict[int, Nearby] = {}
        for position, *row in rows:
            found = _nearby(row)
            known = best.get(position)
            if known is None or _order(found) < _order(known):
                best[position] = found
        return [best[position] for position in range(len(points))]


def _boxes(position: int, point: Point) -> Iterator[dict[str, Any]]:
    """Give the boxes that surely hold all within reach: one, and across the antimeridian another."""
    east_m, north_m = metres_per_degree(point.lat)
    east_m = max(east_m, 1e-6)
    near_x, street_x = _width(DOOR_REACH_M, east_m), _width(STREET_REACH_M, east_m)
    box = {
        "lon": point.lon,
        "lat": point.lat,
        "seen_lon": point.lon,
        "east_m": east_m,
        "north_m": north_m,
        "near_x": near_x,
        "near_y": DOOR_REACH_M * _WIDER / north_m,
        "street_x": street_x,
        "street_y": STREET_REACH_M * _WIDER / north_m,
        "position": position,
    }
    yield box
    if abs(point.lon) + street_x > _TURN / 2:
        yield box | {"seen_lon": point.lon - math.copysign(_TURN, point.lon)}


def _width(reach_m: float, east_m: float) -> float:
    """Give the degrees of longitude that a circle reaches to either side; near a pole it reaches all around."""
    radians = reach_m * _WIDER / math.degrees(east_m)
    return math.degrees(math.asin(radians)) if radians < 1 else _TURN


def _order(found: Nearby) -> tuple[int, float]:
    return _RANK[found.kind], found.distance_m or 0.0


def _nearby(row: Sequence[Any]) -> Nearby:
    kind, metres, key, name, other, number, postcode, locality, area = row
    address = None
    if kind == NearbyKind.DOOR and name is not None:
        address = label_of(name, key, number, postcode, locality)
    elif kind == NearbyKind.CROSSING:
        address = f"{name} / {other}"
    named = NearbyKind.AREA if kind == NearbyKind.NONE and area is not None else NearbyKind(kind)
    return Nearby(address, metres, name, area, named)
