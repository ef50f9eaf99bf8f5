"""Areas of an extract: the named boundaries it has, else hexagons named after what lies in them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.crs import geodesic_m
from geo.domain.drafts import AreaDraft
from geo.geocode.normalise import name_key
from geo.privacy.cells import cell_centre, cell_of, cell_polygon
from geo.store.columns import MAX_AREA_VERTICES

from data.loaders.osm.names import names_of
from data.loaders.osm.places import SETTLEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo.domain.place import Point
    from geo.store.gazetteer_import import PlaceRow
    from geo.store.gazetteer_sources import AddressRow

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

SOURCE: Final = "osm"
CRITERIA: Final[dict[str, bool | list[str]]] = {"boundary": ["administrative"], "place": list(SETTLEMENTS)}
_ADMIN_LEVELS: Final = frozenset({"9", "10", "11"})
_GRID_RESOLUTION: Final = 8
_SIMPLER_DEG: Final = (0.00001, 0.00003, 0.0001, 0.0003, 0.001)
_SLUG: Final = re.compile("[^a-z0-9]+")


def read_areas(features: Iterable[Feature], layer: Layer) -> list[AreaDraft]:
    """Make areas from named boundaries of city parts.

    Parameters
    ----------
    features
        Administrative boundaries and the outlines of settlements.
    layer
        Counts the polygons. An invalid one is skipped, never mended; one with too many vertices is drawn simpler.
    """
    drafts: dict[tuple[str, str], AreaDraft] = {}
    for feature in features:
        if "Polygon" not in feature.geometry.geom_type:
            continue
        name = next(iter(names_of(feature.tags, ())), None)
        reason = _refused(feature, name)
        shape = None if reason else _bounded(feature.geometry)
        if reason or name is None or shape is None:
            layer.skip(reason or "too_many_vertices")
            continue
        kind = feature.tags.get("place", "district")[:40]
        slug = _slug(name)
        if (kind, slug) in drafts:
            layer.skip("mapped_twice")
            continue
        layer.take()
        drafts[kind, slug] = AreaDraft(slug, name, kind, shape, source=SOURCE)
    return list(drafts.values())


def _refused(feature: Feature, name: str | None) -> str | None:
    if name is None or not _slug(name):
        return "no_name"
    if feature.tags.get("place", "city") in ("city", "town") and feature.tags.get("admin_level") not in _ADMIN_LEVELS:
        return "not_a_city_part"
    return None if feature.geometry.is_valid else "invalid_polygon"


def _bounded(shape: Polygon | MultiPolygon) -> MultiPolygon | None:
    for tolerance in (0.0, *_SIMPLER_DEG):
        # only drawn more coarsely: nothing is measured in these degrees
        drawn = shapely.simplify(shape, tolerance) if tolerance else shape
        if shapely.get_num_coordinates(drawn) <= MAX_AREA_VERTICES and drawn.is_valid and not drawn.is_empty:
            return MultiPolygon([drawn]) if isinstance(drawn, Polygon) else drawn
    return None


def grid_areas(addresses: Iterable[AddressRow], places: Iterable[PlaceRow], layer: Layer) -> list[AreaDraft]:
    """Make a hexagon (H3 resolution 8, edge about 531 m) wherever there is an address, named after its surroundings.

    Returns
    -------
    list of AreaDraft
        The name is that of the nearest neighbourhood; hexagons that share it add their commonest street.
    """
    streets: dict[str, Counter[str]] = defaultdict(Counter)
    for row in addresses:
        streets[cell_of(row.point, _GRID_RESOLUTION)][row.street] += 1
    settlements = [place for place in places if place.kind in SETTLEMENTS[:4]]
    return [_hexagon(cell, name, layer) for cell, name in sorted(_names(streets, settlements).items())]


def _names(streets: Mapping[str, Counter[str]], settlements: list[PlaceRow]) -> dict[str, str]:
    nearest = {cell: _nearest(cell_centre(cell), settlements) for cell in streets}
    shared = Counter(nearest.values())
    names: dict[str, str] = {}
    for cell, counts in sorted(streets.items()):
        parts = [part for part in (nearest[cell],) if part]
        if not parts or shared[nearest[cell]] > 1:
            parts.append(
                next((s for s, _ in counts.most_common() if ", ".join([*parts, s]) not in names.values()), cell)
            )
        names[cell] = ", ".join(parts)
    return names


def _nearest(centre: Point, settlements: list[PlaceRow]) -> str | None:
    if not settlements:
        return None
    lons, lats = [p.point.lon for p in settlements], [p.point.lat for p in settlements]
    return settlements[int(geodesic_m(centre.lon, centre.lat, lons, lats).argmin())].name


def _hexagon(cell: str, name: str, layer: Layer) -> AreaDraft:
    layer.made += 1
    return AreaDraft(
        _slug(f"{name} {cell[3:9]}"), name, "neighbourhood", MultiPolygon([cell_polygon(cell)]), source=SOURCE
    )


def with_dwellings(drafts: Iterable[AreaDraft], dwellings: Mapping[str, int]) -> list[AreaDraft]:
    """Add up the dwellings of the cells whose middle lies in each area."""
    middles = {cell: cell_centre(cell) for cell in dwellings}
    points = {cell: shapely.Point(middle.lon, middle.lat) for cell, middle in middles.items()}
    drafts = list(drafts)
    totals = [sum(n for cell, n in dwellings.items() if d.geometry.covers(points[cell])) for d in drafts]
    return [
        AreaDraft(d.slug, d.name, d.kind, d.geometry, d.population, total, d.source)
        for d, total in zip(drafts, totals, strict=True)
    ]


def _slug(name: str) -> str:
    return _SLUG.sub("-", name_key(name)).strip("-")[:100]
