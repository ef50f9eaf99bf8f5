"""The shared calendar as it is sent and as it leaves: activities, shifts, promises, feeds and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from geo.domain.calendar import MAX_IN_ROLE, MAX_ROLES, ActivityDraft, FeedKind, SignUpState
from geo.domain.hours import get_zone
from geo.errors import InvalidInput
from geo.interchange.ics import MAX_FILE

from api.schemas.common import (
    Body,
    Change,
    ClientId,
    Instant,
    Line,
    Page,
    Schedule,
    ShortLine,
    Version,
    _one_line,
    count,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RoleName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), AfterValidator(_one_line)
]


def _zone(value: str) -> str:
    try:
        return get_zone(value).key
    except InvalidInput as error:
        raise ValueError(str(error)) from None


def _each_once(roles: tuple[RoleIn, ...]) -> tuple[RoleIn, ...]:
    if len({role.name for role in roles}) != len(roles):
        raise ValueError("must not name the same role twice")
    return roles


class RoleIn(Body):
    """A role and how many people it is for, at most."""

    name: RoleName
    most: Annotated[int, count(1, MAX_IN_ROLE)]


ZoneName = Annotated[
    str, StringConstraints(min_length=1, max_length=92), AfterValidator(_zone), Field(examples=["Europe/Helsinki"])
]
Roles = Annotated[tuple[RoleIn, ...], Field(min_length=1, max_length=MAX_ROLES), AfterValidator(_each_once)]


def roles_of(sent: Sequence[RoleIn]) -> dict[str, int]:
    """Give the maximum of each role by its name."""
    return {role.name: role.most for role in sent}


class ActivityIn(Body):
    """Something done together; ``place`` is read by everybody with a feed, so never a home."""

    id: ClientId | None = None
    title: Line
    kind: ShortLine = "activity"
    schedule: Schedule
    time_zone: ZoneName | None = Field(default=None, description="the network's when left out")
    roles: Roles
    asset_id: ClientId | None = None
    area_id: ClientId | None = None
    organization_id: ClientId | None = None
    place: Line | None = None

    def to_draft(self) -> ActivityDraft:
        """Make the draft the store takes."""
        sent = {name: getattr(self, name) for name in type(self).model_fields if name != "roles"}
        return ActivityDraft(**sent, roles=roles_of(self.roles))


class ActivityChange(Change):
    """What may be changed about an activity."""

    nullable = frozenset({"asset_id", "area_id", "organization_id", "place"})

    title: Line | None = None
    kind: ShortLine | None = None
    schedule: Schedule | None = None
    time_zone: ZoneName | None = None
    roles: Roles | None = None
    asset_id: ClientId | None = None
    area_id: ClientId | None = None
    organization_id: ClientId | None = None
    place: Line | None = None

    def values(self) -> dict[str, Any]:
        """Give the members that were sent, as the store takes them."""
        found = self.changes(without=frozenset({"roles"}))
        return found if self.roles is None else found | {"roles": roles_of(self.roles)}


class RoleOut(BaseModel):
    """A role and its maximum."""

    name: str
    most: int


class RoleState(RoleOut):
    """A role of a shift, and how many have signed up for it."""

    taken: int


class ActivityOut(BaseModel):
    """An activity as organizers see it."""

    id: UUID
    title: str
    kind: str
    schedule: str
    time_zone: str
    roles: list[RoleOut]
    asset_id: UUID | None
    area_id: UUID | None
    organization_id: UUID | None
    place: str | None
    uid: str | None = Field(description="what the calendar calls it that it was taken over from")
    updated_at: Instant
    version: Version


class ActivityPage(Page):
    """A page of activities."""

    items: list[ActivityOut]


class ShiftOut(BaseModel):
    """One occurrence of an activity."""

    id: UUID
    activity_id: UUID
    title: str
    kind: str
    place: str | None
    asset_id: UUID | None
    starts_at: Instant
    ends_at: Instant
    roles: list[RoleState]


class ShiftPage(Page):
    """A page of shifts, the first first."""

    items: list[ShiftOut]


class SignUpIn(Body):
    """A helper's promise to be there."""

    helper_id: ClientId
    role: RoleName


class SignUpChange(Body):
    """What became of a promise."""

    state: SignUpState


class SignUpOut(BaseModel):
    """A promise as organizers see it."""

    id: UUID
    shift_id: UUID
    helper_id: UUID
    role: str
    state: SignUpState
    starts_at: Instant
    ends_at: Instant
    updated_at: Instant
    version: Version


class SignUpPage(Page):
    """A page of promises."""

    items: list[SignUpOut]


class FeedIn(Body):
    """Whose calendar a feed shows."""

    kind: FeedKind
    subject_id: ClientId | None = Field(default=None, description="the helper or the asset; none for the network")
    label: ShortLine | None = None


class FeedOut(BaseModel):
    """A feed as it is listed."""

    id: UUID
    kind: FeedKind
    helper_id: UUID | None
    asset_id: UUID | None
    label: str
    created_at: Instant
    revoked_at: Instant | None


class FeedPage(Page):
    """A page of feeds."""

    items: list[FeedOut]


class NewFeedOut(BaseModel):
    """A new feed with its address, shown this once."""

    feed: FeedOut
    link: str
    token: str


class CalendarIn(Body):
    """A calendar's file to take over."""

    ics: Annotated[str, StringConstraints(min_length=1, max_length=MAX_FILE)]
    roles: Roles = (RoleIn(name="helper", most=10),)


class BadEventOut(BaseModel):
    """An event that was not taken."""

    line: int
    reason: str


class CalendarReportOut(BaseModel):
    """What became of a file's events."""

    created: int
    changed: int
    unchanged: int
    skipped: list[BadEventOut]


def with_roles(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Write roles as a list, with how many are signed up where that is known."""
    found, taken = dict(shown), shown.get("taken")
    rows = [{"name": name, "most": most} for name, most in sorted(shown["roles"].items())]
    found["roles"] = rows if taken is None else [row | {"taken": taken.get(row["name"], 0)} for row in rows]
    found.pop("taken", None)
    return found


ACTIVITY_EXAMPLES = {
    "kitchen": {
        "summary": "A kitchen on Sunday evenings",
        "value": {
            "title": "Community kitchen",
            "kind": "kitchen",
            "schedule": "DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU",
            "time_zone": "Europe/Helsinki",
            "roles": [{"name": "coordinator", "most": 1}, {"name": "cook", "most": 4}, {"name": "driver", "most": 2}],
            "place": "Parish hall",
        },
    }
}
SIGN_UP_EXAMPLES = {"cook": {"value": {"helper_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41", "role": "cook"}}}
FEED_EXAMPLES = {"network": {"summary": "The whole calendar", "value": {"kind": "network", "label": "Wall screen"}}}
CALENDAR_EXAMPLES = {
    "one event": {
        "value": {
            "ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1@example\r\n"
            "DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Helsinki:20260104T170000\r\nDURATION:PT3H\r\n"
            "RRULE:FREQ=WEEKLY\r\nSUMMARY:Community kitchen\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        }
    }
}
