"""PMTiles 3: all tiles of a map in one file, that QGIS, GDAL and maps in a browser read by ranges of bytes."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from geo.domain.tiles import TileAddress

WORLD: Final = (-180.0, -85.051129, 180.0, 85.051129)
"""West, south, east, north of everything that tiles of the web can show, in degrees."""
_E7: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class AboutTiles:
    """What an archive says of itself.

    Attributes
    ----------
    layers
        ``vector_layers`` as TileJSON 3.0.0 has them.
    bounds
        West, south, east, north in degrees, WGS 84.
    made_at
        When what it shows was read; aware, UTC.
    """

    name: str
    description: str
    attribution: str
    audience: str
    layers: Sequence[Mapping[str, Any]]
    made_at: datetime
    bounds: tuple[float, float, float, float] = WORLD

    def metadata(self) -> dict[str, Any]:
        """Give the words of TileJSON, with whom it was made for and when."""
        words = {"name": self.name, "description": self.description, "attribution": self.attribution}
        ours = {"audience": self.audience, "made_at": self.made_at.isoformat(timespec="seconds")}
        return words | {"type": "overlay", "version": "1.0.0", "vector_layers": list(self.layers)} | ours


def in_archive_order(tiles: Iterable[TileAddress]) -> list[TileAddress]:
    """Sort tiles as an archive keeps them: by zoom, and neighbours near each other along a Hilbert curve."""
    return sorted(tiles, key=_number)


def _number(at: TileAddress) -> int:
    return int(zxy_to_tileid(at.z, at.x, at.y))


def write_tile_archive(target: BinaryIO, tiles: Iterable[tuple[TileAddress, bytes]], about: AboutTiles) -> int:
    """Write an archive. Tiles without content are left out; equal ones are kept once.

    Parameters
    ----------
    target
        An empty file.
    tiles
        Mapbox Vector Tiles, not compressed, best in the order of :func:`in_archive_order`.

    Returns
    -------
    int
        How many tiles it holds.

    Raises
    ------
    NotFound
        If no tile has any content; an archive holds at least one.
    """
    writer, count = Writer(target), 0  # type: ignore[no-untyped-call]
    try:
        for at, content in tiles:
            if content:
                # without a time of day, so that the same tile is the same bytes
                writer.write_tile(_number(at), gzip.compress(content, mtime=0))  # type: ignore[no-untyped-call]
                count += 1
        if not count:
            raise NotFound("there is nothing on the map yet that this audience may see")
        writer.finalize(_header(about.bounds), about.metadata())  # type: ignore[no-untyped-call]
    finally:
        writer.tile_f.close()
    return count


def _header(bounds: tuple[float, float, float, float]) -> dict[str, Any]:
    west, south, east, north = (round(degrees * _E7) for degrees in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
        "center_zoom": 0,
    }
