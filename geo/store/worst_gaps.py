"""The widest gaps of a question, a page at a time, with what all of its rows add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.analysis.travel import check_standard
from geo.store.areas import get_area
from geo.store.coverage import find_figures
from geo.store.edges import find_edge_keys, is_bounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.balance import Balance
    from geo.domain.coverage import CoverageRow
    from geo.domain.words import Category
    from geo.store.coverage import Figures, LiveFigures, Question
    from geo.store.coverage_ground import Chosen


@dataclass(frozen=True, slots=True)
class Among:
    """Which rows of a question are meant: all, or those of a category, of the cells in an area, or of one cell."""

    category: Category | None = None
    area_id: UUID | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class WorstGaps:
    """A page of rows, the widest gap first, what all rows meant add up to, and the network's balance."""

    chosen: Chosen
    balance: Balance


def list_worst(
    session: Session, question: Question, among: Among, *, offset: int, limit: int, live: LiveFigures | None = None
) -> WorstGaps:
    """List rows of a question by ``hex``, the widest gap first.

    Parameters
    ----------
    offset, limit
        How many rows are left out, and how many are given at most.
    live
        As for :func:`geo.store.coverage.compute_coverage`.

    Raises
    ------
    InvalidInput
        For a standard out of bounds.
    NotFound
        If there is no such area in the network.
    TravelFailed
        If the travel engine gives no answer.
    """
    check_standard(question.standard_min)
    outline = get_area(session, among.area_id).geometry if among.area_id else None
    figures = find_figures(session, question, live=live)
    chosen = figures.ground.choose(category=among.category, within=outline, cell=among.cell, offset=offset, limit=limit)
    marked = _mark(session, question, figures, chosen.rows)
    return WorstGaps(replace(chosen, rows=marked), figures.balance(session, among.category))


def _mark(
    session: Session, question: Question, figures: Figures, rows: Sequence[CoverageRow]
) -> tuple[CoverageRow, ...]:
    """Mark the rows near the edge of the loaded area, which is the hull of all cells while nobody has said it."""
    reach_m = question.model.reach_m(question.standard_min, question.mode)
    if is_bounded(session):
        near = find_edge_keys(session, {row.key for row in rows}, by=question.by, reach_m=reach_m)
    else:
        near = figures.edges(session, question)
    return tuple(replace(row, edge=row.key in near) for row in rows)
