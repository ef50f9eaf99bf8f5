"""Coverage and gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.privacy.disclosure import disclose
from geo.store.coverage import compute_coverage
from geo.store.coverage_history import compare
from geo.store.worst_gaps import Among, list_worst

from api.access import requires
from api.deps import AudienceDep, ReckoningDep, SessionDep
from api.params import Cell, Limit, Since, WholeNumber
from api.questions import AnyHourDep, QuestionDep
from api.schemas.coverage import CoverageChangesOut, CoverageOut, WorstGapsOut

if TYPE_CHECKING:
    from geo.domain.coverage import CoverageChanges, CoverageReport, CoverageRow, Totals
    from geo.domain.words import Audience

MAX_ROWS: Final = 10_000_000
router = APIRouter(tags=["coverage"])


@router.get(
    "/v1/coverage",
    operation_id="get_coverage",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=CoverageOut,
)
def get_coverage(
    session: SessionDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    question: QuestionDep,
    category: Category | None = None,
    by: Literal["hex", "area"] = "hex",
) -> dict[str, Any]:
    """Work out, per cell or area and category, how much of demand the help within reach can serve."""
    report = compute_coverage(session, replace(question, by=by), category=category, live=reckoning.live)
    return show_report(report, audience)


@router.get(
    "/v1/coverage/worst",
    operation_id="list_worst_gaps",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=WorstGapsOut,
)
def list_worst_gaps(  # noqa: PLR0913 - a parameter for each thing that may be asked
    session: SessionDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    question: QuestionDep,
    *,
    category: Category | None = None,
    area: Annotated[UUID | None, Query(description="only cells whose middle is in this area")] = None,
    cell: Cell | None = None,
    offset: Annotated[int, WholeNumber, Query(ge=0, le=MAX_ROWS, description="how many rows to leave out")] = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List the widest gaps by cell and category, a page at a time, with what all rows add up to."""
    among = Among(category, area, cell)
    worst = list_worst(session, question, among, offset=offset, limit=limit, live=reckoning.live)
    return {
        "count": worst.chosen.count,
        "widest": worst.chosen.widest,
        "rows": [_show_row(row, audience) for row in worst.chosen.rows],
        "totals": {category.value: show_totals(totals) for category, totals in worst.chosen.totals.items()},
        "balance": worst.balance.as_dict(),
    }


@router.get(
    "/v1/coverage/changes",
    operation_id="list_coverage_changes",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=CoverageChangesOut,
)
def list_coverage_changes(
    session: SessionDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    question: AnyHourDep,
    since: Since,
    by: Literal["hex", "area"] = "hex",
) -> dict[str, Any]:
    """Compare demand and gap of each cell or area with those of a day, the gap that widened most first."""
    return show_changes(compare(session, replace(question, by=by), since, live=reckoning.live), audience)


def show_changes(changes: CoverageChanges, audience: Audience) -> dict[str, Any]:
    """Write what has changed."""
    return {
        "since": changes.since,
        "travel_model": changes.travel_model.as_dict(),
        "rows": [disclose(row, audience) for row in changes.rows],
        "totals": {category.value: disclose(total, audience) for category, total in changes.totals.items()},
    }


def show_report(report: CoverageReport, audience: Audience) -> dict[str, Any]:
    """Write a report with its balance line."""
    return {
        "travel_model": report.travel_model.as_dict(),
        "standard_min": report.standard_min,
        "mode": report.mode.value,
        "by": report.by,
        "rows": [_show_row(row, audience) for row in report.rows],
        "totals": {category.value: show_totals(totals) for category, totals in report.totals.items()},
        "excluded_supply": report.excluded_supply,
        "unsuited": {category.value: reasons for category, reasons in report.unsuited.items()},
        "open_at": None if report.window is None else f"{report.window.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "balance": report.balance.as_dict(),
    }


def _show_row(row: CoverageRow, audience: Audience) -> dict[str, Any]:
    return disclose(row, audience) | {"because": [disclose(reason, audience) for reason in row.because]}


def show_totals(totals: Totals) -> dict[str, Any]:
    """Write demand, what of it is covered, and the gap."""
    plain = {"demand": totals.demand, "covered": totals.covered, "gap": totals.gap}
    return plain | {"coverage": round(totals.coverage, 4)}
