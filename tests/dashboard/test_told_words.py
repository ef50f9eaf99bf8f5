"""What the server says in English is said anew for whoever reads another language, and nothing of it stays English."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.graph import StreetGraph, streets_info
from geo.analysis.travel.servers import OsrmServer, travel_by_valhalla_server
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.words import Mode

from dashboard import client
from dashboard.duplicate_answers import Pair
from dashboard.told_answers import Told
from dashboard.told_words import SAID, say, say_gap, say_kind, say_travel
from dashboard.translation import LANGUAGES, number, speaking
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_duplicates import pair
from tests.reasons import PEOPLE, reasons_of

if TYPE_CHECKING:
    from geo.domain.travel import TravelModelInfo

OTHERS: Final = [code for code in LANGUAGES if code != "en"]
LATIN: Final = re.compile(r"[A-Za-z]{2,}")


def never(*_: object) -> NoReturn:
    raise AssertionError("nothing is asked")


def test_in_english_the_words_of_the_server_stand() -> None:
    told = Told.read("So it is.", [{"code": "all_met", "parts": {}}])
    assert say_gap(told) == say(told) == "So it is."


def test_reasons_stand_in_one_line() -> None:
    known = [{"code": "travel", "parts": {"travel_min": 4, "mode": "walk"}}, {"code": "interpreter", "parts": {}}]
    with speaking("ar"):
        assert len(say(Told.read("about 4 min on foot, comes with an interpreter", known)).split("، ")) == len(known)
    with speaking("es"):
        assert say(Told()) == ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_kind_of_place_that_is_not_known_stays(code: str) -> None:
    with speaking(code):
        assert say_kind("tool_library") == "tool library"
        assert (say_kind("food_bank") == "food bank") == (code == "en")


@pytest.mark.parametrize("code", list(ReasonCode))
@given(data=st.data())
def test_each_code_is_said_anew(code: ReasonCode, data: st.DataObject) -> None:
    """A new code has no words at first, and this says so."""
    reason = data.draw(reasons_of(code))
    for language in OTHERS:
        with speaking(language):
            said = SAID[code](reason.parts)
        assert said != reason.words
        for name in PEOPLE:
            assert (name in said) == (name in reason.parts.get("names", ()))
    with speaking("ar"):
        foreign = re.sub("|".join(map(re.escape, (*PEOPLE, "Valhalla", "OSRM"))), "", SAID[code](reason.parts))
    assert not LATIN.search(foreign), foreign


def test_no_code_is_said_that_is_not_given() -> None:
    assert set(SAID) == set(ReasonCode)


def test_a_code_that_is_not_known_leaves_the_sentence() -> None:
    known = {"code": "all_met", "parts": {"demand": 3, "standard_min": 5, "mode": "walk"}}
    with speaking("fi"):
        assert say_gap(Told.read("All 3 can be served.", [known])) == "Kaikki 3 saavat apua enintään 5 minuuttia jalan."
        assert say_gap(Told.read("Since it rains.", [known, {"code": "rain", "parts": {}}])) == "Since it rains."
        assert say_gap(Told.read("All.", None)) == "All."


def test_sentences_that_stand_by_themselves_have_each_their_code() -> None:
    same, new = {"code": "same_size", "parts": {}}, {"code": "not_known_yet", "parts": {}}
    for codes in ([same, new], [same], None):
        with speaking("es"):
            first, second = map(say, Told.read_each(["It is.", "It was."], codes))
        assert (first != "It is.") == bool(codes)
        assert second == "It was."


@pytest.mark.parametrize("info", [
    StraightLineTravel().info,
    streets_info(StreetGraph("1", "2", "3.5.1", Path())),
    travel_by_valhalla_server(never, "there").info,
    OsrmServer(never, "there", [Mode.WALK, Mode.CAR]).info,
    OsrmServer(never, "there", list(Mode)).info,
])  # fmt: skip
def test_how_each_model_reckons_travel_is_said_anew(info: TravelModelInfo) -> None:
    told = Told.of_travel(info.as_dict())
    assert say_travel(told) == info.note
    with speaking("ar"):
        said = re.sub("Valhalla|OSRM", "", say_travel(told))
    assert not LATIN.search(said), said


def test_numbers_are_written_as_they_are_where_it_is_read() -> None:
    with speaking("fi"):
        assert "1,3" in say_travel(Told.of_travel(StraightLineTravel().info.as_dict()))


def all_said() -> list[str]:
    """Say all that the stand-in gives as reasons."""
    api = client.connect()
    reasons = [*api.find_nearest(need_id(1)), *api.suggest(need_id(1), kind="helper", limit=3), *api.propose({}).pairs]
    return [
        *(say_gap(row.why) for row in api.get_coverage(standard_min=5).rows),
        *(say(one.reason) for one in reasons),
        say(Pair.read(pair(1)).why[0]),
        say_travel(api.get_meta().travel_note),
    ]


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("code", OTHERS)
def test_what_the_service_answers_is_said_anew(code: str) -> None:
    """From the answer to the words: each record keeps the codes."""
    english = all_said()
    assert all(english)
    with speaking(code):
        for before, said in zip(english, all_said(), strict=True):
            # a kind of place that nobody knows stays
            assert said != before or said == NASTY


@pytest.mark.parametrize("code", OTHERS)
def test_how_many_comes_before_of_how_many(code: str) -> None:
    for reason in (
        Reason(ReasonCode.NO_HELP_NEAR,
               {"count": 23, "demand": 45, "category": "food", "standard_min": 5.0, "mode": "walk"}),
        Reason(ReasonCode.HELP_FULL, {"count": 23, "demand": 45, "names": PEOPLE, "others": 67}),
    ):  # fmt: skip
        with speaking(code):
            said = SAID[reason.code](reason.parts)
            numbers = [number(n) for n in (23, 45)]
        assert sorted(numbers, key=said.index) == numbers
