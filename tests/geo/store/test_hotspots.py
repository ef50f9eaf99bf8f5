"""Hot spots of the network's own unmet needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3
import pytest

from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Category
from geo.errors import InvalidInput
from geo.privacy.cells import cell_centre, cell_of
from geo.store.coverage import Question, compute_coverage
from geo.store.hotspots import compute_hot_spots

from tests.factories import add_asset, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.hotspots import HotSpotReport

MODEL = StraightLineTravel()
MIDDLE = cell_of(HELSINKI)
TOWN = sorted(map(str, h3.grid_disk(MIDDLE, 4)))
HOT = sorted(map(str, h3.grid_disk(MIDDLE, 1)))


def report(session: Session, category: Category | None = None, rings: int = 1) -> HotSpotReport:
    return compute_hot_spots(session, Question(MODEL, 5), category=category, rings=rings)


def populate(session: Session) -> None:
    """A need in every cell with help beside it, and four more without help in and around one cell."""
    for index, cell in enumerate(TOWN):
        add_need(session, cell_centre(cell))
        add_asset(session, cell_centre(cell), capacity_per_week=1, source_ref=str(index))
    for cell in HOT * 4:
        add_need(session, cell_centre(cell))


def test_unmet_needs_that_gather_are_found(session: Session) -> None:
    populate(session)
    found = report(session, Category.FOOD)
    hot = {row.cell for row in found.rows if row.is_hot}
    assert found.finding == "found"
    assert MIDDLE in hot
    assert found.rows[0].is_hot
    assert all(row.q is not None and row.q <= found.level for row in found.rows if row.is_hot)
    assert found.sentence.startswith(
        f"Unmet needs for food within 5 minutes on foot gather in {len(hot)} of {len(TOWN)}"
    )
    assert found.sentence.endswith("at most 5% of such findings are chance.")


def test_gaps_are_those_of_coverage_and_every_cell_with_needs_is_a_row(session: Session) -> None:
    populate(session)
    add_need(session, cell_centre(TOWN[0]), category=Category.WATER)
    coverage = compute_coverage(session, Question(MODEL, 5))
    found = report(session)
    assert sum(row.gap for row in found.rows) == sum(totals.gap for totals in coverage.totals.values())
    assert sum(row.demand for row in found.rows) == found.balance.mapped == len(TOWN) + 4 * len(HOT) + 1
    assert {row.cell for row in found.rows} == set(TOWN)


def test_few_cells_or_equal_ones_are_told_in_words(session: Session) -> None:
    assert report(session).rows == ()
    assert report(session).finding == "too_few_cells"
    add_need(session)
    add_need(session)
    add_need(session, cell_centre(TOWN[0]))
    few = report(session)
    assert few.finding == "too_few_cells"
    assert few.sentence.startswith("Fewer than 30 cells beside each other")
    assert [row.is_hot for row in few.rows] == [False, False]
    for cell in TOWN:
        add_need(session, cell_centre(cell), category=Category.WATER)
    alike = report(session, Category.WATER)
    assert (alike.finding, alike.rows[0].z) == ("all_alike", None)
    assert (
        alike.sentence == "Every cell has as many unmet needs for drinking water within 5 minutes on foot as the next."
    )


def test_where_nothing_gathers_the_sentence_says_so(session: Session) -> None:
    for index, cell in enumerate(TOWN):
        for _ in range(1 + index % 2):
            add_need(session, cell_centre(cell))
    found = report(session, Category.FOOD)
    assert (found.finding, found.sentence) == (
        "none",
        "Nowhere do unmet needs for food within 5 minutes on foot gather more than chance would have it.",
    )


def test_refuses_rings_out_of_bounds(session: Session) -> None:
    add_need(session)
    for rings in (0, 4):
        with pytest.raises(InvalidInput):
            report(session, rings=rings)
