"""Keys, phones, tiers and times in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dashboard.sentences import DAY_S, HOUR_S, since
from dashboard.translation import Phrases, tr, trn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.access_answers import Key, Phone

MINUTE_S: Final = 60

ROLES: Final = Phrases({"organizer": "Organizer", "admin": "Admin"})
ROLE_NOTES: Final = Phrases(
    {"organizer": "works with needs, phones and partners", "admin": "also decides who belongs to the network"}
)
TIERS: Final = Phrases({"aggregate": "Figures", "coarse": "Hexagons", "referral": "Referred needs"})
TIER_NOTES: Final = Phrases(
    {
        "aggregate": "counts by hexagon and kind of need, and nothing about a single household",
        "coarse": "each need with its kind and the hexagon its household is in, under numbers only this partner knows",
        "referral": "the needs you hand over one by one, each with its exact place; the person has agreed to it",
    }
)
FIELDS: Final = Phrases(
    {
        "household_size": "how many people",
        "languages": "languages",
        "access": "what stands in the way",
        "urgency": "how urgent",
        "category": "kind of need",
    }
)
KINDS: Final = Phrases(
    {
        "session": "Somebody signed in",
        "invite": "One-time link",
        "script": "Token for a script",
        "device": "Phone",
        "enrolment": "Code for a phone",
        "partner": "Partner's key",
        "monitor": "Key for measurements",
    }
)


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago something happened, to the minute within the last hour."""
    seconds = max(0.0, ((now or datetime.now(UTC)) - moment).total_seconds())
    if seconds < MINUTE_S:
        return tr("just now")
    if seconds < HOUR_S:
        return trn("{n} minute ago", "{n} minutes ago", seconds // MINUTE_S)
    return since(moment, now)


def until(moment: datetime, now: datetime | None = None) -> str:
    """Say how long something is still good."""
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return tr("over")
    # what was just made for three days is good for three days, not for two and a bit
    if seconds > DAY_S - MINUTE_S:
        return trn("good for {n} more day", "good for {n} more days", round(seconds / DAY_S))
    if seconds > HOUR_S - MINUTE_S:
        return trn("good for {n} more hour", "good for {n} more hours", round(seconds / HOUR_S))
    return trn("good for {n} more minute", "good for {n} more minutes", max(1, round(seconds / MINUTE_S)))


def phone_state(phone: Phone, now: datetime | None = None) -> str:
    """Say where a phone stands."""
    if phone.ended_at is not None:
        return tr("ended {ago}", ago=ago(phone.ended_at, now))
    if phone.expires_at <= (now or datetime.now(UTC)):
        return tr("its time is over")
    if phone.enrolled_at is None:
        return tr("waits to be enrolled")
    return tr("enrolled {ago}, {until}", ago=ago(phone.enrolled_at, now), until=until(phone.expires_at, now))


def key_line(key: Key, owners: Mapping[str, str], now: datetime | None = None) -> str:
    """Say whose a key is and how it is used."""
    unknown = tr("somebody no longer here") if key.owner else tr("this installation")
    whose = owners.get(key.owner or "", unknown)
    seen = tr("last used {ago}", ago=ago(key.last_seen_at, now)) if key.last_seen_at else tr("not used yet")
    return f"{whose} · {seen} · {until(key.expires_at, now)}"
