"""Assets as HSDS services for an audience: read in few statements, disclosed one by one, then written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select

from geo.domain.place import Point
from geo.domain.records import Asset, Organization
from geo.domain.words import Audience
from geo.errors import InvalidInput, NotFound
from geo.geocode.parse import postcode_key
from geo.interchange.hsds import Served, full_service
from geo.privacy.disclosure import disclose, may_see
from geo.store import assets, organizations
from geo.store.gazetteer_tables import geo_postcode
from geo.store.listings import find_reaches
from geo.store.network import get_network
from geo.store.rows import MAX_LIMIT, list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from geo.domain.listed import Freshness
    from geo.domain.listing import ListedReach
    from geo.domain.words import Category

asset, organization = assets.asset, organizations.organization
MAX_REACHED: Final = 100_000
"""How far into a list pages go; whoever wants more takes the package, or asks for what has changed."""
_STAFF: Final = (Audience.ORGANIZER, Audience.ADMIN)


@dataclass(frozen=True, slots=True)
class ServiceFilter:
    """Which services to list; an empty field does not filter. ``near`` is a place, and ``within_m`` metres from it."""

    search: str | None = None
    category: Category | None = None
    organization_id: UUID | None = None
    modified_after: datetime | None = None
    with_place: bool = False
    near: Point | None = None
    within_m: float = 0.0

    def conditions(self, audience: Audience) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values; what is at private homes is for organizers."""
        found: list[ColumnElement[bool]] = [] if audience in _STAFF else [~asset.c.is_private]
        if self.search:
            told = (asset.c.name, func.coalesce(asset.c.description, ""))
            found.append(or_(*(func.strpos(func.lower(text), self.search.lower()) > 0 for text in told)))
        if self.category is not None:
            found.append(asset.c.categories.contains([self.category.value]))
        if self.organization_id is not None:
            found.append(asset.c.organization_id == self.organization_id)
        if self.modified_after is not None:
            found.append(asset.c.updated_at >= self.modified_after)
        if self.with_place:
            found.append(~asset.c.is_private & or_(asset.c.geom.is_not(None), asset.c.address.is_not(None)))
        if self.near is not None:
            found.append(assets.is_within(self.near, self.within_m))
        return found


@dataclass(frozen=True, slots=True)
class Parts:
    """What an audience may have of an asset, of its organization and of how it is reached: as ``disclose`` gave it."""

    asset: dict[str, Any]
    organization: dict[str, Any] | None
    listing: dict[str, Any] | None

    def full(self, served: Served) -> dict[str, Any]:
        """Write it as a fully nested service."""
        return full_service(self.asset, self.organization, self.listing, served)


def get_served(session: Session) -> Served:
    """Tell the area that the session's network serves."""
    network = get_network(session)
    return Served(network.name, network.bbox)


def find_postcode(session: Session, written: str) -> Point | None:
    """Find the middle of a postcode of the session's network, however it is spaced."""
    at = geo_postcode.c.geom
    query = (
        select(func.ST_X(at), func.ST_Y(at))
        .where(mine(geo_postcode), geo_postcode.c.key == postcode_key(written))
        .order_by(geo_postcode.c.source_number, geo_postcode.c.postcode)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Point(*row)


def is_served(session: Session, at: Point) -> bool:
    """Tell whether a place is in the area that the session's network serves; everything is, where none is said."""
    box = get_served(session).bbox
    return box is None or (box[0] <= at.lon <= box[2] and box[1] <= at.lat <= box[3])


def page_services(
    session: Session,
    audience: Audience,
    where: ServiceFilter,
    *,
    number: int,
    size: int,
    fresh: Freshness | None = None,
) -> tuple[int, list[Parts]]:
    """Read one page of services in the order of their ids, and count them all.

    Parameters
    ----------
    number
        The page, counted from 1, as HSDS has it.
    fresh
        Where given, what is past its date says so.

    Raises
    ------
    InvalidInput
        If the page lies beyond ``MAX_REACHED`` services.
    """
    conditions = [mine(asset), *where.conditions(audience)]
    total = session.scalar(select(func.count()).select_from(asset).where(*conditions)) or 0
    rows = session.execute(_page(select(*assets.COLUMNS).where(*conditions).order_by(asset.c.id), number, size))
    found = [assets.asset_from_row(row) for row in rows.mappings().all()]
    return total, _parts(session, audience, found, fresh)


def _page(query: Select[Any], number: int, size: int) -> Select[Any]:
    # HSDS counts pages, so a bounded offset it is; everything else here goes by key
    if number * size > MAX_REACHED:
        raise InvalidInput(f"pages reach {MAX_REACHED} records far; ask for the package instead", field="page")
    return query.offset((number - 1) * size).limit(size)


def get_service(session: Session, audience: Audience, asset_id: UUID, *, fresh: Freshness | None = None) -> Parts:
    """Read one service.

    Raises
    ------
    NotFound
        If there is none of this id for the audience.
    """
    (found,) = _parts(session, audience, [assets.get_asset(session, asset_id)], fresh) or (None,)
    if found is None:
        raise NotFound("there is no such asset")
    return found


def page_organizations(
    session: Session, search: str | None, *, number: int, size: int
) -> tuple[int, Sequence[Organization]]:
    """Read one page of organizations in the order of their ids, and count them all."""
    conditions = [mine(organization)]
    if search:
        conditions.append(func.strpos(func.lower(organization.c.name), search.lower()) > 0)
    total = session.scalar(select(func.count()).select_from(organization).where(*conditions)) or 0
    query = select(*organizations.COLUMNS).where(*conditions).order_by(organization.c.id)
    rows = session.execute(_page(query, number, size)).mappings().all()
    return total, [Organization(**row) for row in rows]


def all_services(session: Session, audience: Audience, *, fresh: Freshness | None = None) -> Iterator[dict[str, Any]]:
    """Give every service of the network, nested, some hundred at a time."""
    served, after = get_served(session), None
    where = ServiceFilter().conditions(audience)
    while rows := list_rows(session, select(*assets.COLUMNS), asset, where=where, after=after, limit=MAX_LIMIT):
        found = [assets.asset_from_row(row) for row in rows]
        yield from (parts.full(served) for parts in _parts(session, audience, found, fresh))
        after = found[-1].id


def _parts(session: Session, audience: Audience, found: Sequence[Asset], fresh: Freshness | None) -> list[Parts]:
    seen = [one for one in found if may_see(one, audience)]
    reaches = find_reaches(session, [one.id for one in seen if not one.is_private])
    behind = _organizations(session, {one.organization_id for one in seen if one.organization_id})
    return [
        Parts(
            disclose(one, audience) | _alert(one, fresh),
            _shown(behind.get(one.organization_id) if one.organization_id else None, audience),
            _shown(reaches.get(one.id), audience),
        )
        for one in seen
    ]


def _alert(one: Asset, fresh: Freshness | None) -> dict[str, Any]:
    if fresh is None or not fresh.is_past(one):
        return {}
    since = "" if one.assured_on is None else f" since {one.assured_on.isoformat()}"
    return {"alert": f"Not confirmed{since}: ask before you go."}


def _shown(record: Organization | ListedReach | None, audience: Audience) -> dict[str, Any] | None:
    return None if record is None else disclose(record, audience)


def _organizations(session: Session, ids: set[UUID]) -> dict[UUID, Organization]:
    query = select(*organizations.COLUMNS).where(organization.c.id.in_(ids), mine(organization))
    return {row["id"]: Organization(**row) for row in session.execute(query).mappings().all()} if ids else {}
