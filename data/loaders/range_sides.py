"""The house numbers of a piece of street, side by side: as ranges have them, or as TIGER/Line does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString

from geo.crs import metric_crs, to_degrees, to_metres
from geo.domain.place import MAX_LON
from geo.errors import UnsupportedCrs
from geo.geocode.normalise import street_key
from geo.store.gazetteer_import import RangeRow

from data.loaders.csv_rows import BadRow
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from data.loaders.shape_rows import ShapeRow

CORNER_M: Final = 25.0
"""Lines made from TIGER/Line for each side end some fourteen metres before the corner, and lie nine beside the street;
this much longer they meet as their streets do."""
SIDE_M: Final = 9.0
"""How far from the middle of the street its doors are drawn: half a common street and a front yard."""
MAX_STREET, MAX_POSTCODE = 200, 20
_ZIP_DIGITS: Final = 5
_NUMBER: Final = re.compile(r"0*(\d{1,9})", re.ASCII)
_TIGER: Final = (("{}fromhn", "{}tohn"), ("{}fromadd", "{}toadd"))
"""How ADDRFEAT and EDGES call the numbers at the ends of a side."""
_LEAST_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of one street with the ranges along it; ``faults`` say which of its sides could not be used.

    ``shape`` is its line as the file has it, ``middle`` one that meets the streets it meets.
    """

    line: int
    street: str
    shape: LineString
    middle: LineString
    ranges: tuple[RangeRow, ...]
    faults: tuple[str, ...] = ()


def is_tiger(found: Mapping[str, str]) -> bool:
    """Tell whether a row has its numbers side by side, as TIGER/Line does."""
    return _ends_of(found) is not None


def _ends_of(found: Mapping[str, str]) -> tuple[str, str] | None:
    return next((ends for ends in _TIGER if all(end.format(side) in found for end in ends for side in "lr")), None)


def is_road(found: Mapping[str, str]) -> bool:
    """Tell whether a row of EDGES is a road: it has rivers and railways too, with their names."""
    return found.get("roadflg", "").strip().upper() != "N"


def read_piece(row: ShapeRow, *, city: bool) -> Piece:
    """Read a row that is one range, whose line is where the doors stand.

    Raises
    ------
    BadRow
        If it has no street, no line of one part, no plain numbers, both numbers 0, or numbers that its
        ``interpolation`` cannot reach.
    """
    street, line = _street(row, "street"), _line(row.shape)
    first, last = _numbers(row.cells.get("from", ""), row.cells.get("to", ""))
    step = step_of(row.cells.get("interpolation", "").strip().lower(), first, last)
    town = clean_text(row.cells.get("city"), MAX_STREET) if city else None
    found = RangeRow(street, first, last, step, line, clean_text(row.cells.get("postcode"), MAX_POSTCODE), town)
    return Piece(row.line, street, line, lengthened(line, CORNER_M), (found,))


def sides_of(row: ShapeRow) -> Piece:
    """Draw both sides of a piece of street as TIGER/Line has it.

    Returns
    -------
    Piece
        A range for each side that has numbers, on a line ``SIDE_M`` metres beside the middle, left and right as the
        line runs. A side whose numbers cannot be used is named among the faults; the other is kept.

    Raises
    ------
    BadRow
        If it has no street or no line of one part.
    """
    street, line = _street(row, "fullname"), _line(row.shape)
    ranges: list[RangeRow] = []
    faults: list[str] = []
    start, end = _ends_of(row.cells) or _TIGER[0]
    for side in ("l", "r"):
        first, last = row.cells.get(start.format(side), ""), row.cells.get(end.format(side), "")
        if not first.strip() and not last.strip():
            continue
        try:
            low, high = _numbers(first, last)
            step = _parity_step(row.cells.get(f"parity{side}", ""), low, high)
            beside = beside_m(line, SIDE_M if side == "l" else -SIDE_M)
            ranges.append(RangeRow(street, low, high, step, beside, _zip(row.cells.get(f"zip{side}", ""))))
        except BadRow as bad:
            faults.append(bad.reason)
    return Piece(row.line, street, line, line, tuple(ranges), tuple(faults))


def step_of(written: str, first: int, last: int) -> int:
    """Read how the numbers of a range follow one another.

    Parameters
    ----------
    written
        ``even``, ``odd``, ``all``, or a step in digits.
    first, last
        The numbers at its ends.

    Returns
    -------
    int
        2 for one side of the street, 1 for both. A larger step counts as 2 if it is even, else as 1: a number between
        two steps lies between their doors.

    Raises
    ------
    BadRow
        If the word is another one, or the numbers do not follow it.
    """
    if written == "alphabetic":
        raise BadRow("alphabetic")
    is_step = written.isascii() and written.isdecimal() and 0 < len(written) <= 4  # noqa: PLR2004 - digits of a step
    if written not in ("even", "odd", "all", "both") and not (is_step and int(written)):
        raise BadRow("unknown_interpolation")
    step = int(written) if is_step else 1 if written in ("all", "both") else 2
    fits = (first - last) % step == 0
    if not fits or (written == "even" and first % 2) or (written == "odd" and not first % 2):
        raise BadRow("numbers_do_not_fit")
    return 2 if step % 2 == 0 else 1


def _parity_step(parity: str, first: int, last: int) -> int:
    word = {"o": "odd", "e": "even", "b": "all"}.get(parity.strip().lower())
    if word is None:
        return 1 if (first - last) % 2 else 2
    return step_of(word, first, last)


def _numbers(first: str, last: str) -> tuple[int, int]:
    if not first.strip() or not last.strip():
        raise BadRow("no_house_numbers")
    found = _number(first), _number(last)
    if found == (0, 0):
        raise BadRow("both_numbers_are_zero")
    return found


def _number(written: str) -> int:
    # where a hyphen or a letter is part of the number, counting from one end to the other says nothing
    found = _NUMBER.fullmatch(written.strip())
    if found is None:
        raise BadRow("not_a_number")
    return int(found[1])


def _street(row: ShapeRow, column: str) -> str:
    written = row.cells.get(column, "")
    found = clean_text(written, MAX_STREET)
    if not found or not street_key(found):
        raise BadRow("street_too_long" if len(written.strip()) > MAX_STREET else "no_street")
    return found


def _line(shape: BaseGeometry | None) -> LineString:
    if shape is None:
        raise BadRow("no_line")
    merged = shapely.line_merge(shape) if isinstance(shape, MultiLineString) else shape
    if not isinstance(merged, LineString):
        raise BadRow("not_one_line")
    return merged


def _zip(written: str) -> str | None:
    plain = written.strip()
    # a program that took ZIP codes for numbers lost the zeros before them
    return clean_text(plain.zfill(_ZIP_DIGITS) if plain.isascii() and plain.isdecimal() else plain, MAX_POSTCODE)


def beside_m(line: LineString, metres: float) -> LineString:
    """Draw a line beside another.

    Parameters
    ----------
    line
        WGS 84.
    metres
        How far beside: to the left as it runs, to the right where negative.

    Returns
    -------
    shapely.LineString
        WGS 84, running the same way. Where the line turns so sharply that little of the other would be left, the line
        itself.

    Raises
    ------
    BadRow
        If it is nearer than six degrees to a pole, where no metric system is offered.
    """
    plane, crs = _in_metres(line)
    drawn = shapely.offset_curve(plane, metres, join_style="mitre", mitre_limit=2.0)
    parts = [part for part in shapely.get_parts(drawn) if part.length]
    longest = max(parts, key=lambda part: part.length, default=None)
    if longest is None or longest.length < _LEAST_SHARE * plane.length:
        return line
    return _in_degrees(longest, crs)


def lengthened(line: LineString, metres: float) -> LineString:
    """Draw a line on at both of its ends, straight.

    Parameters
    ----------
    line
        WGS 84.
    metres
        How far.

    Raises
    ------
    BadRow
        If it is nearer than six degrees to a pole, where no metric system is offered.
    """
    plane, crs = _in_metres(line)
    at = shapely.get_coordinates(plane)
    at = at[np.concatenate([[True], np.any(np.diff(at, axis=0) != 0, axis=1)])]
    ahead, back = at[-1] - at[-2], at[0] - at[1]
    ends = (at[0] + back / np.hypot(*back) * metres, at[-1] + ahead / np.hypot(*ahead) * metres)
    return _in_degrees(LineString([ends[0], *at, ends[1]]), crs)


def _in_metres(line: LineString) -> tuple[LineString, CRS]:
    at = shapely.get_coordinates(line)
    try:
        crs = metric_crs(at[:1, 0], at[:1, 1])
    except UnsupportedCrs:
        raise BadRow("too_near_a_pole") from None
    return LineString(to_metres(at[:, 0], at[:, 1], crs)), crs


def _in_degrees(plane: LineString, crs: CRS) -> LineString:
    found = to_degrees(np.asarray(shapely.get_coordinates(plane)), crs)
    if np.ptp(found[:, 0]) > MAX_LON or np.abs(found[:, 0]).max() > MAX_LON:
        raise BadRow("on_the_date_line")
    return LineString(found)
