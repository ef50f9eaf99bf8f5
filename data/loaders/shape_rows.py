"""Rows with a shape, from whatever such files come in: CSV, GeoJSON, Shapefile, GeoPackage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import shapely
from shapely.geometry import LineString, MultiLineString, Point

from geo.domain.place import MAX_LAT, MAX_LON
from geo.errors import SourceUnreadable
from geo.store.columns import MAX_STREET_VERTICES

from data.loaders import cells
from data.loaders.csv_rows import MAX_CELL, BadRow, read_header, read_rows
from data.loaders.geojson_rows import read_features, text_of
from data.loaders.text_files import is_json, is_text, nobody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from data.loaders.text_files import Watch

WRITTEN: Final = ("wkt", "geometry", "geom", "the_geom")
"""Columns of a CSV file that may hold a shape as well-known text."""
_MAX_WRITTEN: Final = 131_072
_KINDS: Final[dict[str, Any]] = {"Point": Point, "LineString": LineString, "MultiLineString": MultiLineString}
_FORMS: Final = {b"SQLite format 3\0": "GPKG", b"\x00\x00\x27\x0a": "ESRI Shapefile"}
"""How such a file begins. What it is called is not asked: a program would open whatever its words point to."""
_DEGREES: Final = frozenset({"EPSG:4326", "OGC:CRS84", "EPSG:4269", "EPSG:4258"})
"""WGS 84 and its continental twins of North America and Europe, which lie within two metres of it."""
_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """One row: its line or place in the file counted from 1, its cells by name in lower case, its WGS 84 shape."""

    line: int
    cells: dict[str, str]
    shape: BaseGeometry | None = None
    bad: str | None = None


def read_shapes(path: Path, *, watch: Watch = nobody) -> Iterator[ShapeRow]:
    """Read the rows of a file as a stream.

    Parameters
    ----------
    path
        CSV with well-known text in a column ``wkt``, ``geometry``, ``geom`` or ``the_geom``, or with ``lon`` and
        ``lat``; GeoJSON; both gzipped or not; a Shapefile or the first layer of a GeoPackage, in degrees.
    watch
        Told now and then how much is in, of how much.

    Yields
    ------
    ShapeRow
        Points, lines and lines of several parts, within range, of two dimensions and at most 5,000 vertices; a row of
        anything else comes with ``bad`` set.

    Raises
    ------
    SourceUnreadable
        If the file cannot be opened, is of none of these forms, or in another coordinate system.
    """
    form = _form_of(path)
    if form is not None:
        return _from_layer(path, form, watch)
    return _from_geojson(path, watch) if is_json(path) else _from_csv(path, watch)


def _form_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be opened: {error.strerror}") from None
    return next((form for mark, form in _FORMS.items() if start.startswith(mark)), None)


def _from_csv(path: Path, watch: Watch) -> Iterator[ShapeRow]:
    header = read_header(path)
    column = next((name for name in WRITTEN if name in header), None)
    if column is None and not {"lon", "lat"} <= set(header):
        raise SourceUnreadable(f"{path.name} has neither lon and lat nor a column named {', '.join(WRITTEN)}")
    for row in read_rows(path, max_cell=_MAX_WRITTEN, watch=watch):
        shape = None
        others = {name: cell for name, cell in row.cells.items() if name != column}
        bad = row.bad or ("cell_too_long" if any(len(cell) > MAX_CELL for cell in others.values()) else None)
        try:
            if bad is None:
                shape = _place(row.text("lon"), row.text("lat")) if column is None else _from_wkt(row.text(column))
        except BadRow as error:
            bad = error.reason
        yield ShapeRow(row.line, others, shape, bad)


def _place(lon: str, lat: str) -> BaseGeometry | None:
    point = cells.point(lon, lat)
    return None if point is None else Point(point.lon, point.lat)


def _from_wkt(written: str) -> BaseGeometry | None:
    if not written:
        return None
    try:
        return checked(shapely.from_wkt(written))
    except shapely.GEOSException:
        raise BadRow("bad_geometry") from None


def _from_geojson(path: Path, watch: Watch) -> Iterator[ShapeRow]:
    for row in read_features(path, watch=watch):
        bad, shape = row.bad, None
        try:
            shape = None if bad else _from_members(row.geometry)
        except BadRow as error:
            bad = error.reason
        yield ShapeRow(row.line, row.cells, shape, bad)


def _from_members(geometry: object) -> BaseGeometry | None:
    if not isinstance(geometry, dict):
        return None
    make, coordinates = _KINDS.get(str(geometry.get("type"))), geometry.get("coordinates")
    if make is None:
        raise BadRow("not_a_point_or_line")
    try:
        return checked(make(_flat(coordinates)))
    except (ValueError, TypeError, OverflowError, IndexError, shapely.GEOSException):
        raise BadRow("bad_geometry") from None


def _flat(coordinates: Any) -> Any:  # noqa: ANN401 - numbers, or lists of them, as deep as the file has it
    """Leave the height out, and refuse what is no number."""
    if not isinstance(coordinates, list) or not coordinates or len(coordinates) > MAX_STREET_VERTICES:
        raise BadRow("bad_geometry")
    if isinstance(coordinates[0], list):
        return [_flat(one) for one in coordinates]
    if not all(type(one) in (int, float) for one in coordinates):
        raise BadRow("bad_geometry")
    return [float(one) for one in coordinates[:2]]


def checked(shape: BaseGeometry | None) -> BaseGeometry | None:
    """Give a point or line in two dimensions back.

    Raises
    ------
    BadRow
        If it is of another kind, out of range, not finite, or has more than 5,000 vertices.
    """
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type not in _KINDS:
        raise BadRow("not_a_point_or_line")
    if shapely.get_num_coordinates(shape) > MAX_STREET_VERTICES:
        raise BadRow("too_many_vertices")
    west, south, east, north = shape.bounds
    if not all(math.isfinite(edge) for edge in shapely.get_coordinates(shape).ravel()):
        raise BadRow("bad_geometry")
    if max(-west, east) > MAX_LON or max(-south, north) > MAX_LAT:
        raise BadRow("coordinates_out_of_range")
    flat: BaseGeometry = shapely.force_2d(shape)
    if shape.geom_type != "Point" and flat.length == 0:
        raise BadRow("bad_geometry")
    return flat


def _from_layer(path: Path, form: str, watch: Watch) -> Iterator[ShapeRow]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        layer = next((str(name) for name, kind in pyogrio.list_layers(path) if kind is not None), None)
        if layer is None:
            raise SourceUnreadable(f"{path.name} holds no shapes")
        info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
        if info.get("driver") != form:
            raise SourceUnreadable(f"{path.name} is not what it seems to be")
        _check_crs(info.get("crs"), path)
        total = int(info["features"])
        for start in range(0, total, _AT_ONCE):
            watch(start, total)
            meta, _, shapes, columns = pyogrio.raw.read(
                path, layer=layer, skip_features=start, max_features=_AT_ONCE, force_2d=True, datetime_as_string=True
            )
            names = [str(name).lower() for name in meta["fields"]]
            for at, shape in enumerate(shapes):
                yield _layer_row(start + at + 1, names, [column[at] for column in columns], shape)
    except (DataSourceError, DataLayerError, UnicodeError) as error:
        raise SourceUnreadable(f"{path.name} cannot be read: {type(error).__name__}") from None


def _check_crs(found: object, path: Path) -> None:
    if str(found).upper() not in _DEGREES and "GCS_North_American_1983" not in str(found):
        raise SourceUnreadable(f"{path.name} is in another coordinate system; write it in WGS 84 degrees first")


def _layer_row(line: int, names: list[str], values: list[Any], written: bytes | None) -> ShapeRow:
    found = {name: _value(value) for name, value in zip(names, values, strict=True)}
    whole = "".join(found.values())
    if not is_text(whole) or any(len(cell) > MAX_CELL for cell in found.values()):
        return ShapeRow(line, {}, bad="not_utf8" if not is_text(whole) else "cell_too_long")
    try:
        return ShapeRow(line, found, checked(None if written is None else shapely.from_wkb(written)))
    except BadRow as error:
        return ShapeRow(line, found, bad=error.reason)
    except shapely.GEOSException:
        return ShapeRow(line, found, bad="bad_geometry")


def _value(value: Any) -> str:  # noqa: ANN401 - whatever a column of a table holds
    plain = value.item() if hasattr(value, "item") else value
    # a column of whole numbers with a gap in it comes as fractions
    if isinstance(plain, float):
        return "" if math.isnan(plain) else str(int(plain)) if plain.is_integer() else repr(plain)
    return text_of(plain)
