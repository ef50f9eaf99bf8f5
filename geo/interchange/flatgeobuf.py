"""FlatGeobuf: features as one file that any GIS opens, written by GDAL from the columns of a GeoParquet file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from geo.interchange.geoparquet import GEOMETRY, write_geoparquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BATCH: Final = 5_000


def write_flatgeobuf(path: Path, features: Iterable[Mapping[str, Any]]) -> int:
    """Write GeoJSON features as FlatGeobuf, in WGS 84 with longitude first.

    The format has no lists: words stand in one text, with a semicolon between them. Types of columns are known when all
    features have been seen, so they go through a GeoParquet file beside; memory is bounded whatever their number.

    Parameters
    ----------
    path
        Overwritten.
    features
        Read once.

    Returns
    -------
    int
        How many were written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyogrio import write_arrow

    with TemporaryDirectory() as folder:
        beside = Path(folder) / "features.parquet"
        count = write_geoparquet(beside, map(_without_lists, features))
        with pq.ParquetFile(beside) as columns:
            schema = columns.schema_arrow
            rows = pa.RecordBatchReader.from_batches(schema, columns.iter_batches(batch_size=_BATCH))
            how = {"driver": "FlatGeobuf", "geometry_name": GEOMETRY, "geometry_type": "Unknown", "crs": "OGC:CRS84"}
            write_arrow(rows, path, **how, SPATIAL_INDEX="NO" if count == 0 else "YES")
    return count


def _without_lists(feature: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: _joined(value) for name, value in feature["properties"].items()}
    return {**feature, "properties": told}


def _joined(value: Any) -> Any:  # noqa: ANN401 - whatever JSON knows
    return "; ".join(map(str, value)) if isinstance(value, list) else value
