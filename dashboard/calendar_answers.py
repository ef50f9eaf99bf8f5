"""Activities, shifts, promises and feeds as the API answers them: frozen records the pages can rely upon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a shift: how many it is for at most, and how many have signed up."""

    name: str
    most: int
    taken: int

    @property
    def room(self) -> int:
        """How many more are wanted."""
        return max(0, self.most - self.taken)


@dataclass(frozen=True, slots=True)
class Shift:
    """One occurrence of an activity."""

    id: str
    activity_id: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    roles: tuple[Role, ...]

    @classmethod
    def read(cls, body: Json) -> Shift:
        """Take one shift out of an answer."""
        return cls(
            id=str(body["id"]),
            activity_id=str(body["activity_id"]),
            title=str(body["title"]),
            place=str(body.get("place") or ""),
            starts_at=datetime.fromisoformat(body["starts_at"]),
            ends_at=datetime.fromisoformat(body["ends_at"]),
            roles=tuple(Role(str(r["name"]), int(r["most"]), int(r.get("taken") or 0)) for r in body["roles"]),
        )

    @property
    def most(self) -> int:
        """How many are wanted in all."""
        return sum(role.most for role in self.roles)

    @property
    def taken(self) -> int:
        """How many have signed up in all."""
        return sum(role.taken for role in self.roles)


@dataclass(frozen=True, slots=True)
class SignUp:
    """A helper's promise to be at a shift."""

    id: str
    shift_id: str
    helper_id: str
    role: str
    state: str
    starts_at: datetime
    version: int

    @classmethod
    def read(cls, body: Json) -> SignUp:
        """Take one promise out of an answer."""
        return cls(
            id=str(body["id"]),
            shift_id=str(body["shift_id"]),
            helper_id=str(body["helper_id"]),
            role=str(body["role"]),
            state=str(body["state"]),
            starts_at=datetime.fromisoformat(body["starts_at"]),
            version=int(body["version"]),
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """Something done together, once or again and again."""

    id: str
    title: str
    place: str
    schedule: str
    time_zone: str
    roles: tuple[tuple[str, int], ...]
    version: int

    @classmethod
    def read(cls, body: Json) -> Activity:
        """Take one activity out of an answer."""
        return cls(
            id=str(body["id"]),
            title=str(body["title"]),
            place=str(body.get("place") or ""),
            schedule=str(body["schedule"]),
            time_zone=str(body["time_zone"]),
            roles=tuple((str(role["name"]), int(role["most"])) for role in body["roles"]),
            version=int(body["version"]),
        )


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of the calendar as it is listed: never its address."""

    id: str
    kind: str
    helper_id: str | None
    label: str
    created_at: datetime
    is_over: bool

    @classmethod
    def read(cls, body: Json) -> Feed:
        """Take one feed out of an answer."""
        helper = body.get("helper_id")
        made = datetime.fromisoformat(body["created_at"])
        label = str(body.get("label") or "")
        return cls(str(body["id"]), str(body["kind"]), helper and str(helper), label, made, bool(body["revoked_at"]))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the events of a calendar's file; ``skipped`` are lines with the reason."""

    created: int
    changed: int
    unchanged: int
    skipped: tuple[tuple[int, str], ...]

    @classmethod
    def read(cls, body: Json) -> Taken:
        """Take the report out of an answer."""
        skipped = tuple((int(one["line"]), str(one["reason"])) for one in body["skipped"])
        return cls(int(body["created"]), int(body["changed"]), int(body["unchanged"]), skipped)


@dataclass(frozen=True, slots=True)
class ActivityAsked:
    """An activity as the page takes it in."""

    title: str
    place: str
    schedule: str
    roles: Mapping[str, int]

    def as_body(self) -> dict[str, Any]:
        """Write it as the API takes it."""
        roles = [{"name": name, "most": most} for name, most in self.roles.items()]
        body = {"title": self.title, "schedule": self.schedule, "roles": roles}
        return body | ({"place": self.place} if self.place else {})
