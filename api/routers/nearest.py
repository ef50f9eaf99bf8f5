"""The nearest suitable help, for a need or for a place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator

from geo.domain.hours import Window
from geo.domain.nearest import COOL_DOWN_H, MOST_COOL_DOWN_H
from geo.domain.principals import Permission
from geo.domain.words import Category, Mode, Vehicle
from geo.privacy.disclosure import disclose
from geo.store.nearest import find_nearest, find_nearest_to_point

from api.access import requires
from api.deps import AudienceDep, SessionDep, TravelDep
from api.params import Place, ShortLimit, plain_number
from api.schemas.common import Instant, Language
from api.schemas.coverage import NearestListOut

if TYPE_CHECKING:
    from geo.domain.coverage import NearestReport
    from geo.domain.words import Audience

router = APIRouter(tags=["nearest"])
Kind = Literal["helper", "asset"]
Answer = Mapping[str, Any]
At = Annotated[
    Instant | None,
    Query(
        description="only help that is open, or helpers who are free, for an hour from then; unknown hours are kept",
        examples=["2026-06-01T17:00:00Z"],
    ),
]
CoolDown = Annotated[
    float,
    BeforeValidator(plain_number),
    Query(
        ge=0, le=MOST_COOL_DOWN_H, allow_inf_nan=False, examples=[COOL_DOWN_H],
        description="leave helpers in peace who were asked in so many hours before",
    ),
]  # fmt: skip
Carries = Annotated[
    Vehicle | None, Query(description="only helpers with this vehicle; for rides it is a car anyway", examples=["car"])
]


@router.get(
    "/v1/needs/{need_id}/nearest",
    operation_id="list_nearest_to_need",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=NearestListOut,
)
def get_nearest_to_need(  # noqa: PLR0913 - each is a filter of its own
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    need_id: UUID,
    *,
    kind: Kind = "helper",
    mode: Mode | None = None,
    at: At = None,
    vehicle: Carries = None,
    cool_down_h: CoolDown = COOL_DOWN_H,
    limit: ShortLimit = 5,
) -> Answer:
    """Name the nearest suitable help for a need, why, and why nearer help was passed over.

    ``mode`` is how the household travels to an asset; helpers come by their own way. Helpers who were asked about this
    need already, are kept apart from its household, or want no messages are not named.
    """
    found = find_nearest(
        session, need_id, kind=kind, mode=mode, vehicle=vehicle, window=_hour(at), cool_down_h=cool_down_h,
        limit=limit, model=travel,
    )  # fmt: skip
    return show_nearest(found, audience)


def _hour(at: Instant | None) -> Window | None:
    return None if at is None else Window(at, at + timedelta(hours=1))


@router.get(
    "/v1/nearest",
    operation_id="list_nearest",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=NearestListOut,
)
def get_nearest(  # noqa: PLR0913 - each is a filter of its own
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    place: Place,
    *,
    kind: Kind = "asset",
    category: Category | None = None,
    language: Annotated[Language | None, Query(description="only help that shares it", examples=["ar"])] = None,
    mode: Mode = Mode.WALK,
    at: At = None,
    vehicle: Carries = None,
    cool_down_h: CoolDown = COOL_DOWN_H,
    limit: ShortLimit = 5,
) -> Answer:
    """Name the nearest help for a place."""
    languages = () if language is None else (language,)
    found = find_nearest_to_point(
        session, place, kind=kind, category=category, languages=languages, mode=mode, vehicle=vehicle,
        window=_hour(at), cool_down_h=cool_down_h, limit=limit, model=travel,
    )  # fmt: skip
    return show_nearest(found, audience)


def show_nearest(report: NearestReport, audience: Audience) -> Answer:
    """Give a report as it leaves for an audience."""
    return {
        "travel_model": report.travel_model.as_dict(),
        "results": [disclose(result, audience) for result in report.results],
        "passed_over": report.passed_over,
        "passed_over_codes": report.passed_over_codes,
    }
