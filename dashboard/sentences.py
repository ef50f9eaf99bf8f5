"""Figures in plain words: how the dashboard says things, so that it says them the same way everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.gap_words import HALF_A_NEED, ON, amount, headline, minutes, plural, within

if TYPE_CHECKING:
    from dashboard.answers import Candidate, Gap, Nearby

__all__ = ["HALF_A_NEED", "ON", "amount", "headline", "minutes", "plural", "within"]

HOUR_S: Final = 3600
DAY_S: Final = 86_400
FORTNIGHT: Final = 14

URGENCY: Final = {"critical": "Critical", "high": "Urgent", "normal": "Normal", "low": "Can wait"}
QUALITY: Final = {
    "rooftop": "this very address",
    "parcel": "this plot",
    "interpolated": "between two known house numbers",
    "intersection": "a street corner",
    "street": "the street, not the house",
    "place": "a named place",
    "postcode": "the postcode only",
    "locality": "the district only",
    "manual": "as it was typed",
    "gps": "as a phone measured it",
}
FAULT: Final = {
    "street.misspelt": "the street is spelled differently",
    "street.spacing": "the street is written in other pieces",
    "street.unsafe_spelling": "another street could be meant, so a person should decide",
    "street.similar_name_near": "a street of nearly the same name is close by",
    "street.word_missing": "a word of the street's name is missing",
    "street.word_order": "the words of the street's name stand in another order",
    "street.doubtful_spelling": "the name is short, or begins otherwise",
    "street.unconfirmed": "neither postcode nor town confirms the spelling",
    "type.missing": "street, road or lane was left out",
    "type.conflict": "another kind of street than typed",
    "compass.missing": "north, south, east or west was left out",
    "compass.conflict": "another side of town than typed",
    "postcode.conflict": "another postcode than typed",
    "locality.misspelt": "the town is spelled differently",
    "locality.other_name": "the town by its other name",
    "locality.conflict": "another town than typed",
    "words.unexplained": "some words could not be explained",
    "number.suffix": "the letter behind the house number is not known",
    "number.stair_ignored": "the stair was set aside",
    "number.range": "a range of house numbers",
    "number.interpolated": "between two known house numbers",
    "number.wide_gap": "the neighbouring house numbers are far apart",
    "number.irregular": "house numbers here do not follow the street",
    "number.hyphen_assumed": "the house number with its hyphen elsewhere",
    "number.nearest": "the nearest known house number",
    "number.missing": "no such house number in the register",
    "unit.ignored": "the flat was set aside",
    "po_box": "a post box is not a place to visit",
    "crossing.missing": "only one of the two streets was found",
    "place.partial_name": "only a part of the place's name",
    "place.near": "near this place, not at it",
    "place.misspelt": "the place is spelled differently",
    "place.instead_of_street": "a place, not a street address",
    "postcode.instead_of_street": "only the postcode was found",
    "axes.swapped": "longitude and latitude may be swapped",
    "code.completed": "a short code, completed within the area served",
    "ambiguous": "more than one place fits",
    "outside_service_area": "outside the area served",
    "remote.unverified": "from an outside service, and nobody here has checked it",
    "remote.number_differs": "another house number than typed",
    "remote.postcode_differs": "another postcode than typed",
}
"""What does not fit about a suggestion, by the name the geocoder gives it."""


def share_without(row: Gap, label: str) -> str:
    """Say how many needs of one kind find no help in one place."""
    kind = f"{label.lower()} need" if row.demand == 1 else f"{label.lower()} needs"
    if row.gap < HALF_A_NEED:
        return f"{'The' if row.demand == 1 else 'All'} {amount(row.demand)} {kind} here can be met"
    verb = "finds" if amount(row.gap) == "1" else "find"
    return f"{amount(row.gap)} of {amount(row.demand)} {kind} here {verb} no help"


def since(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago something came in."""
    seconds = max(0.0, ((now or datetime.now(UTC)) - moment).total_seconds())
    if seconds < HOUR_S:
        return "less than an hour ago"
    if seconds < DAY_S:
        return f"{plural(seconds // HOUR_S, 'hour', 'hours')} ago"
    days = seconds // DAY_S
    return f"{plural(days, 'day', 'days')} ago" if days <= FORTNIGHT else f"on {moment:%-d %B %Y}"


def day(moment: datetime, now: datetime | None = None) -> str:
    """Name the day something happened."""
    days = ((now or datetime.now(UTC)).date() - moment.date()).days
    return {0: "Today", 1: "Yesterday"}.get(days, f"{moment:%-d %B %Y}")


def quality(candidate: Candidate) -> str:
    """Say how sure a candidate is, and what does not fit."""
    return "; ".join([sure(candidate), *faults(candidate)])


def sure(candidate: Candidate) -> str:
    """Say how sure a candidate is."""
    known = QUALITY.get(candidate.match_quality, candidate.match_quality)
    return f"{known}, give or take {metres(candidate.uncertainty_m)}"


def faults(candidate: Candidate) -> list[str]:
    """Say what does not fit about a candidate, one line for each; a name without a line is read out."""
    return [FAULT.get(name) or name.replace(".", " ").replace("_", " ") for name in candidate.faults]


def metres(value: float) -> str:
    """Write a distance as people say it."""
    return f"{value / 1000:.1f}".removesuffix(".0") + " km" if value >= 1000 else f"{max(1, round(value))} m"  # noqa: PLR2004 - a kilometre


def how_far(result: Nearby) -> str:
    """Say how long it takes somebody to get there."""
    return how_long(result.travel_min, result.mode)


def how_long(travel_min: float, mode: str) -> str:
    """Say how long a way takes."""
    return f"{minutes(travel_min)} {ON.get(mode, mode)}"
