"""Figures that are kept along streets: what is drawn for once, and what begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.domain.place import Point
from geo.domain.travel import TravelModelInfo
from geo.domain.words import Access, Category, Mode, StepFree
from geo.errors import TravelFailed
from geo.store import catchments
from geo.store.assets import delete_asset, update_asset
from geo.store.coverage import Question
from geo.store.helpers import update_helper
from geo.store.live_coverage import LiveCoverages
from geo.store.needs import delete_need

from tests.factories import add_asset, add_need
from tests.geo.store.live_town import ALONG_STREETS, Town, ask_of, same
from tests.grid import HELSINKI
from tests.streets import INFO, PACE, GridTown, grid_town

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def test_shapes_drawn_for_once_are_those_stored_later(session: Session) -> None:
    live, town, model = LiveCoverages(), Town(7), grid_town(HELSINKI.lon, HELSINKI.lat)
    questions, engine = ask_of(model), cast("GridTown", model.engine)
    for _ in range(6):
        for act in (town.ask, town.ask, town.offer, town.help_out):
            act(session)
    same(session, live, questions)
    for place in catchments.list_places(session, model):
        drawn = catchments._draw(model, place)
        assert drawn is not None
        catchments._store(session, [drawn], model.info.version)
    same(session, live, questions)
    for act in (town.ask, town.offer, town.help_out, town.move_need):
        act(session)
    update_asset(session, town.assets[0], {"capacity_per_week": 5})
    same(session, live, questions)
    before = dict(engine.asked)
    update_asset(session, town.assets[0], {"capacity_per_week": 9})
    update_helper(session, town.helpers[0], {"load": 0, "capacity_per_week": 7})
    for question in questions:
        assert live.find(session, question)
    assert engine.asked == before, "room is no reason to draw anew"
    same(session, live, questions)


def test_another_version_of_the_streets_begins_anew(session: Session) -> None:
    live, info = LiveCoverages(), TravelModelInfo("grid_town", (), "grid-town-2")
    # the need lies a little farther than one block from the help
    add_need(session, Point(HELSINKI.lon + 0.006, HELSINKI.lat))
    add_asset(session)
    slow, quick = GridTown(HELSINKI.lon, HELSINKI.lat), GridTown(HELSINKI.lon, HELSINKI.lat)
    slow.pace = dict.fromkeys(PACE, 20.0)
    covered = []
    for model in (ValhallaTravel(slow, INFO, FASTEST_M_PER_MIN), ValhallaTravel(quick, info, FASTEST_M_PER_MIN)):
        question = Question(model, 5.0, Mode.WALK, "hex")
        same(session, live, [question])
        figures = live.find(session, question)
        assert figures
        covered.append(figures.totals[Category.FOOD].covered)
    assert covered == [0, 1]
    assert len(live._states) == 2


def test_an_engine_that_fails_half_way_leaves_nothing_half_done(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session, name="A")
    same(session, live, ALONG_STREETS)
    gone = add_need(session)
    add_asset(session, name="B", source_ref="b", point=Point(HELSINKI.lon + 0.001, HELSINKI.lat))

    def fail(*_: object, **__: object) -> None:
        raise TravelFailed

    with monkeypatch.context() as patch:
        patch.setattr(GridTown, "ask", fail)
        for question in ALONG_STREETS:
            with pytest.raises(TravelFailed):
                live.find(session, question)
            assert live._states[next(reversed(live._states))]._kept is None
    same(session, live, ALONG_STREETS)
    delete_need(session, gone.id)
    same(session, live, ALONG_STREETS)


def test_a_household_that_travels_as_none_before_is_counted(session: Session) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session, step_free=StepFree.YES)
    same(session, live, ALONG_STREETS)
    rolls = add_need(session, access=(Access.WHEELCHAIR,))
    same(session, live, ALONG_STREETS)
    delete_need(session, rolls.id)
    same(session, live, ALONG_STREETS)


def test_shapes_count_as_the_needs_that_take_as_much_room(session: Session) -> None:
    live = LiveCoverages()
    add_need(session)
    assets = [add_asset(session, source_ref=str(number)) for number in range(9)]
    sizes = []
    for gone in (assets[0], assets[1]):
        live.find(session, ALONG_STREETS[0])
        (state,) = live._states.values()
        sizes.append(state.size)
        delete_asset(session, gone.id)
        add_asset(session, source_ref=f"instead of {gone.source_ref}")
    # nine diamonds of five corners each, whichever they are
    assert sizes == [1 + 45 // 16] * 2
