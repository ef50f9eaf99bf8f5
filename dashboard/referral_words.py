"""Words for how referrals stand and why partners decline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.access_words import ago, until
from dashboard.sentences import plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dashboard.referral_answers import Referral, ReferralStep, ServingPlace

STATES: Final[Mapping[str, str]] = {
    "waiting": "waits for an answer",
    "accepted": "accepted",
    "served": "served",
    "declined": "declined",
    "not_eligible": "not eligible",
    "full": "full",
    "withdrawn": "taken back",
    "expired": "ran out",
}
REASONS: Final[Mapping[str, str]] = {
    "outside_area": "outside their area",
    "cannot_reach": "they could not reach anybody",
    "not_our_help": "not the help they give",
    "no_language": "no language in common",
    "other": "another reason",
}
HOW: Final[Mapping[str, str]] = {"spoken": "They said so", "written": "They wrote so", "form": "They signed a form"}
LANES: Final[Mapping[str, tuple[str, ...]]] = {
    "With a partner": ("waiting", "accepted"),
    "Answered": ("served", "declined", "not_eligible", "full"),
    "Over": ("withdrawn", "expired"),
}
EMPTY: Final[Mapping[str, tuple[str, str]]] = {
    "With a partner": (
        "No need is with a partner.",
        "Open a need on the board and press “Refer to a partner”. The person must have agreed.",
    ),
    "Answered": ("No partner has answered yet.", "What partners say stands here, and at the need."),
    "Over": ("Nothing was taken back or ran out.", "A referral ends after the days you gave it."),
}


def stands(one: Referral) -> str:
    """Say how a referral stands, with the reason where there is one."""
    why = f": {REASONS.get(one.reason, one.reason)}" if one.reason else ""
    return f"{STATES.get(one.state, one.state)}{why}"


def left(one: Referral, now: datetime | None = None) -> str:
    """Say what time is left, or since when it is over."""
    if one.is_running:
        return until(one.expires_at, now)
    return f"since {ago(one.ended_at, now)}" if one.ended_at else ""


def step_line(step: ReferralStep, names: Mapping[str, str]) -> str:
    """Say in one line what was done, when and by whom."""
    said = "referred" if step.was is None else STATES.get(step.then, step.then)
    if step.is_undo:
        said = f"last step taken back, {said} again"
    why = f" ({REASONS.get(step.reason, step.reason)})" if step.reason else ""
    who = f", by {names[step.actor]}" if step.actor is not None and step.actor in names else ""
    return f"{step.at:%-d %b %H:%M} UTC: {said}{why}{who}"


def place_line(one: ServingPlace) -> str:
    """Say how far a service is, when it is open, and how many needs it has from us."""
    minutes = "" if one.travel_min is None else plural(one.travel_min, "minute", "minutes") + " away"
    referred = f"{plural(one.referred, 'need', 'needs')} referred there now" if one.referred else ""
    return " · ".join(part for part in (minutes, one.opening_hours or "hours not known", referred) if part)
