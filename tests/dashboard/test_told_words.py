"""What the server says in English is said anew for whoever reads another language, and nothing of it stays English."""

from __future__ import annotations

import re
from typing import Final

import pytest

from geo.analysis.coverage import _explain
from geo.analysis.nearest import minutes_word
from geo.analysis.travel import StraightLineTravel
from geo.domain import duplicates
from geo.domain.coverage import Totals
from geo.domain.words import Category, Mode

from dashboard import told_words, translation
from dashboard.told_words import say, say_gap, say_one, say_travel

LATIN: Final = re.compile(r"[A-Za-z]{2,}")
REASONS: Final = (
    "speaks Finnish and English",
    "comes with an interpreter",
    "has room for 2 more this week",
    "not asked yet",
    "last asked yesterday",
    "last asked 13 days ago",
    "place of worship",
    "takes up to 3 a week",
    "has opening hours listed",
    "step-free: limited",
    "hours not known",
)


@pytest.fixture
def arabic(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (translation, told_words):
        monkeypatch.setattr(module, "language", lambda: "ar")


def test_in_english_the_words_of_the_server_stand() -> None:
    assert say(", ".join(REASONS)) == ", ".join(REASONS)
    assert say_gap("All 3 can be served within 5 minutes on foot.") == "All 3 can be served within 5 minutes on foot."


@pytest.mark.usefixtures("arabic")
@pytest.mark.parametrize("mode", list(Mode))
def test_reasons_are_said_anew(mode: Mode) -> None:
    said = say(", ".join((minutes_word(4.2, mode), *REASONS)))
    assert not LATIN.search(said), said
    assert len(said.split("، ")) == len(REASONS) + 1


@pytest.mark.usefixtures("arabic")
def test_a_reason_that_is_not_known_stays() -> None:
    assert say("not asked yet, bakes bread").endswith("، bakes bread")


@pytest.mark.usefixtures("arabic")
@pytest.mark.parametrize("isolated", [0, 2, 5])
def test_a_gap_is_explained_anew(isolated: int) -> None:
    found = Totals(demand=9, covered=4, covered_best=4)
    why = _explain(found, isolated, "Aino O., Bread and Roses, Yusuf V. and 3 more", category=Category.FOOD,
                   minutes="7.5 minutes on foot")  # fmt: skip
    said = say_gap(why)
    assert not LATIN.search(re.sub("Aino O|Bread and Roses|Yusuf V", "", said)), said
    assert ("Bread and Roses" in said) == (isolated < 5)


@pytest.mark.usefixtures("arabic")
def test_why_two_requests_look_like_one_is_said_anew() -> None:
    names = list(duplicates._WORDS)
    for sign in (9.0, -9.0):
        for reason in duplicates.write_reasons(dict.fromkeys(names, sign), distance_m=12.0):
            assert not LATIN.search(say_one(reason)), reason


@pytest.mark.usefixtures("arabic")
def test_how_travel_is_reckoned_is_said_anew() -> None:
    assert not LATIN.search(say_travel(StraightLineTravel().info.note))
