"""Judging: which open requests may be one, looked for whenever one is written, and kept as pairs for a person to see.

What is to be looked at is noted by the database as part of whatever wrote it, so no way in is forgotten. A pair that a
person has decided about stays as they decided.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import ARRAY, Uuid, delete, func, literal, not_, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from geo.analysis.duplicates import WITHIN_M, compare, is_likely
from geo.domain.duplicates import Asking, PairState
from geo.domain.ids import new_id
from geo.domain.words import Category
from geo.geocode.parse import parse_address
from geo.store import tables
from geo.store.audit import record
from geo.store.duplicate_tables import need_pair, need_to_judge
from geo.store.reaches import fill_in
from geo.store.rows import mine
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

    from geo.domain.duplicates import Likeness

    Found = Mapping[tuple[UUID, UUID], tuple[Likeness, float | None]]

BATCH: Final = 100
MOST_NEAR: Final = 50
"""So many of those nearest, and of those with the same number, are compared with a request."""
MOST_PAIRS: Final = 5
"""So many of the likeliest are kept of a request: at a door where hundreds ask, a person could not go through more."""
need = tables.need


def judge_some(session: Session, *, limit: int = BATCH) -> int:
    """Judge the requests that have waited longest; and count how many there were.

    Those that somebody is changing at this moment, or whose partners are, are left for the next round: nobody is
    waited for.
    """
    waits = select(need_to_judge.c.need_id).where(mine(need_to_judge))
    oldest = waits.order_by(need_to_judge.c.since, need_to_judge.c.need_id).limit(limit)
    ids = session.scalars(oldest.with_for_update(skip_locked=True)).all()
    if not ids:
        return 0
    free = _judge(session, ids)
    gone = delete(need_to_judge).where(need_to_judge.c.need_id == func.any(free), mine(need_to_judge))
    return cast("CursorResult[Any]", session.execute(gone)).rowcount


def judge_now(session: Session, need_id: UUID) -> None:
    """Judge one request at once, in the transaction that made it.

    The round judges it again, because another may be being made at the same moment.
    """
    _judge(session, [need_id])


def count_to_judge(session: Session) -> int:
    """Count the requests that are still to be looked at."""
    return session.scalar(select(func.count()).select_from(need_to_judge).where(mine(need_to_judge))) or 0


def _judge(session: Session, ids: Sequence[UUID]) -> list[UUID]:
    fill_in(session, ids)
    likely = _find_likely(session, ids)
    held = _hold(session, {*ids, *(found for pair in likely for found in pair)})
    free = [found for found in ids if found in held and all(held.issuperset(pair) for pair in likely if found in pair)]
    _drop_unlikely(session, free, likely)
    _keep(session, {pair: found for pair, found in likely.items() if not set(pair).isdisjoint(free)}, free)
    return free


def _find_likely(session: Session, ids: Sequence[UUID]) -> Found:
    """Compare requests with those that come into question; each pair is named with the earlier one first."""
    distances: dict[frozenset[UUID], float | None] = {}
    for name, values in (("near", {"within_m": WITHIN_M}), ("reached", {})):
        rows = session.execute(text(load_queries("duplicates")[name]), {"ids": list(ids), "most": MOST_NEAR} | values)
        distances |= {frozenset((row.one, row.other)): row.distance_m for row in rows}
    asked = _read(session, {found for pair in distances for found in pair})
    likely = {}
    for pair, distance_m in distances.items():
        earlier, later = sorted(pair, key=lambda found: (asked[found].received_at, found))
        like = compare(asked[earlier], asked[later], distance_m)
        if is_likely(like):
            likely[earlier, later] = like, distance_m
    return likely


def _read(session: Session, ids: Collection[UUID]) -> dict[UUID, Asking]:
    if not ids:
        return {}
    rows = session.execute(text(load_queries("duplicates")["asked"]), {"ids": list(ids)})
    return {row.id: _asking(row) for row in rows}


def _asking(row: Any) -> Asking:  # noqa: ANN401 - a row of a named statement
    unit = parse_address(row.address_typed).unit if row.address_typed else None
    return Asking(
        Category(row.category),
        row.received_at,
        row.household_size,
        uncertainty_m=row.uncertainty_m,
        unit=None if unit is None else "".join(char for char in unit.casefold() if char.isalnum()) or None,
        reach=None if row.reach is None else bytes(row.reach),
        reach_count=max(row.reach_count, 1),
    )


def _hold(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Keep requests from being removed or merged meanwhile; whoever holds one already is not waited for."""
    query = select(need.c.id).where(need.c.id == func.any(list(ids)), mine(need)).order_by(need.c.id)
    return set(session.scalars(query.with_for_update(read=True, key_share=True, skip_locked=True)))


def _drop_unlikely(session: Session, ids: Sequence[UUID], likely: Found) -> None:
    """Let go of what was found before and is not so any more, as long as nobody has said anything about it."""
    theirs = or_(need_pair.c.earlier_id == func.any(list(ids)), need_pair.c.later_id == func.any(list(ids)))
    old = delete(need_pair).where(theirs, mine(need_pair), need_pair.c.state == PairState.WAITING.value)
    if likely:
        firsts, seconds = zip(*likely, strict=True)
        named = func.unnest(_ids(firsts), _ids(seconds)).table_valued("one", "other").render_derived()
        old = old.where(not_(tuple_(need_pair.c.earlier_id, need_pair.c.later_id).in_(select(named))))
    session.execute(old)


def _ids(ids: Iterable[UUID]) -> Any:  # noqa: ANN401 - SQL
    return literal(list(ids), ARRAY(Uuid))


def _keep(session: Session, likely: Found, ids: Sequence[UUID]) -> None:
    kept: set[tuple[UUID, UUID]] = set()
    for found in ids:
        theirs = [pair for pair in likely if found in pair]
        kept |= set(sorted(theirs, key=lambda pair: (-likely[pair][0].bits, pair))[:MOST_PAIRS])
    if not kept:
        return
    rows = [_row(pair, *likely[pair]) for pair in sorted(kept)]
    put = insert(need_pair)
    anew = {name: put.excluded[name] for name in ("bits", "parts", "distance_m")}
    waits = need_pair.c.state == PairState.WAITING.value
    key = [need_pair.c.earlier_id, need_pair.c.later_id]
    session.connection().execute(put.on_conflict_do_update(index_elements=key, set_=anew, where=waits), rows)
    record(session, "judge", need_pair.name, count=len(rows))


def _row(pair: tuple[UUID, UUID], like: Likeness, distance_m: float | None) -> dict[str, Any]:
    parts = {name: round(bits, 3) for name, bits in asdict(like).items()}
    return {
        "id": new_id(), "earlier_id": pair[0], "later_id": pair[1], "bits": like.bits, "parts": parts,
        "distance_m": distance_m,
    }  # fmt: skip
