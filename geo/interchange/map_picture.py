"""A picture of the map to keep, print or send on: title, map, legend in words, scale, north, sources and date.

The same drawing is made as a PDF or as a PNG. The same picture gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.crs import metric_crs, to_metres
from geo.domain.gap_words import balance_words, classes
from geo.domain.ground import BaseShapes
from geo.interchange.picture_canvas import INK, WHITE, PdfCanvas, PngCanvas
from geo.interchange.picture_layers import (
    COMMUNITY,
    GAPS,
    LABEL,
    MARK_MM,
    NONE,
    add_up,
    draw_badge,
    draw_counts,
    draw_gaps,
    draw_ground,
    draw_mark,
    draw_outline,
    draw_places,
    hatch,
    keep_within,
    lay_streets,
    write_names,
)
from geo.interchange.sheet_ink import PT_MM
from geo.interchange.sheet_view import MapBox, Room, SheetView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shapely import MultiLineString, MultiPolygon

    from geo.domain.balance import Balance
    from geo.interchange.picture_canvas import Canvas
    from geo.interchange.picture_layers import Feature
    from geo.interchange.sheet_ink import SheetFonts

MARGIN_SHARE: Final = 0.04
_SCALES_M: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
_KILOMETRE: Final = 1000
_LINE: Final = 1.32
_APART_MM: Final = 1.2
_ZERO: Final = "zero"
_CLASS: Final = "class"
_HATCH: Final = "hatch"
_SHAPE: Final = "shape"
SHAPE_WORDS: Final = {
    "food": "food",
    "health": "health",
    "water": "water and washing",
    "learning": "learning",
    COMMUNITY: "other places that help",
}


class PictureSize(StrEnum):
    """The paper a picture is made for, or a phone's screen."""

    A4 = "a4"
    A4_UPRIGHT = "a4-upright"
    LETTER = "letter"
    LETTER_UPRIGHT = "letter-upright"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class PictureForm:
    """Width and height in millimetres, and the sizes of letters in points."""

    width_mm: float
    height_mm: float
    title_pt: float = 15.0
    words_pt: float = 9.0
    small_pt: float = 7.4
    dpi: int = 150

    @property
    def most_cells(self) -> int:
        """How many cells can be told apart on it."""
        return round(min(1200, max(150, self.width_mm * self.height_mm / 50)))


FORMS: Final = {
    PictureSize.A4: PictureForm(297.0, 210.0),
    PictureSize.A4_UPRIGHT: PictureForm(210.0, 297.0),
    PictureSize.LETTER: PictureForm(279.4, 215.9),
    PictureSize.LETTER_UPRIGHT: PictureForm(215.9, 279.4),
    # a phone is 70 mm wide and as sharp as paper: what is 8 points here is read there as it is
    PictureSize.PHONE: PictureForm(85.0, 151.0, title_pt=12.0, words_pt=8.0, small_pt=6.6, dpi=300),
}


@dataclass(frozen=True, slots=True)
class MapPicture:
    """What a picture shows; shapes and ``box`` are WGS 84, layers are GeoJSON features as the map itself is given them.

    ``title`` is a sentence, ``limit`` names the reach like ``within 5 minutes on foot``, ``kind`` the category like
    ``food `` or nothing. ``made_at`` is by the network's clock, whose ``zone`` is named beside it.
    """

    title: str
    network: str
    box: tuple[float, float, float, float]
    layers: Mapping[str, Sequence[Feature]]
    balance: Balance
    made_at: datetime
    zone: str
    limit: str
    kind: str = ""
    where: str | None = None
    step: int = 1
    travel_note: str = ""
    attribution: str = ""
    outline: MultiPolygon | None = None
    streets: Sequence[tuple[str, MultiLineString]] = ()
    base: BaseShapes = field(default_factory=BaseShapes)
    is_cut: bool = False


def write_pdf(picture: MapPicture, size: PictureSize, fonts: SheetFonts | None = None) -> bytes:
    """Draw a picture as a PDF of one page, its words as letters that can be searched."""
    form = FORMS[size]
    canvas = PdfCanvas(form.width_mm, form.height_mm, picture.made_at, fonts, title=picture.title)
    canvas.add_page()
    _draw(canvas, picture, form)
    return canvas.as_bytes()


def write_png(picture: MapPicture, size: PictureSize, fonts: SheetFonts | None = None) -> bytes:
    """Draw a picture as a PNG; its title is in the file too, for those who do not see it."""
    form = FORMS[size]
    canvas = PngCanvas(form.width_mm, form.height_mm, picture.made_at, fonts, title=picture.title, dpi=form.dpi)
    _draw(canvas, picture, form)
    return canvas.as_bytes()


def legend_keys(picture: MapPicture) -> list[tuple[str, str]]:
    """Tell what is explained under the map: a mark's name, and the words beside it."""
    keys: list[tuple[str, str]] = []
    if "coverage" in picture.layers:
        keys.append((_ZERO, "0"))
        keys += [(f"{_CLASS} {at}", words) for at, words in enumerate(classes(picture.step))]
        keys.append((_HATCH, "striped: not one need here finds help"))
    if "needs" in picture.layers:
        keys.append(("needs", "open needs; bold ring: some are pressing"))
    if "helpers" in picture.layers:
        keys.append(("helpers", "helpers who live here"))
    if "assets" in picture.layers:
        if any("count" in one["properties"] for one in picture.layers["assets"]):
            keys.append(("assets", "places that help"))
        keys += [(f"{_SHAPE} {name}", words) for name, words in SHAPE_WORDS.items()]
    return keys


def legend_sentence(picture: MapPicture) -> str:
    """Say what the colours mean."""
    if "coverage" not in picture.layers:
        return ""
    return f"The darker a cell, the more of its {picture.kind}needs find no help {picture.limit}."


def scale_of(view: SheetView) -> tuple[int, float]:
    """Choose a scale bar: how many metres it stands for, and how many millimetres it is long.

    It is right in the middle of the map; a transverse Mercator holds it to within 4e-5 over a city.
    """
    fitting = [m for m in _SCALES_M if m * view.mm_per_m <= view.box.width / 4]
    metres = fitting[-1] if fitting else _SCALES_M[0]
    return metres, metres * view.mm_per_m


def view_of(box: tuple[float, float, float, float], paper: MapBox) -> SheetView:
    """Lay a box in degrees on paper, whole, its middle in the middle."""
    lons, lats = [box[0], box[2], box[0], box[2]], [box[1], box[1], box[3], box[3]]
    crs = metric_crs(lons, lats)
    at = to_metres(lons, lats, crs)
    (west, south), (east, north) = at.min(axis=0), at.max(axis=0)
    return SheetView(paper, crs, (float(west), float(south), float(east), float(north)), around=0.0)


def wrap(canvas: Canvas, words: str, width_mm: float, *, size_pt: float, bold: bool = False, lines: int) -> list[str]:
    """Break a sentence into lines of a width; what is too much for the last is cut off where it is written."""
    found = [""]
    for word in words.split():
        longer = f"{found[-1]} {word}".strip()
        is_last = len(found) == lines
        if found[-1] and not is_last and canvas.width_of(longer, size_pt=size_pt, bold=bold) > width_mm:
            found.append(word)
        else:
            found[-1] = longer
    return found


def _draw(canvas: Canvas, picture: MapPicture, form: PictureForm) -> None:
    margin = MARGIN_SHARE * max(form.width_mm, 0.75 * form.height_mm)
    wide = form.width_mm - 2 * margin
    top = _head(canvas, picture, form, margin, wide)
    foot = _foot(canvas, picture, form, margin, wide)
    rows = _flow(canvas, legend_keys(picture), wide, form.words_pt)
    sentence = wrap(canvas, legend_sentence(picture), wide, size_pt=form.words_pt, lines=3)
    high = form.words_pt * PT_MM * _LINE
    legend = foot - len(rows) * max(high, 5.2) - (len(sentence) * high + _APART_MM if sentence[0] else 0) - 1.5
    box = MapBox(margin, top, wide, legend - top - 0.5 - form.small_pt * PT_MM * _LINE)
    left_out = _map(canvas, picture, box)
    if left_out or picture.is_cut:
        _note(canvas, box, form, "Some counts are left out: zoom in for them")
    _legend(canvas, picture, form, (margin, legend + high), sentence, rows)


def _head(canvas: Canvas, picture: MapPicture, form: PictureForm, left: float, wide: float) -> float:
    """Write the title, and what adds up under it; give where the map may begin."""
    over = " · ".join(part for part in (picture.network, picture.where) if part)
    y = left + form.small_pt * PT_MM
    canvas.text(left, y, over, size_pt=form.small_pt, grey=LABEL, most_mm=wide)
    for line in wrap(canvas, picture.title, wide, size_pt=form.title_pt, bold=True, lines=3):
        y += form.title_pt * PT_MM * 1.22
        canvas.text(left, y, line, size_pt=form.title_pt, bold=True, grey=INK, most_mm=wide)
    everywhere = " everywhere" if picture.where else ""
    balance = balance_words(picture.balance, f"{picture.kind}needs", everywhere)
    y += 0.8
    for line in wrap(canvas, balance, wide, size_pt=form.small_pt, lines=3):
        y += form.small_pt * PT_MM * _LINE
        canvas.text(left, y, line, size_pt=form.small_pt, grey=LABEL, most_mm=wide)
    return y + 2.2


def _foot(canvas: Canvas, picture: MapPicture, form: PictureForm, left: float, wide: float) -> float:
    """Write sources, how travel is reckoned and when this was made, from the lower edge up; give where they begin."""
    at = picture.made_at
    when = f"Drawn on {at.day} {at:%B %Y} at {at:%H:%M} ({picture.zone})"
    told = [part for part in (picture.travel_note, picture.attribution) if part]
    lines = [line for part in [*told, when] for line in wrap(canvas, part, wide, size_pt=form.small_pt, lines=3)]
    high = form.small_pt * PT_MM * _LINE
    top = form.height_mm - left - high * len(lines)
    for at_line, line in enumerate(lines, start=1):
        canvas.text(left, top + at_line * high, line, size_pt=form.small_pt, grey=LABEL, most_mm=wide)
    return top - 1.0


def _flow(canvas: Canvas, keys: Sequence[tuple[str, str]], wide: float, size_pt: float) -> list[list[tuple[str, str]]]:
    """Share keys out over rows."""
    rows: list[list[tuple[str, str]]] = []
    used = wide
    for mark, words in keys:
        need = _key_mm(canvas, words, size_pt)
        if used + need > wide or not rows:
            rows.append([])
            used = 0.0
        rows[-1].append((mark, words))
        used += need
    return rows


def _key_mm(canvas: Canvas, words: str, size_pt: float) -> float:
    return 6.6 + canvas.width_of(words, size_pt=size_pt) + 4.0


def _legend(
    canvas: Canvas,
    picture: MapPicture,
    form: PictureForm,
    begin: tuple[float, float],
    sentence: Sequence[str],
    rows: Sequence[Sequence[tuple[str, str]]],
) -> None:
    left, y = begin
    high = form.words_pt * PT_MM * _LINE
    if picture.layers and sentence[0]:
        for line in sentence:
            canvas.text(left, y, line, size_pt=form.words_pt, grey=INK)
            y += high
        y += _APART_MM
    for row in rows:
        x = left
        for mark, words in row:
            _mark(canvas, mark, (x + 2.5, y - 0.36 * form.words_pt * PT_MM))
            canvas.text(x + 6.6, y, words, size_pt=form.words_pt, grey=INK)
            x += _key_mm(canvas, words, form.words_pt)
        y += max(high, 5.2)


def _mark(canvas: Canvas, mark: str, spot: tuple[float, float]) -> None:
    name, _, which = mark.partition(" ")
    x, y = spot
    ring = [(x - 2.3, y - 1.6), (x + 2.3, y - 1.6), (x + 2.3, y + 1.6), (x - 2.3, y + 1.6)]
    if name == _SHAPE:
        draw_mark(canvas, spot, which, 1.1 * MARK_MM)
    elif name == _ZERO:
        canvas.shape(ring, fill=NONE, opacity=0.16, edge=NONE, width_mm=0.15)
    elif name == _CLASS:
        # paler by as much as on the map, where the ground shows through
        canvas.shape(ring, fill=WHITE)
        canvas.shape(ring, fill=GAPS[int(which)], opacity=0.8, edge=LABEL, width_mm=0.15)
    elif name == _HATCH:
        canvas.shape(ring, edge=LABEL, width_mm=0.45)
        _stripes(canvas, ring)
    else:
        draw_badge(canvas, None, spot, name, {"count": {"needs": 4, "helpers": 3}.get(name, 9), "pressing": 1})


def _stripes(canvas: Canvas, ring: Sequence[tuple[float, float]]) -> None:
    from shapely import Polygon

    for line in hatch(Polygon(ring)):
        canvas.stroke(line, colour=INK, width_mm=0.18)


def _map(canvas: Canvas, picture: MapPicture, box: MapBox) -> int:
    view = view_of(picture.box, box)
    # places lie where they lie, and those just outside a part of town serve it too
    layers = {
        name: found if name == "assets" else keep_within(found, picture.outline)
        for name, found in picture.layers.items()
    }
    named, lines = lay_streets(view, picture.streets)
    room = Room()
    with canvas.within(box.left, box.top, box.width, box.height):
        draw_ground(canvas, view, picture.base, lines)
        draw_gaps(canvas, view, add_up(layers.get("coverage", ())), picture.step)
        if picture.outline is not None:
            draw_outline(canvas, view, picture.outline)
        places = draw_places(canvas, view, layers.get("assets", ()))
        _corners(canvas, view, room)
        # after the places, since a count that is hidden would be missed
        left_out = draw_counts(canvas, view, room, layers)
        write_names(canvas, view, room, places, named)
    _edge(canvas, box)
    return left_out


def _edge(canvas: Canvas, box: MapBox) -> None:
    right, bottom = box.left + box.width, box.top + box.height
    ring = [(box.left, box.top), (right, box.top), (right, bottom), (box.left, bottom)]
    canvas.shape(ring, edge=LABEL, width_mm=0.25)


def _corners(canvas: Canvas, view: SheetView, room: Room) -> None:
    """Draw north and the scale, each on white in a corner of its own."""
    box = view.box
    x, y = box.left + box.width - 5, box.top + 3.5
    _cleared(canvas, room, (x - 3, y - 2, x + 3, y + 10.5))
    canvas.stroke([(x, y + 6), (x, y), (x - 1.3, y + 2.4)], colour=INK, width_mm=0.45)
    canvas.stroke([(x, y), (x + 1.3, y + 2.4)], colour=INK, width_mm=0.45)
    canvas.text(x, y + 9.6, "N", size_pt=8.5, bold=True, align="centre", grey=INK)
    metres, long = scale_of(view)
    left, base = box.left + 3.5, box.top + box.height - 3
    _cleared(canvas, room, (left - 2, base - 5.2, left + long + 2, base + 1.8))
    canvas.stroke(
        [(left, base - 1.2), (left, base), (left + long, base), (left + long, base - 1.2)], colour=INK, width_mm=0.4
    )
    words = f"{metres // _KILOMETRE} km" if metres >= _KILOMETRE else f"{metres} m"
    canvas.text(left + long / 2, base - 1.4, words, size_pt=7.5, align="centre", grey=INK)


def _note(canvas: Canvas, box: MapBox, form: PictureForm, words: str) -> None:
    """Say something in the line that is kept free under the map."""
    base = box.top + box.height + form.small_pt * PT_MM * 1.1
    canvas.text(box.left + box.width, base, words, size_pt=form.small_pt, align="right", grey=LABEL, most_mm=box.width)


def _cleared(canvas: Canvas, room: Room, edges: tuple[float, float, float, float]) -> None:
    room.take(*edges)
    _white(canvas, edges)


def _white(canvas: Canvas, edges: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = edges
    canvas.shape([(left, top), (right, top), (right, bottom), (left, bottom)], fill=WHITE, opacity=0.9)
