"""What the public page's map is drawn on: outlines of named areas and the longest streets, simplified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from shapely import transform

from geo.crs import metres_per_degree
from geo.domain.words import Audience
from geo.geometry import to_geojson
from geo.privacy.disclosure import disclose
from geo.privacy.public_file import PLACE_DECIMALS, canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry import LineString, MultiLineString
    from shapely.geometry.base import BaseGeometry

    from geo.domain.records import Area

DETAIL_M: Final = 15.0
"""Bends smaller than this are left out: they would be less than two points wide on a page."""


def write_ground(
    areas: Iterable[Area], streets: Iterable[MultiLineString], *, attributions: Iterable[str] = ()
) -> bytes:
    """Write the ground: a polygon with a name for each area, a line without one for each street.

    Parameters
    ----------
    areas
        Of the network.
    streets
        WGS 84 degrees.
    attributions
        To whom the lines are owed.
    """
    drawn = [_area_feature(area) for area in areas]
    lines = [_street_feature(street) for street in streets]
    owed = sorted(set(attributions))
    return canonical_bytes({"type": "FeatureCollection", "attributions": owed, "features": [*drawn, *lines]})


def _area_feature(area: Area) -> dict[str, Any]:
    shown = disclose(area, Audience.PUBLIC)
    outline = to_geojson(_simpler(area.geometry), decimals=PLACE_DECIMALS)
    return {"type": "Feature", "geometry": outline, "properties": {"name": shown["name"]}}


def _street_feature(street: MultiLineString) -> dict[str, Any]:
    simpler = _simpler(street)
    # of a street in one piece a line comes back
    parts: Sequence[LineString] = getattr(simpler, "geoms", (simpler,))
    lines = [[[round(x, PLACE_DECIMALS), round(y, PLACE_DECIMALS)] for x, y, *_ in part.coords] for part in parts]
    shape = {"type": "MultiLineString", "coordinates": lines}
    return {"type": "Feature", "geometry": shape, "properties": {}}


def _simpler(shape: Any) -> Any:  # noqa: ANN401 - whatever shape comes in goes out
    """Leave out small bends, measured in metres; topology stays."""
    west, south, _east, north = shape.bounds
    scale = np.array(metres_per_degree((south + north) / 2))
    flat: BaseGeometry = transform(shape, lambda corners: (corners - (west, south)) * scale)
    return transform(flat.simplify(DETAIL_M), lambda corners: corners / scale + (west, south))
