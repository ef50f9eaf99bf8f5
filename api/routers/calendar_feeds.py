"""Feeds of the calendar for calendar programs, and the taking over of calendars from files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response

from geo.domain.principals import Permission
from geo.domain.words import Audience
from geo.errors import NotFound
from geo.interchange.ics import ShownEvent, read_calendar, write_calendar
from geo.privacy.disclosure import disclose
from geo.store.calendar_feeds import find_feed, issue_feed, list_feed_events, list_feeds, revoke_feed
from geo.store.calendar_import import import_events
from geo.store.engine import APP_ROLE, Acting, transaction

from api.access import FEED_PATH, SIGNING_IN, requires
from api.deps import AudienceDep, SessionDep, SessionsDep
from api.etags import is_known, not_modified
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.calendar import (
    CALENDAR_EXAMPLES,
    FEED_EXAMPLES,
    CalendarIn,
    CalendarReportOut,
    FeedIn,
    FeedPage,
    NewFeedOut,
    roles_of,
)

router = APIRouter(tags=["calendar"])
FEEDS: Final = "/v1/calendar-feeds"
MOST_EVENTS: Final = 200
"""How many events a request takes over; the command line takes more."""
_MANAGES = [requires(Permission.MANAGE_ACCESS)]
_ICS: Final = {"content": {"text/calendar": {}}, "description": "A calendar (RFC 5545)"}


@router.get(
    FEED_PATH,
    operation_id="get_calendar",
    dependencies=[requires(Permission.OPEN)],
    response_class=Response,
    responses={200: _ICS},
)
def get_calendar(
    request: Request,
    sessions: SessionsDep,
    token: Annotated[str, Query(max_length=100, description="the feed's own token, which opens nothing else")],
) -> Response:
    """Give the calendar that a feed's token opens: roles, places and times, and no names."""
    with transaction(sessions, SIGNING_IN) as session:
        feed = find_feed(session, token)
    if feed is None:
        raise NotFound
    with transaction(sessions, Acting(feed.network_id, APP_ROLE, None, "feed")) as session:
        found = list_feed_events(session, feed, now=datetime.now(UTC))
    raw = write_calendar("Barnraiser", [_shown(disclose(one, Audience.HELPER)) for one in found])
    tag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
    if is_known(request, tag):
        return not_modified(tag)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
    return Response(raw, media_type="text/calendar; charset=utf-8", headers=headers)


def _shown(fields: Mapping[str, Any]) -> ShownEvent:
    times = {name: datetime.fromisoformat(fields[name]) for name in ("starts_at", "ends_at", "changed_at")}
    return ShownEvent(**(dict(fields) | times))


@router.post(FEEDS, status_code=201, operation_id="open_feed", dependencies=_MANAGES, response_model=NewFeedOut)
def post_feed(
    request: Request,
    response: Response,
    session: SessionDep,
    audience: AudienceDep,
    sent: Annotated[FeedIn, Body(openapi_examples=FEED_EXAMPLES)],
) -> Mapping[str, Any]:
    """Open a feed for a helper, a place or the whole network; its address is shown this once."""
    feed, token = issue_feed(session, sent.kind, subject=sent.subject_id, label=sent.label or "")
    response.headers["Cache-Control"] = "no-store"
    link = str(request.url.replace(path=FEED_PATH, query=f"token={token}", fragment=""))
    return {"feed": disclose(feed, audience), "link": link, "token": token}


@router.get(FEEDS, operation_id="list_feeds", dependencies=_MANAGES, response_model=FeedPage)
def get_feeds(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Mapping[str, Any]:
    """List the feeds in the order they were opened, ended ones too."""
    return page(list_feeds(session, after=after, limit=limit), limit=limit, audience=audience)


@router.delete(FEEDS + "/{feed_id}", status_code=204, operation_id="end_feed", dependencies=_MANAGES)
def delete_feed(session: SessionDep, feed_id: UUID) -> None:
    """End a feed: its address answers nobody from now on."""
    revoke_feed(session, feed_id)


@router.post(
    "/v1/calendar/import",
    operation_id="import_calendar",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=CalendarReportOut,
)
def post_calendar(
    session: SessionDep, sent: Annotated[CalendarIn, Body(openapi_examples=CALENDAR_EXAMPLES)]
) -> Mapping[str, Any]:
    """Take a file's events over as activities; the same again adds nothing, a bad one is named by its line."""
    events, bad = read_calendar(sent.ics, most=MOST_EVENTS)
    return import_events(session, events, bad, roles=roles_of(sent.roles)).as_dict()
