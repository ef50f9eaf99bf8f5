"""Indexes by which names are found from their beginnings, beside the gazetteer's own.

They sort by code point: a range of such an index is a beginning, whatever the database's language.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Index

from geo.store.gazetteer_tables import geo_base, geo_crossing, geo_place_name, geo_postcode, geo_street_name

STARTS: Final = tuple(
    Index(f"ix_{table.name}_{name}_start", table.c.network_id, table.c[name], postgresql_ops={name: "text_pattern_ops"})
    for table, name in (
        (geo_street_name, "key"),
        (geo_street_name, "base"),
        (geo_base, "base"),
        (geo_place_name, "key"),
        (geo_postcode, "key"),
    )
)
CROSSED: Final = Index("ix_geo_crossing_street_b", geo_crossing.c.street_b)
