"""Words for how referrals stand and why partners decline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.access_words import ago, until
from dashboard.translation import Phrases, at_time, by_pattern, tr, trn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dashboard.referral_answers import Referral, ReferralStep, ServingPlace

STATES: Final = Phrases(
    {
        "waiting": "waits for an answer",
        "accepted": "accepted",
        "served": "served",
        "declined": "declined",
        "not_eligible": "not eligible",
        "full": "full",
        "withdrawn": "taken back",
        "expired": "ran out",
    }
)
REASONS: Final = Phrases(
    {
        "outside_area": "outside their area",
        "cannot_reach": "they could not reach anybody",
        "not_our_help": "not the help they give",
        "no_language": "no language in common",
        "other": "another reason",
    }
)
HOW: Final = Phrases({"spoken": "They said so", "written": "They wrote so", "form": "They signed a form"})
LANES: Final[Mapping[str, tuple[str, ...]]] = {
    "Running": ("waiting", "accepted"),
    "Answered": ("served", "declined", "not_eligible", "full"),
    "Over": ("withdrawn", "expired"),
}
LANE_NAMES: Final = Phrases({"Running": "With a partner", "Answered": "Answered", "Over": "Over"})
EMPTY: Final = Phrases(
    {
        "Running": (
            "No need is with a partner.",
            "Open a need on the board and press “Refer to a partner”. The person must have agreed.",
        ),
        "Answered": ("No partner has answered yet.", "What partners say stands here, and at the need."),
        "Over": ("Nothing was taken back or ran out.", "A referral ends after the days you gave it."),
    }
)


def stands(one: Referral) -> str:
    """Say how a referral stands, with the reason where there is one."""
    why = f": {REASONS.get(one.reason, one.reason)}" if one.reason else ""
    return f"{STATES.get(one.state, one.state)}{why}"


def left(one: Referral, now: datetime | None = None) -> str:
    """Say what time is left, or since when it is over."""
    if one.is_running:
        return until(one.expires_at, now)
    return tr("since {ago}", ago=ago(one.ended_at, now)) if one.ended_at else ""


def step_line(step: ReferralStep, names: Mapping[str, str]) -> str:
    """Say in one line what was done, when and by whom."""
    said = tr("referred") if step.was is None else STATES.get(step.then, step.then)
    if step.is_undo:
        said = tr("last step taken back, {state} again", state=said)
    why = f" ({REASONS.get(step.reason, step.reason)})" if step.reason else ""
    parts = {"day": by_pattern("MMMd", step.at), "time": at_time(step.at), "what": f"{said}{why}"}
    if step.actor is not None and step.actor in names:
        return tr("{day} {time} UTC: {what}, by {who}", who=names[step.actor], **parts)
    return tr("{day} {time} UTC: {what}", **parts)


def place_line(one: ServingPlace) -> str:
    """Say how far a service is, when it is open, and how many needs it has from us."""
    minutes = "" if one.travel_min is None else trn("{n} minute away", "{n} minutes away", one.travel_min)
    referred = ""
    if one.referred:
        referred = trn("{n} need referred there now", "{n} needs referred there now", one.referred)
    return " · ".join(part for part in (minutes, one.opening_hours or tr("hours not known"), referred) if part)
