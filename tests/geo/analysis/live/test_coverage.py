from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from shapely import Polygon
from shapely.geometry import box

from geo.analysis.catchments import CatchmentReach
from geo.analysis.coverage import Words, make_rows, show_totals
from geo.analysis.gaps import MODES, Demand, Suits, Supply, allocate
from geo.analysis.live.coverage import LiveCoverage, LiveNeed, LivePlace
from geo.analysis.live.reach import PlainReach, ShapedReach
from geo.analysis.reach import StraightReach
from geo.analysis.tallies import tally_up
from geo.domain.coverage import Standard
from geo.domain.words import Category, Mode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from geo.analysis.live.reach import LiveReach
    from geo.analysis.reach import ReachFinder
    from geo.domain.coverage import CoverageRow, Totals

STANDARD = Standard(5, Mode.WALK)
REACH = StraightReach(np.array([200.0, 100.0, 300.0, 400.0]))
CATEGORIES = (Category.FOOD, Category.WATER)
Like = frozenset[Category]


def judge(needs: Sequence[Like], places: Sequence[Like]) -> Suits:
    """Surely suited where all that is asked is offered, maybe where any of it is."""
    shape = len(needs), len(places)
    sure = np.array([[bool(n) and n <= p for p in places] for n in needs], dtype=bool).reshape(shape)
    best = np.array([[bool(n & p) for p in places] for n in needs], dtype=bool).reshape(shape)
    return Suits(sure, best)


def label(keys: Collection[str]) -> Mapping[str, str]:
    # a key may have none, or another for the company it is in
    return {key: f"around {key}" for key in list(keys)[:1]}


def by_crow(places: Sequence[LivePlace]) -> ReachFinder:  # noqa: ARG001 - the same for all places
    return REACH


def by_streets(places: Sequence[LivePlace]) -> ReachFinder:
    shapes = np.full((len(MODES), len(places)), None, dtype=object)
    for column, place in enumerate(places):
        shapes[:, column] = place.shapes
    return CatchmentReach(shapes)


def anew(
    needs: Sequence[LiveNeed], places: Sequence[LivePlace], finder: ReachFinder
) -> tuple[list[CoverageRow], dict[Category, Totals]]:
    """Work everything out with nothing kept."""
    demand = Demand(
        np.array([n.at for n in needs], float).reshape(-1, 2),
        np.arange(len(needs)),
        np.array([n.mode for n in needs], int),
        np.array([n.uncertainty_m for n in needs], float),
    )
    capacity = np.array([p.capacity for p in places], int)
    own_m = np.array([np.nan if p.reach_m is None else p.reach_m for p in places], float)
    supply = Supply(np.array([p.at for p in places], float).reshape(-1, 2), np.arange(len(places)), capacity, own_m)
    reached = finder.find(demand, supply, judge([n.like for n in needs], [p.like for p in places]))
    order = np.argsort(np.array([n.priority for n in needs], int))
    sure, best = (allocate(reach, capacity, order).served for reach in reached)
    tallies = tally_up([n.spot for n in needs], sure, best, reached.sure)
    words = Words(label(sorted({n.spot[0] for n in needs})), [p.name for p in places], STANDARD)
    return make_rows(tallies, words), show_totals(tallies)


spots = st.tuples(st.sampled_from("ab"), st.sampled_from(CATEGORIES))
points = st.tuples(st.integers(0, 8).map(lambda x: 50.0 * x), st.integers(0, 3).map(lambda x: 50.0 * x))
likes = st.frozensets(st.sampled_from(CATEGORIES))
needs_of = st.builds(
    LiveNeed,
    spots,
    points,
    likes,
    st.integers(0, len(MODES) - 1),
    st.sampled_from([0.0, 50.0, 900.0]),
    st.integers(0, 3),
)
names = st.text("xyz", max_size=2)
places_of = st.builds(LivePlace, names, points, likes, st.integers(0, 3), st.sampled_from([None, 0.0, 100.0, 350.0]))


def bend(at: tuple[float, float], arm_m: float) -> Any:
    """Draw an L: along a street and around its corner; nothing where nobody gets anywhere."""
    x, y = at
    if not arm_m:
        return None
    return Polygon(box(x - 50, y - 50, x + arm_m, y + 50).union(box(x - 50, y - 50, x + 50, y + arm_m)).exterior)


@st.composite
def places_on_streets(draw: st.DrawFn) -> LivePlace:
    at, goes, arms = draw(points), draw(st.booleans()), draw(st.lists(arm_lengths, min_size=4, max_size=4))
    shapes = (bend(at, arms[0]),) * len(MODES) if goes else tuple(bend(at, each) for each in arms)
    return LivePlace(draw(names), at, draw(likes), draw(st.integers(0, 3)), None, shapes)


arm_lengths = st.sampled_from([0.0, 100.0, 200.0, 400.0])
keys = st.integers(0, 9)


def first_come(needs: Mapping[int, LiveNeed]) -> dict[int, LiveNeed]:
    """Make priorities differ: among equals the lower key is served first."""
    return {k: ranked(k, n) for k, n in needs.items()}


def ranked(key: int, need: LiveNeed) -> LiveNeed:
    urgency = need.priority % 4
    return LiveNeed(need.spot, need.at, need.like, need.mode, need.uncertainty_m, urgency + 4 * key + 1000 * urgency)


class Changes(RuleBasedStateMachine):
    """After any changes, every row and total is what working it out anew finds."""

    some_places: ClassVar[st.SearchStrategy[LivePlace]] = places_of
    finder_of: ClassVar[Any] = staticmethod(by_crow)

    def reach(self) -> LiveReach:
        return PlainReach(REACH)

    @initialize(needs=st.dictionaries(keys, needs_of, max_size=8), data=st.data())
    def begin(self, needs: dict[int, LiveNeed], data: st.DataObject) -> None:
        self.needs = first_come(needs)
        self.places = data.draw(st.dictionaries(keys, self.some_places, max_size=5))
        self.live = LiveCoverage(
            dict(self.needs), dict(self.places), reach=self.reach(), judge=judge, standard=STANDARD
        )

    @rule(key=keys, need=needs_of)
    def set_need(self, key: int, need: LiveNeed) -> None:
        self.needs[key] = ranked(key, need)
        self.live.set_need(key, self.needs[key])

    @rule(key=keys)
    def forget_need(self, key: int) -> None:
        self.needs.pop(key, None)
        self.live.set_need(key, None)

    @rule(key=keys, data=st.data())
    def set_place(self, key: int, data: st.DataObject) -> None:
        place = data.draw(self.some_places)
        self.places[key] = place
        self.live.set_place(key, place)

    @rule(key=keys, name=st.text("xyz", max_size=2), capacity=st.integers(0, 4))
    def change_place(self, key: int, name: str, capacity: int) -> None:
        if key in self.places:
            before = self.places[key]
            self.places[key] = replace(before, name=name, capacity=capacity)
            self.live.set_place(key, self.places[key])

    @rule(key=keys)
    def forget_place(self, key: int) -> None:
        self.places.pop(key, None)
        self.live.set_place(key, None)

    @invariant()
    def figures_are_as_worked_out_anew(self) -> None:
        places = list(self.places.values())
        rows, totals = anew(list(self.needs.values()), places, self.finder_of(places))
        assert list(self.live.rows(label)) == rows
        assert self.live.totals == totals
        assert sum(row.totals.demand for row in rows) == len(self.needs)


class ChangesAlongStreets(Changes):
    """The same along streets, with the shapes that change kept apart from the tree or in another one."""

    some_places: ClassVar[st.SearchStrategy[LivePlace]] = places_on_streets()
    finder_of: ClassVar[Any] = staticmethod(by_streets)

    def reach(self) -> LiveReach:
        return ShapedReach(most_apart=2)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)
TestChangesAlongStreets = ChangesAlongStreets.TestCase
TestChangesAlongStreets.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("reach", [PlainReach(REACH), ShapedReach()])
def test_what_reaches_nothing_is_a_row_with_nothing_covered(reach: LiveReach) -> None:
    need = LiveNeed(("a", Category.FOOD), (0.0, 0.0), frozenset({Category.FOOD}), 0, 0.0, 1)
    around = (box(-9.0, -9.0, 9.0, 9.0),) * len(MODES)
    live = LiveCoverage({}, {}, reach=reach, judge=judge, standard=STANDARD)
    assert list(live.rows(label)) == []
    live.set_need(1, need)
    (row,) = live.rows(label)
    assert (row.totals.demand, row.totals.covered, row.supply, row.out_of_reach) == (1, 0, 0, 1)
    live.set_place(1, LivePlace("Shut", (0.0, 0.0), frozenset({Category.FOOD}), 0, None, around))
    (row,) = live.rows(label)
    assert (row.totals.covered, row.supply, row.out_of_reach) == (0, 1, 0)
    live.set_need(1, None)
    assert list(live.rows(label)) == []
    assert live.totals == {}
