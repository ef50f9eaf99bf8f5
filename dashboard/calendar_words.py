"""Weeks, shifts and what they want, in plain words; and an activity's times as calendars write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from dashboard.translation import Phrases, at_time, listed, number, on_day, tr, trn, without_year

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dashboard.calendar_answers import Activity, Role, Shift

WEEK: Final = timedelta(days=7)
_RULE_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
REPEATS: Final = Phrases({"once": "Once", "weekly": "Every week", "fortnightly": "Every two weeks"})
_ROLE: Final = re.compile(r"\s*(.{1,40}?)\s+(\d{1,3})\s*")


class NotRoles(ValueError):
    """What was written are not roles with their numbers."""


@dataclass(frozen=True, slots=True)
class Zones:
    """In which time zone each activity is meant, and the one that most are."""

    by_activity: Mapping[str, ZoneInfo]
    usual: ZoneInfo

    @classmethod
    def of(cls, activities: Iterable[Activity], fallback: str = "UTC") -> Zones:
        """Take the zones out of the activities."""
        names = {one.id: one.time_zone for one in activities}
        counted = sorted(set(names.values()), key=lambda name: (-list(names.values()).count(name), name))
        return cls({key: ZoneInfo(name) for key, name in names.items()}, ZoneInfo(counted[0] if counted else fallback))

    def local(self, shift: Shift, moment: datetime) -> datetime:
        """Give a moment as the clock at the shift's place shows it."""
        return moment.astimezone(self.by_activity.get(shift.activity_id, self.usual))


def week_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def bounds(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the instants at which a week begins and ends in a zone."""
    begin = datetime.combine(monday, time(), zone)
    return begin.astimezone(UTC), datetime.combine(monday + WEEK, time(), zone).astimezone(UTC)


def week_title(monday: date) -> str:
    """Name a week by its days."""
    sunday = monday + timedelta(days=6)
    first = number(monday.day) if monday.month == sunday.month else without_year(monday)
    return tr("{first} to {last}", first=first, last=on_day(sunday))


def hours(zones: Zones, shift: Shift) -> str:
    """Say from when until when a shift lasts."""
    starts, ends = zones.local(shift, shift.starts_at), zones.local(shift, shift.ends_at)
    parts = {"start": at_time(starts), "end": at_time(ends)}
    if ends.date() == starts.date():
        return tr("{start} to {end}", **parts)
    return tr("{start} to {end} the next day", **parts)


def wanted(roles: Sequence[Role]) -> str:
    """Say whom a shift still wants."""
    missing = [trn("{n} {role}", "{n} {role}s", role.room, role=role.name) for role in roles if role.room]
    if not missing:
        return tr("Everybody who is wanted has signed up.")
    return tr("Still wanted: {roles}.", roles=listed(missing))


def headline(shifts: Sequence[Shift]) -> str:
    """Say how the shifts of a week stand."""
    if not shifts:
        return tr("No shifts in this week")
    lacking = sum(one.most - one.taken for one in shifts if one.most > one.taken)
    filled = trn("{n} place to fill", "{n} places to fill", lacking) if lacking else tr("every place filled")
    return tr(", ").join((trn("{n} shift", "{n} shifts", len(shifts)), filled))


def read_roles(text: str) -> dict[str, int]:
    """Read roles as people write them: ``coordinator 1, cook 4``.

    Raises
    ------
    NotRoles
        For anything else.
    """
    found: dict[str, int] = {}
    for part in re.split(r"[,،\n]", text):
        if not part.strip():
            continue
        role = _ROLE.fullmatch(part)
        if role is None or not int(role[2]):
            raise NotRoles(part)
        found[role[1]] = int(role[2])
    if not found:
        raise NotRoles(text)
    return found


def schedule(day: date, starts: time, lasts_h: int, repeats: str) -> str:
    """Write when something is done as RFC 5545 does, in the network's own time."""
    begin = datetime.combine(day, starts)
    lines = [f"DTSTART:{begin:%Y%m%dT%H%M%S}", f"DURATION:PT{lasts_h}H"]
    if repeats != "once":
        every = ";INTERVAL=2" if repeats == "fortnightly" else ""
        rule = f"FREQ=WEEKLY{every};BYDAY={_RULE_DAYS[day.weekday()]}"
        lines.append(f"RRULE:{rule}")
    return "\n".join(lines)
