"""Reasons as codes with their parts, and the one place where their English sentences are made from these.

Whoever reads English is given the sentence. A page in another language says the code in its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from geo.domain.languages import language_name
from geo.domain.words import CATEGORY_LABELS, MODE_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geo.domain.words import Category, Mode

Parts = Mapping[str, Any]
"""Numbers, names and words by what they are: nothing that the sentence does not say."""


HELPER: Final = "helper"
ASSET: Final = "asset"
"""Of which of the two a reason is, where that makes other words of it."""


class ReasonCode(StrEnum):
    """What can be a reason."""

    ALL_MET = "all_met"
    NO_HELP_NEAR = "no_help_near"
    HELP_FULL = "help_full"
    TRAVEL = "travel"
    LANGUAGE = "language"
    INTERPRETER = "interpreter"
    OPEN = "open"
    HOURS_UNKNOWN = "hours_unknown"
    ROOM = "room"
    LAST_ASKED = "last_asked"
    KIND = "kind"
    HOURS_LISTED = "hours_listed"
    STEP_FREE = "step_free"
    DOOR_FOUND_TWICE = "door_found_twice"
    MAYBE_ONE_DOOR = "maybe_one_door"
    TOO_FAR_APART = "too_far_apart"
    SAME_UNIT = "same_unit"
    OTHER_UNIT = "other_unit"
    SAME_NUMBER = "same_number"
    OTHER_NUMBER = "other_number"
    SAME_KIND = "same_kind"
    OTHER_KIND = "other_kind"
    SOON_AFTER = "soon_after"
    LONG_AFTER = "long_after"
    SAME_SIZE = "same_size"
    OTHER_SIZE = "other_size"
    OWN_STREETS = "own_streets"
    VALHALLA_SERVER = "valhalla_server"
    OSRM_SERVER = "osrm_server"
    STRAIGHT_LINE = "straight_line"
    STRAIGHT_LINE_FOR = "straight_line_for"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what it is, and the numbers, names and words in it, as they are in JSON."""

    code: ReasonCode
    parts: Parts = field(hash=False)

    @property
    def words(self) -> str:
        """The reason in English."""
        words = _WORDS[self.code]
        return words if isinstance(words, str) else words(**self.parts)

    def as_dict(self) -> dict[str, Any]:
        """Give it as it leaves, where it is for everybody."""
        return {"code": self.code.value, "parts": dict(self.parts)}


def in_words(reasons: Iterable[Reason], between: str = ", ") -> str:
    """Say several reasons in English, in one line."""
    return between.join(reason.words for reason in reasons)


def _within(standard_min: float, mode: Mode) -> str:
    return f"within {standard_min:g} minutes {MODE_WORDS[mode]}"


def _all_met(demand: int, standard_min: float, mode: Mode) -> str:
    return f"All {demand} can be served {_within(standard_min, mode)}"


def _no_help_near(count: int, demand: int, category: Category, standard_min: float, mode: Mode) -> str:
    what = CATEGORY_LABELS[category].lower()
    return f"{count} of {demand} have no help with {what} {_within(standard_min, mode)}"


def _help_full(count: int, demand: int, names: Iterable[str], others: int) -> str:
    more = f" and {others} more" if others else ""
    return f"{count} of {demand} find the help within reach full ({', '.join(names)}{more})"


def _travel(travel_min: int, mode: Mode) -> str:
    return f"about {travel_min} min {MODE_WORDS[mode]}"


def _language(languages: Iterable[str]) -> str:
    return f"speaks {' and '.join(map(language_name, languages))}"


def _open(of: str) -> str:
    return "free at that time" if of == HELPER else "open at that time"


def _hours_unknown(of: str) -> str:
    return "has not said when" if of == HELPER else "hours not known"


def _room(of: str, count: int) -> str:
    return f"has room for {count} more this week" if of == HELPER else f"takes up to {count} a week"


def _last_asked(days: int | None) -> str:
    if days is None:
        return "not asked yet"
    return {0: "last asked today", 1: "last asked yesterday"}.get(days, f"last asked {days} days ago")


def _kind(kind: str) -> str:
    return kind.replace("_", " ")


def _own_streets(engine: str, near_street_m: float) -> str:
    return (
        f"The quickest way along the streets of the loaded map (Valhalla {engine}), without ferries; "
        f"a place up to {near_street_m:g} m from a street is walked to, one farther off is out of reach."
    )


def _valhalla_server(near_street_m: float) -> str:
    return (
        f"The quickest way along streets, as a Valhalla server finds it; a place up to {near_street_m:g} m "
        "from a street is walked to, one farther off is out of reach."
    )


def _osrm_server(modes: Iterable[Mode]) -> str:
    return f"Along streets {' and '.join(MODE_WORDS[mode] for mode in modes)}, as an OSRM server finds it."


def _straight_line(detour: float, walk_kmh: float) -> str:
    return f"Straight line times {detour:g}, at {walk_kmh:g} km/h on foot; no streets."


def _straight_line_for(modes: Iterable[Mode], detour: float, walk_kmh: float) -> str:
    these = ", ".join(MODE_WORDS[mode] for mode in modes)
    return f"{these.capitalize()}: {_straight_line(detour, walk_kmh)}"


_WORDS: Final[Mapping[ReasonCode, str | Callable[..., str]]] = {
    ReasonCode.ALL_MET: _all_met,
    ReasonCode.NO_HELP_NEAR: _no_help_near,
    ReasonCode.HELP_FULL: _help_full,
    ReasonCode.TRAVEL: _travel,
    ReasonCode.LANGUAGE: _language,
    ReasonCode.INTERPRETER: "comes with an interpreter",
    ReasonCode.OPEN: _open,
    ReasonCode.HOURS_UNKNOWN: _hours_unknown,
    ReasonCode.ROOM: _room,
    ReasonCode.LAST_ASKED: _last_asked,
    ReasonCode.KIND: _kind,
    ReasonCode.HOURS_LISTED: "has opening hours listed",
    ReasonCode.STEP_FREE: "step-free: {step_free}".format,
    ReasonCode.DOOR_FOUND_TWICE: "their places are {apart_m} m apart, which is as one door is found twice".format,
    ReasonCode.MAYBE_ONE_DOOR: "their places may be one door",
    ReasonCode.TOO_FAR_APART: "their places are too far apart for one door",
    ReasonCode.SAME_UNIT: "both name the same flat or stair",
    ReasonCode.OTHER_UNIT: "they name different flats or stairs",
    ReasonCode.SAME_NUMBER: "both name the same telephone number",
    ReasonCode.OTHER_NUMBER: "they name different telephone numbers",
    ReasonCode.SAME_KIND: "both ask for the same kind of help",
    ReasonCode.OTHER_KIND: "they ask for different kinds of help",
    ReasonCode.SOON_AFTER: "they came within a few days of each other",
    ReasonCode.LONG_AFTER: "a long time lies between them",
    ReasonCode.SAME_SIZE: "the household is as large in both",
    ReasonCode.OTHER_SIZE: "the household is not as large in both",
    ReasonCode.OWN_STREETS: _own_streets,
    ReasonCode.VALHALLA_SERVER: _valhalla_server,
    ReasonCode.OSRM_SERVER: _osrm_server,
    ReasonCode.STRAIGHT_LINE: _straight_line,
    ReasonCode.STRAIGHT_LINE_FOR: _straight_line_for,
}
