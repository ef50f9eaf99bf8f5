"""Pages of assets as bytes the database writes: the fields disclosure lists for the audience, and no record in between.

The bytes are those that disclosing and writing record by record would give; a test holds the two against each other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Date as SqlDate
from sqlalchemy import DateTime, Double, Integer, Text, Uuid, case, cast, func, literal, literal_column, or_, select

from geo.domain.place import Point
from geo.domain.records import Asset
from geo.interchange.geojson import geometry, short_degrees
from geo.privacy.cells import cell_polygon
from geo.privacy.disclosure import PRIVATE_ASSET_HIDES, fields_shown
from geo.store import tables
from geo.store.feature_pages import TABLES, page_statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from geo.domain.words import Audience
    from geo.interchange.feature_query import FeatureQuery

asset = tables.asset
_CELL: Final = re.compile(rb'"geometry":"cell:([0-9a-f]{15})"')
_POINT: Final = re.compile(rb'"geometry":"point:([0-9.e-]+) ([0-9.e-]+)"')
"""Where something is still to be drawn; no text of a record can hold this, because its quotation marks are escaped."""
_MILLIONTHS: Final = 1_000_000.0
_NEAR: Final = 0.0001
_INSTANT: Final = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
_DECIMALS: Final = 5


@dataclass(frozen=True, slots=True)
class BytesPage:
    """Features as GeoJSON with commas between; where to go on, how many there are, and the box around them."""

    content: bytes
    count: int
    last: str | None
    is_last: bool
    box: tuple[float, float, float, float] | None


def write_asset_page(session: Session, audience: Audience, query: FeatureQuery) -> BytesPage:
    """Write a page of assets in the order of their ids.

    Parameters
    ----------
    query
        Without an order of its own.

    Raises
    ------
    NotPermitted
        If the audience may not have assets.
    """
    source = TABLES["assets"]
    lon, lat = func.ST_X(asset.c.geom), func.ST_Y(asset.c.geom)
    chosen = [asset.c.id, lon.label("lon"), lat.label("lat"), _feature(audience).label("written")]
    page = page_statement(session, source, audience, query, chosen).add_columns(
        func.row_number().over(order_by=asset.c.id).label("place")
    )
    inner = page.subquery()
    within = inner.c.place <= query.limit
    row = session.execute(
        select(
            func.string_agg(inner.c.written, ",").filter(within).label("written"),
            func.count().label("found"),
            func.max(cast(inner.c.id, Text)).filter(within).label("last"),
            *(
                extreme(inner.c[side]).filter(within)
                for extreme, side in ((func.min, "lon"), (func.min, "lat"), (func.max, "lon"), (func.max, "lat"))
            ),
        )
    ).one()
    content, cells = _with_cells((row.written or "").encode())
    more = row.found > query.limit
    box = _box(tuple(row)[3:], cells)
    return BytesPage(content, min(row.found, query.limit), row.last, not more, box)


def _with_cells(written: bytes) -> tuple[bytes, set[str]]:
    """Draw what is drawn as a cell, which the database cannot."""
    if b'"geometry":"point:' in written:
        written = _POINT.sub(_pointed, written)
    cells = {found.decode() for found in _CELL.findall(written)} if b'"geometry":"cell:' in written else set()
    if not cells:
        return written, cells
    drawn = {cell: _compact(geometry(cell_polygon(cell))) for cell in cells}
    return _CELL.sub(lambda found: b'"geometry":' + drawn[found[1].decode()], written), cells


def _pointed(found: re.Match[bytes]) -> bytes:
    return b'"geometry":' + _compact(geometry(Point(float(found[1]), float(found[2]))))


def _compact(drawn: dict[str, Any] | None) -> bytes:
    return json.dumps(drawn, separators=(",", ":")).encode()


def _box(edges: Sequence[float | None], cells: set[str]) -> tuple[float, float, float, float] | None:
    """Find the box around the points and the cells, as they are written."""
    around = [cell_polygon(cell).bounds for cell in cells]
    if edges[0] is not None:
        around.append(tuple(edges))
    if not around:
        return None
    west, south, east, north = zip(*around, strict=True)
    found = (min(west), min(south), max(east), max(north))
    return short_degrees(found[0]), short_degrees(found[1]), short_degrees(found[2]), short_degrees(found[3])


@cache
def _feature(audience: Audience) -> ColumnElement[Any]:
    """Write one feature as text."""
    names = [name for name in fields_shown(Asset, audience) if name not in ("id", "point")]
    head = _text('{"type":"Feature","id":"') + cast(asset.c.id, Text) + _text('","geometry":') + _geometry()
    members = _text("")
    for place, name in enumerate(names):
        member = _text(f'{"," if place else ""}"{name}":') + _value(asset.c[name])
        members += case((asset.c.is_private, _text("")), else_=member) if name in PRIVATE_ASSET_HIDES else member
    return head + _text(',"properties":{') + members + _text("}}")


def _text(words: str) -> ColumnElement[Any]:
    # words of ours, and names that disclosure lists; as text of the statement, so that it is written once and kept
    return literal_column("'" + words.replace("'", "''") + "'", Text)


def _geometry() -> ColumnElement[Any]:
    """Write where it is; what only we can write as it is shown everywhere else is marked for us."""
    lon, lat = func.ST_X(asset.c.geom), func.ST_Y(asset.c.geom)
    cell = case((asset.c.cell.is_(None), _text("null")), else_=_text('"cell:') + asset.c.cell + _text('"'))
    # half way between two roundings the database goes up, and Python to where the binary number lies
    point = _text('"point:') + cast(lon, Text) + _text(" ") + cast(lat, Text) + _text('"')
    return case(
        (asset.c.geom.is_(None), cell),
        (or_(_is_between(lon), _is_between(lat)), point),
        else_=func.ST_AsGeoJSON(asset.c.geom, _DECIMALS),
    )


def _is_between(degrees: ColumnElement[Any]) -> ColumnElement[Any]:
    tenths = degrees * literal(_MILLIONTHS / 10, Double)
    return func.abs(func.abs(tenths - func.trunc(tenths)) - literal(0.5, Double)) < literal(_NEAR, Double)


def _value(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Write a value as JSON, as disclosure would: instants to the second, in UTC."""
    kind = column.type
    if isinstance(kind, DateTime):
        # every connection is in UTC
        return _text('"') + func.to_char(column, _INSTANT) + _text('"')
    if isinstance(kind, Integer):
        written: ColumnElement[Any] = cast(column, Text)
    elif isinstance(kind, SqlDate | Uuid):
        written = _text('"') + cast(column, Text) + _text('"')
    else:
        written = cast(func.to_json(column), Text)
    return func.coalesce(written, _text("null"))
