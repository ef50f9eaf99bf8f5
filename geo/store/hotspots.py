"""Where unmet needs gather more than chance would have it."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from geo.analysis.hotspots import FDR_LEVEL, LEAST_CELLS, Finding, find_hot_spots
from geo.domain.hotspots import HotSpot, HotSpotReport
from geo.domain.words import CATEGORY_LABELS, MODE_WORDS
from geo.store.coverage import compute_coverage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geo.analysis.hotspots import HotSpots
    from geo.domain.coverage import CoverageReport, CoverageRow
    from geo.domain.words import Category
    from geo.store.coverage import LiveFigures, Question

_NAMED: Final = 3


def compute_hot_spots(
    session: Session,
    question: Question,
    *,
    category: Category | None = None,
    rings: int = 1,
    live: LiveFigures | None = None,
) -> HotSpotReport:
    """Look for hot spots of unmet needs among the cells that have open needs.

    A cell without open needs is not looked at: nobody asked there, which is not the same as everybody being served.

    Parameters
    ----------
    question, category
        As for coverage, by ``hex``; all categories together when none is named.
    rings
        How many rings of cells around count as neighbours.
    live
        As for coverage.

    Returns
    -------
    HotSpotReport
        Hot cells first.

    Raises
    ------
    InvalidInput
        For a standard or rings out of bounds.
    """
    report = compute_coverage(session, question, category=category, live=live)
    by_cell: dict[str, list[CoverageRow]] = defaultdict(list)
    for row in report.rows:
        by_cell[row.key].append(row)
    cells = sorted(by_cell)
    gaps = [sum(row.totals.gap for row in by_cell[cell]) for cell in cells]
    found = find_hot_spots(cells, gaps, rings=rings)
    rows = [_row(by_cell[cell], found, at) for at, cell in enumerate(cells)]
    rows.sort(key=lambda row: (not row.is_hot, -math.inf if row.z is None else -row.z, -row.gap, row.cell))
    return HotSpotReport(
        rows=tuple(rows),
        finding=found.finding.value,
        sentence=_say(found.finding, rows, report, category),
        level=FDR_LEVEL,
        rings=rings,
        islands=found.islands,
        category=category,
        standard_min=report.standard_min,
        mode=report.mode,
        balance=report.balance,
        travel_model=report.travel_model,
    )


def _row(rows: Sequence[CoverageRow], found: HotSpots, at: int) -> HotSpot:
    return HotSpot(
        cell=rows[0].key,
        label=rows[0].label,
        demand=sum(row.totals.demand for row in rows),
        gap=sum(row.totals.gap for row in rows),
        z=_number(found.z[at]),
        p=_number(found.p[at]),
        q=_number(found.q[at]),
        is_hot=bool(found.is_hot[at]),
        edge=any(row.edge for row in rows),
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _say(finding: Finding, rows: Sequence[HotSpot], report: CoverageReport, category: Category | None) -> str:
    what = "unmet needs" if category is None else f"unmet needs for {CATEGORY_LABELS[category].lower()}"
    within = f"within {report.standard_min:g} minutes {MODE_WORDS[report.mode]}"
    if finding is Finding.TOO_FEW_CELLS:
        return (
            f"Fewer than {LEAST_CELLS} cells beside each other have open needs: too few to tell a hot spot from chance."
        )
    if finding is Finding.ALL_ALIKE:
        return f"Every cell has as many {what} {within} as the next."
    hot = [row.label for row in rows if row.is_hot]
    if not hot:
        return f"Nowhere do {what} {within} gather more than chance would have it."
    named = "; ".join(hot[:_NAMED]) + (f"; and {len(hot) - _NAMED} more" if len(hot) > _NAMED else "")
    share = f"at most {FDR_LEVEL:.0%} of such findings are chance"
    return f"{what[0].upper()}{what[1:]} {within} gather in {len(hot)} of {len(rows)} cells ({named}); {share}."
