"""The nearest suitable help, for a need or for a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from fastapi import APIRouter

from geo.domain.principals import Permission
from geo.domain.words import Category, Mode
from geo.privacy.disclosure import disclose
from geo.store.nearest import find_nearest, find_nearest_to_point

from api.access import requires
from api.deps import AudienceDep, SessionDep, TravelDep
from api.params import Place, ShortLimit
from api.schemas.coverage import NearestListOut

if TYPE_CHECKING:
    from geo.domain.coverage import NearestReport
    from geo.domain.words import Audience

router = APIRouter(tags=["nearest"])
Kind = Literal["helper", "asset"]
Answer = Mapping[str, Any]


@router.get(
    "/v1/needs/{need_id}/nearest",
    operation_id="list_nearest_to_need",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=NearestListOut,
)
def get_nearest_to_need(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    need_id: UUID,
    *,
    kind: Kind = "helper",
    mode: Mode | None = None,
    limit: ShortLimit = 5,
) -> Answer:
    """Name the nearest suitable help for a need, why, and why nearer help was passed over.

    ``mode`` is how the household travels to an asset; helpers come by their own way.
    """
    return _show(find_nearest(session, need_id, kind=kind, mode=mode, limit=limit, model=travel), audience)


@router.get(
    "/v1/nearest",
    operation_id="list_nearest",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=NearestListOut,
)
def get_nearest(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    place: Place,
    *,
    kind: Kind = "asset",
    category: Category | None = None,
    mode: Mode = Mode.WALK,
    limit: ShortLimit = 5,
) -> Answer:
    """Name the nearest help for a place."""
    found = find_nearest_to_point(session, place, kind=kind, category=category, mode=mode, limit=limit, model=travel)
    return _show(found, audience)


def _show(report: NearestReport, audience: Audience) -> Answer:
    return {
        "travel_model": {"name": report.travel_model.name, "note": report.travel_model.note},
        "results": [disclose(result, audience) for result in report.results],
        "passed_over": report.passed_over,
    }
