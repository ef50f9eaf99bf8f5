"""Scores of the network's own needs: by hand, against the measures themselves, and with places in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely.geometry import MultiPolygon, box

from geo.analysis.access.scoring import MOST_K
from geo.analysis.travel import StraightLineTravel
from geo.domain.access_scores import TIMES, AccessMethod, Counting
from geo.domain.drafts import AreaDraft
from geo.domain.place import Location, Point
from geo.domain.words import Access, Category, LocationState, MatchQuality, Mode
from geo.errors import InvalidInput
from geo.store.access_scores import AskedScore, compute_access
from geo.store.areas import create_area

from tests.factories import add_asset, add_need, located, nowhere
from tests.grid import HELSINKI, draw
from tests.rights import serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.access_scores import AccessReport

MODEL = StraightLineTravel()
METHODS = tuple(AccessMethod)


def report(session: Session, method: AccessMethod, **options: Any) -> AccessReport:
    asked = {"category": Category.FOOD, "standard_min": 5.0} | options
    return compute_access(session, AskedScore(method, **asked), model=MODEL)


def roughly(point: Point, uncertainty_m: float) -> Location:
    return Location(LocationState.APPROXIMATE, MatchQuality.POSTCODE, point, uncertainty_m)


def test_two_needs_share_a_pantry_and_one_is_far_off(session: Session) -> None:
    grid = draw("n...A................f", step_m=50)
    for at in (grid["n"], grid["n"], grid["f"]):
        add_need(session, at)
    add_asset(session, grid["A"], capacity_per_week=6)
    two = report(session, AccessMethod.TWO_STEP)
    assert [(row.demand, row.score.value, row.out_of_reach) for row in two.rows] == [(1, 0.0, 1), (2, 3.0, 0)]
    assert two.overall.value == pytest.approx(2.0)
    assert [row.score.value for row in report(session, AccessMethod.CUMULATIVE).rows] == [0.0, 6.0]
    times = [row.score.value for row in report(session, AccessMethod.NEAREST).rows]
    assert times == pytest.approx([MODEL.minutes(850, Mode.WALK), MODEL.minutes(200, Mode.WALK)], rel=1e-3)
    second = report(session, AccessMethod.KTH, k=2)
    assert [(row.score.value, row.out_of_reach) for row in second.rows] == [(None, 1), (None, 2)]


def test_help_of_another_kind_is_no_help(session: Session) -> None:
    add_need(session)
    add_asset(session, categories=(Category.WATER,))
    for method in METHODS:
        (row,) = report(session, method).rows
        assert row.score.value == (None if method in TIMES else 0.0)
        assert row.out_of_reach == 1


@pytest.mark.parametrize("method", METHODS)
def test_every_need_of_the_category_is_in_a_row_whatever_it_reaches(session: Session, method: AccessMethod) -> None:
    assert report(session, method).rows == ()
    assert report(session, method).inequality is None
    for at in (HELSINKI, Point(HELSINKI.lon + 0.05, HELSINKI.lat)):
        add_need(session, at)
    add_need(session, category=Category.WATER)
    add_need(session, nowhere())
    found = report(session, method)
    assert sum(row.demand for row in found.rows) == found.balance.mapped == 2
    assert found.balance.received == 3


@pytest.mark.parametrize("method", METHODS)
def test_a_place_known_roughly_gives_an_interval_and_an_exact_one_none(session: Session, method: AccessMethod) -> None:
    rng = np.random.default_rng(0)
    for index in range(25):
        at = Point(HELSINKI.lon + rng.normal(0, 0.004), HELSINKI.lat + rng.normal(0, 0.002))
        add_need(session, located(at))
        add_asset(session, at, capacity_per_week=int(rng.integers(1, 5)), source_ref=str(index))
    exact = report(session, method)
    for row in (*exact.rows, exact):
        score = row.score if hasattr(row, "score") else row.overall
        assert score.low == pytest.approx(score.value, rel=1e-9)
        assert score.high == pytest.approx(score.value, rel=1e-9)
    for uncertainty_m in (60.0, 100_000.0):
        add_need(session, roughly(HELSINKI, uncertainty_m))
        found = report(session, method)
        low, value, high = found.overall.low, found.overall.value, found.overall.high
        assert low is not None
        assert value is not None
        assert high is not None
        assert low < value < high
        assert found.inequality is not None
        least, held, most = found.inequality.least, found.inequality.poverty, found.inequality.most
        if method is AccessMethod.BALANCED:
            assert (least, held, most, found.inequality.line) == (None, None, None, None)
            continue
        assert least is not None
        assert held is not None
        assert most is not None
        assert least.share <= held.share <= most.share
        assert least.depth <= most.depth
        # the last one may be anywhere, so surely it has nothing
        assert most.share > 0 or uncertainty_m < 1_000


def test_a_postcode_is_never_surely_within_the_standard(session: Session) -> None:
    add_need(session, roughly(HELSINKI, 3_000.0))
    add_asset(session)
    for method in METHODS:
        (row,) = report(session, method).rows
        if method in TIMES:
            assert row.score.high is not None
            assert row.score.high > 5
            assert row.score.low == 0
        else:
            assert row.score.low == 0
            assert row.score.high is not None
            assert row.score.high > 0
        found = report(session, method).inequality
        assert found is not None
        if method is not AccessMethod.BALANCED:
            assert found.least is not None
            assert found.most is not None
            assert (found.least.share, found.most.share) == (0, 1)


def test_people_count_as_many_as_they_are(session: Session) -> None:
    grid = draw("a....................b", step_m=50)
    add_need(session, grid["a"], household_size=4)
    add_need(session, grid["b"])
    add_asset(session, grid["a"], capacity_per_week=2)
    people = report(session, AccessMethod.TWO_STEP, counting=Counting.PEOPLE)
    assert {row.score.value: row.weight for row in people.rows} == {0.5: 4.0, 0.0: 1.0}
    assert people.overall.value == pytest.approx(0.4)
    assert report(session, AccessMethod.TWO_STEP).overall.value == pytest.approx(1.0)


def test_a_household_goes_its_own_way(session: Session) -> None:
    grid = draw("N..A", step_m=90)
    add_need(session, grid["N"])
    walk = report(session, AccessMethod.NEAREST).overall.value
    assert walk is None
    add_asset(session, grid["A"])
    walk = report(session, AccessMethod.NEAREST).overall.value
    add_need(session, grid["N"], access=(Access.WHEELCHAIR,))
    both = report(session, AccessMethod.NEAREST).overall.value
    assert walk is not None
    assert both is not None
    assert both > walk


def test_inequality_is_told_with_the_standard_as_the_line(session: Session) -> None:
    grid = draw("a.......................b", step_m=50)
    for spot in "ab":
        add_need(session, grid[spot])
    add_asset(session, grid["a"])
    times = report(session, AccessMethod.NEAREST).inequality
    assert times is not None
    assert times.poverty is not None
    assert (times.line, times.poverty.share) == ("5 minutes", 0.5)
    minutes = MODEL.minutes(1200, Mode.WALK)
    assert times.poverty.depth == pytest.approx((1 - 5 / minutes) / 2, rel=1e-2)
    scores = report(session, AccessMethod.TWO_STEP).inequality
    assert scores is not None
    assert scores.poverty is not None
    assert (scores.gini, scores.poverty.share) == (0.5, 0.5)


def test_rows_near_the_edge_are_marked(session: Session) -> None:
    add_need(session)
    serve_area(session, (HELSINKI.lon - 0.1, HELSINKI.lat - 0.1, HELSINKI.lon + 0.1, HELSINKI.lat + 0.1))
    assert [row.edge for row in report(session, AccessMethod.NEAREST).rows] == [False]
    serve_area(session, (HELSINKI.lon - 0.1, HELSINKI.lat - 0.1, HELSINKI.lon + 0.001, HELSINKI.lat + 0.1))
    assert [row.edge for row in report(session, AccessMethod.NEAREST).rows] == [True]


@pytest.mark.parametrize(
    "options", [{"standard_min": 0}, {"standard_min": 1e9}, {"by": "county"}, {"k": 0}, {"k": MOST_K + 1}]
)
def test_refuses_what_makes_no_sense(session: Session, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        report(session, AccessMethod.KTH, **options)


def test_more_pairs_than_can_be_looked_at_are_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.analysis.access.scoring.MOST_PAIRS", 3)
    for index in range(2):
        add_need(session)
        add_asset(session, source_ref=str(index))
    with pytest.raises(InvalidInput, match="too many pairs"):
        report(session, AccessMethod.TWO_STEP)


def test_areas_go_by_their_names(session: Session) -> None:
    shape = MultiPolygon([box(HELSINKI.lon - 0.01, HELSINKI.lat - 0.01, HELSINKI.lon + 0.01, HELSINKI.lat + 0.01)])
    create_area(session, AreaDraft("centre", "The centre", "manual", shape))
    add_need(session)
    add_need(session, Point(HELSINKI.lon + 0.05, HELSINKI.lat))
    found = report(session, AccessMethod.NEAREST, by="area")
    assert {row.key: row.label for row in found.rows} == {"centre": "The centre", "elsewhere": "Outside every area"}
