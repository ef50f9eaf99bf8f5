"""How the page of assets speaks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from dashboard.translation import Phrases, on_short_day, tr, trn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Candidate
    from dashboard.asset_answers import Check, Place

STATUSES: Final = Phrases(
    {
        "active": "Open to use",
        "temporarily_closed": "Closed for a while",
        "inactive": "Not in use",
        "defunct": "Gone for good",
    }
)
REASONS: Final = Phrases(
    {
        "hours": "its opening hours",
        "place": "its address",
        "contact": "its phone or page",
        "offer": "what it offers",
        "other": "something else",
    }
)


def answered(count: int) -> str:
    """Say how many answers of organizations nobody has seen to."""
    if not count:
        return tr("No answer waits.")
    return trn("{n} answer of organizations to see to.", "{n} answers of organizations to see to.", count)


def label_of(place: Place, *, is_answered: bool) -> tuple[str, str]:
    """Write one entry of the list: the name, and what is to be known of it."""
    parts = [STATUSES[place.status], confirmed(place)] + ([tr("answered")] if is_answered else [])
    return place.name, " · ".join(parts)


def ordered(places: Sequence[Place], spot: Candidate | None) -> list[Place]:
    """Put the nearest to a place first; without one they stay in the order of their arrival."""
    if spot is None:
        return list(places)
    # east and north count alike near one place: enough for an order, and no figure is told from it
    shrink = math.cos(math.radians(spot.lat))

    def apart(one: Place) -> float:
        return math.hypot(((one.lon or 0.0) - spot.lon) * shrink, (one.lat or 0.0) - spot.lat)

    return sorted(places, key=apart)


def confirmed(place: Place) -> str:
    """Say when somebody last confirmed an asset."""
    told = tr("never confirmed")
    if place.assured_on is not None:
        told = tr("confirmed {day}", day=on_short_day(place.assured_on, with_year=True))
    return tr("{told}, past its date", told=told) if place.is_unconfirmed else told


def facts_of(place: Place, categories: Sequence[str]) -> list[tuple[str, str]]:
    """List what is listed of an asset, each with its name."""
    where = tr("At a private home; shown to nobody outside") if place.is_private else place.address or tr("No address")
    return [
        (tr("Offers"), tr(", ").join(categories)),
        (tr("Where"), where),
        (tr("State"), tr("{first}, {second}", first=STATUSES[place.status], second=confirmed(place))),
        (tr("From"), place.source),
    ]


def check_words(check: Check) -> str:
    """Write what an organization has answered as a sentence."""
    if check.answer == "changed":
        what = REASONS.get(check.reason or "") or tr("something")
        return tr("The organization says that {what} has changed.", what=what)
    if check.answer == "closed":
        return tr("The organization says that it is closed. It is not in use until you say otherwise.")
    return tr("The organization says that it is still true.")
