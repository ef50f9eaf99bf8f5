"""Figures in plain words: how the dashboard says things, so that it says them the same way everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.gap_words import HALF_A_NEED

from dashboard.translation import Phrases, number, on_day, tr, trn

if TYPE_CHECKING:
    from dashboard.answers import Candidate, Gap, Nearby

HOUR_S: Final = 3600
DAY_S: Final = 86_400
FORTNIGHT: Final = 14
KILOMETRE_M: Final = 1000

ON: Final = Phrases({"walk": "on foot", "wheelchair": "by wheelchair", "bicycle": "by bicycle", "car": "by car"})
URGENCY: Final = Phrases({"critical": "Critical", "high": "Urgent", "normal": "Normal", "low": "Can wait"})
QUALITY: Final = Phrases(
    {
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
)
FAULT: Final = Phrases(
    {
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
)
"""What does not fit about a suggestion, by the name the geocoder gives it."""


def amount(value: float) -> str:
    """Write a count; expected counts may be fractions, which keep one decimal."""
    whole = round(value)
    return number(whole) if abs(value - whole) < HALF_A_NEED else number(value, 1)


def minutes(value: float) -> str:
    """Write a travel time as people say it."""
    return tr("under a minute") if value < 1 else trn("{n} minute", "{n} minutes", round(value))


def within(standard_min: float, mode: str = "walk") -> str:
    """Name the service standard."""
    return tr("within {minutes} {mode}", minutes=minutes(standard_min), mode=ON.get(mode, mode))


def needs(value: float, kind: str = "") -> str:
    """Count open needs, of one kind when it is named."""
    if kind:
        return trn("{count} open {kind} need", "{count} open {kind} needs", value, count=amount(value), kind=kind)
    return trn("{count} open need", "{count} open needs", value, count=amount(value))


def headline(demand: float, gap: float, *, kind: str, standard_min: float, mode: str = "walk", when: str = "") -> str:
    """Say in one sentence how the whole network, or the part asked about, is doing.

    Parameters
    ----------
    kind
        The category in lower case, or nothing.
    when
        Such as `` on Monday``, with the space before it.
    """
    where, counted = within(standard_min, mode) + when, needs(demand, kind.strip())
    if demand < HALF_A_NEED:
        nothing = tr("There is no open need on the map here.")
        if kind:
            nothing = tr("There is no open {kind} need on the map here.", kind=kind.strip())
        return nothing + " " + tr("Nothing to reach, nothing missed.")
    if gap < HALF_A_NEED:
        return tr("Every one of the {needs} on the map has help {where}.", needs=counted, where=where)
    parts = {"gap": amount(gap), "needs": counted, "where": where}
    return trn("{gap} of {needs} finds no help {where}.", "{gap} of {needs} find no help {where}.", gap, **parts)


def share_without(row: Gap, label: str) -> str:
    """Say how many needs of one kind find no help in one place."""
    parts = {"gap": amount(row.gap), "demand": amount(row.demand), "kind": label.lower()}
    if row.gap < HALF_A_NEED:
        return trn(
            "The {demand} {kind} need here can be met", "All {demand} {kind} needs here can be met", row.demand, **parts
        )
    if amount(row.demand) == "1":
        return tr("{gap} of {demand} {kind} need here finds no help", **parts)
    return trn(
        "{gap} of {demand} {kind} needs here finds no help",
        "{gap} of {demand} {kind} needs here find no help",
        row.gap,
        **parts,
    )


def since(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago something came in."""
    seconds = max(0.0, ((now or datetime.now(UTC)) - moment).total_seconds())
    if seconds < HOUR_S:
        return tr("less than an hour ago")
    if seconds < DAY_S:
        return trn("{n} hour ago", "{n} hours ago", seconds // HOUR_S)
    days = seconds // DAY_S
    return trn("{n} day ago", "{n} days ago", days) if days <= FORTNIGHT else tr("on {day}", day=on_day(moment))


def day(moment: datetime, now: datetime | None = None) -> str:
    """Name the day something happened."""
    days = ((now or datetime.now(UTC)).date() - moment.date()).days
    return {0: tr("Today"), 1: tr("Yesterday")}.get(days) or on_day(moment)


def quality(candidate: Candidate) -> str:
    """Say how sure a candidate is, and what does not fit."""
    return "; ".join([sure(candidate), *faults(candidate)])


def sure(candidate: Candidate) -> str:
    """Say how sure a candidate is."""
    known = QUALITY.get(candidate.match_quality, candidate.match_quality)
    return tr("{known}, give or take {metres}", known=known, metres=metres(candidate.uncertainty_m))


def faults(candidate: Candidate) -> list[str]:
    """Say what does not fit about a candidate, one line for each; a name without a line is read out."""
    return [FAULT.get(name) or name.replace(".", " ").replace("_", " ") for name in candidate.faults]


def metres(value: float) -> str:
    """Write a distance as people say it."""
    if value >= KILOMETRE_M:
        return tr("{n} km", n=number(value / KILOMETRE_M, 1))
    return tr("{n} m", n=number(max(1, round(value))))


def how_far(result: Nearby) -> str:
    """Say how long it takes somebody to get there."""
    return how_long(result.travel_min, result.mode)


def how_long(travel_min: float, mode: str) -> str:
    """Say how long a way takes."""
    return tr("{minutes} {mode}", minutes=minutes(travel_min), mode=ON.get(mode, mode))
