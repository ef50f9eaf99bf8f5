"""Where rounds go: households with how their needs stand, assets, and drivers' homes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, not_, or_, select

from geo.domain.words import LOCATED_STATES, LocationState, MatchStatus, NeedStatus, Urgency
from geo.errors import InvalidInput, NotFound
from geo.store import tables
from geo.store.driver_round_tables import round_stop
from geo.store.matches import is_due
from geo.store.rows import mine, point_of
from geo.store.supply import ASSET_POINT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.place import Point
    from geo.domain.words import Category

need, helper, asset, match, exact = (
    tables.need, tables.helper, tables.asset, tables.match, tables.location_exact,
)  # fmt: skip
_STANDING: Final = sorted({MatchStatus.PROPOSED.value, MatchStatus.ACCEPTED.value, MatchStatus.UNDER_WAY.value})
_OPEN: Final = (NeedStatus.OPEN.value, NeedStatus.IN_PROGRESS.value)
_LOCATED: Final = sorted(state.value for state in LOCATED_STATES)


@dataclass(frozen=True, slots=True)
class StandingMatch:
    """A proposal that waits, or a claim."""

    id: UUID
    helper_id: UUID | None
    is_claim: bool
    is_on_a_round: bool


@dataclass(frozen=True, slots=True)
class Household:
    """A need as a round sees it. ``point`` is there when its place is known well enough to drive to."""

    need_id: UUID
    is_open: bool
    urgency: Urgency
    point: Point | None
    matches: tuple[StandingMatch, ...]

    @property
    def claim(self) -> StandingMatch | None:
        """The match that holds the need."""
        return next((one for one in self.matches if one.is_claim), None)

    @property
    def is_on_a_round(self) -> bool:
        """Whether somebody is planned to drive there already."""
        return any(one.is_on_a_round for one in self.matches)

    def match_for(self, helper_id: UUID) -> StandingMatch | None:
        """Find the match under which a driver goes there: the claim, or what they were asked."""
        return self.claim or next((one for one in self.matches if one.helper_id == helper_id), None)


def read_households(session: Session, ids: Collection[UUID], now: datetime) -> dict[UUID, Household]:
    """Read needs by id; what is not the network's is left out."""
    matches: dict[UUID, list[StandingMatch]] = {}
    standing = (
        select(match.c.need_id, match.c.id, match.c.helper_id, match.c.status, round_stop.c.id.label("stop_id"))
        .outerjoin(round_stop, round_stop.c.match_id == match.c.id)
        .where(match.c.need_id.in_(ids), mine(match), match.c.status.in_(_STANDING), not_(is_due(now)))
        .order_by(match.c.id)
    )
    for row in session.execute(standing):
        is_claim = row.status != MatchStatus.PROPOSED.value
        one = StandingMatch(row.id, row.helper_id, is_claim, row.stop_id is not None)
        matches.setdefault(row.need_id, []).append(one)
    query = (
        select(
            need.c.id, need.c.status, need.c.withheld, need.c.urgency, need.c.location_state,
            func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
        )
        .outerjoin(exact, exact.c.need_id == need.c.id)
        .where(need.c.id.in_(ids), mine(need))
    )  # fmt: skip
    return {
        row.id: Household(
            row.id,
            row.status in _OPEN and not row.withheld,
            Urgency(row.urgency),
            point_of(row.lon, row.lat) if LocationState(row.location_state) in LOCATED_STATES else None,
            tuple(matches.get(row.id, ())),
        )
        for row in session.execute(query)
    }


def list_to_drive(session: Session, *, category: Category | None = None, limit: int, now: datetime) -> Sequence[UUID]:
    """List open needs with a known place that nobody has claimed and no round stops at, the longest waiting first."""
    taken = (
        select(match.c.id)
        .outerjoin(round_stop, round_stop.c.match_id == match.c.id)
        .where(
            match.c.need_id == need.c.id, mine(match), match.c.status.in_(_STANDING), not_(is_due(now)),
            or_(match.c.status != MatchStatus.PROPOSED.value, round_stop.c.id.is_not(None)),
        )
    )  # fmt: skip
    wanted = and_(mine(need), need.c.status == NeedStatus.OPEN.value, not_(need.c.withheld))
    query = select(need.c.id).where(wanted, need.c.location_state.in_(_LOCATED), ~taken.exists())
    if category is not None:
        query = query.where(need.c.category == category.value)
    return session.scalars(query.order_by(need.c.received_at, need.c.id).limit(limit)).all()


def get_asset_point(session: Session, asset_id: UUID) -> Point:
    """Read where an asset is, private ones too: a round goes there, and the point goes no farther.

    Raises
    ------
    NotFound
        If there is none.
    InvalidInput
        If it has no place.
    """
    query = (
        select(func.ST_X(ASSET_POINT).label("lon"), func.ST_Y(ASSET_POINT).label("lat"))
        .select_from(asset.outerjoin(exact, exact.c.asset_id == asset.c.id))
        .where(asset.c.id == asset_id, mine(asset))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such asset")
    found = point_of(row.lon, row.lat)
    if found is None:
        raise InvalidInput("this asset has no place to drive to", field="asset_id")
    return found


def get_home(session: Session, helper_id: UUID) -> Point:
    """Read where a helper sets out from.

    Raises
    ------
    InvalidInput
        If they have not said.
    """
    query = select(func.ST_X(exact.c.geom), func.ST_Y(exact.c.geom)).where(exact.c.helper_id == helper_id, mine(exact))
    row = session.execute(query).one_or_none()
    found = None if row is None else point_of(*row)
    if found is None:
        raise InvalidInput("this helper's home is not known; name an asset to start from", field="start_asset_id")
    return found
