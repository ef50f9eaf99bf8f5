"""The shared calendar: activities, their shifts, and who has promised to be there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response

from geo.domain.calendar import SignUpState
from geo.domain.hours import Window
from geo.domain.principals import Permission
from geo.errors import InvalidInput
from geo.privacy.disclosure import disclose
from geo.store.activities import create_activity, delete_activity, get_activity, list_activities, update_activity
from geo.store.reminders import forget_reminders
from geo.store.shifts import get_shift, list_shifts
from geo.store.sign_ups import add_sign_up, change_state, get_sign_up, list_sign_ups

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Limit, RawCursor, decode_text, encode_text
from api.problems import BAD_CURSOR, Problem
from api.routers.paging import made, page
from api.schemas.calendar import (
    ACTIVITY_EXAMPLES,
    SIGN_UP_EXAMPLES,
    ActivityChange,
    ActivityIn,
    ActivityOut,
    ActivityPage,
    ShiftOut,
    ShiftPage,
    SignUpChange,
    SignUpIn,
    SignUpOut,
    SignUpPage,
    with_roles,
)
from api.schemas.common import At

if TYPE_CHECKING:
    from geo.domain.calendar import Shift

router = APIRouter(tags=["calendar"])
ACTIVITIES: Final = "/v1/activities"
SHIFTS: Final = "/v1/shifts"
SIGN_UPS: Final = "/v1/sign-ups"
USUAL: Final = timedelta(days=28)
WIDEST: Final = timedelta(days=400)
_READS, _CHANGES = [requires(Permission.READ_HELP)], [requires(Permission.CHANGE_HELP)]
_MARK: Final = re.compile(r"(\d{1,12}) ([0-9a-f-]{36})", re.ASCII)
Answer = Mapping[str, Any]


@router.post(
    ACTIVITIES, status_code=201, operation_id="create_activity", dependencies=_CHANGES, response_model=ActivityOut
)
def post_activity(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[ActivityIn, Body(openapi_examples=ACTIVITY_EXAMPLES)],
) -> Answer:
    """Take an activity in and lay out its shifts of the year ahead."""
    found, is_new = once.create(session, lambda: create_activity(session, sent.to_draft()), get_activity)
    return made(response, with_roles(disclose(found, audience)), path=ACTIVITIES, is_new=is_new)


@router.get(ACTIVITIES, operation_id="list_activities", dependencies=_READS, response_model=ActivityPage)
def get_activities(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List activities in the order of arrival."""
    found = page(list_activities(session, after=after, limit=limit), limit=limit, audience=audience)
    return found | {"items": [with_roles(item) for item in found["items"]]}


@router.get(ACTIVITIES + "/{activity_id}", operation_id="get_activity", dependencies=_READS, response_model=ActivityOut)
def get_one_activity(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, activity_id: UUID
) -> Answer | Response:
    """Read one activity; its ETag is what a change must name."""
    found = get_activity(session, activity_id)
    if is_known(request, version_tag(found.version)):
        return not_modified(version_tag(found.version))
    return tag_record(response, with_roles(disclose(found, audience)))


@router.patch(
    ACTIVITIES + "/{activity_id}", operation_id="update_activity", dependencies=_CHANGES, response_model=ActivityOut
)
def patch_activity(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    activity_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[ActivityChange, Body(openapi_examples={"move": {"value": {"place": "Library, upstairs"}}})],
) -> Answer:
    """Change an activity; its coming shifts follow, but none goes away that somebody has promised to come to."""
    found = update_activity(session, activity_id, sent.values(), expected_version=version)
    return tag_record(response, with_roles(disclose(found, audience)))


@router.delete(ACTIVITIES + "/{activity_id}", status_code=204, operation_id="delete_activity", dependencies=_CHANGES)
def remove_activity(session: SessionDep, activity_id: UUID, version: ExpectedVersion) -> None:
    """Remove an activity with its shifts and whoever signed up for them."""
    delete_activity(session, activity_id, expected_version=version)


@router.get(SHIFTS, operation_id="list_shifts", dependencies=_READS, response_model=ShiftPage)
def get_shifts(
    session: SessionDep,
    audience: AudienceDep,
    *,
    start: Annotated[At | None, Query(description="from when on; now when left out")] = None,
    end: Annotated[At | None, Query(description="until before when; four weeks later when left out")] = None,
    activity_id: UUID | None = None,
    asset_id: UUID | None = None,
    cursor: RawCursor = None,
    limit: Limit = 100,
) -> Answer:
    """List the shifts that begin within a window of 400 days at most, the first first."""
    found = list_shifts(
        session, _window(start, end), activity_id=activity_id, asset_id=asset_id, after=_after(cursor), limit=limit
    )
    items = [with_roles(disclose(one, audience)) for one in found]
    return {"items": items, "next": encode_text(_mark(found[-1])) if len(found) == limit else None}


def _window(start: datetime | None, end: datetime | None) -> Window:
    begin = start or (end - USUAL if end else datetime.now(UTC))
    found = Window(begin, end or begin + USUAL)
    if found.end - found.start > WIDEST:
        raise InvalidInput(f"a window may be {WIDEST.days} days wide", field="end")
    return found


def _mark(last: Shift) -> str:
    return f"{int(last.starts_at.timestamp())} {last.id}"


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    mark = decode_text(cursor, _MARK)
    found = None if mark is None else _MARK.fullmatch(mark)
    if found is None:
        return None
    try:
        return datetime.fromtimestamp(int(found[1]), UTC), UUID(found[2])
    except (ValueError, OverflowError):
        raise Problem(BAD_CURSOR) from None


@router.get(SHIFTS + "/{shift_id}", operation_id="get_shift", dependencies=_READS, response_model=ShiftOut)
def get_one_shift(session: SessionDep, audience: AudienceDep, shift_id: UUID) -> Answer:
    """Read one shift, with how many are signed up for each role."""
    return with_roles(disclose(get_shift(session, shift_id), audience))


@router.post(
    SHIFTS + "/{shift_id}/sign-ups",
    status_code=201,
    operation_id="sign_up",
    dependencies=_CHANGES,
    response_model=SignUpOut,
)
def post_sign_up(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    shift_id: UUID,
    sent: Annotated[SignUpIn, Body(openapi_examples=SIGN_UP_EXAMPLES)],
) -> Answer:
    """Sign a helper up; refused with 409 when the role is full or the helper has promised to be elsewhere then."""
    found, is_new = once.create(session, lambda: add_sign_up(session, shift_id, sent.helper_id, sent.role), get_sign_up)
    return made(response, disclose(found, audience), path=SIGN_UPS, is_new=is_new)


@router.get(SIGN_UPS, operation_id="list_sign_ups", dependencies=_READS, response_model=SignUpPage)
def get_sign_ups(
    session: SessionDep,
    audience: AudienceDep,
    after: After,
    *,
    shift_id: UUID | None = None,
    helper_id: UUID | None = None,
    limit: Limit = 100,
) -> Answer:
    """List promises in the order they were made, of one shift or one helper where that is given."""
    found = list_sign_ups(session, shift_id=shift_id, helper_id=helper_id, after=after, limit=limit)
    return page(found, limit=limit, audience=audience)


@router.get(SIGN_UPS + "/{sign_up_id}", operation_id="get_sign_up", dependencies=_READS, response_model=SignUpOut)
def get_one_sign_up(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, sign_up_id: UUID
) -> Answer | Response:
    """Read one promise; its ETag is what a change must name."""
    found = get_sign_up(session, sign_up_id)
    if is_known(request, version_tag(found.version)):
        return not_modified(version_tag(found.version))
    return tag_record(response, disclose(found, audience))


@router.patch(
    SIGN_UPS + "/{sign_up_id}", operation_id="change_sign_up", dependencies=_CHANGES, response_model=SignUpOut
)
def patch_sign_up(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    sign_up_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[SignUpChange, Body(openapi_examples={"cancel": {"value": {"state": "cancelled"}}})],
) -> Answer:
    """Note that a promise is cancelled, done, or that nobody came; what cannot follow is refused with 409."""
    found = change_state(session, sign_up_id, sent.state, expected_version=version)
    if found.state is SignUpState.CANCELLED:
        forget_reminders(session, sign_up_id)
    return tag_record(response, disclose(found, audience))
