"""What is within reach of each place of help, drawn once and kept until the place moves or the streets change."""

from __future__ import annotations

from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)

from geo.domain import words
from geo.store.columns import RESTRICTED, finite, length, metadata, network_column, one_of, pk, shape_checks

MAX_VERTICES: Final = 50_000

catchment = Table(
    "catchment",
    metadata,
    pk(),
    network_column(),
    Column("asset_id", Uuid, ForeignKey("asset.id", ondelete="CASCADE")),
    # the shape of a helper's reach tells where they live, so it is as restricted as the place, and goes with it
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE")),
    Column("mode", Text, nullable=False),
    Column("minutes", SmallInteger, nullable=False),
    # the version of the travel model it was drawn by
    Column("model", Text, nullable=False),
    # of the point it was drawn around
    Column("point_hash", LargeBinary, nullable=False),
    # nothing, where the place is off all streets
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("num_nonnulls(asset_id, helper_id) = 1", name="one_owner"),
    one_of("mode", words.Mode),
    finite("minutes", 1, 240),
    length("model", 400),
    CheckConstraint("octet_length(point_hash) = 32", name="point_hash_form"),
    *shape_checks("geom", MAX_VERTICES),
    CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
    UniqueConstraint("asset_id", "mode", "minutes"),
    UniqueConstraint("helper_id", "mode", "minutes"),
    Index("ix_catchment_geom", "network_id", "mode", "minutes", "geom", postgresql_using="gist"),
    schema=RESTRICTED,
)
