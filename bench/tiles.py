"""Tiles of a whole metropolis at every zoom: from what was counted before, against drawing each point on the fly.

The other contender is the plain statement that turns all points of a tile into a tile. It is spared the projection, the
bound on what a tile holds, and the wall of the policies.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import h3
import numpy as np
from sqlalchemy import text

from geo.domain.tiles import MAX_ZOOM, TileAddress
from geo.domain.words import Audience
from geo.store.engine import make_sessions, transaction
from geo.store.tile_counts import fold_changes
from geo.store.tiles import MOST_BYTES, assets_tile

from bench.metro import Metro, degrees_of
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from bench.timing import Spread

ROUNDS: Final = 40
ON_THE_FLY_ROUNDS: Final = 5
AT_ONCE: Final = 50_000
STAFF: Final = Audience.ORGANIZER
_ADD: Final = text(
    "INSERT INTO asset (id, kind, categories, name, geom, cell) "
    "SELECT gen_random_uuid(), 'food_bank', ARRAY[(ARRAY['food', 'water', 'hygiene'])[1 + n % 3]], 'Place ' || n, "
    "ST_SetSRID(ST_MakePoint(lon, lat), 4326), cell "
    "FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:cells AS text[])) "
    "WITH ORDINALITY AS p (lon, lat, cell, n)"
)
_ON_THE_FLY: Final = text(
    "SELECT length(ST_AsMVT(t, 'places', 4096, 'geom')) FROM (SELECT id::text AS id, name, kind, "
    "array_to_string(categories, ',') AS categories, "
    "ST_AsMVTGeom(geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326), 4096, 64, true) AS geom "
    "FROM asset WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)) t"
)
_TIDY: Final = (text("VACUUM ANALYZE asset"), text("VACUUM ANALYZE tile_cell"))


def run(
    size: int, seed: int, open_database: Callable[[], AbstractContextManager[Engine]], *, rounds: int = ROUNDS
) -> Outcome:
    """Measure with so many places.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database.

    Raises
    ------
    AssertionError
        If a tile is too large, or counts something else than there is.
    """
    with open_database() as engine:
        return measure(engine, size, seed, rounds=rounds)


def measure(engine: Engine, size: int, seed: int, *, rounds: int) -> Outcome:
    """Fill an empty database and draw tiles around places drawn by chance, both ways."""
    lon_lat = scatter(size, seed)
    took = store(engine, lon_lat)
    sessions, owner = make_sessions(engine), make_sessions(engine, role=None)
    spreads: dict[str, Spread] = {}
    largest = 0
    with sessions() as session, owner() as bare:
        _check(session, size)
        for z in range(MAX_ZOOM + 1):
            tiles = [_tile_at(lon_lat[n], z) for n in np.random.default_rng(seed + z).integers(0, size, rounds)]
            ours, sizes = _timed(lambda at: len(assets_tile(session, at, STAFF).content), tiles, warm_up=2)
            fly, _ = _timed(lambda at: _on_the_fly(bare, at), tiles[:ON_THE_FLY_ROUNDS], warm_up=1)
            largest = max(largest, *sizes)
            spreads |= {f"z{z:02}, ours": spread_of(ours), f"z{z:02}, on the fly": spread_of(fly)}
        unchanged, _ = _timed(lambda _at: len(fold_changes(session)), tiles, warm_up=2)
    spreads["nothing has changed"] = spread_of(unchanged)
    if largest > MOST_BYTES:
        raise AssertionError("a tile is too large")
    return Outcome("tiles", size, seed, _ratios(spreads), spreads, took | {"largest tile, bytes": largest})


def scatter(size: int, seed: int) -> NDArray[np.float64]:
    """Scatter places over a made-up metropolis; longitude and latitude (WGS 84), shape ``(size, 2)``."""
    rng = np.random.default_rng(seed)
    return degrees_of(Metro.build(size, rng).scatter(size, rng))


def store(engine: Engine, lon_lat: NDArray[np.float64]) -> dict[str, float | int | str]:
    """Store places, count them, and say how long that took."""
    cells = [str(h3.latlng_to_cell(lat, lon, 9)) for lon, lat in lon_lat]
    began = perf_counter()
    for start in range(0, len(cells), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        values = {"lons": lon_lat[part, 0].tolist(), "lats": lon_lat[part, 1].tolist(), "cells": cells[part]}
        with transaction(make_sessions(engine, role=None)) as session:
            session.execute(_ADD, values)
    stored = perf_counter()
    with transaction(make_sessions(engine)) as session:
        fold_changes(session)
    folded = perf_counter()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _TIDY:
            connection.execute(statement)
    return {"storing, seconds": stored - began, "counting all for the first time, seconds": folded - stored}


def _check(session: Session, size: int) -> None:
    counted = session.scalar(text("SELECT sum(count) FROM tile_cell WHERE collection = 'assets' AND level = 9"))
    if counted != size:
        raise AssertionError("not every place is counted")


def _tile_at(place: Sequence[float] | NDArray[np.float64], z: int) -> TileAddress:
    n, lat = 1 << z, np.radians(place[1])
    y = (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * n
    return TileAddress(z, int(y), int((place[0] + 180) / 360 * n))


def _on_the_fly(session: Session, at: TileAddress) -> int:
    west, south, east, north = at.bounds
    box: dict[str, Any] = {"west": west, "south": south, "east": east, "north": north}
    return session.scalar(_ON_THE_FLY, box) or 0


def _timed(
    draw: Callable[[TileAddress], int], tiles: Sequence[TileAddress], *, warm_up: int
) -> tuple[list[float], list[int]]:
    for at in tiles[:warm_up]:
        draw(at)
    seconds, given = [], []
    for at in tiles:
        began = perf_counter()
        given.append(draw(at))
        seconds.append(perf_counter() - began)
    return seconds, given


def _ratios(spreads: dict[str, Spread]) -> dict[str, float]:
    zooms = range(MAX_ZOOM + 1)
    by_zoom = {
        f"median, on the fly / ours, z{z:02}": spreads[f"z{z:02}, on the fly"].median / spreads[f"z{z:02}, ours"].median
        for z in zooms
    }
    return by_zoom | {"worst p95 of any zoom, milliseconds": max(spreads[f"z{z:02}, ours"].p95 for z in zooms) * 1000}
