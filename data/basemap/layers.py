"""What the base map shows: five layers of GeoJSON features, each with only what its drawing needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from data.basemap.sea import draw_sea
from data.loaders.osm.names import MAX_NAME
from data.loaders.osm.places import SETTLEMENTS
from data.loaders.osm.streets import NOT_STREETS
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from data.loaders.osm.extract import Extract, Feature

Drawn = dict[str, Any]
LAYERS: Final = ("roads", "water", "green", "buildings", "places")
_GREEN: Final[dict[str, bool | list[str]]] = {
    "leisure": ["park", "garden", "playground", "pitch", "nature_reserve", "golf_course", "dog_park"],
    "landuse": ["grass", "forest", "meadow", "cemetery", "recreation_ground", "village_green", "allotments"],
    "natural": ["wood", "scrub", "grassland", "heath"],
}
_WATER: Final[dict[str, bool | list[str]]] = {
    "natural": ["water"],
    "waterway": ["riverbank", "dock", "canal", "river"],
    "leisure": ["swimming_pool"],
}
_MIN_ZOOM: Final = {
    "motorway": 10, "trunk": 10, "primary": 10, "secondary": 11, "tertiary": 12, "unclassified": 13,
    "residential": 13, "living_street": 13, "pedestrian": 14, "service": 14,
}  # fmt: skip
_PATH_ZOOM: Final = 15
_BUILDING_ZOOM: Final = 13
_PLACE_ZOOM: Final = {"city": 10, "town": 10, "borough": 11, "suburb": 12, "village": 12, "quarter": 13, "square": 16}
_OTHER_PLACE_ZOOM: Final = 14
_DIGITS: Final = 6


def read_layers(extract: Extract) -> Iterator[tuple[str, list[Drawn]]]:
    """Read the layers one by one, so that only one is in memory.

    Yields
    ------
    tuple of str and list of dict
        The layer's name and its features, WGS 84.
    """
    highways = extract.features({"highway": True}, nodes=False)
    yield "roads", [road for feature in highways if (road := _road(feature))]
    yield "green", [_shape(feature) for feature in extract.features(_GREEN, nodes=False) if _is_area(feature)]
    yield "water", [*_sea(extract, highways), *_water(extract)]
    buildings = extract.features({"building": True}, nodes=False)
    yield "buildings", [_shape(feature, _BUILDING_ZOOM) for feature in buildings if _is_area(feature)]
    yield "places", list(_places(extract))


def _road(feature: Feature) -> Drawn | None:
    kind = feature.tags["highway"].removesuffix("_link")
    if kind in NOT_STREETS or "LineString" not in feature.geometry.geom_type or feature.tags.get("indoor") == "yes":
        return None
    properties = {"kind": kind} | _named(feature)
    return _drawn(feature.geometry, properties, _MIN_ZOOM.get(kind, _PATH_ZOOM))


def _water(extract: Extract) -> Iterator[Drawn]:
    return (_shape(feature) for feature in extract.features(_WATER, nodes=False) if _is_area(feature))


def _sea(extract: Extract, highways: Iterable[Feature]) -> list[Drawn]:
    shores = extract.features({"natural": ["coastline"]}, nodes=False)
    corners = shapely.total_bounds([feature.geometry for feature in (*highways, *shores)])
    sea = draw_sea(shores, tuple(corners.tolist())) if shores else None
    return [] if sea is None else [_drawn(sea, {"kind": "sea"}, None)]


def _places(extract: Extract) -> Iterator[Drawn]:
    wanted: dict[str, bool | list[str]] = {"place": [*SETTLEMENTS, "square", "island"], "railway": ["station"]}
    for feature in extract.features(wanted):
        name, kind = _named(feature), feature.tags.get("place", "station")
        if name:
            point = shapely.Point(feature.point.lon, feature.point.lat)
            yield _drawn(point, {"kind": kind} | name, _PLACE_ZOOM.get(kind, _OTHER_PLACE_ZOOM))


def _is_area(feature: Feature) -> bool:
    return "Polygon" in feature.geometry.geom_type


def _shape(feature: Feature, zoom: int | None = None) -> Drawn:
    return _drawn(feature.geometry, {}, zoom)


def _named(feature: Feature) -> dict[str, str]:
    name = clean_text(feature.tags.get("name"), MAX_NAME)
    return {"name": name} if name else {}


def _drawn(shape: shapely.Geometry, properties: dict[str, str], zoom: int | None) -> Drawn:
    rounded = shapely.transform(shape, lambda xy: xy.round(_DIGITS))
    feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(rounded)}
    return feature if zoom is None else feature | {"tippecanoe": {"minzoom": zoom}}
