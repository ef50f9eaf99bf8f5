"""Gaps by time slot."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from geo.domain.principals import Permission
from geo.domain.slots import GroupBy
from geo.domain.words import Category
from geo.privacy.disclosure import disclose
from geo.store.slots import compute_slots

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.questions import AnyHourDep
from api.schemas.slots import SlotsOut

if TYPE_CHECKING:
    from geo.domain.slots import SlotReport
    from geo.domain.words import Audience

router = APIRouter(tags=["coverage"])
AnyDay = Annotated[
    date | None,
    Query(ge=date(2000, 1, 1), le=date(2100, 12, 31), description="a day of the week meant; today's when left out"),
]


@router.get(
    "/v1/coverage/slots",
    operation_id="get_slots",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=SlotsOut,
)
def get_slots(
    session: SessionDep,
    audience: AudienceDep,
    question: AnyHourDep,
    category: Category | None = None,
    group: GroupBy = "none",
    day: AnyDay = None,
) -> dict[str, Any]:
    """Work out, for each hour of a week and each group, what of demand the help open then can serve."""
    report = compute_slots(
        session,
        model=question.model,
        standard_min=question.standard_min,
        mode=question.mode,
        category=category,
        group_by=group,
        day=day,
    )
    return show_slots(report, audience)


def show_slots(report: SlotReport, audience: Audience) -> dict[str, Any]:
    """Write a report with its balance line."""
    return {
        "travel_model": report.travel_model.as_dict(),
        "standard_min": report.standard_min,
        "mode": report.mode.value,
        "group": report.group_by,
        "week_of": report.week_of.isoformat(),
        "time_zone": report.time_zone,
        "solved": report.solved,
        "worst": [disclose(gap, audience) for gap in report.worst],
        "by_day": list(report.by_day),
        "by_hour": list(report.by_hour),
        "rows": [disclose(row, audience) for row in report.rows],
        "excluded_supply": report.excluded_supply,
        "balance": report.balance.as_dict(),
    }
