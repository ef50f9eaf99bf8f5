"""Pages of assets as bytes the database writes: the fields disclosure lists for the audience, and no record in between.

The bytes are those that disclosing and writing record by record would give; a test holds the two against each other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shapely import to_wkb
from sqlalchemy import (
    ARRAY,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy import Date as SqlDate

from geo.domain.place import Point
from geo.domain.records import Asset
from geo.interchange.geojson import geometry, short_degrees
from geo.privacy.cells import cell_polygon
from geo.privacy.disclosure import PRIVATE_ASSET_HIDES, fields_shown
from geo.store import tables
from geo.store.feature_filters import cells_that_stand
from geo.store.feature_pages import TABLES, as_id, page_statement, visible
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
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
    statement, told = _plain_page(session, audience, query) or (_page(session, audience, query), {})
    row = session.execute(statement, told).one()
    content, cells = _with_cells((row.written or "").encode())
    more = row.found > query.limit
    box = _box(tuple(row)[3:], cells)
    return BytesPage(content, min(row.found, query.limit), row.last, not more, box)


def _page(session: Session, audience: Audience, query: FeatureQuery) -> Select[Any]:
    page = page_statement(session, TABLES["assets"], audience, query, _chosen(audience))
    return _summed_up(page, literal(query.limit, Integer))


def _plain_page(
    session: Session, audience: Audience, query: FeatureQuery
) -> tuple[Select[Any], dict[str, object]] | None:
    """Give the statement and the values of what most pages are: by id, perhaps in a box, without other conditions.

    Putting a statement together takes a fifth of the time a page takes outside the database, so these are kept.
    """
    if query.where is not None or query.during is not None:
        return None
    told: dict[str, object] = {"most": query.limit, "most_and_one": query.limit + 1}
    if query.box is not None:
        drawn = TABLES["assets"].cells_drawn(session, audience)
        told |= {"box": to_wkb(query.box), "cells": cells_that_stand("intersects", query.box, drawn)}
    if query.after is not None:
        told["after"] = as_id(query.after[-1])
    has_cells = bool(told.get("cells"))
    return _plain_statement(audience, query.box is not None, query.after is not None, has_cells=has_cells), told


@cache
def _plain_statement(audience: Audience, in_box: bool, goes_on: bool, *, has_cells: bool) -> Select[Any]:  # noqa: FBT001 - said in order
    conditions = [mine(asset), *visible(TABLES["assets"], audience)]
    if in_box:
        conditions.append(_in_box(has_cells=has_cells))
    if goes_on:
        conditions.append(tuple_(asset.c.id) > tuple_(bindparam("after", type_=Uuid)))
    page = select(*_chosen(audience)).where(*conditions).order_by(asset.c.id)
    return _summed_up(page.limit(bindparam("most_and_one", type_=Integer)), bindparam("most", type_=Integer))


def _in_box(*, has_cells: bool) -> ColumnElement[bool]:
    """Write a box as :func:`geo.store.feature_filters.write_met` does, with its values to be bound."""
    box = func.ST_GeomFromWKB(bindparam("box", type_=LargeBinary), 4326)
    # the box first, by itself: it is the one comparison the index serves under the policies of the rows
    found = and_(asset.c.geom.bool_op("&&")(box), func.ST_Intersects(asset.c.geom, box))
    if not has_cells:
        return found
    cells = cast(bindparam("cells", type_=ARRAY(Text)), ARRAY(Text))
    return or_(found, case((asset.c.geom.is_(None), asset.c.cell)) == func.any(cells))


def _chosen(audience: Audience) -> list[ColumnElement[Any]]:
    lon, lat = func.ST_X(asset.c.geom), func.ST_Y(asset.c.geom)
    return [asset.c.id, lon.label("lon"), lat.label("lat"), _feature(audience).label("written")]


def _summed_up(page: Select[Any], most: ColumnElement[int]) -> Select[Any]:
    """Put a page of features together as one text, with where it ends and the corners of its box."""
    inner = page.add_columns(func.row_number().over(order_by=asset.c.id).label("place")).subquery()
    within = inner.c.place <= most
    return select(
        func.string_agg(inner.c.written, ",").filter(within).label("written"),
        func.count().label("found"),
        func.max(cast(inner.c.id, Text)).filter(within).label("last"),
        *(
            extreme(inner.c[side]).filter(within)
            for extreme, side in ((func.min, "lon"), (func.min, "lat"), (func.max, "lon"), (func.max, "lat"))
        ),
    )


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
