"""Which columns of a table say what is asked: an address in one column or in its parts, or a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo.domain.place import MAX_LAT, MAX_LON, Point
from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARTS: Final = ("street", "number", "postcode", "city")


def join_parts(street: str, number: str, postcode: str, city: str) -> str:
    """Write an address in one line, from parts of which any may be empty."""
    door = f"{street} {number}" if street and number else street or number
    place = f"{postcode} {city}" if postcode and city else postcode or city
    return f"{door}, {place}" if door and place else door or place


@dataclass(frozen=True, slots=True)
class AddressColumns:
    """The column that holds the address in one line, and those that hold its parts where it is empty."""

    line: str | None = "q"
    street: str | None = None
    number: str | None = None
    postcode: str | None = None
    city: str | None = None

    @classmethod
    def from_pairs(cls, pairs: Iterable[str], line: str | None = None) -> AddressColumns:
        """Read ``street=ROAD,number=NR`` and the like.

        Raises
        ------
        SourceUnreadable
            If a part is none of ``PARTS``, or is named twice or not at all.
        """
        named: dict[str, str] = {}
        for pair in pairs:
            part, _, column = pair.partition("=")
            if part.strip() not in PARTS or not column or part.strip() in named:
                raise SourceUnreadable(f"name columns as street=…, of {', '.join(PARTS)}, each once")
            named[part.strip()] = column.strip()
        return cls(line, **named)

    def named(self) -> tuple[str, ...]:
        """List the columns that must be there."""
        return tuple(name for name in (self.line, self.street, self.number, self.postcode, self.city) if name)

    def text_of(self, cells: Mapping[str, Any]) -> str:
        """Give the address of one row in one line; empty if it has none."""
        if self.line is not None and (line := _text(cells.get(self.line))):
            return line
        if self.line is not None and self.street is None and self.postcode is None and self.city is None:
            return ""
        street, number, postcode, city = (
            _text(cells.get(name)) if name else "" for name in (self.street, self.number, self.postcode, self.city)
        )
        return join_parts(street, number, postcode, city)


OWN_PARTS: Final = AddressColumns("q", *PARTS)
"""For rows that bring their own columns: ``q``, or the parts by their own names."""


@dataclass(frozen=True, slots=True)
class PointColumns:
    """The columns that hold longitude and latitude, WGS 84 degrees."""

    lon: str = "lon"
    lat: str = "lat"

    def named(self) -> tuple[str, ...]:
        """List the columns that must be there."""
        return self.lon, self.lat

    def point_of(self, cells: Mapping[str, Any]) -> Point | None:
        """Give the point of one row; nothing if it has none that can be one."""
        lon, lat = _degrees(cells.get(self.lon)), _degrees(cells.get(self.lat))
        if lon is None or lat is None or abs(lon) > MAX_LON or abs(lat) > MAX_LAT:
            return None
        return Point(lon, lat)


def check_columns(known: tuple[str, ...], wanted: Iterable[str]) -> None:
    """Refuse a table that lacks a column, or that has one of them twice.

    Parameters
    ----------
    known
        The table's columns; none where each row brings its own, and nothing is refused.
    wanted
        The names that must be there.

    Raises
    ------
    SourceUnreadable
        Naming the column.
    """
    for name in wanted if known else ():
        if name not in known:
            raise SourceUnreadable(f"line 1: there is no column {name!r}; the file has {', '.join(known[:20])}")
        if f"{name} (2)" in known:
            raise SourceUnreadable(f"line 1: two columns have the name {name!r}")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _degrees(value: object) -> float | None:
    try:
        degrees = float(_text(value))
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) else None
