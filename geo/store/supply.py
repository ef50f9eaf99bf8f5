"""What counts as help: active assets and helpers with a place and room, and why the others do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, select, union_all

from geo.domain.words import AssetStatus, Category, HelperStatus
from geo.store import tables
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

asset, helper, exact = tables.asset, tables.helper, tables.location_exact
ACTIVE_ASSET = asset.c.status == AssetStatus.ACTIVE.value
ACTIVE_HELPER = helper.c.status == HelperStatus.ACTIVE.value
ASSET_POINT = func.coalesce(asset.c.geom, exact.c.geom)


@dataclass(frozen=True, slots=True)
class Helping:
    """One place of help: whose, where (degrees), what for, and for how many needs a week.

    ``id`` is that of the asset or helper.
    """

    id: UUID
    name: str
    lon: float
    lat: float
    categories: frozenset[Category]
    capacity: int


def list_supply(session: Session, *, only: Collection[UUID] | None = None) -> list[Helping]:
    """List all help that counts, in a fixed order; or ``only`` that of some assets and helpers.

    An asset counts when it is active, has a place, and somebody has said how much it can take; a helper when
    active, with a home, and with room left this week.
    """
    usable = select(
        asset.c.id,
        asset.c.name,
        func.ST_X(ASSET_POINT).label("lon"),
        func.ST_Y(ASSET_POINT).label("lat"),
        asset.c.categories,
        asset.c.capacity_per_week.label("room"),
    ).outerjoin(exact, exact.c.asset_id == asset.c.id)
    assets = usable.where(mine(asset), ACTIVE_ASSET, ASSET_POINT.is_not(None), asset.c.capacity_per_week > 0)
    helpers = (
        select(
            helper.c.id,
            helper.c.public_name,
            func.ST_X(exact.c.geom),
            func.ST_Y(exact.c.geom),
            helper.c.categories,
            helper.c.capacity_per_week - helper.c.load,
        )
        .join(exact, exact.c.helper_id == helper.c.id)
        .where(mine(helper), ACTIVE_HELPER, exact.c.geom.is_not(None), helper.c.load < helper.c.capacity_per_week)
    )
    if only is not None:
        assets, helpers = (
            assets.where(asset.c.id == func.any(list(only))),
            helpers.where(helper.c.id == func.any(list(only))),
        )
    both = union_all(assets, helpers).subquery()
    return [
        Helping(row.id, row.name, row.lon, row.lat, frozenset(Category(c) for c in row.categories), row.room)
        for row in session.execute(select(both).order_by(both.c.id))
    ]


def count_excluded(session: Session) -> dict[str, int]:
    """Count the assets and helpers that do not count as help, by the first reason that applies."""
    unplaced = and_(asset.c.geom.is_(None), exact.c.geom.is_(None))
    assets = _by_reason(
        [
            (not_(ACTIVE_ASSET), "asset not active"),
            (unplaced, "asset without a place"),
            (asset.c.capacity_per_week.is_(None), "asset capacity not known"),
            (asset.c.capacity_per_week <= 0, "asset full"),
        ]
    ).select_from(asset.outerjoin(exact, exact.c.asset_id == asset.c.id))
    helpers = _by_reason(
        [
            (not_(ACTIVE_HELPER), "helper not active"),
            (exact.c.geom.is_(None), "helper without a place"),
            (helper.c.load >= helper.c.capacity_per_week, "helper full this week"),
        ]
    ).select_from(helper.outerjoin(exact, exact.c.helper_id == helper.c.id))
    both = union_all(assets.where(mine(asset)), helpers.where(mine(helper))).subquery()
    rows = session.execute(select(both.c.reason, func.count()).where(both.c.reason != "").group_by(both.c.reason))
    return dict(sorted((r[0], r[1]) for r in rows))


def _by_reason(reasons: list[tuple[ColumnElement[bool], str]]) -> Select[Any]:
    return select(case(*((condition, literal(word)) for condition, word in reasons), else_=literal("")).label("reason"))
