"""A metropolis of needs and places written into an installation's database, as if all of it had come in long ago."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final
from uuid import UUID

import h3
import numpy as np
from sqlalchemy import text

from geo.domain.words import Category
from geo.store.engine import make_sessions, transaction
from geo.store.tile_counts import fold_changes

from bench.metro import Metro, degrees_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Engine

    FloatArray = NDArray[np.float64]

NEEDS_SHARE: Final = 0.8
ROOM_KNOWN: Final = 20
"""Of one place in so many it is known how much it can take; only that is help that coverage counts."""
ROOM: Final = 40
AT_ONCE: Final = 50_000
CATEGORIES: Final = (Category.FOOD, Category.WATER, Category.MEDICINE, Category.CHILDCARE, Category.TRANSPORT)
# what keeps a backlog for others to work off is off meanwhile: the network measured has worked it off
_QUIET: Final = (
    text("ALTER TABLE need DISABLE TRIGGER USER"),
    text("ALTER TABLE asset DISABLE TRIGGER USER"),
    text("ALTER TABLE restricted.location_exact DISABLE TRIGGER USER"),
)
_COUNTED: Final = (
    text("ALTER TABLE need ENABLE TRIGGER tile_insert"),
    text("ALTER TABLE asset ENABLE TRIGGER tile_insert"),
)
_LOUD: Final = (
    text("ALTER TABLE need ENABLE TRIGGER USER"),
    text("ALTER TABLE asset ENABLE TRIGGER USER"),
    text("ALTER TABLE restricted.location_exact ENABLE TRIGGER USER"),
)
_NEEDS: Final = text(
    "INSERT INTO need (id, household_id, category, urgency, location_state, match_quality, cell, received_at) "
    "SELECT id, id, (CAST(:categories AS text[]))[1 + n % :kinds], "
    "(ARRAY['normal', 'low', 'normal', 'high', 'normal', 'critical', 'normal'])[1 + n % 7], 'located', 'rooftop', "
    "cell, now() - n * interval '7 seconds' "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:cells AS text[])) WITH ORDINALITY AS s (id, cell, n)"
)
_HOMES: Final = text(
    "INSERT INTO restricted.location_exact (id, need_id, geom, uncertainty_m) "
    "SELECT id, id, ST_SetSRID(ST_MakePoint(lon, lat), 4326), 15 "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS s (id, lon, lat)"
)
_PLACES: Final = text(
    "INSERT INTO asset (id, kind, categories, name, geom, cell, capacity_per_week) "
    "SELECT id, 'food_bank', ARRAY[(CAST(:categories AS text[]))[1 + n % :kinds]], 'Place ' || n, "
    "ST_SetSRID(ST_MakePoint(lon, lat), 4326), cell, CASE WHEN n % :known = 0 THEN :room END "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:cells AS text[])) "
    "WITH ORDINALITY AS s (id, lon, lat, cell, n)"
)
_TIDY: Final = (
    text("VACUUM ANALYZE need"),
    text("VACUUM ANALYZE asset"),
    text("VACUUM ANALYZE restricted.location_exact"),
    text("VACUUM ANALYZE tile_cell"),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Where everything is, and how long it took to write it; ``lon_lat`` in degrees (WGS 84), needs first."""

    lon_lat: FloatArray
    needs: int
    seconds: float


def fill(engine: Engine, size: int, seed: int) -> Filled:
    """Write so many needs and places: four needs to a place, all open and all active."""
    rng = np.random.default_rng(seed)
    lon_lat = degrees_of(Metro.build(size, rng).scatter(size, rng))
    needs = round(size * NEEDS_SHARE)
    began = perf_counter()
    owner = make_sessions(engine, role=None)
    with transaction(owner) as session:
        for statement in (*_QUIET, *_COUNTED):
            session.execute(statement)
    for start in range(0, size, AT_ONCE):
        # a part is of one kind: the needs end where a part does, or within it
        for first, last in ((start, min(start + AT_ONCE, needs)), (max(start, needs), min(start + AT_ONCE, size))):
            if first < last:
                _write(engine, lon_lat[first:last], first, are_needs=first < needs)
    with transaction(owner) as session:
        for statement in _LOUD:
            session.execute(statement)
    with transaction(make_sessions(engine)) as session:
        fold_changes(session)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _TIDY:
            connection.execute(statement)
    return Filled(lon_lat, needs, perf_counter() - began)


def _write(engine: Engine, lon_lat: FloatArray, first: int, *, are_needs: bool) -> None:
    bound = {
        "ids": [UUID(int=first + n + 1) for n in range(len(lon_lat))],
        "lons": lon_lat[:, 0].tolist(),
        "lats": lon_lat[:, 1].tolist(),
        "cells": [str(h3.latlng_to_cell(lat, lon, 9)) for lon, lat in lon_lat.tolist()],
        "categories": [category.value for category in CATEGORIES],
        "kinds": len(CATEGORIES),
    }
    with transaction(make_sessions(engine, role=None)) as session:
        if are_needs:
            session.execute(_NEEDS, bound)
            session.execute(_HOMES, bound)
        else:
            session.execute(_PLACES, bound | {"known": ROOM_KNOWN, "room": ROOM})
