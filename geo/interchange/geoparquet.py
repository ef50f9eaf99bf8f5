"""GeoParquet 1.1: features as a table that geopandas, DuckDB and QGIS open with types, system and extent.

The keys of the metadata are those of the specification of the Open Geospatial Consortium, version 1.1.0.
"""

from __future__ import annotations

import json
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry import shape

from geo.crs import LON_LAT
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import IO

VERSION: Final = "1.1.0"
GEOMETRY: Final = "geometry"
_BATCH: Final = 5_000
_TYPES: Final[Mapping[frozenset[type], pa.DataType]] = {
    frozenset({bool}): pa.bool_(),
    frozenset({int}): pa.int64(),
    frozenset({float}): pa.float64(),
    frozenset({int, float}): pa.float64(),
    frozenset({str}): pa.string(),
}


class _Columns:
    """What the values of each column turned out to be; a list counts by what it holds."""

    def __init__(self) -> None:
        self.single: dict[str, set[type]] = {}
        self.listed: dict[str, set[type]] = {}

    def look_at(self, row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            kinds = self.single.setdefault(name, set())
            if isinstance(value, list):
                self.listed.setdefault(name, set()).update(map(type, value))
            elif value is not None:
                kinds.add(type(value))

    def type_of(self, name: str) -> pa.DataType:
        """Choose a column's type; text in JSON for what has none, and plain text where nothing stands."""
        single, listed = self.single[name], self.listed.get(name)
        if listed is None:
            return _TYPES.get(frozenset(single or {str}), pa.string())
        inner = _TYPES.get(frozenset(listed or {str}))
        return pa.string() if single or inner is None else pa.list_(inner)


def write_geoparquet(path: Path, features: Iterable[Mapping[str, Any]]) -> int:
    """Write GeoJSON features as one file of GeoParquet.

    The features are read once and spooled to a file without a name, since the types of the columns are known only when
    all have been seen; memory is bounded whatever their number.

    Parameters
    ----------
    path
        Overwritten. Whoever must not leave half a file behind writes to another name first.
    features
        In WGS 84, longitude first. The id becomes the column ``id``; lists stay lists; times stay text as in GeoJSON.

    Returns
    -------
    int
        How many rows were written. Features without a geometry are rows without one.

    Raises
    ------
    InvalidInput
        If a property is called as the column of geometries is.
    """
    columns = _Columns()
    with TemporaryFile("w+", encoding="utf-8") as spool:
        count = _spool(spool, features, columns)
        spool.seek(0)
        fields = [pa.field(name, columns.type_of(name)) for name in columns.single]
        _write(path, spool, pa.schema([*fields, pa.field(GEOMETRY, pa.binary())]))
    return count


def _spool(spool: IO[str], features: Iterable[Mapping[str, Any]], columns: _Columns) -> int:
    count = 0
    columns.look_at({"id": ""})
    for count, feature in enumerate(features, start=1):  # noqa: B007 - the count is the result
        row = {"id": feature.get("id"), **feature["properties"]}
        if GEOMETRY in row:
            raise InvalidInput("a property may not be called geometry", field=GEOMETRY)
        columns.look_at(row)
        spool.write(json.dumps([row, feature["geometry"]], ensure_ascii=False, allow_nan=False) + "\n")
    return count


def _write(path: Path, spool: IO[str], schema: pa.Schema) -> None:
    extent, kinds = _Extent(), set[str]()
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _batches(spool):
            shapes = [None if drawn is None else shape(drawn) for _, drawn in rows]
            extent.add(shapes)
            kinds |= {one.geom_type for one in shapes if one is not None}
            table = {
                field.name: [_fit(row.get(field.name), field.type) for row, _ in rows]
                for field in schema
                if field.name != GEOMETRY
            }
            table[GEOMETRY] = [None if one is None else shapely.to_wkb(one) for one in shapes]
            writer.write_table(pa.table(table, schema=schema))
        # the extent is known only now; the format keeps its metadata at the end of the file
        writer.add_key_value_metadata({"geo": json.dumps(_metadata(kinds, extent.box))})


def _batches(spool: IO[str]) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    for line in spool:
        batch.append(json.loads(line))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _fit(value: Any, wanted: pa.DataType) -> Any:  # noqa: ANN401 - whatever JSON knows
    if value is None or not pa.types.is_string(wanted) or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


class _Extent:
    """The box around all shapes so far: west, south, east, north."""

    def __init__(self) -> None:
        self.box: list[float] | None = None

    def add(self, shapes: list[Any]) -> None:
        drawn = [one for one in shapes if one is not None]
        if drawn:
            west, south, east, north = shapely.total_bounds(drawn).tolist()
            low, high = (self.box or [west, south])[:2], (self.box or [east, north])[-2:]
            self.box = [min(low[0], west), min(low[1], south), max(high[0], east), max(high[1], north)]


def _metadata(kinds: set[str], box: list[float] | None) -> dict[str, Any]:
    column = {
        "encoding": "WKB",
        "geometry_types": sorted(kinds),
        "crs": LON_LAT.to_json_dict(),
        "edges": "planar",
        **({} if box is None else {"bbox": box}),
    }
    return {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
