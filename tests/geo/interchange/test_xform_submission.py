"""Forms filled in by ODK programs: read as they were typed, and the entries they become."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InvalidInput
from geo.interchange.form_entry import entries_of
from geo.interchange.xform_submission import MAX_BYTES, read_submission
from geo.interchange.xlsform import read_xlsform

from tests.xlsforms import filled, winter

FORM = read_xlsform(winter())
VERSION = UUID("0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c43")
INSTANCE = UUID("5b2f9c1e-0f0a-4b52-9c1d-6d5f1d2c4300")
BEGUN = "2026-05-04T15:20:00.000+03:00"
ANSWERS = {
    "begun": BEGUN,
    "need.category": "food water",
    "people": "3",
    "heating": "wood & <peat>",
    "location.point": "60.1701 24.9405 0 8.5",
    "contact.consent": "yes",
    "contact.phone": "+358 40 1234567",
    "picture": "1746361200.jpg",
}


def entries(answers: dict[str, str], instance: str = f"uuid:{INSTANCE}") -> list[Any]:
    made = entries_of(FORM.model, VERSION, read_submission(filled(FORM.xml, answers, instance)))
    return [(one.id, dict(one.typed)) for one in made]


def test_a_form_that_was_filled_in_is_a_need_for_each_kind_of_help() -> None:
    (first, typed), (second, also) = entries(ANSWERS)
    assert (first, second != first) == (INSTANCE, True)
    assert [typed["body"]["category"], also["body"]["category"]] == ["food", "water"]
    assert typed["body"]["household_id"] == also["body"]["household_id"]
    place = {"lon": 24.9405, "lat": 60.1701, "accuracy_m": 8.5}
    assert typed["body"]["location"] == {**place, "method": "gps"}
    assert (typed["position"], typed["made_at"], typed["form"]) == (place, BEGUN, 1)
    assert typed["body"]["household_size"] == 3
    assert typed["body"]["contact"] == {"phone": "+358 40 1234567", "consent": True}
    # all that was typed stays with the first
    assert typed["custom"] == [{"form": str(VERSION), "answers": ANSWERS}]
    assert "custom" not in also
    assert entries(ANSWERS) == entries(ANSWERS)


@pytest.mark.parametrize("consent", ["no", "", "maybe"])
def test_without_consent_nothing_of_how_to_reach_them_goes_on(consent: str) -> None:
    found = repr(entries(ANSWERS | {"contact.consent": consent}))
    assert "358 40" not in found
    assert "contact'" not in found


def test_an_address_or_a_point_set_by_hand_is_a_place_too() -> None:
    told = {"need.category": "food"}
    assert entries(told | {"location.point": "60.17 24.94 0 0"})[0][1]["body"]["location"] == {
        "lon": 24.94, "lat": 60.17, "method": "manual",
    }  # fmt: skip
    assert entries(told | {"location.address": "Liisankatu 12"})[0][1]["body"]["location"] == {
        "address": "Liisankatu 12"
    }
    assert "location" not in entries(told)[0][1]["body"]


@pytest.mark.parametrize("point", ["nan nan 0 1", "here", "60.1", "1 2 3 4 5", "inf 1 0 1"])
def test_what_cannot_be_used_goes_on_as_it_was_typed(point: str) -> None:
    ((_, typed),) = entries({"location.point": point, "people": "many"})
    assert typed["body"] == {"category": "", "household_size": "many", "location": {"point": point}}
    assert typed["custom"][0]["answers"] == {"location.point": point, "people": "many"}


def test_an_instance_named_otherwise_has_the_same_id_each_time() -> None:
    (one, _), (again, _), (other, _) = (entries({"need.category": "food"}, name)[0] for name in ("a-1", "a-1", "a-2"))
    assert one == again != other
    nothing = "uuid:00000000-0000-0000-0000-000000000000"
    assert entries({"need.category": "food"}, nothing)[0][0] != UUID(int=0)


WHOLE = filled(FORM.xml, ANSWERS, f"uuid:{INSTANCE}")
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><data id="winter"><x>&c;</x></data>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><data id="winter"><x>&b;</x></data>'
BAD = {
    "nothing": b"",
    "text": b"winter",
    "json": b'{"id": "winter"}',
    "cut off": WHOLE[:-10],
    "bomb": BOMB,
    "outside": OUTSIDE,
    "no instance": b'<data id="winter"><people>1</people></data>',
    "empty instance": filled(FORM.xml, ANSWERS, ""),
    "no form": WHOLE.replace(b'id="winter"', b""),
    "twice": WHOLE.replace(b"<people>3</people>", b"<people>3</people><people>4</people>"),
    "large": WHOLE + b" " * MAX_BYTES,
    "many parts": WHOLE.replace(b"<people>3</people>", b"<x/>" * 5_001),
    "many answers": WHOLE.replace(b"<people>3</people>", b"".join(b"<x%d>1</x%d>" % (n, n) for n in range(301))),
    "long": WHOLE.replace(b"<people>3", b"<people>" + b"3" * 10_001),
    "other encoding": WHOLE.replace(b"version='1.0'", b"version='1.0' encoding='utf-99'"),
    "not utf-8": WHOLE.replace(b"peat", b"p\xff\xfet"),
    "control": WHOLE.replace(b"peat", b"p\x00t"),
    "two roots": WHOLE + WHOLE.partition(b"?>")[2],
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_what_is_no_form_filled_in_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_submission(content)
    assert "hostname" not in str(refused.value)


def test_parts_within_parts_beyond_all_measure_end_nothing() -> None:
    deep = WHOLE.replace(b"<people>3</people>", b"<x>" * 2_000 + b"1" + b"</x>" * 2_000)
    assert read_submission(deep).answers["x"] == "1"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2_000))
def test_whatever_is_sent_is_read_or_refused_and_nothing_else(change: bytes, where: int) -> None:
    at = where % len(WHOLE)
    try:
        read_submission(WHOLE[:at] + change + WHOLE[at + len(change) :])
    except InvalidInput:
        return


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([one.name for one in FORM.model.questions if one.name != "thanks"]),
        st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map(
            str.strip
        ),
    )
)
def test_from_the_workbook_to_the_entry_nothing_is_lost(answers: dict[str, str]) -> None:
    instance = f"uuid:{uuid4()}"
    given_answers = {name: text for name, text in answers.items() if text}
    sent = read_submission(filled(FORM.xml, answers, instance))
    assert (sent.form, sent.version, sent.answers) == ("winter", "1", given_answers)
    made = entries_of(FORM.model, VERSION, sent)
    kept = made[0].typed["custom"][0]["answers"]
    agreed = given_answers.get("contact.consent") == "yes"
    assert kept == {name: text for name, text in given_answers.items() if agreed or name != "contact.phone"}
    assert len({one.id for one in made}) == len(made)
