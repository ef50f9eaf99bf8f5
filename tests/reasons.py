"""Reasons of every code, as the service gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from geo.domain.languages import LANGUAGE_NAMES
from geo.domain.reasons import ASSET, HELPER, Reason, ReasonCode
from geo.domain.words import Category, Mode, StepFree

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE: Final = ("Aino O.", "Bread and Roses", "Yusuf V.")
"""Names that stand in reasons."""
_modes = st.sampled_from([mode.value for mode in Mode])
_several = st.lists(_modes, min_size=1, max_size=4, unique=True)
_near = st.sampled_from([150.0, 200.0])
_straight: Final = {"detour": st.sampled_from([1.0, 1.25, 1.3]), "walk_kmh": st.sampled_from([4.8, 5.0])}
_either = st.sampled_from([HELPER, ASSET])
_counts = st.integers(1, 4000)
_within: Final = {"standard_min": st.sampled_from([1.0, 2.0, 5.0, 7.5, 15.0, 240.0]), "mode": _modes}
_names = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple)
PARTS: Final[Mapping[ReasonCode, Mapping[str, st.SearchStrategy[Any]]]] = {
    ReasonCode.ALL_MET: {"demand": _counts, **_within},
    ReasonCode.NO_HELP_NEAR: {
        "count": _counts, "demand": _counts, "category": st.sampled_from([one.value for one in Category]), **_within,
    },
    ReasonCode.HELP_FULL: {"count": _counts, "demand": _counts, "names": _names, "others": st.integers(0, 30)},
    ReasonCode.TRAVEL: {"travel_min": st.integers(1, 240), "mode": _modes},
    ReasonCode.LANGUAGE: {
        "languages": st.lists(st.sampled_from(sorted(LANGUAGE_NAMES)), min_size=1, max_size=3, unique=True).map(tuple),
    },
    ReasonCode.INTERPRETER: {},
    ReasonCode.OPEN: {"of": _either},
    ReasonCode.HOURS_UNKNOWN: {"of": _either},
    ReasonCode.ROOM: {"of": _either, "count": _counts},
    ReasonCode.LAST_ASKED: {"days": st.none() | st.integers(0, 400)},
    ReasonCode.KIND: {"kind": st.sampled_from(["library", "place_of_worship", "food_bank", "second_hand"])},
    ReasonCode.HOURS_LISTED: {},
    ReasonCode.STEP_FREE: {"step_free": st.sampled_from([one.value for one in StepFree])},
    ReasonCode.DOOR_FOUND_TWICE: {"apart_m": st.integers(1, 90)},
    ReasonCode.MAYBE_ONE_DOOR: {},
    ReasonCode.TOO_FAR_APART: {},
    ReasonCode.SAME_UNIT: {},
    ReasonCode.OTHER_UNIT: {},
    ReasonCode.SAME_NUMBER: {},
    ReasonCode.OTHER_NUMBER: {},
    ReasonCode.SAME_KIND: {},
    ReasonCode.OTHER_KIND: {},
    ReasonCode.SOON_AFTER: {},
    ReasonCode.LONG_AFTER: {},
    ReasonCode.SAME_SIZE: {},
    ReasonCode.OTHER_SIZE: {},
    ReasonCode.OWN_STREETS: {"engine": st.sampled_from(["3.5.1", "3.6.0"]), "near_street_m": _near},
    ReasonCode.VALHALLA_SERVER: {"near_street_m": _near},
    ReasonCode.OSRM_SERVER: {"modes": _several},
    ReasonCode.STRAIGHT_LINE: _straight,
    ReasonCode.STRAIGHT_LINE_FOR: {"modes": _several, **_straight},
}  # fmt: skip
"""What may be in each."""


def reasons_of(code: ReasonCode) -> st.SearchStrategy[Reason]:
    """Draw a reason of one code."""
    return st.builds(Reason, st.just(code), st.fixed_dictionaries(dict(PARTS[code])))
