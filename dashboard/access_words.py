"""Keys, phones, tiers and times in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dashboard.sentences import DAY_S, HOUR_S, plural, since

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.access_answers import Key, Phone

MINUTE_S: Final = 60

ROLES: Final = {"organizer": "Organizer", "admin": "Admin"}
ROLE_NOTES: Final = {
    "organizer": "works with needs, phones and partners",
    "admin": "also decides who belongs to the network",
}
TIERS: Final = {"aggregate": "Figures", "coarse": "Hexagons", "referral": "Referred needs"}
TIER_NOTES: Final = {
    "aggregate": "counts by hexagon and kind of need, and nothing about a single household",
    "coarse": "each need with its kind and the hexagon its household is in, under numbers only this partner knows",
    "referral": "the needs you hand over one by one, each with its exact place; the person has agreed to it",
}
FIELDS: Final = {
    "household_size": "how many people",
    "languages": "languages",
    "access": "what stands in the way",
    "urgency": "how urgent",
    "category": "kind of need",
}
KINDS: Final = {
    "session": "Somebody signed in",
    "invite": "One-time link",
    "script": "Token for a script",
    "device": "Phone",
    "enrolment": "Code for a phone",
    "partner": "Partner's key",
    "monitor": "Key for measurements",
}


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago something happened, to the minute within the last hour."""
    seconds = max(0.0, ((now or datetime.now(UTC)) - moment).total_seconds())
    if seconds < MINUTE_S:
        return "just now"
    if seconds < HOUR_S:
        return f"{plural(seconds // MINUTE_S, 'minute', 'minutes')} ago"
    return since(moment, now)


def until(moment: datetime, now: datetime | None = None) -> str:
    """Say how long something is still good."""
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return "over"
    # what was just made for three days is good for three days, not for two and a bit
    for unit_s, one in ((DAY_S, "day"), (HOUR_S, "hour")):
        if seconds > unit_s - MINUTE_S:
            return f"good for {plural(round(seconds / unit_s), f'more {one}', f'more {one}s')}"
    return f"good for {plural(max(1, round(seconds / MINUTE_S)), 'more minute', 'more minutes')}"


def phone_state(phone: Phone, now: datetime | None = None) -> str:
    """Say where a phone stands."""
    if phone.ended_at is not None:
        return f"ended {ago(phone.ended_at, now)}"
    if phone.expires_at <= (now or datetime.now(UTC)):
        return "its time is over"
    if phone.enrolled_at is None:
        return "waits to be enrolled"
    return f"enrolled {ago(phone.enrolled_at, now)}, {until(phone.expires_at, now)}"


def key_line(key: Key, owners: Mapping[str, str], now: datetime | None = None) -> str:
    """Say whose a key is and how it is used."""
    whose = owners.get(key.owner or "", "somebody no longer here" if key.owner else "this installation")
    seen = f"last used {ago(key.last_seen_at, now)}" if key.last_seen_at else "not used yet"
    return f"{whose} · {seen} · {until(key.expires_at, now)}"
