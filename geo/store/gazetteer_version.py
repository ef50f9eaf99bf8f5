"""Which sources the gazetteer was made of: the same checksums give the same answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo.store.gazetteer_tables import geo_source

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def list_source_checksums(session: Session) -> dict[str, str]:
    """Give the checksum of each source of the session's network, by its name."""
    wanted = select(geo_source.c.slug, geo_source.c.checksum).where(geo_source.c.network_id == func.current_network())
    return {row.slug: row.checksum for row in session.execute(wanted.order_by(geo_source.c.slug))}
