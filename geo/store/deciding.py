"""Deciding where a need is: by a pin, an offered place or a yes, or that it cannot be said yet; and taking it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, update

from geo.domain.ids import new_id
from geo.domain.place import Location, Point
from geo.domain.words import COARSE_QUALITIES, DecisionKind, LocationState, MatchQuality, ReviewMark
from geo.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo.store.aliases import is_specific, learn, unlearn
from geo.store.locations import exact, get_location
from geo.store.needs import get_need, need, place_need
from geo.store.review_tables import address_alias, review_decision
from geo.store.rows import mine, point_expression, refused_as_ours, update_row
from geo.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.records import Need

PIN_UNCERTAINTY_M = 15.0
"""How far off a pin set by hand on a street map is taken to be."""
MAX_NOTE: Final = 200
_NOTE_BYTES: Final = 1200
_KEPT: Final = ("location_state", "match_quality", "uncertainty_m", "cell", "public_cell", "review_mark")
"""What of a need itself a decision changes."""
_WAITING: Final = frozenset({LocationState.NEEDS_REVIEW, LocationState.PENDING})


@dataclass(frozen=True, slots=True)
class _Held:
    """A need that is held until the transaction ends: its place, and what is to be put back when this is undone."""

    need_id: UUID
    location: Location
    before: dict[str, Any]


def set_pin(
    session: Session,
    need_id: UUID,
    point: Point,
    *,
    uncertainty_m: float = PIN_UNCERTAINTY_M,
    expected_version: int | None = None,
    remember: bool = False,
) -> Need:
    """Give a need the place a person pointed at.

    Parameters
    ----------
    remember
        Whether the same text is placed there again, where it names one place.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    OutsideServiceArea
        If the pin lies outside the area the network serves.
    """
    held = _hold(session, need_id, expected_version)
    placed = replace(
        held.location,
        state=LocationState.CONFIRMED,
        match_quality=MatchQuality.MANUAL,
        point=point,
        uncertainty_m=uncertainty_m,
    )
    return _place(session, held, placed, DecisionKind.PIN, remember=remember and _names_one_place(placed, is_pin=True))


def choose_candidate(
    session: Session, need_id: UUID, index: int, *, expected_version: int | None = None, remember: bool = False
) -> Need:
    """Give a need the place the geocoder offered at ``index``, counted from 0.

    Raises
    ------
    NotFound, StaleVersion, OutsideServiceArea
        As their names say.
    InvalidInput
        If no such candidate was offered.
    """
    held = _hold(session, need_id, expected_version)
    if not 0 <= index < len(held.location.candidates):
        raise InvalidInput("there is no such candidate", field="candidate")
    chosen = held.location.candidates[index]
    coarse = chosen.match_quality in COARSE_QUALITIES
    placed = replace(
        held.location,
        state=LocationState.APPROXIMATE if coarse else LocationState.CONFIRMED,
        match_quality=chosen.match_quality,
        point=chosen.point,
        uncertainty_m=chosen.uncertainty_m,
    )
    # a door chosen for a text that names a whole street is this person's door, and nobody else's
    remember = remember and _names_one_place(placed, is_pin=not coarse)
    return _place(session, held, placed, DecisionKind.CANDIDATE, remember=remember, label=chosen.label)


def confirm_location(session: Session, need_id: UUID, *, expected_version: int | None = None) -> Need:
    """Say that the place a need already has is right.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If it has none yet.
    """
    held = _hold(session, need_id, expected_version)
    if held.location.point is None:
        raise Conflict("there is no place to confirm; set a pin or choose a candidate")
    return _place(session, held, replace(held.location, state=LocationState.CONFIRMED), DecisionKind.CONFIRM)


def _place(
    session: Session,
    held: _Held,
    placed: Location,
    kind: DecisionKind,
    *,
    remember: bool = False,
    label: str | None = None,
) -> Need:
    found = place_need(session, held.need_id, placed, also=("alias",) if remember else ())
    decision = _note_decision(session, held, kind)
    if remember:
        learn(session, decision, held.need_id, placed, label=label)
    return found


def ask_again(session: Session, need_id: UUID, *, note: str | None = None, expected_version: int | None = None) -> Need:
    """Say that somebody must be asked where it is; it stays in the queue, behind what waits.

    Parameters
    ----------
    note
        What is to be asked; stored sealed.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If it does not wait for a place.
    InvalidInput
        If the note is too long.
    """
    if note is not None and len(note) > MAX_NOTE:
        raise InvalidInput(f"must have at most {MAX_NOTE} characters", field="note")
    return _mark(session, need_id, ReviewMark.ASK_AGAIN, note, expected_version)


def mark_outside(session: Session, need_id: UUID, *, expected_version: int | None = None) -> Need:
    """Say that it lies outside the area served; it is counted, and has a list of its own.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If it does not wait for a place.
    """
    return _mark(session, need_id, ReviewMark.OUTSIDE_AREA, None, expected_version)


def _mark(session: Session, need_id: UUID, mark: ReviewMark, note: str | None, version: int | None) -> Need:
    held = _hold(session, need_id, version)
    if held.location.state not in _WAITING:
        raise Conflict("this need does not wait for a place")
    waits = replace(held.location, state=LocationState.NEEDS_REVIEW)
    found = place_need(session, need_id, waits, mark=mark, also=("note",) if note is not None else ())
    _note_decision(session, held, DecisionKind(mark.value), note)
    return found


def undo_decision(session: Session, need_id: UUID, *, expected_version: int | None = None) -> Need:
    """Take back the last decision about a need that stands: all is as it was before it, and it is not remembered.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If nothing was decided, all was taken back, or the place has faded since.
    OutsideServiceArea
        If the place before it lies outside the area that is served by now.
    """
    _hold(session, need_id, expected_version)
    decision = _last_decision(session, need_id)
    before = decision["before"] if decision is not None else None
    if decision is None or before is None:
        raise Conflict("there is no decision to take back")
    kept = {name: before[name] for name in _KEPT}
    update_row(session, need, need_id, kept, action="undo", also=("location",))
    _restore_exact(session, need_id, before["exact"])
    unlearn(session, [decision["id"]])
    taken_back = {"before": None, "sealed": None, "key_id": None, "undone_by": func.current_actor()}
    ours = update(review_decision).where(review_decision.c.id == decision["id"], mine(review_decision))
    session.execute(ours.values(**taken_back, undone_at=func.now()))
    return get_need(session, need_id)


def forget_decided(session: Session, need_ids: Sequence[UUID]) -> None:
    """Empty what decisions about needs keep of their places, and forget what is remembered of them.

    Who decided what and when stays.
    """
    session.execute(delete(address_alias).where(address_alias.c.need_id.in_(need_ids), mine(address_alias)))
    theirs = update(review_decision).where(review_decision.c.need_id.in_(need_ids), mine(review_decision))
    session.execute(theirs.values(before=None, sealed=None, key_id=None))


def _last_decision(session: Session, need_id: UUID) -> RowMapping | None:
    query = (
        select(review_decision.c.id, review_decision.c.before)
        .where(review_decision.c.need_id == need_id, mine(review_decision), review_decision.c.undone_at.is_(None))
        .order_by(review_decision.c.id.desc())
        .limit(1)
    )
    return session.execute(query).mappings().one_or_none()


def _restore_exact(session: Session, need_id: UUID, before: Mapping[str, Any] | None) -> None:
    row = (exact.c.need_id == need_id, mine(exact))
    if before is None:
        session.execute(delete(exact).where(*row))
        return
    point = None if before["lon"] is None else Point(before["lon"], before["lat"])
    values = {
        "geom": point_expression(point),
        "uncertainty_m": before["uncertainty_m"],
        "located_at": datetime.fromisoformat(before["located_at"]),
    }
    with refused_as_ours():
        session.execute(update(exact).where(*row).values(**values))


def _hold(session: Session, need_id: UUID, version: int | None) -> _Held:
    """Hold a need, so that of two who decide at once the second sees what the first has done."""
    columns = (need.c.version, *(need.c[name] for name in _KEPT))
    query = select(*columns).where(need.c.id == need_id, mine(need)).with_for_update()
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such need")
    if version is not None and row["version"] != version:
        raise StaleVersion
    kept = get_location(session, "need_id", need_id, LocationState(row["location_state"]))
    before = {name: row[name] for name in _KEPT} | {"exact": _exact_as_json(kept)}
    return _Held(need_id, replace(kept, match_quality=MatchQuality(row["match_quality"])), before)


def _exact_as_json(kept: Location) -> dict[str, Any] | None:
    if kept.located_at is None:
        return None
    return {
        "lon": kept.point and kept.point.lon,
        "lat": kept.point and kept.point.lat,
        "uncertainty_m": kept.uncertainty_m,
        "located_at": kept.located_at.isoformat(),
    }


def _note_decision(session: Session, held: _Held, kind: DecisionKind, note: str | None = None) -> UUID:
    decision_id = new_id()
    values: dict[str, Any] = {"id": decision_id, "need_id": held.need_id, "kind": kind.value, "before": held.before}
    if note is not None:
        values["sealed"], values["key_id"] = seal(session, decision_id, {"note": note}, most=_NOTE_BYTES)
    session.execute(insert(review_decision).values(**values))
    return decision_id


def _names_one_place(placed: Location, *, is_pin: bool) -> bool:
    typed = placed.address_typed
    return typed is not None and is_specific(typed, placed.candidates, is_pin=is_pin)
