"""What the made-up network has agreed on: who is asked, who has promised or begun, what was done, and shared shifts.

Nothing here moves a figure. Needs that are being met or were met get the helper who does it, out of the load they
have anyway; open needs get questions, which count nowhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from geo.domain.calendar import ActivityDraft
from geo.domain.hours import Window
from geo.domain.match import MatchReason
from geo.domain.words import HelperStatus, LocationState, MatchStatus, NeedStatus
from geo.errors import Conflict
from geo.store.activities import create_activity, list_activities
from geo.store.engine import transaction
from geo.store.helpers import HelperFilter, get_helper, list_helpers, update_helper
from geo.store.match_steps import propose_match, step
from geo.store.matches import list_matches
from geo.store.needs import NeedFilter, list_needs, update_need
from geo.store.shifts import list_shifts
from geo.store.sign_ups import add_sign_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.match import Match
    from geo.domain.records import Helper, Need
    from geo.store.engine import SessionFactory

ASKED: Final = 14
"""So many open needs have somebody who was asked about them."""
DECLINED: Final = 4
"""Of them, so many have a no behind them."""
HELD: Final = 12
FINISHED: Final = 8
WAITS: Final = timedelta(days=13)
AHEAD: Final = timedelta(days=14)
FILLED: Final = 3
"""Of every four places of a shift, so many are taken."""
ACTIVITIES: Final = (
    ActivityDraft(
        title="Community kitchen",
        kind="kitchen",
        schedule="DTSTART:20240107T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU",
        roles={"coordinator": 1, "cook": 3, "driver": 2},
        place="Parish hall",
    ),
    ActivityDraft(
        title="Food parcels",
        kind="distribution",
        schedule="DTSTART:20240102T160000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;BYDAY=TU,TH",
        roles={"coordinator": 1, "packer": 4, "driver": 2},
        place="Library, ground floor",
    ),
    ActivityDraft(
        title="Paperwork evening",
        kind="advice",
        schedule="DTSTART:20240103T173000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;BYDAY=WE",
        roles={"adviser": 2, "interpreter": 2},
        place="Neighbourhood house",
    ),
)


def bring_together(sessions: SessionFactory, *, now: datetime | None = None) -> None:
    """Make matches in several states and a calendar with promises; where there is any of either, it stays as it is.

    Parameters
    ----------
    now
        The instant they are made at; the present when left out.
    """
    moment = now or datetime.now(UTC)
    with transaction(sessions) as session:
        add_matches(session, moment)
    with transaction(sessions) as session:
        add_calendar(session, moment)


def add_matches(session: Session, now: datetime) -> None:
    """Make matches in several states, unless there are any."""
    if not list_matches(session, limit=1):
        _make_matches(session, now)


def add_calendar(session: Session, now: datetime) -> int:
    """Make a calendar with promises, unless there is any; tells how many activities were made."""
    if list_activities(session, limit=1):
        return 0
    _make_calendar(session, now)
    return len(ACTIVITIES)


def _make_matches(session: Session, now: datetime) -> None:
    helpers = list(list_helpers(session, where=HelperFilter(status=HelperStatus.ACTIVE), limit=1000))
    busy = _Turns([one for one in helpers if one.load], held={one.id: one.load for one in helpers})
    for number, need in enumerate(_placed(session, NeedStatus.IN_PROGRESS)[:HELD]):
        if helper := busy.take(need):
            _hold(session, need, helper, now - timedelta(hours=3 + number), begins=number % 2 == 0)
    for number, need in enumerate(_placed(session, NeedStatus.MET)[-FINISHED:]):
        if helper := busy.take(need):
            _finish(session, need, helper, now - timedelta(hours=6 + 5 * number))
    free = _Turns([one for one in helpers if one.load < one.capacity_per_week], held={one.id: 2 for one in helpers})
    for number, need in enumerate(_placed(session, NeedStatus.OPEN)[-ASKED:]):
        _ask(session, need, free, now - timedelta(hours=1 + number), said_no=number < DECLINED)


def _placed(session: Session, status: NeedStatus) -> list[Need]:
    found = list_needs(session, where=NeedFilter(status=status, location_state=LocationState.LOCATED), limit=1000)
    return [need for need in found if not need.withheld]


class _Turns:
    """Helpers in turn, each no more often than is theirs."""

    def __init__(self, helpers: Sequence[Helper], *, held: Mapping[UUID, int]) -> None:
        self._helpers, self._left = list(helpers), dict(held)

    def take(self, need: Need) -> Helper | None:
        """Give the next one who offers what is needed, or nobody."""
        found = next((one for one in self._helpers if self._left[one.id] and need.category in one.categories), None)
        if found is not None:
            self._left[found.id] -= 1
            self._helpers.remove(found)
            self._helpers.append(found)
        return found


def _hold(session: Session, need: Need, helper: Helper, at: datetime, *, begins: bool) -> Match:
    made = propose_match(session, need.id, helper_id=helper.id, now=at, anyway=True)
    # a promise adds to the load, of which this one is a part already
    update_helper(session, helper.id, {"load": get_helper(session, helper.id).load - 1})
    step(session, made.id, MatchStatus.ACCEPTED, now=at + timedelta(hours=1))
    if begins:
        step(session, made.id, MatchStatus.UNDER_WAY, now=at + timedelta(hours=2))
    return made


def _finish(session: Session, need: Need, helper: Helper, at: datetime) -> None:
    update_need(session, need.id, {"status": NeedStatus.OPEN.value})
    made = _hold(session, need, helper, at, begins=True)
    step(session, made.id, MatchStatus.DONE, now=at + timedelta(hours=4))


def _ask(session: Session, need: Need, free: _Turns, at: datetime, *, said_no: bool) -> None:
    helper = free.take(need)
    if helper is None:
        return
    made = propose_match(session, need.id, helper_id=helper.id, answer_within=WAITS, now=at, anyway=True)
    if said_no:
        step(session, made.id, MatchStatus.DECLINED, reason=MatchReason.NO_TIME, now=at)
        _ask(session, need, free, at, said_no=False)


def _make_calendar(session: Session, now: datetime) -> None:
    for draft in ACTIVITIES:
        create_activity(session, draft, now=now)
    helpers = list_helpers(session, where=HelperFilter(status=HelperStatus.ACTIVE), limit=1000)
    turn = 0
    for shift in list_shifts(session, Window(now, now + AHEAD)):
        for role, most in shift.roles.items():
            for _ in range(most * FILLED // 4):
                turn += 1
                _promise(session, shift.id, helpers[turn * 7 % len(helpers)], role, now)


def _promise(session: Session, shift_id: UUID, helper: Helper, role: str, now: datetime) -> None:
    try:
        with session.begin_nested():
            add_sign_up(session, shift_id, helper.id, role, now=now)
    except Conflict:
        # this one is busy at that time; the place stays free
        return
