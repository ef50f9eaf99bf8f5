"""Places that were typed as numbers or codes: coordinates in any spelling, and Open Location Codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapely import intersects_xy

from geo.crs import metres_per_degree
from geo.domain.place import MAX_LAT, Candidate, Point
from geo.domain.words import MatchQuality
from geo.geocode.candidates import ROOFTOP_M, make_candidate
from geo.geocode.plus_codes import complete, find_area, is_short
from geo.geocode.score import fault

if TYPE_CHECKING:
    from shapely import Polygon

    from geo.geocode.parse import ParsedAddress

_TYPED: Final = "typed"


def find_typed(parsed: ParsedAddress, area: Polygon | None) -> Candidate | None:
    """Make the candidate for coordinates or a code.

    Parameters
    ----------
    parsed
        What was typed.
    area
        WGS 84 polygon the network serves. It settles which number is the latitude where both orders are possible, and
        where on Earth a short code is.

    Returns
    -------
    Candidate, or None
        With a fault if longitude and latitude had to change places.
    """
    if parsed.point is not None:
        point, is_swapped = _upright(parsed.point, area)
        faults = [fault("axes.swapped")] if is_swapped or parsed.axes_swapped else []
        label = f"{point.lat:.5f}, {point.lon:.5f}"
        return make_candidate(point, label, MatchQuality.MANUAL, ROOFTOP_M, _TYPED, faults)
    return _from_code(parsed.plus_code, area) if parsed.plus_code else None


def _upright(point: Point, area: Polygon | None) -> tuple[Point, bool]:
    if area is None or intersects_xy(area, point.lon, point.lat) or abs(point.lon) > MAX_LAT:
        return point, False
    turned = Point(point.lat, point.lon)
    is_inside = bool(intersects_xy(area, turned.lon, turned.lat))
    return (turned if is_inside else point), is_inside


def _from_code(code: str, area: Polygon | None) -> Candidate | None:
    if is_short(code) and area is not None:
        middle = area.centroid
        full = complete(code, Point(middle.x, middle.y))
        faults = [fault("code.completed")]
    else:
        full, faults = code, []
    found = find_area(full) if full else None
    if full is None or found is None:
        return None
    east, north = metres_per_degree(found.point.lat)
    half_m = max(found.width_deg * east, found.height_deg * north) / 2
    return make_candidate(found.point, full, MatchQuality.MANUAL, max(ROOFTOP_M, half_m), _TYPED, faults)
