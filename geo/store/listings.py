"""Listings: which assets a directory has brought, how they were then, and how they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Double, cast, delete, func, null, select, union
from sqlalchemy.dialects.postgresql import insert

from geo.analysis.twins import Twin, look_alike
from geo.domain.listing import ListedReach, Listing
from geo.domain.words import AssetStatus
from geo.store import tables
from geo.store.assets import is_within
from geo.store.audit import record
from geo.store.listing_tables import listing
from geo.store.rows import mine, point_expression, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement, CompoundSelect
    from sqlalchemy.orm import Session

    from geo.analysis.twins import Known
    from geo.domain.place import Point

asset, organization = tables.asset, tables.organization
_COLUMNS: Final = [
    listing.c[name] for name in ("asset_id", "source", "source_ref", "phone", "website", "brought", "brought_at")
]
MAX_LOOKED_AT: Final = 200
"""Assets nearby that are compared with one row at most."""
TWIN_RADIUS_M: Final = 500.0
"""Beyond it, and beyond how well the two places are known, two assets are not one, unless they share a number."""


def find_reaches(session: Session, asset_ids: Collection[UUID]) -> dict[UUID, ListedReach]:
    """Find how some assets are reached; those of which nothing is said are left out."""
    columns = (listing.c.asset_id, listing.c.phone, listing.c.website)
    rows = session.execute(select(*columns).where(listing.c.asset_id.in_(asset_ids), mine(listing))).all()
    return {row.asset_id: ListedReach(row.asset_id, row.phone, row.website) for row in rows}


def find_listing(session: Session, source: str, ref: str) -> Listing | None:
    """Find the asset that a source knows by a name of its own."""
    query = select(*_COLUMNS).where(listing.c.source == source, listing.c.source_ref == ref, mine(listing))
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else Listing(**row)


def list_missing(session: Session, source: str, refs: Collection[str]) -> Iterator[Listing]:
    """List what a source brought once and does not name any more."""
    rows = session.execute(select(*_COLUMNS).where(listing.c.source == source, mine(listing))).mappings()
    return (Listing(**row) for row in rows.all() if row["source_ref"] not in refs)


def keep_listing(
    session: Session,
    asset_id: UUID,
    source: str,
    ref: str,
    brought: Mapping[str, Any],
    reach: tuple[str | None, str | None],
) -> None:
    """Keep what a source says of an asset, in place of what it said before.

    Parameters
    ----------
    reach
        Phone and website.

    Raises
    ------
    Conflict
        If the source knows another asset by this name.
    """
    values = {"source": source, "source_ref": ref, "brought": dict(brought), "phone": reach[0], "website": reach[1]}
    statement = insert(listing).values(asset_id=asset_id, **values)
    changed = values | {"brought_at": func.now()}
    with refused_as_ours():
        session.execute(statement.on_conflict_do_update(index_elements=["asset_id"], set_=changed))
    record(session, "list", asset.name, [asset_id], ("source", "source_ref", "phone", "website"))


def forget_listing(session: Session, asset_id: UUID) -> None:
    """Forget where an asset is from: it is ours alone from now on."""
    session.execute(delete(listing).where(listing.c.asset_id == asset_id, mine(listing)))
    record(session, "unlist", asset.name, [asset_id])


def find_twin(
    session: Session, known: Known, *, source: str, point: Point | None, uncertainty_m: float = 0.0
) -> Twin | None:
    """Find the asset of ours that a row is most likely about, if there is one.

    Parameters
    ----------
    known
        What the row says.
    source
        Assets that this source has brought itself are apart because it says so.
    point, uncertainty_m
        Where it is, and how well that is known in metres.
    """
    among = _looked_at(point, TWIN_RADIUS_M + uncertainty_m, known)
    distance = _distance(point).label("distance_m")
    query = (
        select(
            asset.c.id, asset.c.name, asset.c.categories, listing.c.phone, listing.c.website,
            organization.c.name.label("organization"), organization.c.url, distance,
        )
        .outerjoin(listing, listing.c.asset_id == asset.c.id)
        .outerjoin(organization, organization.c.id == asset.c.organization_id)
        .where(mine(asset), asset.c.id.in_(among), ~asset.c.is_private, asset.c.status != AssetStatus.DEFUNCT.value)
        .where(listing.c.source.is_distinct_from(source))
        .order_by(asset.c.id)
        .limit(MAX_LOOKED_AT)
    )  # fmt: skip
    twins = (look_alike(known, dict(row), uncertainty_m) for row in session.execute(query).mappings().all())
    found: Sequence[Twin] = sorted((twin for twin in twins if twin), key=lambda twin: (-twin.score, twin.asset_id))
    return found[0] if found else None


def _distance(point: Point | None) -> ColumnElement[Any]:
    if point is None:
        return cast(null(), Double)
    return func.ST_Distance(func.geography(asset.c.geom), func.geography(point_expression(point)))


def _looked_at(point: Point | None, radius_m: float, known: Known) -> CompoundSelect[Any]:
    """Say which assets are compared at all: those nearby, those of the same number, and without a place the namesakes.

    One statement for each, because no index serves an "or" over two tables.
    """
    theirs = func.lower(asset.c.name) == known.name.lower()
    if point is not None:
        theirs = is_within(point, radius_m)
    same_number = select(listing.c.asset_id).where(mine(listing), listing.c.phone == (known.phone or ""))
    return union(select(asset.c.id).where(mine(asset), theirs), same_number)
