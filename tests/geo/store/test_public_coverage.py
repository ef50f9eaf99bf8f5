"""Coverage for everybody says nothing that the weekly release does not, whatever is asked, added up or subtracted."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import h3
import pytest

from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Audience, Category
from geo.errors import InvalidInput
from geo.privacy.cells import cell_centre, cell_of
from geo.privacy.rules import ReleaseRules
from geo.store.coverage import Question, compute_coverage
from geo.store.dwellings import replace_dwellings
from geo.store.feeds import export_features
from geo.store.needs import delete_need
from geo.store.public_coverage import list_public_coverage
from geo.store.releases import make_release

from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageReport

MODEL = StraightLineTravel()
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
EARLY = MONDAY - timedelta(days=30)
BIG = cell_of(HELSINKI, 8)
BESIDE = sorted(map(str, h3.grid_ring(BIG, 1)))
OUTSIDERS: Final = (Audience.PUBLIC, Audience.PARTNER, Audience.CANVASSER, Audience.HELPER)
STANDARDS: Final = (1.0, 4.0, 5.0, 6.0, 15.0, 240.0)
RULES: Final = ReleaseRules()

Table = dict[str, int]
"""What a service says of each cell as a number; ``all`` is the total."""


def populate(session: Session, cell: str, count: int) -> None:
    children = sorted(map(str, h3.cell_to_children(cell, 9)))
    for n in range(count):
        add_need(session, cell_centre(children[n % 7]), received_at=EARLY)


@pytest.fixture
def town(session: Session) -> Session:
    """Twelve households in one hexagon, three in the next, seven in a third, and two pantries."""
    cells = [BIG, *BESIDE]
    replace_dwellings(session, {str(c): 100 for cell in cells for c in h3.cell_to_children(cell, 9)})
    for cell, count in ((BIG, 12), (BESIDE[0], 3), (BESIDE[1], 7)):
        populate(session, cell, count)
    add_asset(session, cell_centre(BIG), capacity_per_week=5)
    add_asset(session, cell_centre(BESIDE[0]), name="Second pantry", source_ref="2")
    make_release(session, now=MONDAY - WEEK)
    make_release(session, now=MONDAY)
    return session


def exported(session: Session, audience: Audience, standard_min: float) -> list[dict[str, Any]]:
    return list(export_features(session, "coverage", audience, model=MODEL, standard_min=standard_min))


def everything(session: Session) -> str:
    """All that outsiders can get of coverage, at every standard."""
    return json.dumps([[exported(session, audience, standard) for standard in STANDARDS] for audience in OUTSIDERS])


def test_it_is_the_release_beside_the_public_places(town: Session) -> None:
    rows = list_public_coverage(town, standard_min=5)
    found = {row.cell: (row.kind.value, row.band, row.places, row.nearest_min) for row in rows}
    assert set(found) == {BIG, BESIDE[1]}
    assert found[BIG] == ("food", "10-19", 1, 1)
    assert {row.travel_model for row in rows} == {"straight_line"}
    kind, band, places, nearest = found[BESIDE[1]]
    assert (kind, band, places) == ("food", "5-9", 0)
    assert nearest is not None
    assert nearest > 5
    (whole,) = {feature["properties"]["band"] for feature in exported(town, Audience.PUBLIC, 5) if BIG in feature["id"]}
    assert whole == "10-19"


def test_before_the_first_release_there_is_nothing(session: Session) -> None:
    populate(session, BIG, 40)
    assert exported(session, Audience.PUBLIC, 5) == []


def test_nothing_that_happens_within_a_week_changes_a_byte(town: Session) -> None:
    before = everything(town)
    gone = [add_need(town, cell_centre(BIG), category=category) for category in Category]
    populate(town, BESIDE[2], 30)
    assert everything(town) == before
    for need in gone:
        delete_need(town, need.id)
    # nor does help that is nobody's business: helpers, private homes, how much a place can take
    add_helper(town)
    add_asset(town, is_private=True, source_ref="home")
    assert everything(town) == before


def test_staff_are_given_the_full_figures_and_nobody_else(town: Session) -> None:
    staff = exported(town, Audience.ORGANIZER, 5)
    assert {feature["properties"]["gap"] for feature in staff} - {0}
    assert "gap" not in everything(town)
    assert "covered" not in everything(town)


@pytest.mark.parametrize("standard_min", [0, 1e9, float("nan")])
def test_refuses_standards_nobody_could_mean(session: Session, standard_min: float) -> None:
    with pytest.raises(InvalidInput):
        exported(session, Audience.PUBLIC, standard_min)


# -- the attack: a few households are found by taking figures away from each other ------------------------------


def isolated(tables: Iterable[Mapping[str, int]]) -> set[tuple[str, int]]:
    """Subtract totals from what they are made of, and each table from every other; tell what falls below k."""
    tables = list(tables)
    found = {("rest", table["all"] - sum(n for cell, n in table.items() if cell != "all")) for table in tables}
    for one, other in combinations(tables, 2):
        found |= {(cell, abs(one.get(cell, 0) - other.get(cell, 0))) for cell in {*one, *other}}
    return {(cell, number) for cell, number in found if 0 < number < RULES.k}


def naive(report: CoverageReport, figure: str) -> Table:
    """A service that holds back cells below k and gives the total of all."""
    table: dict[str, int] = defaultdict(int)
    for row in report.rows:
        table[cell_of(cell_centre(row.key), 8)] += getattr(row.totals, figure)
    kept = {cell: number for cell, number in table.items() if number >= RULES.k}
    return {**kept, "all": sum(table.values())}


def complementary(report: CoverageReport, figure: str) -> Table:
    """One that also holds back the next smallest cell, so that the rest of the total is of two cells."""
    table = naive(report, figure)
    cells = sorted((number, cell) for cell, number in table.items() if cell != "all")
    if isolated([table]) and cells:
        del table[cells[0][1]]
    return table


def ours(session: Session, standard_min: float) -> Table:
    rows = list_public_coverage(session, standard_min=standard_min)
    table = {row.cell: RULES.least_of(row.band) for row in rows}
    return {**table, "all": sum(table.values())}


def test_totals_and_neighbouring_standards_isolate_nobody(town: Session) -> None:
    tables = [ours(town, standard) for standard in STANDARDS]
    before = everything(town)
    add_need(town, cell_centre(BESIDE[0]))
    tables += [ours(town, standard) for standard in STANDARDS]
    assert everything(town) == before
    assert all(len(table) > 1 for table in tables)
    assert isolated(tables) == set()


def test_the_next_weeks_release_isolates_nobody_either(town: Session) -> None:
    tables = [ours(town, 5)]
    populate(town, BIG, 1)
    for week in (1, 2):
        make_release(town, now=MONDAY + week * WEEK)
        tables.append(ours(town, 5))
    assert isolated(tables) == set()


def test_the_same_attack_succeeds_where_small_cells_are_only_held_back(town: Session) -> None:
    report = compute_coverage(town, Question(MODEL, 5))
    assert ("rest", 3) in isolated([naive(report, "demand")])


def test_and_where_others_are_held_back_with_them_but_figures_are_of_today(town: Session) -> None:
    today = compute_coverage(town, Question(MODEL, 5))
    assert isolated([complementary(today, "demand")]) == set()
    add_need(town, cell_centre(BIG))
    tomorrow = compute_coverage(town, Question(MODEL, 5))
    assert (BIG, 1) in isolated([complementary(report, "demand") for report in (today, tomorrow)])


def test_and_where_one_may_ask_for_two_standards(town: Session) -> None:
    reports = [compute_coverage(town, Question(MODEL, standard)) for standard in (1, 2, 3, 4, 5, 6, 8, 10)]
    assert isolated([complementary(report, "covered") for report in reports])
