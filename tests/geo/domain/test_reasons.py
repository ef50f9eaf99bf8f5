"""A sentence says what its code and parts say, and nothing else; each is worded in one place."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.coverage import CoverageRow, Standard, Totals
from geo.domain.duplicates import Likeness, weigh_reasons
from geo.domain.languages import LANGUAGE_NAMES
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.words import CATEGORY_LABELS, MODE_WORDS, Category, Mode

from tests.reasons import PARTS, reasons_of

NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
RECENT: Final = {None: "not asked yet", 0: "today", 1: "yesterday"}
SAYS: Final = {
    "mode": lambda code: MODE_WORDS[Mode(code)],
    "category": lambda code: CATEGORY_LABELS[code].lower(),
    "languages": lambda code: LANGUAGE_NAMES[code],
    "of": lambda _: "",
    "modes": lambda code: MODE_WORDS[Mode(code)],
    "days": lambda days: RECENT.get(days, str(days)),
    "kind": lambda kind: kind.replace("_", " "),
}


def shown(name: str, value: Any) -> str:
    return SAYS[name](value) if name in SAYS else f"{value:g}" if isinstance(value, float) else str(value)


def said(reason: Reason) -> list[str]:
    """Say by oneself which numbers, names and words are in a reason; no others are told where there are none."""
    parts = {name: value for name, value in reason.parts.items() if (name, value) != ("others", 0)}
    return [
        shown(name, each)
        for name, value in parts.items()
        for each in (value if isinstance(value, (tuple, list)) else (value,))
    ]


@pytest.mark.parametrize("code", list(ReasonCode))
@given(data=st.data())
def test_a_sentence_says_the_parts_and_no_other_number(code: ReasonCode, data: st.DataObject) -> None:
    reason = data.draw(reasons_of(code))
    expected = said(reason)
    for word in expected:
        assert word.lower() in reason.words.lower()
    assert sorted(NUMBER.findall(reason.words)) == sorted(NUMBER.findall(" ".join(expected)))


@pytest.mark.parametrize(("reason", "words"), [
    (Reason(ReasonCode.ALL_MET, {"demand": 3, "standard_min": 5.0, "mode": "walk"}),
     "All 3 can be served within 5 minutes on foot"),
    (Reason(ReasonCode.NO_HELP_NEAR,
            {"count": 2, "demand": 9, "category": "water", "standard_min": 7.5, "mode": "wheelchair"}),
     "2 of 9 have no help with drinking water within 7.5 minutes by wheelchair"),
    (Reason(ReasonCode.HELP_FULL, {"count": 1, "demand": 3, "names": ("Aino O.", "Pantry"), "others": 4}),
     "1 of 3 find the help within reach full (Aino O., Pantry and 4 more)"),
    (Reason(ReasonCode.TRAVEL, {"travel_min": 4, "mode": "walk"}), "about 4 min on foot"),
    (Reason(ReasonCode.LANGUAGE, {"languages": ("fi", "en")}), "speaks Finnish and English"),
    (Reason(ReasonCode.OPEN, {"of": "helper"}), "free at that time"),
    (Reason(ReasonCode.OPEN, {"of": "asset"}), "open at that time"),
    (Reason(ReasonCode.HOURS_UNKNOWN, {"of": "helper"}), "has not said when"),
    (Reason(ReasonCode.HOURS_UNKNOWN, {"of": "asset"}), "hours not known"),
    (Reason(ReasonCode.ROOM, {"of": "helper", "count": 2}), "has room for 2 more this week"),
    (Reason(ReasonCode.ROOM, {"of": "asset", "count": 3}), "takes up to 3 a week"),
    (Reason(ReasonCode.LAST_ASKED, {"days": 13}), "last asked 13 days ago"),
    (Reason(ReasonCode.LAST_ASKED, {"days": 1}), "last asked yesterday"),
    (Reason(ReasonCode.KIND, {"kind": "place_of_worship"}), "place of worship"),
    (Reason(ReasonCode.STEP_FREE, {"step_free": "limited"}), "step-free: limited"),
    (Reason(ReasonCode.DOOR_FOUND_TWICE, {"apart_m": 6}),
     "their places are 6 m apart, which is as one door is found twice"),
    (Reason(ReasonCode.SAME_NUMBER, {}), "both name the same telephone number"),
    (Reason(ReasonCode.OSRM_SERVER, {"modes": ["walk", "car"]}),
     "Along streets on foot and by car, as an OSRM server finds it."),
    (Reason(ReasonCode.STRAIGHT_LINE_FOR, {"modes": ["wheelchair", "bicycle"], "detour": 1.3, "walk_kmh": 4.8}),
     "By wheelchair, by bicycle: Straight line times 1.3, at 4.8 km/h on foot; no streets."),
])  # fmt: skip
def test_reasons_in_english(reason: Reason, words: str) -> None:
    assert reason.words == words


def test_reasons_are_told_apart_in_a_set() -> None:
    twice = [Reason(ReasonCode.ROOM, {"of": "helper", "count": n}) for n in (1, 2, 1)]
    assert len(set(twice)) == len({1, 2})


def test_every_code_can_be_drawn() -> None:
    assert set(PARTS) == set(ReasonCode)


COMPARED: Final = [one.name for one in fields(Likeness)]


@given(st.fixed_dictionaries({name: st.floats(-20, 20) for name in COMPARED}), st.none() | st.floats(0, 9000))
def test_what_speaks_for_two_requests_being_one_comes_by_weight(bits: dict[str, float], apart_m: float | None) -> None:
    told = sorted((name for name in COMPARED if abs(bits[name]) >= 0.5), key=lambda name: -abs(bits[name]))
    found = weigh_reasons(bits, apart_m)
    assert len(found) == len(told)
    for name, reason in zip(told, found, strict=True):
        assert (reason,) == weigh_reasons({name: bits[name]}, apart_m)
        if name == "place" and bits[name] > 0 and apart_m is not None:
            assert reason.parts == {"apart_m": max(1, round(apart_m))}
        else:
            assert reason not in weigh_reasons({name: -bits[name]}, apart_m)


@given(
    demand=st.integers(1, 9), covered=st.integers(0, 9), isolated=st.integers(0, 9), nearby=st.integers(0, 3),
    others=st.integers(0, 4),
)  # fmt: skip
def test_the_reasons_of_a_row_add_up_to_its_gap(
    demand: int, covered: int, isolated: int, nearby: int, others: int
) -> None:
    totals = Totals(demand, min(covered, demand), demand)
    isolated = min(isolated, totals.gap)
    full = totals.gap > isolated
    names = tuple("abc"[:nearby]) if full else ()
    row = CoverageRow("8", "x", Category.FOOD, totals, len(names) + others, isolated, Standard(5, Mode.WALK), names)
    counts = {reason.code: reason.parts.get("count", 0) for reason in row.because}
    assert sum(counts.values()) == totals.gap
    assert counts.get(ReasonCode.NO_HELP_NEAR, 0) == isolated
    assert (ReasonCode.ALL_MET in counts) == (totals.gap == 0)
    assert row.why == "; ".join(reason.words for reason in row.because) + "."
