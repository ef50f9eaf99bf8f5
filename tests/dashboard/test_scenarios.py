"""Scenarios as they are kept, taken back and written into an address."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.words import Category

from dashboard.scenarios import (
    ADD,
    CLOSE,
    MOST_CHANGES,
    MOST_SCENARIOS,
    MOST_STEPS,
    MOVE,
    REOPEN,
    RESIZE,
    Change,
    History,
    Hours,
    Scenario,
    Shelf,
    read_address,
    write_address,
)

ASSETS = [str(UUID(int=n)) for n in range(4)]
assets = st.sampled_from(ASSETS)
rooms = st.integers(0, 10_000)
places = st.tuples(
    st.integers(-180_000_000, 180_000_000).map(lambda n: n / 1e6),
    st.integers(-90_000_000, 90_000_000).map(lambda n: n / 1e6),
)
kinds = st.sets(st.sampled_from([one.value for one in Category]), min_size=1).map(lambda some: tuple(sorted(some)))
hours = st.builds(
    lambda days, start, longer: Hours(tuple(sorted(days)), start, min(24, start + longer)),
    st.sets(st.integers(0, 6), min_size=1), st.integers(0, 23), st.integers(1, 24),
)  # fmt: skip
changes = st.one_of(
    st.builds(lambda place, words, room: Change(ADD, place=place, categories=words, room=room), places, kinds, rooms),
    st.builds(lambda asset, place: Change(MOVE, asset, place), assets, places),
    st.builds(lambda asset, room: Change(RESIZE, asset, room=room), assets, rooms),
    st.builds(lambda asset: Change(CLOSE, asset), assets),
    st.builds(lambda asset, open_: Change(REOPEN, asset, hours=open_), assets, hours),
)


def having(some: list[Change]) -> Scenario:
    scenario = Scenario("x")
    for one in some:
        scenario = scenario.having(one)
    return scenario


scenarios = st.lists(changes, max_size=MOST_CHANGES).map(having)


@given(st.lists(scenarios, min_size=1, max_size=MOST_SCENARIOS))
def test_an_address_brings_back_what_was_written(some: list[Scenario]) -> None:
    written = write_address(some)
    assert [one.changes for one in read_address(written)] == [one.changes for one in some]
    assert set(written) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._!~")


@given(st.text(max_size=60))
def test_any_address_is_read(text: str) -> None:
    found = read_address(text)
    assert 1 <= len(found) <= MOST_SCENARIOS
    assert [one.changes for one in read_address(write_address(found))] == [one.changes for one in found]


@pytest.mark.parametrize(
    "text",
    ["add_1_2_3", "add_999_0_1_food", "add_1_2_3_gold", "add_1_2_-1_food", "add_1e5_2_3_food", "close_x", "move_1_2_3",
     "open_", f"reopen_{UUID(int=1).hex}_9_1_2", f"reopen_{UUID(int=1).hex}_1_5_5",
     f"resize_{UUID(int=1).hex}_99999999"],
)  # fmt: skip
def test_what_cannot_be_is_left_out_of_an_address(text: str) -> None:
    good = f"close_{UUID(int=2).hex}"
    assert read_address(f"{text}!{good}")[0].changes == (Change(CLOSE, str(UUID(int=2))),)


@given(st.lists(changes, max_size=30))
def test_an_asset_is_closed_or_changed_and_each_way_once(some: list[Change]) -> None:
    kept = having(some).changes
    named = [(one.asset_id, one.what) for one in kept if one.asset_id]
    assert len(set(named)) == len(named)
    shut = {asset for asset, what in named if what == CLOSE}
    assert not shut & {asset for asset, what in named if what != CLOSE}
    body = having(some).as_body()
    assert sum(map(len, body.values())) == len(kept)
    if some:
        assert kept[-1] == some[-1]


@given(st.lists(changes, min_size=1, max_size=12), st.data())
def test_every_step_is_taken_back_and_done_again(some: list[Change], data: st.DataObject) -> None:
    history, seen = History(), [Shelf()]
    for one in some:
        history = history.step(history.now.put(history.now.current.having(one)))
        if history.now.scenarios != seen[-1].scenarios:
            seen.append(history.now)
    back = data.draw(st.integers(0, len(seen) + 2))
    for _step in range(back):
        history = history.undo()
    at = max(0, len(seen) - 1 - back)
    assert history.now == seen[at]
    for _step in range(back):
        history = history.redo()
    assert history.now == seen[-1]


def test_the_steps_are_bounded_and_looking_is_no_step() -> None:
    history = History()
    for room in range(MOST_STEPS + 9):
        history = history.step(history.now.put(history.now.current.having(Change(RESIZE, ASSETS[0], room=room))))
    assert len(history.past) == MOST_STEPS
    history = history.undo().step(history.undo().now.going(0))
    assert history.future


def test_scenarios_are_added_up_to_the_most_and_taken_away() -> None:
    shelf = Shelf()
    for _one in range(MOST_SCENARIOS + 2):
        shelf = shelf.adding([Change(CLOSE, ASSETS[0])])
    assert [one.name for one in shelf.scenarios] == [f"Scenario {letter}" for letter in "ABCD"]
    assert shelf.at == MOST_SCENARIOS - 1
    shelf = shelf.going(1).dropping()
    assert [one.name for one in shelf.scenarios] == ["Scenario A", "Scenario C", "Scenario D"]
    assert shelf.adding().current.name == "Scenario B"
    for _one in range(9):
        shelf = shelf.dropping()
    assert shelf == Shelf()


@given(hours)
def test_hours_can_be_read_as_openstreetmap_does(some: Hours) -> None:
    from geo.analysis.opening import is_readable

    assert is_readable(some.as_osm())
