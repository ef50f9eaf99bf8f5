"""House numbers that mappers drew as a line from one door to the next (``addr:interpolation``)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry import LineString

from geo.crs import to_metres
from geo.geocode.normalise import street_key
from geo.store.gazetteer_import import RangeRow

from data.loaders.csv_rows import BadRow
from data.loaders.osm.addresses import MAX_LOCALITY, MAX_POSTCODE, MAX_STREET
from data.loaders.osm.house_numbers import split_numbers
from data.loaders.range_sides import step_of
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

CRITERIA: Final[dict[str, bool | list[str]]] = {"addr:interpolation": True}
_NEAR_M: Final = 80.0
"""A street further from the middle of the line than this is not the street of its doors."""
_SAMPLES: Final = 7
_DECIMALS: Final = 7
_At = tuple[float, float]


def read_interpolations(
    ways: Iterable[Feature], doors: Iterable[Feature], highways: Sequence[Feature], layer: Layer, *, crs: CRS
) -> list[RangeRow]:
    """Make ranges from the lines between doors.

    Parameters
    ----------
    ways
        What has ``addr:interpolation``: ``even``, ``odd``, ``all`` or a step.
    doors
        Whatever has ``addr:housenumber``; the nodes of a way among them end a range, and those between part it.
    highways
        Named streets; the one that a line runs along, at most 80 m from its middle, is taken where neither its doors
        nor the way say which street it is.
    layer
        Counts each way as taken or skipped; further parts of a way count as made.
    crs
        A metric system for the area.

    Returns
    -------
    list of RangeRow
        One for each part of a way between two doors.
    """
    numbered = {_at(d.geometry.x, d.geometry.y): d.tags for d in doors if _is_numbered(d)}
    streets = _Streets(highways, crs)
    rows: list[RangeRow] = []
    for way in ways:
        try:
            made = list(_parts(way, numbered, streets))
        except BadRow as bad:
            layer.skip(bad.reason)
            continue
        layer.take()
        layer.made += len(made) - 1
        rows += made
    return rows


def _at(lon: float, lat: float) -> _At:
    return round(lon, _DECIMALS), round(lat, _DECIMALS)


def _is_numbered(feature: Feature) -> bool:
    return feature.geometry.geom_type == "Point" and "addr:housenumber" in feature.tags


def _parts(way: Feature, numbered: Mapping[_At, Mapping[str, str]], streets: _Streets) -> Iterator[RangeRow]:
    if way.geometry.geom_type != "LineString":
        raise BadRow("not_a_line")
    corners = shapely.get_coordinates(way.geometry)
    ends = [at for at, (lon, lat) in enumerate(corners) if _at(lon, lat) in numbered]
    if len(ends) < 2:  # noqa: PLR2004 - a line has two ends
        raise BadRow("ends_without_numbers")
    for start, stop in itertools.pairwise(ends):
        tags = [numbered[_at(*corners[at])] for at in (start, stop)]
        first, last = (_number(one) for one in tags)
        step = step_of(way.tags["addr:interpolation"].strip().lower(), first, last)
        line = LineString(corners[start : stop + 1])
        if first == last or not line.length:
            raise BadRow("nothing_between")
        both = (*tags, way.tags)
        street = _street(both) or streets.nearest(line)
        if street is None:
            raise BadRow("no_street")
        yield RangeRow(
            street, first, last, step, line, _agreed(both, "addr:postcode", MAX_POSTCODE),
            _agreed(both, "addr:city", MAX_LOCALITY),
        )  # fmt: skip


def _number(tags: Mapping[str, str]) -> int:
    numbers = split_numbers(tags["addr:housenumber"])
    if len(numbers) != 1 or not (numbers[0].isascii() and numbers[0].isdecimal()):
        raise BadRow("not_a_number")
    return int(numbers[0])


def _street(ends: Iterable[Mapping[str, str]]) -> str | None:
    named = (clean_text(tags.get("addr:street") or tags.get("addr:place"), MAX_STREET) for tags in ends)
    names = {street_key(name): name for name in named if name and street_key(name)}
    if len(names) > 1:
        raise BadRow("two_streets")
    return next(iter(names.values()), None)


def _agreed(ends: Iterable[Mapping[str, str]], key: str, most: int) -> str | None:
    found = {clean_text(tags.get(key), most) for tags in ends} - {None}
    return found.pop() if len(found) == 1 else None


class _Streets:
    """Finds the nearest named street, in true metres."""

    def __init__(self, highways: Sequence[Feature], crs: CRS) -> None:
        named = [one for one in highways if street_key(clean_text(one.tags.get("name"), MAX_STREET) or "")]
        self._crs = crs
        self._names = [clean_text(one.tags["name"].partition(";")[0], MAX_STREET) for one in named]
        self._tree = shapely.STRtree([self._plane(one.geometry) for one in named])

    def _plane(self, shape: BaseGeometry) -> BaseGeometry:
        moved: BaseGeometry = shapely.transform(shape, lambda xy: to_metres(xy[:, 0], xy[:, 1], self._crs))
        return moved

    def nearest(self, line: LineString) -> str | None:
        """Name the street that a line runs along: near its middle, and along all of it nearer than any other."""
        plane = self._plane(line)
        near = self._tree.query(plane.interpolate(0.5, normalized=True), predicate="dwithin", distance=_NEAR_M)
        if not len(near):
            return None
        # a street that only crosses is nearest in one point
        points = shapely.line_interpolate_point(plane, np.linspace(0, 1, _SAMPLES), normalized=True)
        away = shapely.distance(self._tree.geometries[near][:, np.newaxis], points).mean(axis=1)
        return self._names[int(near[np.argmin(away)])]
