"""The ground a turf is cut from: doors within a shape, and the streets around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import shapely
from sqlalchemy import text

from geo.domain.ground import StreetDoors
from geo.domain.place import Point
from geo.domain.turf import MAX_CUT_DOORS, Address
from geo.errors import InvalidInput
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from shapely import MultiLineString, MultiPolygon
    from sqlalchemy.orm import Session

MAX_STREETS: Final = 400
"""Lines drawn on one map."""
MAX_ADDRESSES: Final = 3_000
"""Addresses that a phone takes along with one turf."""


@dataclass(frozen=True, slots=True)
class StreetLine:
    """A street to be drawn; WGS 84."""

    name: str
    line: MultiLineString


def list_doors_within(session: Session, shape: MultiPolygon, *, most: int = MAX_CUT_DOORS) -> list[Address]:
    """List the doors of the gazetteer within a shape, each address once, by street and number.

    Parameters
    ----------
    shape
        WGS 84; a door on its edge is within.
    most
        More are refused.

    Raises
    ------
    InvalidInput
        If there is none, or there are more.
    """
    asked = {"shape": shapely.to_wkb(shape, include_srid=False), "most": most + 1}
    rows = session.execute(text(load_queries("turfs")["doors_within"]), asked).all()
    if not rows:
        raise InvalidInput("the gazetteer knows no door in this shape", field="geometry")
    # the same door of a source that names no town is not another one
    named = {(row.street, row.number) for row in rows if row.locality}
    if len(rows) > most:
        raise InvalidInput(f"there are more than {most} doors in this shape; choose a smaller one", field="geometry")
    return [
        Address(row.street, row.number or "", row.number_int, Point(row.lon, row.lat), row.postcode, row.locality)
        for row in rows
        if row.locality or (row.street, row.number) not in named
    ]


def list_streets_within(session: Session, box: tuple[float, float, float, float]) -> list[StreetLine]:
    """List the streets of the gazetteer whose box meets another, the longest first, up to ``MAX_STREETS``.

    Parameters
    ----------
    box
        West, south, east, north in degrees.
    """
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True)) | {"most": MAX_STREETS}
    rows = session.execute(text(load_queries("turfs")["streets_within"]), asked)
    return [StreetLine(row.name, shapely.from_wkb(bytes(row.line))) for row in rows]


def list_addresses_around(session: Session, box: tuple[float, float, float, float]) -> list[StreetDoors]:
    """List the doors of the gazetteer in a box by street, the nearest to its middle first, up to ``MAX_ADDRESSES``.

    Parameters
    ----------
    box
        West, south, east, north in degrees.

    Returns
    -------
    list of StreetDoors
        Each address once, whichever source brought it, with every name of its street.
    """
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True)) | {"most": MAX_ADDRESSES}
    asked |= {"lon": (box[0] + box[2]) / 2, "lat": (box[1] + box[3]) / 2}
    streets: dict[tuple[tuple[str, ...], str | None], dict[str, Point]] = {}
    for row in session.execute(text(load_queries("turfs")["addresses_around"]), asked):
        street = streets.setdefault((tuple(dict.fromkeys(row.names)), row.locality), {})
        street.setdefault(row.number or "", Point(row.lon, row.lat))
    return [StreetDoors(names, locality, tuple(doors.items())) for (names, locality), doors in streets.items()]
