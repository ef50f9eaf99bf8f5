"""Pairs of requests that may be one, as they wait for a person or were decided: the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, literal, not_, select, tuple_

from geo.domain.duplicates import DuplicatePair, Fact, PairState, RequestSide, weigh_reasons
from geo.errors import NotFound
from geo.store import needs, tables
from geo.store.duplicate_tables import need_merge, need_pair
from geo.store.merges import STANDS
from geo.store.merging import PLAIN
from geo.store.needs import need_from_row
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

MAX_LIMIT: Final = 100
_OPEN: Final = ("open", "in_progress")
earlier, later = tables.need.alias("earlier"), tables.need.alias("later")
pair = need_pair


def list_duplicates(
    session: Session, *, state: PairState = PairState.WAITING, after: UUID | None = None, limit: int = 20
) -> Sequence[DuplicatePair]:
    """List pairs, the likeliest first; of those that wait, the ones whose requests are both open and shown.

    Parameters
    ----------
    after
        The last pair of the page before.
    """
    query = _query().where(pair.c.state == state.value, *_shown(state))
    if after is not None:
        last = need_pair.alias("last")
        place = select(last.c.bits, last.c.id).where(last.c.id == after, last.c.network_id == func.current_network())
        query = query.where(tuple_(pair.c.bits, pair.c.id) < place.scalar_subquery())
    rows = session.execute(query.order_by(pair.c.bits.desc(), pair.c.id.desc()).limit(min(limit, MAX_LIMIT)))
    return [_pair(row) for row in rows.mappings()]


def count_duplicates(session: Session) -> int:
    """Count the pairs that wait for a person."""
    return session.scalar(select(func.count()).select_from(waiting_pairs().subquery("waiting"))) or 0


def waiting_pairs() -> Select[Any]:
    """Ask for the pairs that wait for a person."""
    joined = pair.join(earlier, earlier.c.id == pair.c.earlier_id).join(later, later.c.id == pair.c.later_id)
    waits = pair.c.state == PairState.WAITING.value, mine(pair), *_shown(PairState.WAITING)
    return select(pair.c.id).select_from(joined).where(*waits)


def get_duplicate(session: Session, pair_id: UUID) -> DuplicatePair:
    """Read one pair, whatever was decided about it.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    row = session.execute(_query().where(pair.c.id == pair_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such pair")
    return _pair(row)


def _shown(state: PairState) -> list[ColumnElement[bool]]:
    if state is not PairState.WAITING:
        return []
    return [clause for side in (earlier, later) for clause in (side.c.status.in_(_OPEN), not_(side.c.withheld))]


def _query() -> Select[Any]:
    names = ("id", "state", "bits", "parts", "distance_m", "found_at", "decided_at")
    sides = [column for side, name in ((earlier, "earlier"), (later, "later")) for column in _side(side, name)]
    kept = exists().where(need_merge.c.pair_id == pair.c.id, STANDS, mine(need_merge), need_merge.c.sealed.is_not(None))
    return (
        select(*(pair.c[name] for name in names), *sides, kept.label("is_kept"))
        .join(earlier, and_(earlier.c.id == pair.c.earlier_id, earlier.c.network_id == func.current_network()))
        .join(later, and_(later.c.id == pair.c.later_id, later.c.network_id == func.current_network()))
        .where(mine(pair))
    )


def _side(side: FromClause, name: str) -> list[Any]:
    place, contact = tables.location_exact.alias(), tables.contact.alias()
    has_place = exists(select(literal(1)).where(place.c.need_id == side.c.id))
    theirs = select(literal(1)).where(contact.c.need_id == side.c.id)
    facts = {"place": has_place, "contact": exists(theirs), "phone": exists(theirs.where(contact.c.reach.is_not(None)))}
    columns = [side.c[column.name].label(f"{name}_{column.name}") for column in needs.COLUMNS]
    return [*columns, *(found.label(f"{name}_has_{fact}") for fact, found in facts.items())]


def _pair(row: RowMapping) -> DuplicatePair:
    one, other = _request(row, "earlier"), _request(row, "later")
    state = PairState(row["state"])
    can_undo = state is PairState.DIFFERENT or (state is PairState.MERGED and row["is_kept"])
    names = ("id", "bits", "parts", "distance_m", "found_at", "decided_at")
    because = weigh_reasons(row["parts"], row["distance_m"])
    found = {name: row[name] for name in names} | {"state": state, "earlier": one, "later": other}
    return DuplicatePair(**found, because=because, facts=_facts(one, other), can_undo=can_undo)


def _request(row: RowMapping, name: str) -> RequestSide:
    read = need_from_row({column.name: row[f"{name}_{column.name}"] for column in needs.COLUMNS})
    return RequestSide(read, *(row[f"{name}_has_{fact}"] for fact in ("place", "contact", "phone")))


def _facts(one: RequestSide, other: RequestSide) -> tuple[Fact, ...]:
    """List what the later brings that the earlier has not."""
    plain = [fact for fact in PLAIN if fact is not Fact.PLACE and _value(one, fact) != _value(other, fact)]
    place = [Fact.PLACE] if other.has_place else []
    reach = [Fact.CONTACT] if other.has_contact else []
    return (*plain, *place, *reach, *([Fact.NOTE] if other.has_contact and one.has_contact else []))


def _value(side: RequestSide, fact: Fact) -> object:
    return getattr(side.need, fact.value)
