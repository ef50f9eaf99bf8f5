"""Walk sheets coming back: the codes of their rows are typed with what was ticked, and slips are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from geo.domain.door_codes import near_codes, read_code, spaced, tidy
from geo.domain.ids import new_id
from geo.domain.turf import CodeState, EnteredCode, VisitDraft, VisitSource
from geo.errors import Conflict, InvalidInput
from geo.store.network import get_network
from geo.store.turfs import today_here
from geo.store.visits import list_progress, receive_visits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geo.domain.turf import DoorProgress, Turf, TypedCode

NOON: Final = time(12)
"""When a visit of a day is taken to have been, by the network's clock."""
Known = Mapping[int, "DoorProgress"]


def enter_codes(
    session: Session, found: Turf, typed: Sequence[TypedCode], *, visited_on: date, now: datetime
) -> list[EnteredCode]:
    """Take in what was typed from the sheets of a turf.

    Parameters
    ----------
    typed
        Line by line.
    visited_on
        The day they were walked, by the network's clock.
    now
        When this is typed.

    Returns
    -------
    list of EnteredCode
        One for each line. A line that says of a door what is known of it for that day already changes nothing, so that
        typing a sheet again does no harm. A slip is told with the doors of the turf one wrong character away.

    Raises
    ------
    Conflict
        If the turf is closed.
    InvalidInput
        If the day has not come yet.
    """
    if found.closed_at is not None:
        raise Conflict("this turf is closed")
    if visited_on > today_here(session):
        raise InvalidInput("the day of the walk has not come yet", field="visited_on")
    known = {door.position: door for door in list_progress(session, found.id)}
    entered = _without_repeats([_read(line, one, found, known) for line, one in enumerate(typed, 1)])
    zone = get_network(session).zone
    at = min(datetime.combine(visited_on, NOON, zone).astimezone(UTC), now)

    def is_news(one: EnteredCode) -> bool:
        last = known[one.position or 0]
        same_day = last.happened_at is not None and last.happened_at.astimezone(zone).date() == visited_on
        return last.outcome is not one.outcome or not same_day

    fresh = [one for one in entered if one.state is CodeState.CREATED and is_news(one)]
    drafts = [VisitDraft(new_id(), found.id, one.position or 0, one.outcome, at) for one in fresh if one.outcome]
    receive_visits(session, drafts, source=VisitSource.PAPER, now=now)
    made = {one.line for one in fresh}
    return [
        replace(one, state=CodeState.UNCHANGED) if one.state is CodeState.CREATED and one.line not in made else one
        for one in entered
    ]


def _read(line: int, typed: TypedCode, found: Turf, known: Known) -> EnteredCode:
    code = tidy(typed.code)
    try:
        number, position, page = read_code(code)
    except InvalidInput as slip:
        return EnteredCode(line, CodeState.SLIP, code, meant=_meant(code, found, known), reason=str(slip))
    if number != found.number:
        return EnteredCode(line, CodeState.OTHER_TURF, code, reason="this code is of the sheet of another turf")
    if page is not None:
        return EnteredCode(line, CodeState.PAGE, code, reason=f"this is the code of page {page} and of no door")
    if position is None or position not in known:
        return EnteredCode(line, CodeState.SLIP, code, reason="no row of this sheet has this code")
    door = known[position]
    label = f"{door.street} {door.number}".strip()
    return EnteredCode(line, CodeState.CREATED, code, position, label, typed.outcome)


def _meant(code: str, found: Turf, known: Known) -> tuple[str, ...]:
    told = []
    for near in near_codes(code):
        try:
            number, position, _ = read_code(near)
        except InvalidInput:
            continue
        if number == found.number and position is not None and position in known:
            door = known[position]
            told.append(f"{spaced(near)}: {door.street} {door.number}".strip())
    return tuple(told)


def _without_repeats(entered: Sequence[EnteredCode]) -> list[EnteredCode]:
    """Mark the later of two lines about one door; the first counts."""
    seen: dict[int, int] = {}
    kept = []
    for one in entered:
        first = seen.setdefault(one.position, one.line) if one.position is not None else one.line
        reason = f"line {first} is about this door already"
        kept.append(one if first == one.line else replace(one, state=CodeState.REPEATED, reason=reason))
    return kept
