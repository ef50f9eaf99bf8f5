"""A city as an extract tells it: read whole before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.crs import metric_crs
from geo.errors import SourceUnreadable

from data.categories import OSM_CRITERIA
from data.loaders.margin import with_margin
from data.loaders.osm import areas, interpolation, places
from data.loaders.osm.addresses import common_locality, doors_in_ranges, read_addresses, read_postcodes, town_names
from data.loaders.osm.assets import read_assets
from data.loaders.osm.dwellings import count_dwellings
from data.loaders.osm.names import spoken_languages
from data.loaders.osm.streets import is_street, other_names, outlines, read_streets
from data.loaders.report import Layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from geo.domain.drafts import AreaDraft, AssetDraft
    from geo.domain.place import Point
    from geo.store.gazetteer_import import PlaceRow, PostcodeRow, RangeRow, StreetRow
    from geo.store.gazetteer_sources import AddressRow

    from data.loaders.margin import Bbox
    from data.loaders.osm.extract import Extract, Feature
    from data.loaders.report import Progress

STEPS: Final = ("streets", "addresses", "places", "assets", "dwellings", "areas", "street graph", "storing")


@dataclass(slots=True)
class City:
    """Everything the loader stores; coordinates are WGS 84."""

    addresses: Sequence[AddressRow]
    streets: Sequence[StreetRow]
    ranges: Sequence[RangeRow]
    places: Sequence[PlaceRow]
    postcodes: Sequence[PostcodeRow]
    assets: Sequence[AssetDraft]
    dwellings: dict[str, int]
    areas: Sequence[AreaDraft]
    bbox: Bbox
    walkways: tuple[GeoDataFrame, GeoDataFrame] | None
    layers: dict[str, Layer] = field(default_factory=dict)


def read_city(extract: Extract, progress: Progress) -> City:
    """Read all layers of an extract.

    Raises
    ------
    SourceUnreadable
        If the file is damaged, or has neither a named street nor an address.
    InvalidGeometry
        If it is wider than one local metric system can serve.
    """
    layers = {
        name: Layer()
        for name in ("addresses", "streets", "ranges", "places", "postcodes", "assets", "dwellings", "areas", "graph")
    }
    progress(STEPS[0], 0, len(STEPS))
    drawn_highways = extract.features({"highway": True}, nodes=False)
    highways = [feature for feature in drawn_highways if is_street(feature)]
    doors = extract.features({"addr:housenumber": True, "addr:postcode": True})
    used = [f.tags.get("name", "") for f in highways] + [f.tags.get("addr:street", "") for f in doors]
    highways += outlines(drawn_highways, used)
    corners = _corners([*highways, *doors])
    crs = metric_crs(corners[:, 0], corners[:, 1])
    languages = spoken_languages(highways)
    aliases = other_names(highways, languages)
    progress(STEPS[1], 1, len(STEPS))
    plain = read_addresses(doors, layers["addresses"])
    addresses = _all_addresses(plain, layers["addresses"])
    streets = read_streets(highways, layers["streets"], crs=crs, aliases=aliases, localities=common_locality(plain))
    between = extract.features(interpolation.CRITERIA, nodes=False)
    ranges = interpolation.read_interpolations(between, doors, highways, layers["ranges"], crs=crs)
    progress(STEPS[2], 2, len(STEPS))
    named = places.read_places(extract.features(places.CRITERIA), layers["places"], languages=languages)
    outlined = extract.features(areas.CRITERIA)
    postcodes = read_postcodes(doors, layers["postcodes"], towns=town_names(outlined, languages))
    progress(STEPS[3], 3, len(STEPS))
    assets = read_assets(extract.features(OSM_CRITERIA), layers["assets"])
    progress(STEPS[4], 4, len(STEPS))
    homes = count_dwellings(extract.features({"building": True}, nodes=False), plain, layers["dwellings"], crs=crs)
    progress(STEPS[5], 5, len(STEPS))
    drawn = areas.read_areas(outlined, layers["areas"])
    drawn = drawn or areas.grid_areas(plain, named, layers["areas"])
    progress(STEPS[6], 6, len(STEPS))
    walkways = extract.walkways()
    layers["graph"].taken = 0 if walkways is None else len(walkways[1])
    (west, south), (east, north) = corners.tolist()
    bbox = with_margin((west, south, east, north))
    served = _within(assets, bbox, layers["assets"])
    parts = areas.with_dwellings(drawn, homes)
    return City(addresses, streets, ranges, named, postcodes, served, homes, parts, bbox, walkways, layers)


def _all_addresses(plain: list[AddressRow], layer: Layer) -> list[AddressRow]:
    doors = [*plain, *doors_in_ranges(plain)]
    layer.made += len(doors) - len(plain)
    return doors


def _corners(features: Sequence[Feature]) -> np.ndarray:
    if not features:
        raise SourceUnreadable("the file has neither a street nor an address")
    bounds = np.array([feature.geometry.bounds for feature in features])
    return np.vstack([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _within(assets: Sequence[AssetDraft], bbox: Bbox, layer: Layer) -> list[AssetDraft]:
    served = [draft for draft in assets if draft.point is not None and _is_inside(draft.point, bbox)]
    for _ in range(len(assets) - len(served)):
        layer.taken -= 1
        layer.skip("outside_service_area")
    return served


def _is_inside(point: Point, bbox: Bbox) -> bool:
    return bbox[0] <= point.lon <= bbox[2] and bbox[1] <= point.lat <= bbox[3]
