"""Batches of proposals: open needs with all who may be asked, chosen together; and needs nobody answers for.

Nothing is assigned here: what is kept are proposals with an end, which a person accepts or declines.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import and_, exists, func, not_, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from geo.analysis.gaps import MODES
from geo.analysis.nearest import why_helper
from geo.analysis.opening import is_open
from geo.analysis.proposing import propose
from geo.analysis.prospects import Asking, Offering
from geo.analysis.suiting import CATEGORIES, Offers, Wants
from geo.domain.hours import Hours, Opening
from geo.domain.match import LOOK_FIRST, UNANSWERED_MOST, MatchReason, WaitingNeed, widen_ring
from geo.domain.proposing import (
    LEFT_OUT_MIN,
    MOST_HELPERS,
    MOST_NEEDS,
    MOST_WAITING_MIN,
    URGENCY_WEIGHT,
    WAITING_MIN_PER_H,
    LeftOut,
    ProposalReport,
    ProposedPair,
    UnmatchedNeed,
)
from geo.domain.words import Category, HelperStatus, MatchStatus, NeedStatus, Urgency
from geo.errors import Conflict, InvalidInput
from geo.store import helpers, tables
from geo.store.apart import list_pairs_apart
from geo.store.match_locks import hold_lapsed, hold_needs
from geo.store.match_steps import propose_match
from geo.store.matches import is_due
from geo.store.needs import IS_MAPPED, count_balance
from geo.store.network import get_network
from geo.store.rows import MAX_LIMIT, mine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from numpy.typing import NDArray
    from sqlalchemy import Select
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.proposing import ProposalAsked
    from geo.domain.records import Helper
    from geo.domain.travel import TravelModel
    from geo.store.network import Network

need, helper, exact, match = tables.need, tables.helper, tables.location_exact, tables.match
BY_CAR: Final = frozenset({Category.TRANSPORT})
"""What nobody can help with who has no car."""
_ENDED: Final = (MatchStatus.DECLINED.value, MatchStatus.FAILED.value, MatchStatus.EXPIRED.value)


def propose_matches(
    session: Session, asked: ProposalAsked, *, model: TravelModel, now: datetime | None = None
) -> ProposalReport:
    """Choose whom to ask about every open need; nobody is assigned by it.

    Whoever has been asked about a need and said no, or did not answer, is not asked about it again.

    Parameters
    ----------
    asked
        For which needs, and how; with ``keep`` the proposals are stored.
    model
        Measures from helpers to households.

    Raises
    ------
    InvalidInput
        If there are more needs than can be looked at together.
    """
    moment = now or datetime.now(UTC)
    network, rows = get_network(session), _read_needs(session, asked, moment)
    ids = [row["id"] for row in rows]
    look = {one.need_id for one in _waiting(session, moment, ids, limit=max(len(ids), 1))}
    unanswered = _count_unanswered(session, ids, moment)
    ready = [row for row in rows if row["lon"] is not None and row["id"] not in look]
    people = _read_helpers(session, asked, network, moment)
    found = propose(
        _asking(ready, asked, unanswered, moment),
        people.offering,
        _indices(list_pairs_apart(session, [row["id"] for row in ready]), ready, people.records),
        declined=_indices(_list_declined(session, [row["id"] for row in ready], moment), ready, people.records),
        model=model,
        most_each=asked.most_each,
        fair_min=asked.fair_min,
        usual=network.languages,
    )
    left = {ready[at]["id"]: why for at, why in found.left.items()}
    early = {row["id"]: LeftOut.NO_PLACE if row["lon"] is None else LeftOut.NEEDS_AN_ORGANIZER for row in rows}
    unmatched = [UnmatchedNeed(key, left.get(key, early[key])) for key in _without(rows, ready, found.need.tolist())]
    pairs = tuple(
        _pair(ready[n], people.records[h], travel_min, moment)
        for n, h, travel_min in zip(found.need.tolist(), found.helper.tolist(), found.travel_min.tolist(), strict=True)
    )
    objective = found.assigned.objective
    gap = max(0.0, objective - found.bound) / max(abs(objective), 1.0)
    report = ProposalReport(
        pairs=pairs, unmatched=tuple(unmatched), objective=objective, bound=min(found.bound, objective), gap=gap,
        is_optimal=gap <= 1e-6, helper_count=len(people.records), travel_model=model.info,  # noqa: PLR2004 - rounding
        balance=count_balance(session),
    )  # fmt: skip
    return _keep(session, report, asked, moment) if asked.keep else report


def _without(rows: Sequence[RowMapping], ready: Sequence[RowMapping], matched: Sequence[int]) -> list[UUID]:
    served = {ready[at]["id"] for at in matched}
    return [row["id"] for row in rows if row["id"] not in served]


def _read_needs(session: Session, asked: ProposalAsked, now: datetime) -> Sequence[RowMapping]:
    standing = and_(
        match.c.need_id == need.c.id, mine(match), match.c.status.in_(["proposed", "accepted", "under_way"])
    )
    query = (
        select(
            need.c.id, need.c.category, need.c.urgency, need.c.languages, need.c.received_at,
            func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
        )
        .outerjoin(exact, and_(exact.c.need_id == need.c.id, IS_MAPPED))
        .where(
            mine(need), not_(need.c.withheld), need.c.status == NeedStatus.OPEN.value,
            ~exists().where(standing, not_(is_due(now))),
        )
        .order_by(need.c.received_at, need.c.id)
        .limit(MOST_NEEDS + 1)
    )  # fmt: skip
    if asked.category is not None:
        query = query.where(need.c.category == asked.category.value)
    if asked.urgency is not None:
        query = query.where(need.c.urgency == asked.urgency.value)
    if asked.need_ids:
        query = query.where(need.c.id == func.any(list(asked.need_ids)))
    rows = session.execute(query).mappings().all()
    if len(rows) > MOST_NEEDS:
        raise InvalidInput(f"at most {MOST_NEEDS} needs are matched together; name a category", field="category")
    return rows


def _asking(rows: Sequence[RowMapping], asked: ProposalAsked, unanswered: Mapping[UUID, int], now: datetime) -> Asking:
    weight = np.array([URGENCY_WEIGHT[Urgency(row["urgency"])] for row in rows], dtype=float)
    waited_h = np.array([max(0.0, (now - row["received_at"]).total_seconds() / 3600) for row in rows], dtype=float)
    categories = [Category(row["category"]) for row in rows]
    return Asking(
        # a helper goes to the household, so nobody has to get in anywhere
        Wants(
            np.array([CATEGORIES.index(one) for one in categories], dtype=np.int64),
            [",".join(row["languages"]) for row in rows],
            np.zeros(len(rows), dtype=bool),
        ),
        np.array([[row["lon"], row["lat"]] for row in rows], dtype=float).reshape(-1, 2),
        weight,
        weight * LEFT_OUT_MIN + np.minimum(waited_h * WAITING_MIN_PER_H, MOST_WAITING_MIN),
        np.array([widen_ring(asked.ring_min, unanswered.get(row["id"], 0)) for row in rows], dtype=float),
        np.array([one in BY_CAR for one in categories], dtype=bool),
    )


class _People:
    """Helpers as records and as columns, in one order."""

    def __init__(self, records: list[Helper], offering: Offering) -> None:
        self.records, self.offering = records, offering


def _read_helpers(session: Session, asked: ProposalAsked, network: Network, now: datetime) -> _People:
    place = (func.ST_X(exact.c.geom).label("at_lon"), func.ST_Y(exact.c.geom).label("at_lat"))
    query = (
        select(*helpers.COLUMNS, *place)
        .join(exact, exact.c.helper_id == helper.c.id)
        .where(mine(helper), helper.c.status == HelperStatus.ACTIVE.value, exact.c.geom.is_not(None))
        .order_by(helper.c.id)
        .limit(MOST_HELPERS)
    )
    rows = session.execute(query).mappings().all()
    records = [
        helpers.helper_from_row({name: value for name, value in row.items() if name not in ("at_lon", "at_lat")})
        for row in rows
    ]
    rested_since = now - timedelta(hours=asked.cool_down_h)
    pending = _count_pending(session, now)
    load = np.array([one.load + pending.get(one.id, 0) for one in records], dtype=np.int64)
    columns = Offering(
        [Offers(frozenset(one.categories), one.languages, one.interpreter) for one in records],
        np.array([[row["at_lon"], row["at_lat"]] for row in rows], dtype=float).reshape(-1, 2),
        np.array([MODES.index(one.mode) for one in records], dtype=np.int64),
        np.array([one.max_travel_min for one in records], dtype=float),
        np.array([one.capacity_per_week for one in records], dtype=np.int64) - load,
        load,
        np.array([one.vehicle.value == "car" for one in records], dtype=bool),
        np.array([_is_free(one, asked, network) for one in records], dtype=bool),
        np.array([one.last_asked_at is None or one.last_asked_at <= rested_since for one in records], dtype=bool),
    )
    return _People(records, columns)


def _is_free(one: Helper, asked: ProposalAsked, network: Network) -> bool:
    if asked.window is None or one.availability is None:
        return True
    return is_open(Hours(network.zone, schedule=one.availability), asked.window) is not Opening.CLOSED


def _count_pending(session: Session, now: datetime) -> dict[UUID, int]:
    """Count what helpers have been asked and not answered yet: it takes room, or they would be asked too much."""
    waits = and_(mine(match), match.c.status == MatchStatus.PROPOSED.value, not_(is_due(now)))
    query = select(match.c.helper_id, func.count()).where(waits, match.c.helper_id.is_not(None))
    return {one: int(count) for one, count in session.execute(query.group_by(match.c.helper_id))}


def _list_declined(session: Session, need_ids: Sequence[UUID], now: datetime) -> set[tuple[UUID, UUID]]:
    """Give who was asked about what before, and said no, did not answer, or could not help after all."""
    query = select(match.c.need_id, match.c.helper_id).where(
        match.c.need_id == func.any(list(need_ids)), mine(match), match.c.helper_id.is_not(None),
        or_(match.c.status.in_(_ENDED), is_due(now)),
    )  # fmt: skip
    return {(need_id, helper_id) for need_id, helper_id in session.execute(query)}


def _indices(known: set[tuple[UUID, UUID]], rows: Sequence[RowMapping], records: Sequence[Helper]) -> NDArray[np.int64]:
    needs = {row["id"]: at for at, row in enumerate(rows)}
    people = {one.id: at for at, one in enumerate(records)}
    found = [(needs[n], people[h]) for n, h in known if n in needs and h in people]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _pair(row: RowMapping, one: Helper, travel_min: float, now: datetime) -> ProposedPair:
    because = why_helper(one, minutes=travel_min, languages=row["languages"], now=now)
    return ProposedPair(row["id"], one.id, one.public_name, travel_min, because)


def _keep(session: Session, report: ProposalReport, asked: ProposalAsked, now: datetime) -> ProposalReport:
    # everything the whole batch touches is held before the first is stored, so that two batches never wait in a ring
    ids = sorted(pair.need_id for pair in report.pairs)
    hold_needs(session, ids)
    hold_lapsed(session, ids, now, [pair.helper_id for pair in report.pairs])
    kept: list[ProposedPair] = []
    missed = 0
    for pair in sorted(report.pairs, key=lambda one: one.helper_id):
        wait = timedelta(hours=asked.answer_within_h)
        try:
            made = propose_match(
                session, pair.need_id, helper_id=pair.helper_id, travel_min=pair.travel_min, answer_within=wait, now=now
            )
        except Conflict:
            missed += 1
            continue
        kept.append(replace(pair, match_id=made.id))
    order = {pair.need_id: at for at, pair in enumerate(report.pairs)}
    kept.sort(key=lambda one: order[one.need_id])
    return replace(report, pairs=tuple(kept), taken_meanwhile=missed, is_kept=True)


def _unanswered(now: datetime) -> Select[Any]:
    """Count, for each open need, the proposals that lapsed without an answer."""
    lapsed = or_(match.c.status == MatchStatus.EXPIRED.value, is_due(now))
    return (
        select(match.c.need_id, func.count().label("times"))
        .join(need, need.c.id == match.c.need_id)
        .where(mine(match), mine(need), need.c.status == NeedStatus.OPEN.value, lapsed)
        .group_by(match.c.need_id)
    )


def _count_unanswered(session: Session, need_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    query = _unanswered(now).where(match.c.need_id == func.any(list(need_ids)))
    return {need_id: int(times) for need_id, times in session.execute(query)}


def list_waiting(session: Session, *, now: datetime | None = None, limit: int = 1000) -> list[WaitingNeed]:
    """List open needs that need an organizer, the longest waiting first, 1000 at most.

    They are those that ``UNANSWERED_MOST`` proposals were made for without an answer, and those that help failed for
    in a way that a person has to look into: the address was wrong, help was not wanted, or it was unsafe. A proposal
    that an organizer makes by hand takes them off the list until it ends.
    """
    return _waiting(session, now or datetime.now(UTC), limit=min(limit, MAX_LIMIT))


def _waiting(
    session: Session, now: datetime, need_ids: Sequence[UUID] | None = None, *, limit: int
) -> list[WaitingNeed]:
    newest = (
        select(
            match.c.need_id, match.c.reason, need.c.received_at,
            and_(
                match.c.status == MatchStatus.FAILED.value, match.c.reason.in_([one.value for one in LOOK_FIRST])
            ).label("has_failed"),
            and_(match.c.status == MatchStatus.PROPOSED.value, not_(is_due(now))).label("stands"),
        )
        .ext(distinct_on(match.c.need_id))
        .join(need, need.c.id == match.c.need_id)
        .where(mine(match), mine(need), need.c.status == NeedStatus.OPEN.value, not_(need.c.withheld))
        .order_by(match.c.need_id, match.c.created_at.desc(), match.c.id.desc())
    )  # fmt: skip
    if need_ids is not None:
        newest = newest.where(match.c.need_id == func.any(list(need_ids)))
    last, times = newest.subquery("last"), _unanswered(now).subquery("times")
    count = func.coalesce(times.c.times, 0)
    query = (
        select(last.c.need_id, count.label("unanswered"), last.c.has_failed, last.c.reason)
        .outerjoin(times, times.c.need_id == last.c.need_id)
        .where(or_(last.c.has_failed.is_(true()), and_(count >= UNANSWERED_MOST, not_(last.c.stands))))
        .order_by(last.c.received_at, last.c.need_id)
        .limit(limit)
    )
    return [
        WaitingNeed(row.need_id, row.unanswered, MatchReason(row.reason) if row.has_failed else None)
        for row in session.execute(query)
    ]
