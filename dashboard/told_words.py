"""What the server gives as reasons, in plain English, said in the language of whoever looks.

The server says why help is named, why a gap is where it is and why two requests look like one. A person who reads
English reads its words as they are; for the others each reason is known by its form and said anew, and one that is
not known stays as it came.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo.domain.languages import LANGUAGE_NAMES
from geo.domain.words import MODE_WORDS

from dashboard.sentences import ON, within
from dashboard.translation import Phrases, language, listed, name_of_language, number, set_apart, tr, trn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.told_answers import Json, Told

    Form = tuple[re.Pattern[str], Callable[..., str]]

FIXED: Final = Phrases(
    {
        "comes with an interpreter": "comes with an interpreter",
        "free at that time": "free at that time",
        "open at that time": "open at that time",
        "has not said when": "has not said when",
        "hours not known": "hours not known",
        "not asked yet": "not asked yet",
        "last asked today": "last asked today",
        "last asked yesterday": "last asked yesterday",
        "has opening hours listed": "has opening hours listed",
        "step-free: yes": "step-free",
        "step-free: limited": "step-free in part",
        "step-free: no": "with steps",
        "step-free: unknown": "not known whether step-free",
        "their places may be one door": "their places may be one door",
        "their places are too far apart for one door": "their places are too far apart for one door",
        "both name the same flat or stair": "both name the same flat or stair",
        "they name different flats or stairs": "they name different flats or stairs",
        "both name the same telephone number": "both name the same telephone number",
        "they name different telephone numbers": "they name different telephone numbers",
        "both ask for the same kind of help": "both ask for the same kind of help",
        "they ask for different kinds of help": "they ask for different kinds of help",
        "they came within a few days of each other": "they came within a few days of each other",
        "a long time lies between them": "a long time lies between them",
        "the household is as large in both": "the household is as large in both",
        "the household is not as large in both": "the household is not as large in both",
    }
)
PLACES: Final = Phrases(
    {
        "library": "library",
        "pharmacy": "pharmacy",
        "clinic": "clinic",
        "community centre": "community centre",
        "social facility": "social service",
        "food bank": "food bank",
        "homeless shelter": "shelter",
        "clothing bank": "clothing bank",
        "day care": "day care",
        "place of worship": "place of worship",
        "supermarket": "supermarket",
        "convenience": "corner shop",
        "marketplace": "market",
        "school": "school",
        "kindergarten": "kindergarten",
        "drinking water": "drinking water",
        "toilets": "public toilets",
        "shower": "public showers",
        "laundry": "laundry",
        "town hall": "town hall",
        "public office": "public office",
        "association": "association",
        "second hand": "second-hand shop",
        "hardware": "hardware shop",
        "taxi": "taxi stand",
        "bus station": "bus station",
        "transport service": "transport service",
        "delivery service": "delivery service",
    }
)
"""Kinds of places, as the server says them."""
_MODES: Final = {words: mode.value for mode, words in MODE_WORDS.items()}
_CODES: Final = {name: code for code, name in LANGUAGE_NAMES.items()}


def say(told: str) -> str:
    """Say reasons that come in one line, parted by commas."""
    if language() == "en" or not told:
        return told
    return tr(", ").join(say_one(part) for part in told.split(", "))


def say_gap(why: Told) -> str:
    """Say why a gap is where it is."""
    said = _in_our_words(why)
    return tr("; ").join(said) + "." if said else why.sentence


def say_travel(note: str) -> str:
    """Say how travel is reckoned."""
    return note if language() == "en" else _first(_TRAVEL, note)


def say_one(part: str) -> str:
    """Say one reason, whatever commas are in it."""
    if language() == "en":
        return part
    return FIXED.get(part) or PLACES.get(part) or _first(_REASONS, part)


def _in_our_words(told: Told) -> list[str]:
    """Say each reason, or nothing where the sentence stands: in English, and where one of the codes is not known."""
    if language() == "en" or any(code not in SAID for code, _ in told.because):
        return []
    return [SAID[code](parts) for code, parts in told.because]


def _first(forms: Sequence[Form], part: str) -> str:
    for form, said in forms:
        if found := form.fullmatch(part):
            return said(*found.groups())
    return part


def _way(minutes: str, mode: str) -> str:
    told = ON.get(_MODES.get(mode, mode), mode)
    return trn("about {n} minute {mode}", "about {n} minutes {mode}", int(minutes), mode=told)


def _speaks(names: str) -> str:
    spoken = listed(name_of_language(_CODES.get(name, name)) for name in names.split(" and "))
    return tr("speaks {languages}", languages=spoken)


def _room(count: str) -> str:
    return trn("has room for {n} more this week", "has room for {n} more this week", int(count))


def _asked(days: str) -> str:
    return trn("last asked {n} day ago", "last asked {n} days ago", int(days))


def _takes(count: str) -> str:
    return trn("takes up to {n} a week", "takes up to {n} a week", int(count))


def _apart(distance_m: str) -> str:
    return trn(
        "their places are {n} m apart, which is as one door is found twice",
        "their places are {n} m apart, which is as one door is found twice",
        int(distance_m),
    )


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


def _by_own_streets(engine: str, metres: str) -> str:
    return tr(
        "The quickest way along the streets of the loaded map (Valhalla {engine}), without ferries; a place up to "
        "{metres} m from a street is walked to, one farther off is out of reach.",
        engine=engine,
        metres=metres,
    )


def _by_server(metres: str) -> str:
    return tr(
        "The quickest way along streets, as a Valhalla server finds it; a place up to {metres} m from a street is "
        "walked to, one farther off is out of reach.",
        metres=metres,
    )


def _straight(detour: str, speed: str) -> str:
    return tr("Straight line times {detour}, at {speed} km/h on foot; no streets.", detour=detour, speed=speed)


def heard(form: str) -> re.Pattern[str]:
    """Make what knows a sentence of the server again: ``#`` stands for a number, ``*`` for words."""
    return re.compile(re.escape(form).replace(r"\#", r"([\d.]+)").replace(r"\*", "(.+)"))


_REASONS: Final[Sequence[Form]] = (
    (heard("about # min *"), _way),
    (heard("speaks *"), _speaks),
    (heard("has room for # more this week"), _room),
    (heard("last asked # days ago"), _asked),
    (heard("takes up to # a week"), _takes),
    (heard("their places are # m apart, which is as one door is found twice"), _apart),
)
SAID: Final[Mapping[str, Callable[[Json], str]]] = {
    "all_met": _all_met,
    "no_help_near": _no_help_near,
    "help_full": _help_full,
}
"""How each code is said, with its parts; every code of ``geo.domain.reasons`` is here."""
_TRAVEL: Final[Sequence[Form]] = (
    (
        heard(
            "The quickest way along the streets of the loaded map (Valhalla *), without ferries; a place up to # m "
            "from a street is walked to, one farther off is out of reach."
        ),
        _by_own_streets,
    ),
    (
        heard(
            "The quickest way along streets, as a Valhalla server finds it; a place up to # m from a street is walked "
            "to, one farther off is out of reach."
        ),
        _by_server,
    ),
    (heard("Straight line times #, at # km/h on foot; no streets."), _straight),
)
