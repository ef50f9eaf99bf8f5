"""The layers of a picture of the map: the ground, gaps as coloured cells, badges with counts, and places that help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry import shape

from geo.crs import shapes_to_metres, to_metres
from geo.domain.gap_words import HALF_A_NEED, amount, class_of
from geo.interchange.picture_canvas import INK, WHITE
from geo.interchange.sheet_view import visible_lines, write_street_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapely import Geometry, MultiPolygon

    from geo.domain.ground import BaseShapes
    from geo.interchange.picture_canvas import Canvas, Colour
    from geo.interchange.sheet_view import Room, SheetView, Spot

LAND: Final[Colour] = (250, 247, 242)
WATER: Final[Colour] = (195, 216, 224)
GREEN: Final[Colour] = (220, 229, 201)
BUILDING: Final[Colour] = (233, 225, 212)
CASING: Final[Colour] = (217, 205, 187)
LABEL: Final[Colour] = (92, 82, 72)
GAPS: Final[tuple[Colour, ...]] = ((251, 217, 165), (243, 166, 114), (220, 106, 95), (168, 58, 108), (90, 31, 102))
"""From one need without help to the most; they grow darker, so that a copy in grey keeps their order."""
NONE: Final[Colour] = (143, 167, 160)
HELPER: Final[Colour] = (31, 95, 91)
ASSET: Final[Colour] = (45, 93, 143)
OPACITY: Final = 0.66
SHAPES: Final[Mapping[str, tuple[str, ...]]] = {
    "food": (
        "supermarket", "food_bank", "convenience", "greengrocer", "bakery", "marketplace", "soup_kitchen", "food",
    ),
    "health": ("pharmacy", "clinic", "hospital", "doctors", "health"),
    "water": ("drinking_water", "toilets", "shower", "water", "hygiene", "public_bath", "laundry"),
    "learning": ("school", "kindergarten", "library", "college", "university", "childcare"),
}  # fmt: skip
"""Which kinds of places have a shape of their own; all others share one."""
COMMUNITY: Final = "community"
HATCH_MM: Final = 1.7
MARK_MM: Final = 1.35
_BADGE_MM: Final = 2.1
_BADGE_PT: Final = 6.6
_NAME_PT: Final = 6.0
_BUILDINGS_FROM: Final = 0.03
"""Millimetres on paper for a metre of ground from which on houses are more than dust."""
_PATHS_FROM: Final = 0.045
_BEND_MM: Final = 0.1
_THOUSAND: Final = 1000
_TEN_THOUSAND: Final = 9950

Feature = dict[str, Any]


@dataclass(slots=True)
class CellGap:
    """A cell and the needs of all categories in it that were asked about."""

    ring: Geometry
    demand: float = 0.0
    covered: float = 0.0
    gap: float = 0.0

    @property
    def has_no_help(self) -> bool:
        """Whether not one need in it finds help."""
        return self.gap >= HALF_A_NEED and self.covered < HALF_A_NEED


def add_up(features: Iterable[Feature]) -> list[CellGap]:
    """Add up the categories of each cell."""
    cells: dict[str, CellGap] = {}
    for one in features:
        told = one["properties"]
        cell = cells.setdefault(told["cell"], CellGap(shape(one["geometry"])))
        cell.demand += told["demand"]
        cell.covered += told["covered"]
        cell.gap += told["gap"]
    return list(cells.values())


def keep_within(features: Iterable[Feature], outline: MultiPolygon | None) -> list[Feature]:
    """Leave out the features whose middle lies outside a part of town, if one was asked about."""
    if outline is None:
        return list(features)
    return [one for one in features if outline.covers(shape(one["geometry"]).centroid)]


def draw_ground(canvas: Canvas, view: SheetView, base: BaseShapes, streets: Sequence[tuple[float, LineString]]) -> None:
    """Draw water, parks, houses and streets in quiet colours; streets with the width each is drawn in."""
    box = view.box
    corners = [(box.left, box.top), (box.left + box.width, box.top)]
    corners += [(x, box.top + box.height) for x, _ in reversed(corners)]
    canvas.shape(corners, fill=LAND)
    for shapes, colour in ((base.green, GREEN), (base.water, WATER)):
        _areas(canvas, view, shapes, colour)
    if view.mm_per_m >= _BUILDINGS_FROM:
        _areas(canvas, view, base.buildings, BUILDING)
    if view.mm_per_m >= _PATHS_FROM:
        for line in _seen(base.paths, view):
            if isinstance(line, LineString):
                canvas.stroke(view.spots(line.coords), colour=CASING, width_mm=0.15)
    for wider, colour in ((0.3, CASING), (0.0, WHITE)):
        for width_mm, line in streets:
            canvas.stroke(view.spots(line.coords), colour=colour, width_mm=width_mm + wider)


def lay_streets(
    view: SheetView, streets: Sequence[tuple[str, MultiLineString]]
) -> tuple[list[tuple[str, LineString]], list[tuple[float, LineString]]]:
    """Give the streets that are seen, in metres: by name, and by the width they are drawn in."""
    named = [(name, line) for name, shape in streets for line in visible_lines(shape, view)]
    width_mm = min(1.1, max(0.25, 9 * view.mm_per_m))
    return named, [(width_mm, line) for _, line in named]


def draw_gaps(canvas: Canvas, view: SheetView, cells: Sequence[CellGap], step: int) -> None:
    """Colour cells by their gap; those where nobody finds help are striped too, for eyes that see no colours."""
    if not cells:
        return
    moved = shapes_to_metres(np.array([cell.ring for cell in cells], dtype=object), view.crs)
    for cell, ground in zip(cells, moved, strict=True):
        ring = view.spots(ground.exterior.coords)
        at = class_of(cell.gap, step)
        if at is None:
            canvas.shape(ring, fill=NONE, opacity=0.16, edge=NONE, width_mm=0.15)
            continue
        canvas.shape(ring, fill=GAPS[at], opacity=OPACITY, edge=LABEL, width_mm=0.45 if cell.has_no_help else 0.15)
        if cell.has_no_help:
            for line in hatch(Polygon(ring)):
                canvas.stroke(line, colour=INK, width_mm=0.18)


def hatch(ring: Polygon) -> Iterator[list[Spot]]:
    """Give stripes from lower left to upper right within a shape on paper, which go on from one shape to the next."""
    west, north, east, south = ring.bounds
    first, last = int((west + north) // HATCH_MM), int((east + south) // HATCH_MM) + 1
    # each stripe is where x + y is a whole number of spacings
    rails = [
        LineString([(at * HATCH_MM - south, south), (at * HATCH_MM - north, north)]) for at in range(first, last + 1)
    ]
    for part in shapely.get_parts(shapely.intersection(MultiLineString(rails), ring)):
        if isinstance(part, LineString) and part.length > 0:
            yield [(x, y) for x, y in part.coords]


def draw_outline(canvas: Canvas, view: SheetView, outline: MultiPolygon) -> None:
    """Draw the edge of a part of town."""
    moved = shapes_to_metres(np.array([outline], dtype=object), view.crs)[0]
    for part in shapely.get_parts(shapely.intersection(shapely.boundary(moved), view.seen)):
        if isinstance(part, LineString):
            canvas.stroke(view.spots(part.coords), colour=HELPER, width_mm=0.6)


def draw_counts(canvas: Canvas, view: SheetView, room: Room, layers: Mapping[str, Sequence[Feature]]) -> int:
    """Write counts into their cells: needs round, helpers and places square.

    Returns
    -------
    int
        How many cells have no count because there was no room for it.
    """
    beside = bool(layers.get("needs")) and bool(layers.get("helpers"))
    left_out = 0
    for name in ("needs", "helpers", "assets"):
        counted = [one for one in layers.get(name, ()) if "count" in one["properties"]]
        for one, spot in zip(counted, _middles(counted, view), strict=True):
            shift = (_BADGE_MM + 0.1) * {"needs": -1, "helpers": 1}.get(name, 0) * beside
            left_out += not draw_badge(canvas, room, (spot[0] + shift, spot[1]), name, one["properties"])
    return left_out


def draw_badge(canvas: Canvas, room: Room | None, spot: Spot, layer: str, told: Mapping[str, Any]) -> bool:
    """Write a count, if there is room for it."""
    words = short(float(told["count"]))
    half = max(_BADGE_MM, canvas.width_of(words, size_pt=_BADGE_PT, bold=True) / 2 + 0.7)
    if room and not room.take(spot[0] - half, spot[1] - _BADGE_MM, spot[0] + half, spot[1] + _BADGE_MM):
        return False
    is_critical = bool(told.get("pressing") or (told.get("by_urgency") or {}).get("critical"))
    if layer == "needs":
        canvas.disc(spot, half, fill=WHITE, edge=INK, width_mm=0.6 if is_critical else 0.2)
    else:
        colour = HELPER if layer == "helpers" else ASSET
        canvas.shape(_square(spot, half, _BADGE_MM), fill=colour, edge=WHITE, width_mm=0.3)
    ink = INK if layer == "needs" else WHITE
    canvas.text(spot[0], spot[1] + 0.82, words, size_pt=_BADGE_PT, bold=True, align="centre", grey=ink)
    return True


def draw_places(canvas: Canvas, view: SheetView, features: Sequence[Feature]) -> list[tuple[Spot, str]]:
    """Mark places that help by the shape of their kind; give where each is, and its name."""
    alone = [one for one in features if "count" not in one["properties"]]
    found = []
    for one, spot in zip(alone, _middles(alone, view), strict=True):
        draw_mark(canvas, spot, shape_of(one["properties"].get("kind")))
        found.append((spot, str(one["properties"].get("name") or "")))
    return found


def write_names(
    canvas: Canvas, view: SheetView, room: Room, places: Sequence[tuple[Spot, str]],
    streets: Sequence[tuple[str, LineString]],
) -> None:  # fmt: skip
    """Write the names of places beside them, then of streets along them, where there is room."""
    for (x, y), _ in places:
        room.take(x - MARK_MM, y - MARK_MM, x + MARK_MM, y + MARK_MM)
    edges = view.box.left + 1, view.box.left + view.box.width - 1
    for spot, name in places:
        wide = min(canvas.width_of(name, size_pt=_NAME_PT), 34.0)
        for left in (spot[0] + MARK_MM + 0.6, spot[0] - MARK_MM - 0.6 - wide):
            is_inside = edges[0] <= left and left + wide <= edges[1]
            if name and is_inside and room.take(left, spot[1] - 1.2, left + wide, spot[1] + 1.2):
                canvas.text(left, spot[1] + 0.75, name, size_pt=_NAME_PT, halo=True, most_mm=34.0, grey=ASSET)
                break
    write_street_names(canvas, view, room, streets)


def draw_mark(canvas: Canvas, spot: Spot, kind: str, r: float = MARK_MM) -> None:
    """Draw the shape of a kind of place: round, a cross, a drop, a diamond, or a square."""
    x, y = spot
    if kind == "food":
        canvas.disc(spot, r, fill=ASSET, edge=WHITE, width_mm=0.3)
        return
    a = r / 3
    corners = {
        "health": [(-a, -r), (a, -r), (a, -a), (r, -a), (r, a), (a, a), (a, r), (-a, r), (-a, a), (-r, a), (-r, -a),
                   (-a, -a)],
        "water": [(0, -1.25 * r), (0.75 * r, 0), (0.75 * r, 0.45 * r), (0.3 * r, r), (-0.3 * r, r),
                  (-0.75 * r, 0.45 * r), (-0.75 * r, 0)],
        "learning": [(0, -1.2 * r), (1.2 * r, 0), (0, 1.2 * r), (-1.2 * r, 0)],
    }.get(kind)  # fmt: skip
    ring = [(x + dx, y + dy) for dx, dy in corners] if corners else _square(spot, 0.9 * r, 0.9 * r)
    canvas.shape(ring, fill=ASSET, edge=WHITE, width_mm=0.3)


def shape_of(kind: object) -> str:
    """Tell which shape a kind of place has."""
    return next((name for name, kinds in SHAPES.items() if kind in kinds), COMMUNITY)


def short(value: float) -> str:
    """Write a count as it fits into a badge."""
    if value < _THOUSAND:
        return amount(value)
    return f"{value / 1000:.1f}".replace(".0", "") + "k" if value < _TEN_THOUSAND else f"{round(value / 1000)}k"


def _square(spot: Spot, half: float, high: float) -> list[Spot]:
    x, y = spot
    return [(x - half, y - high), (x + half, y - high), (x + half, y + high), (x - half, y + high)]


def _middles(features: Sequence[Feature], view: SheetView) -> list[Spot]:
    if not features:
        return []
    middles = [shape(one["geometry"]).centroid for one in features]
    return view.spots(to_metres([at.x for at in middles], [at.y for at in middles], view.crs).tolist())


def _seen(shapes: Sequence[Geometry], view: SheetView) -> Iterator[Geometry]:
    if not len(shapes):
        return
    moved = shapes_to_metres(np.array([*shapes], dtype=object), view.crs)
    near = moved[shapely.intersects(moved, view.seen)]
    yield from shapely.get_parts(shapely.simplify(near, _BEND_MM / view.mm_per_m))


def _areas(canvas: Canvas, view: SheetView, shapes: Sequence[Geometry], colour: Colour) -> None:
    dust = (3 * _BEND_MM / view.mm_per_m) ** 2
    for part in _seen(shapes, view):
        if isinstance(part, Polygon) and not part.is_empty and part.area > dust:
            canvas.shape(view.spots(part.exterior.coords), fill=colour)
            for hole in part.interiors:
                canvas.shape(view.spots(hole.coords), fill=LAND)
