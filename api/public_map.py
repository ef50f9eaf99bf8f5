"""The public page's map as shapes of one picture, worked out from the public files: it needs no script and no tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shapely import clip_by_rect
from shapely.geometry import shape

from geo.crs import metres_per_degree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    Feature = Mapping[str, Any]

WIDTH: Final = 1000
LEAST_HEIGHT, MOST_HEIGHT = 560, 1100
_LEAST_SPAN_M: Final = 600.0
_MARGIN: Final = 0.05
_LETTER: Final = 13
"""About so many units wide is a letter of a label; one that does not fit into its area is left out."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of the earth laid out flat: metres are units of the picture after ``scale``, north is up.

    At the size of a town the plane of the middle's degrees is true to well under a unit.
    """

    west: float
    north: float
    per_lon: float
    per_lat: float
    height: int

    @classmethod
    def around(cls, corners: Sequence[tuple[float, float]]) -> Frame:
        """Frame longitudes and latitudes, WGS 84; some of the sea when there are none."""
        lons, lats = zip(*(corners or [(0.0, 0.0)]), strict=True)
        middle_lon, middle_lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
        m_lon, m_lat = metres_per_degree(middle_lat)
        wide = max((max(lons) - min(lons)) * m_lon, _LEAST_SPAN_M) * (1 + 2 * _MARGIN)
        high = max((max(lats) - min(lats)) * m_lat, _LEAST_SPAN_M / 2) * (1 + 2 * _MARGIN)
        high = max(high, wide * LEAST_HEIGHT / WIDTH)
        wide = max(wide, high * WIDTH / MOST_HEIGHT)
        scale = WIDTH / wide
        west, north = middle_lon - wide / 2 / m_lon, middle_lat + high / 2 / m_lat
        return cls(west, north, m_lon * scale, m_lat * scale, round(high * scale))

    def at(self, lon: float, lat: float) -> tuple[int, int]:
        """Give the place of a point in the picture."""
        return round((lon - self.west) * self.per_lon), round((self.north - lat) * self.per_lat)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        east, south = self.west + WIDTH / self.per_lon, self.north - self.height / self.per_lat
        return self.west, south, east, self.north


@dataclass(frozen=True, slots=True)
class Label:
    """A name and where its middle is."""

    text: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Areas and streets as paths of the picture, and the names that fit."""

    areas: tuple[str, ...]
    streets: str
    labels: tuple[Label, ...]


def frame_files(cells: Iterable[Feature], places: Iterable[Feature], ground: Iterable[Feature]) -> Frame:
    """Frame what is shown: hexagons and places, and the ground when there is neither."""
    shown = [corner for feature in (*cells, *places) for corner in _corners(feature)]
    return Frame.around(shown or [corner for feature in ground for corner in _corners(feature)])


def draw_ground(features: Iterable[Feature], frame: Frame) -> Ground:
    """Draw the areas and streets of a frame; what lies outside it is cut off."""
    areas: list[str] = []
    labels: list[Label] = []
    streets: list[str] = []
    for feature in features:
        seen = clip_by_rect(shape(feature["geometry"]), *frame.bounds)
        if seen.is_empty:
            continue
        path = "".join(_paths(seen, frame))
        if name := feature["properties"].get("name"):
            areas.append(path)
            labels += _label(str(name), seen, frame)
        else:
            streets.append(path)
    return Ground(tuple(areas), "".join(streets), tuple(labels))


def draw_cell(feature: Feature, frame: Frame) -> tuple[str, int, int]:
    """Draw a hexagon: its path, and where its middle is."""
    ring = feature["geometry"]["coordinates"][0][:-1]
    x, y = frame.at(sum(at[0] for at in ring) / len(ring), sum(at[1] for at in ring) / len(ring))
    return "".join(_paths(shape(feature["geometry"]), frame)), x, y


def _label(name: str, seen: BaseGeometry, frame: Frame) -> Iterator[Label]:
    west, _south, east, _north = seen.bounds
    if (east - west) * frame.per_lon > _LETTER * len(name):
        middle = seen.representative_point()
        x, y = frame.at(middle.x, middle.y)
        half = _LETTER * len(name) // 2
        yield Label(name, min(max(x, half), WIDTH - half), y)


def _corners(feature: Feature) -> Iterator[tuple[float, float]]:
    west, south, east, north = shape(feature["geometry"]).bounds
    yield from ((west, south), (east, north))


def _paths(drawn: BaseGeometry, frame: Frame) -> Iterator[str]:
    """Write lines and rings as SVG has them; neighbours that fall on the same unit are one."""
    if hasattr(drawn, "geoms"):
        for part in drawn.geoms:
            yield from _paths(part, frame)
    elif drawn.geom_type == "Polygon":
        for ring in (drawn.exterior, *drawn.interiors):
            yield _path(ring.coords, frame) + "Z"
    elif drawn.geom_type in ("LineString", "LinearRing"):
        yield _path(drawn.coords, frame)


def _path(corners: Iterable[tuple[float, ...]], frame: Frame) -> str:
    steps: list[tuple[int, int]] = []
    for lon, lat, *_ in corners:
        at = frame.at(lon, lat)
        if not steps or steps[-1] != at:
            steps.append(at)
    return "M" + "L".join(f"{x} {y}" for x, y in steps)
