"""What the server gives as reasons, said in the language of whoever looks.

The server says in plain English why help is named, why a gap is where it is, why two requests look like one and how
travel is reckoned, and gives the same as codes with their parts. English is worded there, in one place, and stands;
here each code has its words for the other languages. A sentence with a code that has none stays as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.sentences import ON, within
from dashboard.translation import Phrases, language, listed, name_of_language, number, set_apart, tr, trn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dashboard.told_answers import Json, Told


_OPEN: Final = Phrases({"helper": "free at that time", "asset": "open at that time"})
_HOURS_UNKNOWN: Final = Phrases({"helper": "has not said when", "asset": "hours not known"})
_STEP_FREE: Final = Phrases(
    {"yes": "step-free", "limited": "step-free in part", "no": "with steps", "unknown": "not known whether step-free"}
)
PLACES: Final = Phrases(
    {
        "library": "library",
        "pharmacy": "pharmacy",
        "clinic": "clinic",
        "community_centre": "community centre",
        "social_facility": "social service",
        "food_bank": "food bank",
        "homeless_shelter": "shelter",
        "clothing_bank": "clothing bank",
        "day_care": "day care",
        "place_of_worship": "place of worship",
        "supermarket": "supermarket",
        "convenience": "corner shop",
        "marketplace": "market",
        "school": "school",
        "kindergarten": "kindergarten",
        "drinking_water": "drinking water",
        "toilets": "public toilets",
        "shower": "public showers",
        "laundry": "laundry",
        "town_hall": "town hall",
        "public_office": "public office",
        "association": "association",
        "second_hand": "second-hand shop",
        "hardware": "hardware shop",
        "taxi": "taxi stand",
        "bus_station": "bus station",
        "transport_service": "transport service",
        "delivery_service": "delivery service",
    }
)
"""Kinds of places, as OpenStreetMap calls them."""


def say(told: Told) -> str:
    """Say reasons in one line."""
    return tr(", ").join(_in_our_words(told)) or told.sentence


def say_kind(kind: str) -> str:
    """Say what kind of place helps; one that is not known stays as it came."""
    return PLACES.get(kind) or kind.replace("_", " ")


def say_gap(why: Told) -> str:
    """Say why a gap is where it is."""
    said = _in_our_words(why)
    return tr("; ").join(said) + "." if said else why.sentence


def say_travel(note: Told) -> str:
    """Say how travel is reckoned."""
    return " ".join(_in_our_words(note)) or note.sentence


def _in_our_words(told: Told) -> list[str]:
    """Say each reason, or nothing where the sentence stands: in English, and where one of the codes is not known."""
    if language() == "en" or any(code not in SAID for code, _ in told.because):
        return []
    return [SAID[code](parts) for code, parts in told.because]


def _where(parts: Json) -> str:
    return within(parts["standard_min"], parts["mode"])


def _all_met(parts: Json) -> str:
    return trn("{n} can be met {where}", "All {n} can be met {where}", parts["demand"], where=_where(parts))


def _no_help_near(parts: Json) -> str:
    return trn(
        "{n} of {demand} has no such help {where}",
        "{n} of {demand} have no such help {where}",
        parts["count"],
        demand=number(parts["demand"]),
        where=_where(parts),
    )


def _help_full(parts: Json) -> str:
    names = tr(", ").join(set_apart(name) for name in parts["names"])
    if parts["others"]:
        names = trn("{names} and {n} more", "{names} and {n} more", parts["others"], names=names)
    return trn(
        "{n} of {demand} finds the help within reach full ({names})",
        "{n} of {demand} find the help within reach full ({names})",
        parts["count"],
        demand=number(parts["demand"]),
        names=names,
    )


def _travel(parts: Json) -> str:
    mode = ON.get(parts["mode"], parts["mode"])
    return trn("about {n} minute {mode}", "about {n} minutes {mode}", parts["travel_min"], mode=mode)


def _language(parts: Json) -> str:
    return tr("speaks {languages}", languages=listed(map(name_of_language, parts["languages"])))


def _room(parts: Json) -> str:
    if parts["of"] == "helper":
        return trn("has room for {n} more this week", "has room for {n} more this week", parts["count"])
    return trn("takes up to {n} a week", "takes up to {n} a week", parts["count"])


def _last_asked(parts: Json) -> str:
    days = parts["days"]
    if days is None:
        return tr("not asked yet")
    if days > 1:
        return trn("last asked {n} day ago", "last asked {n} days ago", days)
    return tr("last asked yesterday") if days else tr("last asked today")


def _door_found_twice(parts: Json) -> str:
    return trn(
        "their places are {n} m apart, which is as one door is found twice",
        "their places are {n} m apart, which is as one door is found twice",
        parts["apart_m"],
    )


def _own_streets(parts: Json) -> str:
    return tr(
        "The quickest way along the streets of the loaded map (Valhalla {engine}), without ferries; a place up to "
        "{metres} m from a street is walked to, one farther off is out of reach.",
        engine=parts["engine"],
        metres=number(parts["near_street_m"]),
    )


def _valhalla_server(parts: Json) -> str:
    return tr(
        "The quickest way along streets, as a Valhalla server finds it; a place up to {metres} m from a street is "
        "walked to, one farther off is out of reach.",
        metres=number(parts["near_street_m"]),
    )


def _osrm_server(parts: Json) -> str:
    return tr("Along streets {modes}, as an OSRM server finds it.", modes=listed(_on(parts["modes"])))


def _straight_line(parts: Json) -> str:
    return tr(
        "Straight line times {detour}, at {speed} km/h on foot; no streets.",
        detour=number(parts["detour"], 2),
        speed=number(parts["walk_kmh"], 1),
    )


def _straight_line_for(parts: Json) -> str:
    modes = tr(", ").join(_on(parts["modes"]))
    return tr("{modes}: {how}", modes=modes[:1].upper() + modes[1:], how=_straight_line(parts))


def _on(modes: Iterable[str]) -> list[str]:
    return [ON.get(mode, mode) for mode in modes]


SAID: Final[Mapping[str, Callable[[Json], str]]] = {
    "all_met": _all_met,
    "no_help_near": _no_help_near,
    "help_full": _help_full,
    "travel": _travel,
    "language": _language,
    "interpreter": lambda _: tr("comes with an interpreter"),
    "open": lambda parts: _OPEN[parts["of"]],
    "hours_unknown": lambda parts: _HOURS_UNKNOWN[parts["of"]],
    "room": _room,
    "last_asked": _last_asked,
    "kind": lambda parts: say_kind(parts["kind"]),
    "hours_listed": lambda _: tr("has opening hours listed"),
    "step_free": lambda parts: _STEP_FREE[parts["step_free"]],
    "door_found_twice": _door_found_twice,
    "maybe_one_door": lambda _: tr("their places may be one door"),
    "too_far_apart": lambda _: tr("their places are too far apart for one door"),
    "same_unit": lambda _: tr("both name the same flat or stair"),
    "other_unit": lambda _: tr("they name different flats or stairs"),
    "same_number": lambda _: tr("both name the same telephone number"),
    "other_number": lambda _: tr("they name different telephone numbers"),
    "same_kind": lambda _: tr("both ask for the same kind of help"),
    "other_kind": lambda _: tr("they ask for different kinds of help"),
    "soon_after": lambda _: tr("they came within a few days of each other"),
    "long_after": lambda _: tr("a long time lies between them"),
    "same_size": lambda _: tr("the household is as large in both"),
    "other_size": lambda _: tr("the household is not as large in both"),
    "own_streets": _own_streets,
    "valhalla_server": _valhalla_server,
    "osrm_server": _osrm_server,
    "straight_line": _straight_line,
    "straight_line_for": _straight_line_for,
}
"""How each code is said, with its parts; every code of ``geo.domain.reasons`` is here."""
