"""Coverage and gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter

from geo.domain.principals import Permission
from geo.domain.words import Category, Mode
from geo.privacy.disclosure import disclose
from geo.store.coverage import compute_coverage

from api.access import requires
from api.deps import AudienceDep, ReckoningDep, SessionDep, SettingsDep
from api.params import StandardMin
from api.schemas.coverage import CoverageOut

if TYPE_CHECKING:
    from geo.domain.coverage import CoverageReport, Totals
    from geo.domain.words import Audience

router = APIRouter(tags=["coverage"])


@router.get(
    "/v1/coverage",
    operation_id="get_coverage",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=CoverageOut,
)
def get_coverage(
    session: SessionDep,
    settings: SettingsDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    *,
    category: Category | None = None,
    by: Literal["hex", "area"] = "hex",
    standard_min: StandardMin = None,
    mode: Mode = Mode.WALK,
) -> dict[str, Any]:
    """Work out, per cell or area and category, how much of demand the help within reach can serve."""
    report = compute_coverage(
        session,
        model=reckoning.travel,
        standard_min=standard_min or settings.demo.standard_min,
        mode=mode,
        by=by,
        category=category,
        live=reckoning.live,
    )
    return show_report(report, audience)


def show_report(report: CoverageReport, audience: Audience) -> dict[str, Any]:
    """Write a report with its balance line."""
    return {
        "travel_model": {"name": report.travel_model.name, "note": report.travel_model.note},
        "standard_min": report.standard_min,
        "mode": report.mode.value,
        "by": report.by,
        "rows": [disclose(row, audience) for row in report.rows],
        "totals": {category.value: _totals(totals) for category, totals in report.totals.items()},
        "excluded_supply": report.excluded_supply,
        "balance": report.balance.as_dict(),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    plain = {"demand": totals.demand, "covered": totals.covered, "gap": totals.gap}
    return plain | {"coverage": round(totals.coverage, 4)}
