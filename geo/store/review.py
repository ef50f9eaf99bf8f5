"""The review queue: needs whose address waits for a person, the most urgent first, and what was decided lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select, true, tuple_

from geo.domain.records import DecidedItem, Offer, ReviewCounts, ReviewItem
from geo.domain.words import DecisionKind, ReviewMark, ReviewState
from geo.store.aliases import is_specific
from geo.store.locations import candidate_from_json, exact
from geo.store.needs import COLUMNS, need, need_from_row
from geo.store.review_tables import address_alias, review_decision
from geo.store.rows import MAX_LIMIT, get_row, mine
from geo.store.sealing import unseal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

DECIDED_SHOWN: Final = timedelta(days=14)
"""How long a decision is listed after it was made."""
_STEP: Final = 4
RANKS: Final[Mapping[ReviewState | None, tuple[int, int]]] = {
    None: (0, 2 * _STEP - 1),
    ReviewState.WAITING: (0, _STEP - 1),
    ReviewState.ASK_AGAIN: (_STEP, 2 * _STEP - 1),
    ReviewState.OUTSIDE_AREA: (2 * _STEP, 3 * _STEP - 1),
}
"""The places in the queue that each of its lists takes up; the queue itself is what waits, then what is to be asked."""
_LISTS: Final = (ReviewState.WAITING, ReviewState.ASK_AGAIN, ReviewState.OUTSIDE_AREA)
_later = review_decision.alias("later")
IS_LAST: Final = and_(
    review_decision.c.undone_at.is_(None),
    ~exists().where(
        _later.c.need_id == review_decision.c.need_id,
        _later.c.network_id == review_decision.c.network_id,
        _later.c.undone_at.is_(None),
        _later.c.id > review_decision.c.id,
    ),
)
"""The decision about a need that stands: the last one that was not taken back."""


@dataclass(frozen=True, slots=True)
class QueueKey:
    """Where a page of the queue ended: list and urgency, when the need came in, and its id."""

    rank: int
    at: datetime
    id: UUID


def list_review(
    session: Session, *, state: ReviewState | None = None, after: QueueKey | None = None, limit: int = 50
) -> Sequence[ReviewItem]:
    """List needs that wait for a place, the most urgent first and then the longest waiting.

    Parameters
    ----------
    state
        One list of the queue; without it what waits, and behind it what is to be asked.
    after
        Where the page before ended, by :func:`key_of`.

    Raises
    ------
    KeysUnavailable
        If a note is to be opened, and no key fits.
    """
    least, most = RANKS[state]
    conditions = [mine(need), need.c.review_rank.between(least, most)]
    order = (need.c.review_rank, need.c.received_at, need.c.id)
    if after is not None:
        # a row comparison, which one index serves whatever the depth
        conditions.append(tuple_(*order) > tuple_(after.rank, after.at, after.id))
    page = _items().where(*conditions).order_by(*order).limit(min(limit, MAX_LIMIT))
    return [_item(session, row) for row in session.execute(page).mappings()]


def get_review(session: Session, need_id: UUID) -> ReviewItem:
    """Read one need of the queue, on whichever list it is.

    Raises
    ------
    NotFound
        If there is no such need, or it does not wait.
    """
    return _item(session, get_row(session, _items().where(need.c.review_rank.is_not(None)), need, need_id))


def key_of(item: ReviewItem) -> QueueKey:
    """Give the place of a need in the queue."""
    urgency = ("critical", "high", "normal", "low").index(item.need.urgency.value)
    return QueueKey(_LISTS.index(item.state) * _STEP + urgency, item.need.received_at, item.need.id)


def _items() -> Select[Any]:
    notes = (
        select(review_decision.c.id, review_decision.c.sealed)
        .where(review_decision.c.need_id == need.c.id, mine(review_decision), review_decision.c.undone_at.is_(None))
        .order_by(review_decision.c.id.desc())
        .limit(1)
        .lateral("note")
    )
    columns = (*COLUMNS, exact.c.address_typed, exact.c.candidates, notes.c.id.label("noted"), notes.c.sealed)
    return select(*columns).outerjoin(exact, exact.c.need_id == need.c.id).outerjoin(notes, true())


def _item(session: Session, row: RowMapping) -> ReviewItem:
    values = dict(row)
    typed, kept = values.pop("address_typed"), values.pop("candidates") or []
    note = _note(session, values.pop("noted"), values.pop("sealed"))
    offered = [candidate_from_json(c) for c in kept]
    found = need_from_row(values)
    return ReviewItem(
        found,
        ReviewState.WAITING if found.review_mark is None else ReviewState(found.review_mark.value),
        typed,
        tuple(
            Offer(c.point, c.label, c.match_quality, c.uncertainty_m, c.score, tuple(f.name for f in c.faults))
            for c in offered
        ),
        note if found.review_mark is ReviewMark.ASK_AGAIN else None,
        typed is not None and is_specific(typed, offered),
    )


def _note(session: Session, decision_id: UUID | None, sealed: bytes | None) -> str | None:
    if decision_id is None or sealed is None:
        return None
    return str(unseal(session, decision_id, sealed)["note"])


def count_review(session: Session, state: ReviewState | None = None) -> int:
    """Count a list of the queue; without a state what waits and what is to be asked."""
    counts = count_lists(session)
    if state is None:
        return counts.waiting + counts.ask_again
    return counts.decided_today if state is ReviewState.DECIDED else int(getattr(counts, state.value))


def count_lists(session: Session) -> ReviewCounts:
    """Count every list of the queue, and the needs that were decided since midnight, UTC."""
    ends = (RANKS[state] for state in _LISTS)
    totals = [func.count().filter(need.c.review_rank.between(least, most)) for least, most in ends]
    query = select(*totals).where(mine(need), need.c.review_rank.is_not(None))
    waiting, ask_again, outside = tuple(session.execute(query).one())
    today = [mine(review_decision), review_decision.c.decided_at >= func.date_trunc("day", func.now())]
    live = func.count(review_decision.c.need_id.distinct())
    decided = session.scalar(select(live).where(*today, review_decision.c.undone_at.is_(None))) or 0
    return ReviewCounts(waiting, ask_again, outside, decided)


def list_decided(session: Session, *, after: QueueKey | None = None, limit: int = 50) -> Sequence[DecidedItem]:
    """List the decisions of the last two weeks that still stand, the newest first.

    Parameters
    ----------
    after
        Where the page before ended; its ``rank`` means nothing here.
    """
    order = (review_decision.c.decided_at, review_decision.c.id)
    conditions: list[ColumnElement[bool]] = [
        mine(review_decision),
        IS_LAST,
        review_decision.c.decided_at > func.now() - DECIDED_SHOWN,
    ]
    if after is not None:
        conditions.append(tuple_(*order) < tuple_(after.at, after.id))
    remembered = exists().where(address_alias.c.id == review_decision.c.id)
    query = select(
        *COLUMNS,
        review_decision.c.id.label("decision"), review_decision.c.kind, review_decision.c.decided_by,
        review_decision.c.decided_at, exact.c.address_typed, review_decision.c.sealed,
        case((remembered, True), else_=False).label("remembered"),
        review_decision.c.before.is_not(None).label("can_undo"),
    )  # fmt: skip
    query = query.select_from(review_decision).join(need, need.c.id == review_decision.c.need_id)
    query = query.outerjoin(exact, exact.c.need_id == need.c.id).where(*conditions)
    page = query.order_by(*(column.desc() for column in order)).limit(min(limit, MAX_LIMIT))
    return [_decided(session, row) for row in session.execute(page).mappings()]


def _decided(session: Session, row: RowMapping) -> DecidedItem:
    values = dict(row)
    decision = values.pop("decision")
    return DecidedItem(
        id=decision,
        kind=DecisionKind(values.pop("kind")),
        decided_by=values.pop("decided_by"),
        decided_at=values.pop("decided_at"),
        address_typed=values.pop("address_typed"),
        note=_note(session, decision, values.pop("sealed")),
        remembered=values.pop("remembered"),
        can_undo=values.pop("can_undo"),
        need=need_from_row(values),
    )
