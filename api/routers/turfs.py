"""Turfs for organizers: drawn or cut, given to phones, and how far they have been walked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response

from geo.analysis.turf_cutting import cut_turfs, turfs_for
from geo.analysis.walking import walk_doors
from geo.domain.principals import Permission
from geo.domain.turf import MAX_DOORS, TurfDraft, progress_of
from geo.geometry import parse_area, to_geojson
from geo.privacy.disclosure import disclose
from geo.store.areas import get_area
from geo.store.sheet_codes import enter_codes
from geo.store.turf_assignments import assign_turf, end_assignment, list_assignments
from geo.store.turf_ground import list_doors_within
from geo.store.turfs import (
    create_turfs,
    delete_turf,
    get_cut,
    get_turf,
    list_turfs,
    tally_turfs,
    today_here,
    update_turf,
)
from geo.store.visits import list_progress

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Limit
from api.routers.paging import made, page
from api.schemas.turfs import (
    ASSIGNMENT_EXAMPLES,
    CODES_EXAMPLES,
    CUT_EXAMPLES,
    TURF_CHANGE_EXAMPLES,
    TURF_EXAMPLES,
    AssignmentIn,
    AssignmentOut,
    AssignmentPage,
    CodesIn,
    CodesOut,
    CutIn,
    CutOut,
    ProgressMap,
    TurfChange,
    TurfIn,
    TurfOut,
    TurfPage,
    TurfProgressOut,
)

if TYPE_CHECKING:
    from datetime import date

    from shapely import MultiPolygon
    from sqlalchemy.orm import Session

    from geo.domain.turf import DoorProgress, Turf
    from geo.domain.words import Audience

    from api.schemas.turfs import Ground

router = APIRouter(tags=["turfs"])
PATH: Final = "/v1/turfs"
ONE: Final = PATH + "/{turf_id}"
USUAL: Final = timedelta(days=30)
"""How long a turf is walked where nobody says."""
MANAGES: Final = [requires(Permission.MANAGE_TURFS)]
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Campaign:
    """What the turfs of one request share."""

    ground: MultiPolygon
    note: str | None
    ends_on: date


def _campaign(session: Session, sent: TurfIn | CutIn) -> _Campaign:
    return _Campaign(_ground(session, sent), sent.note, sent.ends_on or today_here(session) + USUAL)


def _ground(session: Session, sent: Ground) -> MultiPolygon:
    if sent.area_id is not None:
        return get_area(session, sent.area_id).geometry
    return parse_area(sent.geometry)


def show_turf(turf: Turf, audience: Audience) -> dict[str, Any]:
    """Give what an audience may have of a turf, its shape as RFC 7946 wants it."""
    return disclose(turf, audience) | {"geometry": to_geojson(turf.geometry)}


@router.post(PATH, status_code=201, operation_id="create_turf", dependencies=MANAGES, response_model=TurfOut)
def post_turf(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[TurfIn, Body(openapi_examples=TURF_EXAMPLES)],
) -> Answer:
    """Make one turf of all doors of a shape, in the order they are walked to."""

    def make() -> Turf:
        shared = _campaign(session, sent)
        doors = list_doors_within(session, shared.ground, most=MAX_DOORS)
        walked = [doors[at] for at in walk_doors(doors).order]
        draft = TurfDraft(sent.name, shared.ground, walked, shared.ends_on, shared.note, sent.id)
        return create_turfs(session, [draft]).turfs[0]

    turf, is_new = once.create(session, make, get_turf)
    return made(response, show_turf(turf, audience), path=PATH, is_new=is_new)


@router.post(PATH + "/cut", status_code=201, operation_id="cut_turfs", dependencies=MANAGES, response_model=CutOut)
def post_cut(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    sent: Annotated[CutIn, Body(openapi_examples=CUT_EXAMPLES)],
) -> Answer:
    """Cut ground into turfs of nearly equal size that can each be walked; the same input gives the same turfs."""
    cut, _ = once.create(session, lambda: create_turfs(session, draft_cut(session, sent)), get_cut)
    return {"cut_id": cut.id, "items": [show_turf(turf, audience) for turf in cut.turfs]}


def draft_cut(session: Session, sent: CutIn) -> list[TurfDraft]:
    """Cut ground into turfs that are not stored yet, numbered behind the name that was given.

    Raises
    ------
    GeoError
        If there is no such area, or the ground cannot be cut like this.
    """
    shared = _campaign(session, sent)
    doors = list_doors_within(session, shared.ground)
    count = sent.turfs or turfs_for(len(doors), sent.doors_each or MAX_DOORS)
    parts = cut_turfs(doors, shared.ground, count, seed=sent.seed)
    return [
        TurfDraft(f"{sent.name[:95]} {at}", part.geometry, part.doors, shared.ends_on, shared.note)
        for at, part in enumerate(parts, 1)
    ]


@router.get(PATH, operation_id="list_turfs", dependencies=MANAGES, response_model=TurfPage)
def get_turfs(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List turfs in the order they were made, each with how far it has been walked."""
    found = list_turfs(session, after=after, limit=limit)
    progress = [disclose(one, audience) for one in tally_turfs(session, found)]
    items = [show_turf(turf, audience) | {"progress": told} for turf, told in zip(found, progress, strict=True)]
    return page(found, limit=limit, audience=audience) | {"items": items}


@router.get(ONE, operation_id="get_turf", dependencies=MANAGES, response_model=TurfOut)
def get_one_turf(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, turf_id: UUID
) -> Answer | Response:
    """Read one turf; its ETag is what a change must name."""
    turf = get_turf(session, turf_id)
    if is_known(request, version_tag(turf.version)):
        return not_modified(version_tag(turf.version))
    return tag_record(response, show_turf(turf, audience))


@router.patch(ONE, operation_id="update_turf", dependencies=MANAGES, response_model=TurfOut)
def patch_turf(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    turf_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[TurfChange, Body(openapi_examples=TURF_CHANGE_EXAMPLES)],
) -> Answer:
    """Change the name, the note or the end of a turf; sheets that are out stay right."""
    return tag_record(
        response, show_turf(update_turf(session, turf_id, sent.changes(), expected_version=version), audience)
    )


@router.delete(ONE, status_code=204, operation_id="delete_turf", dependencies=MANAGES)
def remove_turf(session: SessionDep, turf_id: UUID, version: ExpectedVersion) -> None:
    """Remove a turf with all that was met there."""
    delete_turf(session, turf_id, expected_version=version)


@router.post(
    ONE + "/assignments",
    status_code=201,
    operation_id="assign_turf",
    dependencies=MANAGES,
    response_model=AssignmentOut,
)
def post_assignment(
    session: SessionDep,
    audience: AudienceDep,
    turf_id: UUID,
    sent: Annotated[AssignmentIn, Body(openapi_examples=ASSIGNMENT_EXAMPLES)],
) -> Answer:
    """Let a phone carry a turf."""
    turf = get_turf(session, turf_id)
    first, last = sent.from_on or today_here(session), sent.until_on or turf.ends_on
    return disclose(assign_turf(session, turf_id, sent.device_id, first, last), audience)


@router.get(ONE + "/assignments", operation_id="list_assignments", dependencies=MANAGES, response_model=AssignmentPage)
def get_assignments(
    session: SessionDep, audience: AudienceDep, turf_id: UUID, after: After, limit: Limit = 100
) -> Answer:
    """List the phones that carry a turf or will."""
    get_turf(session, turf_id)
    return page(list_assignments(session, turf_id, after=after, limit=limit), limit=limit, audience=audience)


@router.delete(
    ONE + "/assignments/{assignment_id}", status_code=204, operation_id="unassign_turf", dependencies=MANAGES
)
def remove_assignment(session: SessionDep, turf_id: UUID, assignment_id: UUID) -> None:
    """Take a turf back from a phone; what it noted there may still come in for a week."""
    end_assignment(session, turf_id, assignment_id)


@router.get(ONE + "/progress", operation_id="get_turf_progress", dependencies=MANAGES, response_model=TurfProgressOut)
def get_progress(session: SessionDep, audience: AudienceDep, turf_id: UUID) -> Answer:
    """Tell how far a turf has been walked, as a whole and by street."""
    turf = get_turf(session, turf_id)
    if turf.closed_at is not None:
        return disclose(tally_turfs(session, [turf])[0], audience) | {"streets": []}
    found = progress_of(turf.id, list_progress(session, turf_id))
    return disclose(found, audience) | {"streets": [disclose(street, audience) for street in found.streets]}


@router.get(ONE + "/map", operation_id="get_turf_map", dependencies=MANAGES, response_model=ProgressMap)
def get_map(session: SessionDep, audience: AudienceDep, turf_id: UUID) -> Answer:
    """Give the doors of a turf as GeoJSON, with what was met at each last."""
    get_turf(session, turf_id)
    features = [_feature(door, audience) for door in list_progress(session, turf_id)]
    return {"type": "FeatureCollection", "features": features}


def _feature(door: DoorProgress, audience: Audience) -> dict[str, Any]:
    shown = disclose(door, audience)
    place = {"type": "Point", "coordinates": [shown.pop("lon"), shown.pop("lat")]}
    return {"type": "Feature", "id": door.position, "geometry": place, "properties": shown}


@router.post(ONE + "/codes", operation_id="enter_codes", dependencies=MANAGES, response_model=CodesOut)
def post_codes(
    session: SessionDep,
    audience: AudienceDep,
    turf_id: UUID,
    sent: Annotated[CodesIn, Body(openapi_examples=CODES_EXAMPLES)],
) -> Answer:
    """Take in rows of sheets by their codes. Slips are told and change nothing; typing a sheet again does no harm."""
    turf = get_turf(session, turf_id)
    day = sent.visited_on or today_here(session)
    entered = enter_codes(session, turf, sent.to_typed(), visited_on=day, now=datetime.now(UTC))
    progress = tally_turfs(session, [turf])[0]
    return {"results": [disclose(one, audience) for one in entered], "progress": disclose(progress, audience)}
