"""Needs as a partner may have them: what its agreement's tier allows, under ids of its own, in the order of those."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text, any_, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from geo.domain.partnered import PartnerNeed, ReferredNeed
from geo.domain.principals import Tier
from geo.domain.words import Access, Audience, Category, Urgency
from geo.interchange.geojson import feature
from geo.privacy.cells import cell_polygon, drawn_from
from geo.privacy.disclosure import disclose
from geo.privacy.partners import CoarseNeed, coarse_feed, opaque_id, released_in
from geo.store.agreements import draw_quota
from geo.store.audit import record
from geo.store.canaries import list_fed
from geo.store.dwellings import get_dwellings
from geo.store.engine import keys_of
from geo.store.needs import IS_CLOSED, need
from geo.store.releases import list_shown
from geo.store.rows import mine, point_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement

MAX_NEEDS: Final = 50_000
"""So many needs of one agreement are looked at; beyond it an agreement is too wide for single needs."""
_DAY_S: Final = 86_400
_OPEN: Final = (
    select(need.c.id, need.c.public_cell.label("cell"), need.c.category, need.c.urgency, need.c.received_at)
    .where(mine(need), ~IS_CLOSED, need.c.public_cell.is_not(None))
    .limit(MAX_NEEDS)
)
_REFERRED: Final = (
    "id", "lon", "lat", "uncertainty_m", "category", "urgency", "household_size", "languages", "access", "expires_at",
)  # fmt: skip


def partner_features(session: Session, agreement: Agreement) -> list[dict[str, Any]]:
    """Give everything of needs that a partner's agreement allows, as GeoJSON features in the order of their ids.

    Filtering and paging work on this list, and on nothing behind it. Its cost grows with the needs of the agreement's
    area: about 40 microseconds each.

    Parameters
    ----------
    session
        One that acts as ``PARTNER_ROLE`` for the agreement.

    Returns
    -------
    list of dict
        For the aggregate tier, cells of the newest public release; for the coarse tier, a cell for each need; for the
        referral tier these and the exact place of what was referred, which is noted in the audit.
    """
    if agreement.tier is Tier.AGGREGATE:
        shown = released_in(list_shown(session), agreement.cells)
        found = [_released(disclose(cell, Audience.PARTNER)) for cell in shown]
    else:
        found = [_coarse(one) for one in _list_coarse(session, agreement)]
    if agreement.tier is Tier.REFERRAL:
        found += _referred(session, agreement)
    return sorted(found, key=lambda one: str(one["id"]))


def list_as_agreed(session: Session, agreement: Agreement) -> list[dict[str, Any]]:
    """Give the needs of the coarse tier as they would be under terms that are not stored, made-up ones not among them.

    Parameters
    ----------
    session
        One with an organizer's rights: the partner's own reads no further than the terms that are stored.
    agreement
        With the terms in question.

    Returns
    -------
    list of dict
        As :func:`geo.privacy.partners.coarse_feed` gives them.
    """
    reach = sorted(drawn_from(agreement.cells))
    agreed = (~need.c.withheld, need.c.public_cell == any_(literal(reach, ARRAY(Text))))
    return _fed(session, agreement, session.execute(_OPEN.where(*agreed)))


def count_drawn(session: Session, agreement: Agreement, records: int) -> bool:
    """Count what a partner is given against its quota for the day.

    Returns
    -------
    bool
        Whether the quota still holds with these.
    """
    day = int(datetime.now(UTC).timestamp() // _DAY_S)
    return draw_quota(session, agreement.id, records, day=day) <= agreement.quota_per_day


def _released(shown: dict[str, Any]) -> dict[str, Any]:
    return feature(f"{shown['cell']}.{shown['kind']}", cell_polygon(shown["cell"]), shown)


def _coarse(one: PartnerNeed) -> dict[str, Any]:
    shown = disclose(one, Audience.PARTNER)
    return feature(shown.pop("id"), cell_polygon(one.cell), shown)


def _list_coarse(session: Session, agreement: Agreement) -> Sequence[PartnerNeed]:
    # the policies of the partner's role keep to the agreed cells and categories, and to what is not withheld
    rows = session.execute(_OPEN)
    return [PartnerNeed(**one) for one in _fed(session, agreement, rows, also=list_fed(session, agreement))]


def _fed(
    session: Session, agreement: Agreement, rows: Iterable[Any], *, also: Sequence[CoarseNeed] = ()
) -> list[dict[str, Any]]:
    found = [
        CoarseNeed(row.id, row.cell, Category(row.category), Urgency(row.urgency), row.received_at) for row in rows
    ]
    return coarse_feed(
        # made-up needs take the road of every other from here on, so that no form of the feed can tell them apart
        [*found, *also],
        get_dwellings(session),
        area=agreement.cells,
        categories=agreement.categories,
        key=keys_of(session).derive("partner-ids"),
        partner_id=agreement.id,
    )


def _referred(session: Session, agreement: Agreement) -> list[dict[str, Any]]:
    source = func.access.referred_needs().table_valued(*(column(name) for name in _REFERRED))
    rows = session.execute(select(source)).mappings().all()
    if rows:
        record(session, "reveal", "need", (row["id"] for row in rows), ("point", *agreement.fields))
    return [referred_feature(session, agreement, row) for row in rows]


def referred_name(session: Session, agreement: Agreement, need_id: UUID) -> str:
    """Name a referred need as this partner's feed does."""
    return opaque_id(keys_of(session).derive("partner-ids"), agreement.id, need_id) + "-referred"


def referred_feature(session: Session, agreement: Agreement, row: RowMapping) -> dict[str, Any]:
    """Give a referred need as its feature, the exact place included; whoever calls notes the look.

    Parameters
    ----------
    row
        One of ``access.referred_needs``.
    """
    one = ReferredNeed(
        id=referred_name(session, agreement, row["id"]),
        point=point_of(row["lon"], row["lat"]),
        uncertainty_m=row["uncertainty_m"],
        category=Category(row["category"]),
        urgency=Urgency(row["urgency"]),
        household_size=row["household_size"],
        languages=tuple(row["languages"]),
        access=tuple(Access(word) for word in row["access"]),
        expires_at=row["expires_at"],
    )
    shown = disclose(one, Audience.PARTNER)
    agreed = {"id", "category", "uncertainty_m", "expires_at", *agreement.fields}
    return feature(one.id, one.point, {name: value for name, value in shown.items() if name in agreed - {"id"}})
