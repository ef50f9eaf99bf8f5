"""What the demonstration's people have agreed on: something in every lane and shift, and no figure moves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from geo.domain.board import Lane
from geo.domain.hours import Window
from geo.domain.match import LIVE
from geo.domain.words import MatchStatus
from geo.store.activities import list_activities
from geo.store.board import count_lanes, list_board
from geo.store.engine import make_sessions
from geo.store.gazetteer_sources import list_addresses
from geo.store.helpers import list_helpers
from geo.store.matches import list_matches
from geo.store.needs import list_needs
from geo.store.shifts import list_shifts
from geo.store.sign_ups import list_sign_ups

from data.demo.people import HELPERS
from data.demo.together import ACTIVITIES, AHEAD, bring_together
from data.synth import make_people
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from data.synth import SynthCity
    from tests.conftest import DemoCity


@pytest.fixture
def stored(demo_city: DemoCity) -> Iterator[Session]:
    with make_sessions(demo_city.engine)() as session:
        yield session


@pytest.fixture
def people(demo_city: DemoCity, stored: Session) -> SynthCity:
    return make_people(list_addresses(stored), seed=0, helpers=HELPERS, now=demo_city.now)


def test_needs_and_helpers_stand_as_they_were_made(stored: Session, people: SynthCity) -> None:
    made = {need.draft.id: (need.status, need.draft.urgency) for need in people.needs}
    assert {need.id: (need.status, need.urgency) for need in list_needs(stored, limit=1000)} == made
    loads = {helper.draft.id: (helper.draft.load, helper.draft.status) for helper in people.helpers}
    assert {helper.id: (helper.load, helper.status) for helper in list_helpers(stored, limit=1000)} == loads


def test_every_lane_of_the_board_has_somebody(demo_city: DemoCity, stored: Session) -> None:
    counts = count_lanes(stored, now=demo_city.now)
    assert all(counts[lane].count > 3 for lane in Lane)
    for lane in (Lane.ASKED, Lane.ACCEPTED, Lane.UNDER_WAY, Lane.DONE):
        assert any(card.who for card in list_board(stored, lane, now=demo_city.now, limit=1000)), lane


def test_nobody_holds_more_than_their_load(demo_city: DemoCity, stored: Session) -> None:
    held = Counter(
        one.helper_id
        for one in list_matches(stored, limit=1000, now=demo_city.now)
        if one.status in LIVE or one.status is MatchStatus.DONE
    )
    assert held
    loads = {helper.id: helper.load for helper in list_helpers(stored, limit=1000)}
    assert all(count <= loads[helper] for helper, count in held.items() if helper is not None)


def test_the_calendar_has_shifts_with_some_places_left(demo_city: DemoCity, stored: Session) -> None:
    shifts = list_shifts(stored, Window(demo_city.now, demo_city.now + AHEAD), limit=1000)
    assert {shift.title for shift in shifts} == {draft.title for draft in ACTIVITIES}
    taken = sum(sum(shift.taken.values()) for shift in shifts)
    assert 0 < taken < sum(sum(shift.roles.values()) for shift in shifts)


def test_doing_it_again_adds_nothing(demo_city: DemoCity, stored: Session) -> None:
    def count() -> tuple[int, int, int]:
        listed = (list_matches, list_activities, list_sign_ups)
        return tuple(len(found(stored, limit=1000)) for found in listed)  # type: ignore[return-value]

    before = count()
    assert min(before) > 0
    bring_together(make_sessions(demo_city.engine, role=None, keys=RING), now=demo_city.now)
    stored.rollback()
    assert count() == before
