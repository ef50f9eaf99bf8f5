"""Walk sheets: a turf on paper, with its map and a row for each door, to be ticked with a pen.

The first page is the map, the others have the rows in two columns; a turf of up to sixty doors fits on the two sides of
one sheet. All is drawn as lines and letters in black and grey. The same turf on the same day gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo.domain.door_codes import page_code, spaced
from geo.domain.turf import KEYS, Outcome, Paper
from geo.interchange.sheet_ink import Ink, SheetFonts
from geo.interchange.sheet_map import draw_map
from geo.interchange.sheet_view import MapBox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shapely import MultiLineString, MultiPolygon

    from geo.domain.place import Point

MARGIN_MM: Final = 12.0
HEAD_MM: Final = 27.0
FOOT_MM: Final = 9.0
QR_MM: Final = 21.0
ROW_MM: Final = 7.4
GAP_MM: Final = 6.0
BOX_MM: Final = 5.0
LEGEND_MM: Final = 7.0
_NUMBER_MM: Final = 8.5
_CODE_MM: Final = 21.0
_BOXES_MM: Final = 6.3 * len(Outcome)
LABELS: Final = {
    Outcome.VISITED: "visited",
    Outcome.NOBODY_HOME: "nobody home",
    Outcome.REFUSED: "refused",
    Outcome.COME_BACK: "come back",
    Outcome.NOT_FOUND: "not found",
}
"""What the letters over the boxes stand for."""


SIZES_MM: Final = {Paper.A4: (210.0, 297.0), Paper.LETTER: (215.9, 279.4)}
"""Width and height."""


@dataclass(frozen=True, slots=True)
class SheetDoor:
    """A row of the sheet and a number on its map."""

    position: int
    code: str
    street: str
    number: str
    side: str
    point: Point

    @property
    def heading(self) -> tuple[str, str]:
        """The street and its side, under which doors stand together."""
        return self.street, self.side


@dataclass(frozen=True, slots=True)
class WalkSheet:
    """What a sheet says. ``link`` is where the codes are typed, put before a page's code in its QR code."""

    network: str
    name: str
    note: str | None
    number: int
    until: str
    doors: Sequence[SheetDoor]
    outline: MultiPolygon
    streets: Sequence[tuple[str, MultiLineString]]
    printed_at: datetime
    attribution: str = ""
    link: str | None = None


def write_walk_sheet(sheet: WalkSheet, *, paper: Paper = Paper.A4, fonts: SheetFonts | None = None) -> bytes:
    """Write a walk sheet.

    Parameters
    ----------
    sheet
        Doors in walking order; shapes and points WGS 84.
    paper
        Its size, upright.
    fonts
        TrueType fonts; a letter they lack is written in Latin letters. Without them all is.

    Returns
    -------
    bytes
        A PDF.
    """
    width, height = SIZES_MM[paper]
    ink = Ink(width, height, sheet.printed_at, fonts, title=f"{sheet.network}: {sheet.name}")
    per_column = int((height - 2 * MARGIN_MM - HEAD_MM - FOOT_MM - LEGEND_MM) // ROW_MM)
    columns = _columns(sheet.doors, per_column)
    pages = 1 + -(-len(columns) // 2)
    _start_page(ink, sheet, 1, pages)
    top = MARGIN_MM + HEAD_MM
    box = MapBox(MARGIN_MM, top, width - 2 * MARGIN_MM, height - top - MARGIN_MM - FOOT_MM)
    draw_map(ink, box, sheet.outline, sheet.streets, [(door.position, door.point) for door in sheet.doors])
    for page in range(2, pages + 1):
        _start_page(ink, sheet, page, pages)
        _legend(ink, MARGIN_MM, top)
        for side, rows in enumerate(columns[2 * page - 4 : 2 * page - 2]):
            column = (width - 2 * MARGIN_MM - GAP_MM) / 2
            _column(ink, rows, MARGIN_MM + side * (column + GAP_MM), top + LEGEND_MM, column)
    return ink.as_bytes()


def _columns(doors: Sequence[SheetDoor], most: int) -> list[list[SheetDoor | tuple[str, str]]]:
    """Share the rows out; a street's name stands over its doors, and again where they go on in the next column."""
    found: list[list[SheetDoor | tuple[str, str]]] = []
    heading: tuple[str, str] | None = None
    for door in doors:
        # a name alone at the foot of a column is of no use
        if not found or len(found[-1]) + 1 + (door.heading != heading) > most:
            found.append([])
            heading = None
        if door.heading != heading:
            heading = door.heading
            found[-1].append(heading)
        found[-1].append(door)
    return found


def _start_page(ink: Ink, sheet: WalkSheet, page: int, pages: int) -> None:
    ink.add_page()
    code = page_code(sheet.number, page)
    right = ink.width_mm - MARGIN_MM
    ink.qr(f"{sheet.link}{code}" if sheet.link else code, right - QR_MM, MARGIN_MM - 2, QR_MM)
    room = right - QR_MM - MARGIN_MM - 4
    ink.text(MARGIN_MM, MARGIN_MM + 4.5, sheet.name, size_pt=15, bold=True, most_mm=room)
    doors = "1 door" if len(sheet.doors) == 1 else f"{len(sheet.doors)} doors"
    plain = f"{sheet.network} · {doors} · until {sheet.until}"
    ink.text(MARGIN_MM, MARGIN_MM + 9.5, plain, size_pt=8.5, most_mm=room)
    if sheet.note:
        ink.paragraph(MARGIN_MM, MARGIN_MM + 13.5, sheet.note, size_pt=8.5, width_mm=room, lines=3)
    foot = ink.height_mm - MARGIN_MM
    ink.line((MARGIN_MM, foot - 4), (right, foot - 4), width_mm=0.2)
    told = f"Sheet {sheet.number} · page {page} of {pages} · page code {spaced(code)}"
    ink.text(MARGIN_MM, foot, told, size_pt=7.5)
    ink.text(right, foot, sheet.attribution, size_pt=6.5, align="right", most_mm=right - MARGIN_MM - 78)


def _legend(ink: Ink, left: float, top: float) -> None:
    at = left
    for outcome in Outcome:
        at = ink.text(at, top + 3.2, KEYS[outcome], size_pt=8.5, bold=True) + 1.2
        at = ink.text(at, top + 3.2, LABELS[outcome], size_pt=8.5) + 5.0


def _column(ink: Ink, rows: Sequence[Any], left: float, top: float, width: float) -> None:
    for at, row in enumerate(rows):
        y = top + at * ROW_MM
        if isinstance(row, SheetDoor):
            _row(ink, row, left, y, width)
        else:
            _heading(ink, row, left, y, width)


def _heading(ink: Ink, heading: tuple[str, str], left: float, top: float, width: float) -> None:
    street, side = heading
    told = {"odd": "odd side", "even": "even side"}.get(side, "")
    end = ink.text(left, top + ROW_MM - 2, street, size_pt=9.5, bold=True, most_mm=width - 15)
    ink.text(end + 1.5, top + ROW_MM - 2, told, size_pt=7)
    ink.line((left, top + ROW_MM - 0.6), (left + width, top + ROW_MM - 0.6), width_mm=0.35)


def _row(ink: Ink, door: SheetDoor, left: float, top: float, width: float) -> None:
    base, boxes = top + ROW_MM - 2.3, left + width - _CODE_MM - _BOXES_MM
    ink.text(left + _NUMBER_MM - 2.5, base, str(door.position), size_pt=7, align="right", grey=90)
    ink.text(left + _NUMBER_MM, base, door.number or "—", size_pt=11, bold=True, most_mm=boxes - left - _NUMBER_MM - 1)
    for at, outcome in enumerate(Outcome):
        middle = boxes + (at + 0.5) * _BOXES_MM / len(Outcome)
        # the letter stands in the box itself, pale enough to be ticked over
        ink.text(middle, base + 0.2, KEYS[outcome], size_pt=8, align="centre", grey=150)
        ink.box(middle - BOX_MM / 2, top + (ROW_MM - BOX_MM) / 2, BOX_MM, BOX_MM, width_mm=0.3)
    ink.text(left + width, base, spaced(door.code), size_pt=9.5, bold=True, align="right")
    ink.line((left, top + ROW_MM), (left + width, top + ROW_MM), width_mm=0.1, grey=170)
