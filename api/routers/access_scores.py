"""Scores of access, and hot spots of unmet needs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query

from geo.analysis.access.scoring import MOST_K
from geo.analysis.hotspots import MOST_RINGS
from geo.analysis.travel import StraightLineTravel
from geo.domain.access_scores import UNITS, AccessMethod, Counting
from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.privacy.disclosure import disclose
from geo.store.access_scores import AskedScore, compute_access
from geo.store.hotspots import compute_hot_spots

from api.access import requires
from api.deps import AudienceDep, ReckoningDep, SessionDep
from api.params import MAX_LIMIT, Limit, WholeNumber
from api.questions import AnyHourDep
from api.schemas.access_scores import AccessOut, HotSpotsOut

if TYPE_CHECKING:
    from geo.domain.access_scores import AccessReport, Score
    from geo.domain.hotspots import HotSpotReport
    from geo.domain.words import Audience

router = APIRouter(tags=["access"])
K = Annotated[int, WholeNumber, Query(ge=1, le=MOST_K, description="for kth: 2 is the second nearest", examples=[2])]
Rings = Annotated[int, WholeNumber, Query(ge=1, le=MOST_RINGS, description="rings of neighbours", examples=[1])]


@router.get(
    "/v1/access", operation_id="get_access", dependencies=[requires(Permission.READ_FIGURES)], response_model=AccessOut
)
def get_access(  # noqa: PLR0913 - one for each parameter
    session: SessionDep,
    audience: AudienceDep,
    question: AnyHourDep,
    *,
    category: Category,
    method: AccessMethod = AccessMethod.TWO_STEP,
    k: K = 1,
    by: Literal["hex", "area"] = "hex",
    counting: Counting = Counting.NEEDS,
    limit: Limit = MAX_LIMIT,
) -> dict[str, Any]:
    """Score how well the open needs of a category are placed to reach help, each figure between two ends.

    Travel is the straight line times a detour for every measure, as the answer says.
    """
    asked = AskedScore(
        method, category, question.standard_min, question.mode, by, k, counting, network=question.network
    )
    # scores need the way to every place, not only whether it is within the standard, so no other model serves
    return show_access(compute_access(session, asked, model=StraightLineTravel()), audience, limit)


@router.get(
    "/v1/coverage/hotspots",
    operation_id="list_hot_spots",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=HotSpotsOut,
)
def list_hot_spots(
    session: SessionDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    question: AnyHourDep,
    category: Category | None = None,
    rings: Rings = 1,
    limit: Limit = MAX_LIMIT,
) -> dict[str, Any]:
    """Tell where unmet needs gather more than chance would have it, held to a false discovery rate."""
    report = compute_hot_spots(session, question, category=category, rings=rings, live=reckoning.live)
    return show_hot_spots(report, audience, limit)


def show_access(report: AccessReport, audience: Audience, limit: int | None = None) -> dict[str, Any]:
    """Write a report of scores with its balance line."""
    return {
        "method": report.method.value,
        "unit": UNITS[report.method],
        "category": report.category.value,
        "k": report.k,
        "standard_min": report.standard_min,
        "mode": report.mode.value,
        "by": report.by,
        "counting": report.counting.value,
        "rows": [disclose(row, audience) for row in report.rows[:limit]],
        "row_count": len(report.rows),
        "overall": _score(report.overall),
        "inequality": None if report.inequality is None else asdict(report.inequality),
        "excluded_supply": report.excluded_supply,
        "travel_model": report.travel_model.as_dict(),
        "balance": report.balance.as_dict(),
    }


def show_hot_spots(report: HotSpotReport, audience: Audience, limit: int | None = None) -> dict[str, Any]:
    """Write a report of hot spots with its balance line."""
    return {
        "finding": report.finding,
        "sentence": report.sentence,
        "level": report.level,
        "rings": report.rings,
        "islands": report.islands,
        "category": None if report.category is None else report.category.value,
        "standard_min": report.standard_min,
        "mode": report.mode.value,
        "rows": [disclose(row, audience) for row in report.rows[:limit]],
        "row_count": len(report.rows),
        "travel_model": report.travel_model.as_dict(),
        "balance": report.balance.as_dict(),
    }


def _score(score: Score) -> dict[str, float | None]:
    return {"value": score.value, "low": score.low, "high": score.high}
