"""FlatGeobuf: features as one file that any GIS opens, written by GDAL from the columns of a GeoParquet file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from geo.interchange.geoparquet import GEOMETRY, write_geoparquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BATCH: Final = 5_000


def write_flatgeobuf(path: Path, features: Iterable[Mapping[str, Any]]) -> int:
    """Write GeoJSON features as FlatGeobuf, in WGS 84 with longitude first.

    The format has no lists: words stand in one text, with a semicolon between them. Types of columns are known when all
    features have been seen, so they go through a GeoParquet file beside; memory is bounded whatever their number.

    Parameters
    ----------
    path
        Overwritten; ends in ``.fgb``, for otherwise GDAL makes a folder.
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
        nowhere = 0

        def plain() -> Iterator[dict[str, Any]]:
            nonlocal nowhere
            for one in features:
                nowhere += one["geometry"] is None
                yield _without_lists(one)

        count = write_geoparquet(beside, plain())
        with pq.ParquetFile(beside) as columns:
            schema = columns.schema_arrow
            rows = pa.RecordBatchReader.from_batches(schema, columns.iter_batches(batch_size=_BATCH))
            how = {"driver": "FlatGeobuf", "geometry_name": GEOMETRY, "geometry_type": "Unknown", "crs": "OGC:CRS84"}
            # an index of space has no place for what is nowhere, and none of it is left out
            write_arrow(rows, path, **how, SPATIAL_INDEX="NO" if nowhere or not count else "YES")
    return count


def _without_lists(feature: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: _joined(value) for name, value in feature["properties"].items()}
    return {**feature, "properties": told}


def _joined(value: Any) -> Any:  # noqa: ANN401 - whatever JSON knows
    return "; ".join(map(str, value)) if isinstance(value, list) else value
