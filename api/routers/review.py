"""The review queue: addresses that wait for a person, and the ways to give them a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response

from geo.domain.place import Point
from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.reveals import note_review
from geo.store.review import PIN_UNCERTAINTY_M, choose_candidate, confirm_location, count_review, list_review, set_pin

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import VersionIfGiven, tag_record
from api.params import After, Limit, encode_cursor
from api.schemas.needs import NeedOut
from api.schemas.review import CHOICE_EXAMPLES, LocationChoice, ReviewPage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.records import Need

router = APIRouter(tags=["review"])


@router.get(
    "/v1/review", operation_id="list_review", dependencies=[requires(Permission.REVIEW)], response_model=ReviewPage
)
def get_review(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 50) -> Mapping[str, Any]:
    """List the needs whose address waits, the longest waiting first; what was typed is shown, and noted as a reveal."""
    found = list_review(session, after=after, limit=limit)
    note_review(session, found)
    following = encode_cursor(found[-1].need.id) if len(found) == limit else None
    items = [disclose(item, audience) for item in found]
    return {"items": items, "next": following, "count": count_review(session)}


@router.post(
    "/v1/needs/{need_id}/location",
    operation_id="locate_need",
    dependencies=[requires(Permission.REVIEW)],
    response_model=NeedOut,
)
def post_location(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    need_id: UUID,
    version: VersionIfGiven,
    sent: Annotated[LocationChoice, Body(openapi_examples=CHOICE_EXAMPLES)],
) -> Mapping[str, Any]:
    """Give a need its place: a pin, one of the places offered, or a yes to the place it has."""
    need = _place(session, need_id, sent, version)
    return tag_record(response, disclose(need, audience))


def _place(session: Session, need_id: UUID, sent: LocationChoice, version: int | None) -> Need:
    if sent.candidate is not None:
        return choose_candidate(session, need_id, sent.candidate, expected_version=version)
    if sent.point is None:
        return confirm_location(session, need_id, expected_version=version)
    uncertainty_m = PIN_UNCERTAINTY_M if sent.uncertainty_m is None else sent.uncertainty_m
    point = Point(sent.point.lon, sent.point.lat)
    return set_pin(session, need_id, point, uncertainty_m=uncertainty_m, expected_version=version)
