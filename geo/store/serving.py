"""Who serves a kind of need already: the nearest services, the partners it can be referred to, and what runs there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, literal, select

from geo.domain.principals import Tier
from geo.domain.serving import ServingPartner, ServingPlace
from geo.domain.words import AssetStatus, LocationState
from geo.privacy.cells import cell_of
from geo.store import tables
from geo.store.access_tables import agreement, referral
from geo.store.assets import AssetFilter, list_assets
from geo.store.nearest import find_nearest, find_nearest_to_point
from geo.store.needs import get_need
from geo.store.referrals import ReferralFilter, list_referrals
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.coverage import NearestReport
    from geo.domain.place import Point
    from geo.domain.referrals import Referral
    from geo.domain.travel import TravelModel
    from geo.domain.words import Category

asset = tables.asset
MAX_PARTNERS: Final = 100
_RUNS: Final = (mine(referral), referral.c.ended_at.is_(None), referral.c.expires_at > func.now())


@dataclass(frozen=True, slots=True)
class Serving:
    """What there is already. ``referrals`` are those of the one need asked about that run."""

    places: tuple[ServingPlace, ...]
    partners: tuple[ServingPartner, ...]
    referrals: tuple[Referral, ...] = ()


def who_serves_need(session: Session, need_id: UUID, *, model: TravelModel, limit: int = 5) -> Serving:
    """Say who serves a need's kind near its household, and where it has been referred to.

    Parameters
    ----------
    model
        How travel is measured.
    limit
        How many places at most.

    Raises
    ------
    NotFound
        If there is no such need.
    """
    wanted = get_need(session, need_id)
    if wanted.location_state is LocationState.NONE or wanted.cell is None:
        places = _anywhere(session, wanted.category, limit)
    else:
        places = _near(session, find_nearest(session, need_id, kind="asset", limit=limit, model=model))
    running = [one for one in list_referrals(session, where=ReferralFilter(need_id=need_id)) if one.is_running]
    return Serving(places, _partners(session, wanted.category, wanted.cell), tuple(running))


def who_serves_place(
    session: Session, category: Category, point: Point, *, model: TravelModel, limit: int = 5
) -> Serving:
    """Say who serves a kind of need near a place, WGS 84; see :func:`who_serves_need`."""
    found = find_nearest_to_point(session, point, kind="asset", category=category, limit=limit, model=model)
    return Serving(_near(session, found), _partners(session, category, cell_of(point)))


def _near(session: Session, report: NearestReport) -> tuple[ServingPlace, ...]:
    ids = [one.id for one in report.results]
    query = select(asset.c.id, asset.c.organization_id, asset.c.opening_hours).where(asset.c.id.in_(ids), mine(asset))
    known = {row.id: row for row in session.execute(query)}
    counted = _count(session, "asset_id", ids)
    return tuple(
        ServingPlace(
            one.id, one.name, known[one.id].organization_id, known[one.id].opening_hours, one.travel_min, one.reason,
            counted.get(one.id, 0),
        )
        for one in report.results
    )  # fmt: skip


def _anywhere(session: Session, category: Category, limit: int) -> tuple[ServingPlace, ...]:
    found = list_assets(session, where=AssetFilter(category=category, status=AssetStatus.ACTIVE), limit=limit)
    counted = _count(session, "asset_id", [one.id for one in found])
    return tuple(
        ServingPlace(one.id, one.name, one.organization_id, one.opening_hours, None, "", counted.get(one.id, 0))
        for one in found
    )


def _partners(session: Session, category: Category, cell: str | None) -> tuple[ServingPartner, ...]:
    here = agreement.c.cells.contains([cell]) if cell is not None else literal(True)  # noqa: FBT003 - SQL
    columns = (agreement.c.id, agreement.c.name, agreement.c.organization_id, agreement.c.categories)
    query = (
        select(*columns, here.label("here"))
        .where(mine(agreement), agreement.c.tier == Tier.REFERRAL.value)
        .where(agreement.c.ended_at.is_(None), agreement.c.expires_at > func.now())
        .order_by(agreement.c.name)
        .limit(MAX_PARTNERS)
    )
    rows = session.execute(query).all()
    counted = _count(session, "agreement_id", [row.id for row in rows])
    return tuple(
        ServingPartner(
            row.id, row.name, row.organization_id, bool(row.here) and category.value in row.categories,
            counted.get(row.id, 0),
        )
        for row in rows
    )  # fmt: skip


def _count(session: Session, name: str, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    column: Any = referral.c[name]
    query = select(column, func.count()).where(*_RUNS, column.in_(ids)).group_by(column)
    return {key: int(number) for key, number in session.execute(query)}
