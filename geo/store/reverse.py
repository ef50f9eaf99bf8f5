"""What lies at a point: the nearest door, crossing or street, and the area around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.crs import metres_per_degree
from geo.geocode.candidates import label_of
from geo.geocode.geocoder import ReverseResult

if TYPE_CHECKING:
    from geo.domain.place import Point
    from geo.store.gazetteer import StoredGazetteer

DOOR_REACH_M: Final = 60.0
"""Metres from a point to the door it may be named after."""
CROSSING_REACH_M: Final = 25.0
"""Metres from a point to the crossing it may be named after."""
STREET_REACH_M: Final = 250.0
"""Metres from a point to the street it may be named after."""


def find_reverse(gazetteer: StoredGazetteer, point: Point) -> ReverseResult:
    """Name what lies at a point; see :meth:`geo.store.gazetteer.LocalGeocoder.reverse`."""
    east, north = metres_per_degree(point.lat)
    boxes = {
        f"{name}_{axis}": min(reach_m / scale, 1.0)
        for name, reach_m in (("door", DOOR_REACH_M), ("street", STREET_REACH_M))
        for axis, scale in (("x", max(east, 1.0)), ("y", north))
    }
    row = gazetteer.ask_named("reverse", lon=point.lon, lat=point.lat, door_m=DOOR_REACH_M, **boxes)[0]
    (street_id, number, postcode, locality, door_m, one, other, crossing_m, road_id, road_m, area) = row
    if door_m is not None and door_m <= DOOR_REACH_M:
        street = gazetteer.first_names([street_id])[street_id]
        label = label_of(street.name, street.key, number, postcode, locality)
        return ReverseResult(label, door_m, street.name, area)
    if crossing_m is not None and crossing_m <= CROSSING_REACH_M:
        names = gazetteer.first_names([one, other])
        return ReverseResult(f"{names[one].name} / {names[other].name}", crossing_m, names[one].name, area)
    if road_m is not None and road_m <= STREET_REACH_M:
        return ReverseResult(None, road_m, gazetteer.first_names([road_id])[road_id].name, area)
    return ReverseResult(None, None, None, area)
