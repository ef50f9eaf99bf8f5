"""Dwellings for each cell, estimated from buildings; the rule is in docs/loading.md."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import shapely

from geo.crs import to_metres
from geo.privacy.cells import cell_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyproj import CRS

    from geo.store.gazetteer_sources import AddressRow

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

_ONE_HOME: Final = frozenset({"house", "detached", "bungalow", "farm", "cabin", "houseboat", "static_caravan"})
_HOMES: Final = frozenset({"apartments", "residential", "dormitory", "terrace", "semidetached_house", "block"})
_GROSS_M2_PER_HOME: Final = 90.0
"""Stairs, walls and lofts included. Too many dwellings would make a count of needs look safer than it is."""
_LIVED_IN_SHARE: Final = 0.3
"""Of an unspecified building that has an address, above its ground floor."""
_UNKNOWN_LEVELS: Final = 2.0
_MAX_LEVELS: Final = 60.0
_MAX_HOMES: Final = 2_000


def count_dwellings(
    buildings: Iterable[Feature], addresses: Iterable[AddressRow], layer: Layer, *, crs: CRS
) -> dict[str, int]:
    """Estimate the dwellings of each H3 cell.

    Parameters
    ----------
    buildings
        Whatever has ``building``.
    addresses
        Used alone, one dwelling for each door, where no building is mapped as lived in.
    layer
        Counts the buildings.
    crs
        A metric system for the area.
    """
    cells: Counter[str] = Counter()
    addresses = list(addresses)
    door_tree = shapely.STRtree([shapely.Point(row.point.lon, row.point.lat) for row in addresses])
    for feature in buildings:
        homes = _homes(feature, door_tree, crs)
        if not homes:
            layer.skip("not_lived_in")
            continue
        layer.take()
        cells[cell_of(feature.point)] += homes
    if not cells:
        doors = {(row.street, row.number): row.point for row in addresses}
        cells.update(cell_of(point) for point in doors.values())
    return dict(cells)


def _homes(feature: Feature, doors: shapely.STRtree, crs: CRS) -> int:
    tags = feature.tags
    kind = tags.get("building", "")
    flats = _number(tags.get("building:flats"))
    if flats:
        return min(int(flats), _MAX_HOMES)
    if kind in _ONE_HOME:
        return 1
    if "Polygon" not in feature.geometry.geom_type:
        return 0
    share = 1.0 if kind in _HOMES else 0.0
    if kind == "yes" and ("addr:housenumber" in tags or doors.query(feature.geometry, predicate="intersects").size):
        share = _LIVED_IN_SHARE
    area_m2 = shapely.transform(feature.geometry, lambda xy: to_metres(xy[:, 0], xy[:, 1], crs)).area
    return min(int(area_m2 * _storeys_lived_in(tags) * share / _GROSS_M2_PER_HOME), _MAX_HOMES)


def _storeys_lived_in(tags: Mapping[str, str]) -> float:
    levels = min(_number(tags.get("building:levels")) or _UNKNOWN_LEVELS, _MAX_LEVELS)
    return max(levels - 1, 1.0)


def _number(written: str | None) -> float:
    return float(written) if written and written.replace(".", "", 1).isdecimal() and written.isascii() else 0.0
