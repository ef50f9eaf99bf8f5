"""Named streets of an extract, put together from their pieces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import MultiLineString

from geo.crs import to_degrees, to_metres
from geo.geocode.normalise import street_key
from geo.store.columns import MAX_STREET_VERTICES
from geo.store.gazetteer_import import StreetRow

from data.loaders.osm.names import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyproj import CRS
    from shapely.geometry import LineString

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

NOT_STREETS: Final = frozenset(
    {"platform", "construction", "proposed", "elevator", "crossing", "rest_area", "services", "raceway", "corridor"}
)
_ON_FOOT: Final = frozenset({"pedestrian", "footway", "living_street"})
_ONE_STREET_M: Final = 500.0
"""Pieces of one name further apart than this are two streets of that name, as in two villages."""
_FEWER_VERTICES_M: Final = 2.0


def is_street(feature: Feature) -> bool:
    """Tell whether a highway is a street with a line; squares are places."""
    return feature.tags.get("highway") not in NOT_STREETS and "LineString" in feature.geometry.geom_type


def outlines(features: Iterable[Feature], used: Iterable[str]) -> list[Feature]:
    """Give the pedestrian areas that belong to a street the line around them.

    Parameters
    ----------
    features
        Highways.
    used
        Names that streets and addresses go by; a square nobody has an address at is only a place.
    """
    keys = {street_key(name) for name in used}
    return [
        replace(feature, geometry=feature.geometry.boundary)
        for feature in features
        if feature.tags.get("highway") in _ON_FOOT
        and "Polygon" in feature.geometry.geom_type
        and street_key(feature.tags.get("name", "")) in keys - {""}
    ]


def other_names(features: Iterable[Feature], languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Collect the other names of each street, by the key of its first name."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    languages = tuple(languages)
    for feature in features:
        first, *others = names_of(feature.tags, languages) or ("",)
        found[street_key(first)].update(dict.fromkeys(others))
    return {key: tuple(names) for key, names in found.items() if key and names}


def read_streets(
    features: Iterable[Feature],
    layer: Layer,
    *,
    crs: CRS,
    aliases: Mapping[str, tuple[str, ...]],
    localities: Mapping[str, str],
) -> list[StreetRow]:
    """Put streets together, each with every name it goes by.

    Parameters
    ----------
    features
        Highways with a line.
    layer
        Counts the pieces; further names are counted as made.
    crs
        A metric system for the area.
    aliases, localities
        Other names and the locality, by the key of the first name.

    Returns
    -------
    list of StreetRow
        One row for each stretch, lengths in true metres.
    """
    pieces: dict[str, tuple[str, list[LineString]]] = {}
    for feature in features:
        first = next(iter(names_of(feature.tags, ())), None)
        if first is None or not street_key(first):
            layer.skip("no_name")
            continue
        layer.take()
        line = shapely.transform(feature.geometry, lambda xy: to_metres(xy[:, 0], xy[:, 1], crs))
        pieces.setdefault(street_key(first), (first, []))[1].extend(_lines(line))
    rows: list[StreetRow] = []
    for key, (name, lines) in pieces.items():
        stretches = [_stretch(part) for part in _stretches(lines)]
        fitting = [part for part in stretches if shapely.get_num_coordinates(part) <= MAX_STREET_VERTICES]
        layer.skipped["too_many_vertices"] += len(stretches) - len(fitting)
        others = tuple(other for other in aliases.get(key, ()) if street_key(other) not in ("", key))
        layer.made += len(others) * len(fitting)
        rows += [_row(name, others, part, crs, localities.get(key)) for part in fitting]
    layer.skipped = +layer.skipped
    return rows


def _lines(shape: LineString | MultiLineString) -> list[LineString]:
    return list(shape.geoms) if isinstance(shape, MultiLineString) else [shape]


def _stretches(lines: list[LineString]) -> list[list[LineString]]:
    if len(lines) == 1:
        return [lines]
    near = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=_ONE_STREET_M)
    graph = coo_array((np.ones(near.shape[1], dtype=bool), (near[0], near[1])), shape=(len(lines), len(lines)))
    count, group = connected_components(graph, directed=False)
    return [[line for line, own in zip(lines, group, strict=True) if own == g] for g in range(count)]


def _stretch(lines: list[LineString]) -> MultiLineString:
    merged = MultiLineString(_lines(shapely.line_merge(MultiLineString(lines))))
    if shapely.get_num_coordinates(merged) <= MAX_STREET_VERTICES:
        return merged
    return MultiLineString(_lines(shapely.simplify(merged, _FEWER_VERTICES_M)))


def _row(name: str, others: tuple[str, ...], stretch: MultiLineString, crs: CRS, locality: str | None) -> StreetRow:
    geometry = shapely.transform(stretch, lambda xy: to_degrees(xy, crs))
    return StreetRow(name, geometry, round(float(stretch.length), 1), locality, others)
