"""Features one after the other: GeoJSON text sequences (RFC 8142) and comma-separated rows, in flat memory."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from shapely.geometry import shape

from geo.interchange.csv_rows import as_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

RECORD_SEPARATOR: Final = "\x1e"
WKT: Final = "wkt"


def write_sequence(features: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Write each feature as a JSON text between a record separator and a line feed.

    Parameters
    ----------
    features
        GeoJSON; read one by one.

    Yields
    ------
    bytes
        One feature each, in UTF-8.
    """
    for feature in features:
        text = json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        yield f"{RECORD_SEPARATOR}{text}\n".encode()


def write_csv(features: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[bytes]:
    """Write features as rows: the id, the properties named, and the place.

    Points have ``lon`` and ``lat`` in degrees; anything else that is drawn stands as well-known text in ``wkt``.

    Parameters
    ----------
    features
        GeoJSON; read one by one. A property that one of them lacks is an empty cell.
    columns
        The properties, in order.

    Yields
    ------
    bytes
        The header, then one row each, in UTF-8; no cell begins a formula.
    """
    names = ["id", *columns, "lon", "lat", WKT]
    yield _row(names)
    for feature in features:
        told = feature["properties"]
        cells = [feature["id"], *(told.get(name) for name in columns), *_place(feature["geometry"])]
        yield _row([as_cell(cell) for cell in cells])


def _row(cells: Sequence[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue().encode()


def _place(geometry: Mapping[str, Any] | None) -> tuple[Any, Any, Any]:
    if geometry is None:
        return None, None, None
    if geometry["type"] == "Point":
        lon, lat = geometry["coordinates"]
        return lon, lat, None
    return None, None, shape(geometry).wkt
