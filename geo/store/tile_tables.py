"""Hexagons as tiles show them, counted before anybody asks, and what has yet to be counted."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, SmallInteger, Table, Text, text

from geo.domain.tiles import CATEGORIES
from geo.store.columns import RESTRICTED, metadata, network_column, network_key

_COLLECTIONS = "collection IN ('needs', 'assets', 'homes')"


def _counts() -> list[Column[int]]:
    return [Column(name, Integer, nullable=False, server_default="0") for name in ("count", "pressing", *CATEGORIES)]


tile_delta = Table(
    "tile_delta",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("collection", Text, nullable=False),
    # none where something has changed that is not counted, but that somebody's view of it depends on
    Column("cell", Text),
    *_counts(),
    CheckConstraint(_COLLECTIONS, name="collection_known"),
    Index("ix_tile_delta_network", "network_id"),
    schema=RESTRICTED,
)
"""Written by the database itself with each change, and taken away when it is counted. Nothing waits for another."""

tile_cell = Table(
    "tile_cell",
    metadata,
    network_key(),
    Column("collection", Text, primary_key=True),
    Column("level", SmallInteger, primary_key=True),
    Column("cell", Text, primary_key=True),
    *_counts(),
    # drawn once somebody looks
    Column("geom", Geometry("POLYGON", srid=3857, spatial_index=False)),
    CheckConstraint(_COLLECTIONS, name="collection_known"),
    CheckConstraint("level BETWEEN 2 AND 9", name="level_range"),
    CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name="cell_form"),
    Index("ix_tile_cell_geom", "network_id", "collection", "level", "geom", postgresql_using="gist"),
    Index("ix_tile_cell_undrawn", "network_id", postgresql_where=text("geom IS NULL")),
    Index("ix_tile_cell_empty", "network_id", postgresql_where=text("count <= 0")),
)

tile_version = Table(
    "tile_version",
    metadata,
    network_key(),
    Column("collection", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="1"),
    CheckConstraint(_COLLECTIONS, name="collection_known"),
    schema=RESTRICTED,
)
