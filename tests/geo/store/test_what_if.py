"""What would be, against what is once it has been done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import insert, text

from geo.analysis.travel import StraightLineTravel
from geo.domain.drafts import AreaDraft
from geo.domain.hours import Window
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.what_if import AddedPlace, ReachChange, WhatIf, WhatIfReport
from geo.domain.words import AssetStatus, Category, MatchStatus, StepFree
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store import catchments, tables
from geo.store.areas import create_area
from geo.store.assets import update_asset
from geo.store.coverage import Question, compute_coverage
from geo.store.what_if import imagine

from tests.factories import add_asset, add_need
from tests.grid import HELSINKI, draw
from tests.rights import operator, serve_area
from tests.streets import grid_town

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageReport

MODEL = StraightLineTravel()
FOOD = frozenset({Category.FOOD})


def ask(session: Session, **values: Any) -> WhatIfReport:
    return imagine(session, WhatIf(**({"standard_min": 5.0} | values)), model=MODEL)


def report(session: Session, by: str = "area") -> CoverageReport:
    return compute_coverage(session, Question(MODEL, 5.0, by=by))  # type: ignore[arg-type]


def add_area(session: Session, slug: str, at: Point, half_deg: float = 0.002) -> None:
    shape = MultiPolygon([box(at.lon - half_deg, at.lat - half_deg, at.lon + half_deg, at.lat + half_deg)])
    create_area(session, AreaDraft(slug, slug.title(), "manual", shape))


def test_closing_says_who_is_left(session: Session) -> None:
    grid = draw("a..b", step_m=80)
    add_area(session, "kallio", grid["b"])
    add_need(session, grid["a"])
    for _ in range(3):
        add_need(session, grid["b"])
    pantry = add_asset(session, grid["b"], capacity_per_week=9)
    found = ask(session, close=(pantry.id,))
    assert found.sentence == "Closing Corner pantry leaves 4 more needs without help, 3 of them in Kallio."
    assert (found.before[Category.FOOD].gap, found.after[Category.FOOD].gap) == (0, 4)
    assert [(row.label, row.gap_before, row.gap_after, row.change) for row in found.rows] == [
        ("Outside every area", 0, 1, 1), ("Kallio", 0, 3, 3),
    ]  # fmt: skip


def test_adding_says_who_gains(session: Session) -> None:
    add_area(session, "kallio", HELSINKI)
    add_need(session)
    found = ask(session, add=(AddedPlace(HELSINKI, FOOD, 5),))
    assert found.sentence == "A new place for food with room for 5 a week gives help to 1 more need, in Kallio."
    assert [row.change for row in found.rows] == [-1]
    assert found.balance.received == 1


def test_what_counts_for_nothing_is_noted(session: Session) -> None:
    add_need(session)
    idle = add_asset(session, name="Idle hall", status=AssetStatus.INACTIVE)
    found = ask(session, resize={idle.id: 9})
    assert found.notes == ("Idle hall is not active and does not count as help.",)
    assert found.sentence == "Giving Idle hall room for 9 a week leaves as many needs without help as now."
    assert found.rows == ()


def test_an_asset_without_place_or_room_counts_once_it_is_given_both(session: Session) -> None:
    add_need(session)
    bare = add_asset(session, None, capacity_per_week=None)
    assert ask(session, move={bare.id: HELSINKI}).notes == (
        "Corner pantry has no known capacity and does not count as help.",
    )
    found = ask(session, move={bare.id: HELSINKI}, resize={bare.id: 1})
    assert (found.notes, found.after[Category.FOOD].gap) == ((), 0)


def test_what_this_week_s_matches_take_is_taken_off(session: Session) -> None:
    pantry = add_asset(session, capacity_per_week=2)
    needs = [add_need(session) for _ in range(4)]
    for need in needs[:2]:
        values = {"id": new_id(), "need_id": need.id, "asset_id": pantry.id, "status": MatchStatus.ACCEPTED.value}
        session.execute(insert(tables.match).values(**values))
    found = ask(session, resize={pantry.id: 5})
    assert (found.before[Category.FOOD].gap, found.after[Category.FOOD].gap) == (4, 1)
    update_asset(session, pantry.id, {"capacity_per_week": 5})
    assert report(session).totals == found.after


def test_an_asset_keeps_what_it_is_like(session: Session) -> None:
    add_need(session, languages=("ar",))
    add_need(session, languages=("fi",))
    pantry = add_asset(session, None, languages=("fi",), capacity_per_week=9)
    found = ask(session, move={pantry.id: HELSINKI})
    assert found.after[Category.FOOD].gap == 1
    assert ask(session, add=(AddedPlace(HELSINKI, FOOD, 9),)).after[Category.FOOD].gap == 0


def count_rows(session: Session) -> dict[str, Any]:
    """Count, in the whole database, what a write would change."""
    with operator(session):
        written = "SELECT schemaname, relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        return {f"{schema}.{name}": count for schema, name, count in session.execute(text(written))}


def check_reach(found: WhatIfReport, before: CoverageReport, after: CoverageReport) -> None:
    for category, reach in found.reach.items():
        outs = [sum(row.out_of_reach for row in one.rows if row.category is category) for one in (before, after)]
        assert [reach.out_before, reach.out_after] == outs
        rows = [row for row in found.rows if row.category is category]
        assert sum(row.newly_within for row in rows) == reach.newly_within
        assert sum(row.no_longer_within for row in rows) == reach.no_longer_within


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("by", ["area", "hex"])
def test_what_would_be_is_what_is_once_it_is_done(session: Session, seed: int, by: str) -> None:
    rng = np.random.default_rng(seed)

    def spot() -> Point:
        return Point(HELSINKI.lon + rng.normal(0, 0.008), HELSINKI.lat + rng.normal(0, 0.004))

    categories = (Category.FOOD, Category.WATER)
    add_area(session, "west", Point(HELSINKI.lon - 0.005, HELSINKI.lat), 0.005)
    for _ in range(50):
        add_need(session, spot(), category=categories[rng.integers(2)])
    assets = [
        add_asset(
            session, spot(), categories=(categories, categories[:1], categories[1:])[n % 3],
            capacity_per_week=int(rng.integers(1, 6)), source_ref=str(n),
        )
        for n in range(12)
    ]  # fmt: skip
    moved, new = spot(), spot()
    ids: list[UUID] = [one.id for one in assets]
    before, writes = report(session, by), count_rows(session)
    found = ask(
        session, by=by, close=(ids[0],), move={ids[1]: moved}, resize={ids[2]: 20, ids[3]: 0},
        add=(AddedPlace(new, FOOD, 4),),
    )  # fmt: skip
    assert count_rows(session) == writes
    update_asset(session, ids[0], {"status": "inactive"})
    update_asset(session, ids[1], {}, point=moved)
    update_asset(session, ids[2], {"capacity_per_week": 20})
    update_asset(session, ids[3], {"capacity_per_week": 0})
    add_asset(session, new, capacity_per_week=4, source_ref="new")
    after = report(session, by)
    assert (found.before, found.after) == (before.totals, after.totals)
    gaps = [{(row.key, row.category): row.totals.gap for row in one.rows} for one in (before, after)]
    outs = [{(row.key, row.category): row.out_of_reach for row in one.rows} for one in (before, after)]
    told = {(row.key, row.category): row for row in found.rows}
    differ = {at for at in gaps[0] if gaps[0][at] != gaps[1][at] or outs[0][at] != outs[1][at]}
    assert differ
    assert differ <= set(told)
    for at, row in told.items():
        assert (row.gap_before, row.gap_after) == (gaps[0][at], gaps[1][at])
        assert row.newly_within - row.no_longer_within == outs[0][at] - outs[1][at]
        assert row.change or row.newly_within or row.no_longer_within
    check_reach(found, before, after)
    assert [row.change for row in found.rows] == sorted(row.change for row in found.rows)


def test_along_streets_a_moved_asset_reaches_what_lies_around_its_new_place(session: Session) -> None:
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    grid = draw("N...........a", step_m=100)
    add_need(session, grid["N"])
    pantry = add_asset(session, grid["a"], step_free=StepFree.YES)
    (place,) = catchments.list_places(session, town)
    drawn = catchments._draw(town, place)
    assert drawn is not None
    catchments._store(session, [drawn], town.info.version)
    asked = WhatIf(standard_min=5.0, move={pantry.id: grid["N"]})
    found = imagine(session, asked, model=town)
    assert (found.before[Category.FOOD].gap, found.after[Category.FOOD].gap) == (1, 0)
    assert found.travel_model == town.info
    resized = imagine(session, WhatIf(standard_min=5.0, resize={pantry.id: 9}), model=town)
    assert resized.after[Category.FOOD].gap == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"standard_min": 0}, "standard_min"),
        ({"standard_min": 1e9}, "standard_min"),
        ({"by": "street"}, "by"),
        ({"close": (new_id(),)}, "assets"),
        ({"move": {new_id(): HELSINKI}}, "assets"),
        ({"add": (AddedPlace(HELSINKI, FOOD, -1),)}, "add"),
        ({"resize": {new_id(): -1}}, "resize"),
        ({"close": tuple(new_id() for _ in range(51))}, None),
        ({"reopen": {new_id(): "gibberish"}}, "reopen"),
        ({"group": "hair"}, "group"),
    ],
)
def test_changes_that_cannot_be_are_refused(session: Session, asked: dict[str, Any], field: str | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(session, **asked)
    assert refused.value.field == field


def test_an_asset_cannot_be_closed_and_moved(session: Session) -> None:
    one = add_asset(session)
    with pytest.raises(InvalidInput) as refused:
        ask(session, close=(one.id,), move={one.id: HELSINKI})
    assert refused.value.field == "close"


def test_places_outside_are_refused(session: Session) -> None:
    serve_area(session, (24.90, 60.15, 24.98, 60.19))
    one = add_asset(session)
    paris = Point(2.35, 48.85)
    for field, asked in (("add", {"add": (AddedPlace(paris, FOOD, 1),)}), ("move", {"move": {one.id: paris}})):
        with pytest.raises(OutsideServiceArea) as refused:
            ask(session, **asked)
        assert refused.value.field == field


SUNDAY = Window(datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 3, 8, 11, tzinfo=UTC))


@pytest.mark.parametrize("seed", [0, 1])
def test_other_hours_do_what_they_do_once_they_are_kept(session: Session, seed: int) -> None:
    rng = np.random.default_rng(seed)

    def spot() -> Point:
        return Point(HELSINKI.lon + rng.normal(0, 0.004), HELSINKI.lat + rng.normal(0, 0.002))

    for _ in range(30):
        add_need(session, spot())
    hours = ("Mo-Fr 10:00-18:00", "Sa,Su 09:00-17:00", None)
    ids = [
        add_asset(session, spot(), opening_hours=hours[n % 3], capacity_per_week=4, source_ref=str(n)).id
        for n in range(6)
    ]
    asked = {"reopen": {ids[0]: "Mo-Su 10:00-18:00", ids[1]: "Mo 10:00-11:00", ids[2]: "24/7"}, "window": SUNDAY}
    found = ask(session, **asked)
    before = compute_coverage(session, Question(MODEL, 5.0, by="area", window=SUNDAY))
    for key, text_ in asked["reopen"].items():  # type: ignore[union-attr]
        update_asset(session, key, {"opening_hours": text_})
    after = compute_coverage(session, Question(MODEL, 5.0, by="area", window=SUNDAY))
    assert (found.before, found.after) == (before.totals, after.totals)
    assert found.before != found.after
    check_reach(found, before, after)


def test_cells_and_groups_add_up_to_the_same_change(session: Session) -> None:
    rng = np.random.default_rng(3)
    add_area(session, "west", Point(HELSINKI.lon - 0.005, HELSINKI.lat), 0.005)
    for n in range(40):
        at = Point(HELSINKI.lon + rng.normal(0, 0.008), HELSINKI.lat + rng.normal(0, 0.004))
        add_need(session, at, languages=(("ar",), ("fi",), ())[n % 3])
    found = ask(session, add=(AddedPlace(HELSINKI, FOOD, 12),), with_cells=True, group="language")
    assert {row.key for row in found.groups} <= {"ar", "fi", "not_stated"}
    sums = [
        (sum(r.change for r in rows), sum(r.newly_within for r in rows), sum(r.no_longer_within for r in rows))
        for rows in (found.rows, found.cells, found.groups)
    ]
    assert sums[0][0] < 0
    assert sums == [sums[0]] * 3
    assert all(len(row.key) == 15 and row.label for row in found.cells)


def test_a_closed_place_takes_what_it_reaches_out_of_reach(session: Session) -> None:
    grid = draw("a..b", step_m=80)
    for spot in "aab":
        add_need(session, grid[spot])
    pantry = add_asset(session, grid["b"], capacity_per_week=1)
    found = ask(session, close=(pantry.id,))
    assert found.reach[Category.FOOD] == ReachChange(0, 0, 3, 3)
    assert (found.rows[0].no_longer_within, found.rows[0].change) == (3, 1)
    again = ask(session, add=(AddedPlace(grid["a"], FOOD, 1),))
    assert again.reach[Category.FOOD] == ReachChange(0, 0, 0, 0)
