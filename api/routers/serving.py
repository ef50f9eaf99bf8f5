"""Who serves this already: asked before a new project or a referral does the same again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fastapi import APIRouter

from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.privacy.disclosure import disclose
from geo.store.serving import who_serves_need, who_serves_place

from api.access import requires
from api.deps import AudienceDep, SessionDep, TravelDep
from api.params import Place, ShortLimit
from api.schemas.referrals import ServingOut

if TYPE_CHECKING:
    from geo.domain.words import Audience
    from geo.store.serving import Serving

router = APIRouter(tags=["referrals"])
_READS: Final = [requires(Permission.READ_HELP)]


@router.get(
    "/v1/needs/{need_id}/serving", operation_id="who_serves_need", dependencies=_READS, response_model=ServingOut
)
def get_of_need(
    session: SessionDep, travel: TravelDep, audience: AudienceDep, need_id: UUID, limit: ShortLimit = 5
) -> Mapping[str, Any]:
    """Say which services are near a need, which partners it can be referred to, and where it is already."""
    return _show(who_serves_need(session, need_id, model=travel, limit=limit), audience)


@router.get("/v1/serving", operation_id="who_serves_place", dependencies=_READS, response_model=ServingOut)
def get_of_place(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    place: Place,
    category: Category,
    limit: ShortLimit = 5,
) -> Mapping[str, Any]:
    """Say which services for a kind of need are near a place, with their hours, and which partners cover it."""
    return _show(who_serves_place(session, category, place, model=travel, limit=limit), audience)


def _show(found: Serving, audience: Audience) -> Mapping[str, Any]:
    return {
        "places": [disclose(one, audience) for one in found.places],
        "partners": [disclose(one, audience) for one in found.partners],
        "referrals": [disclose(one, audience) for one in found.referrals],
    }
