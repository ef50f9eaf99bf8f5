"""PMTiles written, and read back by the library they are written with and by a program that knows nothing of it."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MemorySource, Reader, all_tiles

from geo.domain.tiles import TileAddress
from geo.errors import NotFound
from geo.interchange.tile_archive import WORLD, AboutTiles, in_archive_order, write_tile_archive

if TYPE_CHECKING:
    from collections.abc import Iterable

ABOUT = AboutTiles(
    name="Town",
    description="What there is",
    attribution="Town; © OpenStreetMap contributors",
    audience="public",
    layers=({"id": "places", "fields": {"name": "String"}, "minzoom": 0, "maxzoom": 4},),
    made_at=datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC),
    bounds=(24.8, 60.1, 25.1, 60.3),
)
ADDRESSES = st.integers(0, 6).flatmap(
    lambda z: st.builds(TileAddress, st.just(z), st.integers(0, 2**z - 1), st.integers(0, 2**z - 1))
)


def written(tiles: Iterable[tuple[TileAddress, bytes]]) -> bytes:
    target = io.BytesIO()
    write_tile_archive(target, tiles, ABOUT)
    return target.getvalue()


@given(st.dictionaries(ADDRESSES, st.sampled_from([b"", b"a", b"bb", b"c" * 300]), max_size=60))
def test_each_tile_is_read_back_where_it_was_put(tiles: dict[TileAddress, bytes]) -> None:
    held = {at: content for at, content in tiles.items() if content}
    if not held:
        with pytest.raises(NotFound):
            written(tiles.items())
        return
    content = written((at, tiles[at]) for at in in_archive_order(tiles))
    read = {TileAddress(z, y, x): gzip.decompress(tile) for (z, x, y), tile in all_tiles(MemorySource(content))}
    assert read == held
    header = Reader(MemorySource(content)).header()
    assert (header["addressed_tiles_count"], header["clustered"]) == (len(held), True)
    assert header["tile_contents_count"] == len(set(held.values()))
    assert (header["min_zoom"], header["max_zoom"]) == (min(at.z for at in held), max(at.z for at in held))
    assert written((at, tiles[at]) for at in in_archive_order(tiles)) == content


def test_it_says_what_it_is() -> None:
    reader = Reader(MemorySource(written([(TileAddress(0, 0, 0), b"x")])))
    header, said = reader.header(), reader.metadata()
    assert (header["version"], header["tile_type"].name, header["tile_compression"].name) == (3, "MVT", "GZIP")
    assert (header["min_lon_e7"], header["max_lat_e7"]) == (248_000_000, 603_000_000)
    assert said["vector_layers"] == list(ABOUT.layers)
    assert (said["name"], said["attribution"], said["audience"]) == (ABOUT.name, ABOUT.attribution, "public")
    assert said["made_at"] == "2026-03-01T12:30:05+00:00"
    assert WORLD[0] == -180


def test_neighbours_stand_together() -> None:
    tiles = [TileAddress(2, y, x) for y in range(4) for x in range(4)]
    order = in_archive_order([*reversed(tiles), TileAddress(1, 0, 0)])
    assert order[0] == TileAddress(1, 0, 0)
    assert set(order[1:]) == set(tiles)
    assert all(abs(a.y - b.y) + abs(a.x - b.x) == 1 for a, b in pairwise(order[1:]))
