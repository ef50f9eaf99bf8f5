"""The board: every open need and what was done lately, in lanes, the most pressing and longest waiting first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, case, func, not_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from geo.domain.board import DONE_DAYS, STANDS, BoardCard, Lane, LaneCount, MatchedNeed
from geo.domain.words import URGENCY_RANK, Category, MatchStatus, NeedStatus, Urgency
from geo.store import helpers, matches, needs, tables
from geo.store.matches import is_due, match_from_row
from geo.store.needs import need_from_row
from geo.store.rows import MAX_LIMIT, get_row, mine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

need, match, helper, asset = tables.need, tables.match, tables.helper, tables.asset
_OPEN: Final = (NeedStatus.OPEN.value, NeedStatus.IN_PROGRESS.value)
_FARTHEST: Final = {"under_way": 0, "accepted": 1, "proposed": 2, "done": 3}
_PRESSING: Final = (Urgency.CRITICAL.value, Urgency.HIGH.value)
_WHO: Final = func.coalesce(helper.c.public_name, asset.c.name)
_OF_MATCH: Final = "match_"


def _standing(now: datetime) -> Subquery:
    """Give each need's farthest match at an instant, and how many of its proposals stand."""
    stands = and_(match.c.status.in_(list(_FARTHEST)), not_(is_due(now)))
    asked = func.count().filter(match.c.status == MatchStatus.PROPOSED.value).over(partition_by=match.c.need_id)
    farthest = case(_FARTHEST, value=match.c.status)
    return (
        select(match, asked.label("asked"))
        .ext(distinct_on(match.c.need_id))
        .where(mine(match), stands)
        .order_by(match.c.need_id, farthest, match.c.created_at.desc(), match.c.id.desc())
        .subquery("standing")
    )


def _of(table: FromClause) -> list[Any]:
    return [table.c[column.name].label(_OF_MATCH + column.name) for column in matches.COLUMNS]


def _cards(now: datetime, *, category: Category | None) -> Subquery:
    standing, since = _standing(now), now - timedelta(days=DONE_DAYS)
    is_met = need.c.status == NeedStatus.MET.value
    # as geo.domain.board.lane_of tells it; the tests compare the two
    lane = case(
        (is_met, Lane.DONE.value),
        (standing.c.status.in_([Lane.ACCEPTED.value, Lane.UNDER_WAY.value]), standing.c.status),
        (need.c.status == NeedStatus.IN_PROGRESS.value, Lane.UNDER_WAY.value),
        (standing.c.status == MatchStatus.PROPOSED.value, Lane.ASKED.value),
        else_=Lane.WAITING.value,
    )
    rank = {urgency.value: at for urgency, at in URGENCY_RANK.items()}
    first = case((is_met, 0), else_=case(rank, value=need.c.urgency))
    then = case((is_met, -func.extract("epoch", need.c.closed_at)), else_=func.extract("epoch", need.c.received_at))
    shown = or_(need.c.status.in_(_OPEN), and_(is_met, need.c.closed_at >= since))
    query = (
        select(
            *needs.COLUMNS,
            *_of(standing),
            _WHO.label("who"),
            func.coalesce(standing.c.asked, 0).label("asked"),
            lane.label("lane"),
            first.label("first"),
            then.label("then"),
        )
        .outerjoin(standing, standing.c.need_id == need.c.id)
        .outerjoin(helper, and_(helper.c.id == standing.c.helper_id, mine(helper)))
        .outerjoin(asset, and_(asset.c.id == standing.c.asset_id, mine(asset)))
        .where(mine(need), not_(need.c.withheld), shown)
    )
    return (query if category is None else query.where(need.c.category == category.value)).subquery("cards")


def list_board(
    session: Session, lane: Lane, *, category: Category | None = None, limit: int = 100, now: datetime | None = None
) -> list[BoardCard]:
    """List the needs of one lane: the most urgent first, and of those the longest waiting; what is done, newest first.

    A need that is withheld is on no board, as it is in no figure.

    Parameters
    ----------
    limit
        At most so many, never more than ``MAX_LIMIT``; :func:`count_lanes` tells how many there are.
    now
        The instant whose board it is; the present when left out.
    """
    moment = now or datetime.now(UTC)
    cards = _cards(moment, category=category)
    query = select(cards).where(cards.c.lane == lane.value).order_by(cards.c.first, cards.c.then, cards.c.id)
    return [_card(row, lane, moment) for row in session.execute(query.limit(min(limit, MAX_LIMIT))).mappings()]


def _card(row: RowMapping, lane: Lane, now: datetime) -> BoardCard:
    found = match_from_row(_of_match(row), now) if row["match_id"] is not None else None
    # a need that was opened again keeps what was done for it, which no longer says how it stands
    shown = found if found is not None and found.status is STANDS.get(lane) else None
    return BoardCard(lane, _need(row), shown, None if shown is None else row["who"], int(row["asked"]))


def _need(row: RowMapping) -> Any:  # noqa: ANN401 - the record of another module
    return need_from_row({column.name: row[column.name] for column in needs.COLUMNS})


def _of_match(row: RowMapping) -> dict[str, Any]:
    return {column.name: row[_OF_MATCH + column.name] for column in matches.COLUMNS}


def count_lanes(
    session: Session, *, category: Category | None = None, now: datetime | None = None
) -> Mapping[Lane, LaneCount]:
    """Count the needs of every lane; the open lanes add up to the open needs of the balance that are not withheld."""
    cards = _cards(now or datetime.now(UTC), category=category)
    pressing = func.count().filter(cards.c.urgency.in_(_PRESSING))
    query = select(cards.c.lane, func.count(), pressing, func.min(cards.c.received_at)).group_by(cards.c.lane)
    counted = {Lane(lane): LaneCount(Lane(lane), *rest) for lane, *rest in session.execute(query)}
    return {lane: counted.get(lane, LaneCount(lane)) for lane in Lane}


def list_matches_of_need(session: Session, need_id: UUID, *, limit: int = 100) -> Sequence[MatchedNeed]:
    """List the matches of a need, the newest first.

    Raises
    ------
    NotFound
        If there is no such need in the network.
    """
    get_row(session, select(need.c.id), need, need_id)
    return _list_matched(session, match.c.need_id == need_id, limit)


def list_matches_of_helper(session: Session, helper_id: UUID, *, limit: int = 100) -> Sequence[MatchedNeed]:
    """List the matches of a helper, the newest first.

    Raises
    ------
    NotFound
        If there is no such helper in the network.
    """
    helpers.get_helper(session, helper_id)
    return _list_matched(session, match.c.helper_id == helper_id, limit)


def _list_matched(session: Session, condition: ColumnElement[bool], limit: int) -> list[MatchedNeed]:
    moment = datetime.now(UTC)
    query = (
        select(*needs.COLUMNS, *_of(match), _WHO.label("who"))
        .join(match, match.c.need_id == need.c.id)
        .outerjoin(helper, and_(helper.c.id == match.c.helper_id, mine(helper)))
        .outerjoin(asset, and_(asset.c.id == match.c.asset_id, mine(asset)))
        .where(mine(match), mine(need), condition)
        .order_by(match.c.created_at.desc(), match.c.id.desc())
        .limit(min(limit, MAX_LIMIT))
    )
    rows = session.execute(query).mappings()
    return [MatchedNeed(match_from_row(_of_match(row), moment), _need(row), row["who"]) for row in rows]
