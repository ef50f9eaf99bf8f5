"""XLSForms: what is taken, what is refused with its row, and that both kinds of form ask the same."""

from __future__ import annotations

import io
import string
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.domain.forms import FormField, QuestionType, read_model
from geo.errors import FormRefused, GeoError, InvalidInput, SourceUnreadable
from geo.interchange.form_condition import names_in, read_condition
from geo.interchange.form_sheets import MAX_BYTES
from geo.interchange.xlsform import read_xlsform

from tests.xlsforms import CHOICES, COLUMNS, ROWS, SETTINGS, winter, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = ROWS[1]
NAMES = st.text(alphabet=string.ascii_letters + string.digits + "_.-", max_size=20).map(lambda rest: "q" + rest)
TEXTS = st.text(
    alphabet=st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co")), min_size=1, max_size=60
)
PLAIN = tuple(kind for kind in QuestionType if kind.value[:6] != "select")


def faults_of(content: bytes) -> dict[str, str]:
    with pytest.raises(FormRefused) as refused:
        read_xlsform(content)
    return dict(refused.value.faults)


def test_a_form_is_read_with_its_languages_groups_and_fields() -> None:
    read = read_xlsform(winter())
    model = read.model
    assert (model.name, model.title, model.version) == ("winter", "Winter round", "1")
    assert (model.languages, model.default_language, model.times) == (("en", "fi"), "en", ("begun",))
    assert [one.name for one in model.questions] == [row[1] for row in ROWS if row[0] not in ("start", "begin_group")
                                                     and row[0] != "end_group"]  # fmt: skip
    by_name = {one.name: one for one in model.questions}
    assert by_name["people"].field is FormField.SIZE
    assert by_name["need.category"].is_required
    assert [choice.labels["fi"] for choice in by_name["need.category"].choices] == ["Ruoka", "Vesi"]
    assert by_name["picture"].field is FormField.PHOTO
    assert by_name["heating"].relevant == [
        "and",
        [">=", ["ref", "people"], ["number", 2]],
        ["selected", ["ref", "need.category"], ["text", "food"]],
    ]
    assert read_model(model.as_json()) == model


def test_odk_programs_are_asked_the_same_and_photos_come_small() -> None:
    read = read_xlsform(winter())
    root = fromstring(read.xml)
    binds = {node.get("nodeset").rpartition("/")[2]: node for node in root.iter() if node.tag.endswith("}bind")}
    assert set(binds) >= {one.name for one in read.model.questions}
    assert binds["picture"].get("{http://openrosa.org/xforms}max-pixels") == "1280"
    assert binds["need.category"].get("required") == "true()"
    assert "barnraiser" not in read.xml


def test_the_condition_of_a_group_is_that_of_all_in_it() -> None:
    rows = [FIRST, ["begin group", "a", "A", "", "", "selected(${need.category}, 'food')"], ["text", "b", "B"],
            ["begin_group", "c", "C", "", "", "${b} != ''"], ["text", "d", "D", "", "", "${b} = 'x'"],
            ["end_group"], ["end group"], ["text", "e", "E"]]  # fmt: skip
    _, b, d, e = read_xlsform(winter(rows=rows)).model.questions
    outer = ["selected", ["ref", "need.category"], ["text", "food"]]
    assert b.relevant == outer
    assert d.relevant == ["and", outer, ["and", ["!=", ["ref", "b"], ["text", ""]], ["=", ["ref", "b"], ["text", "x"]]]]
    assert e.relevant is None


def test_the_same_sheets_are_the_same_form_and_others_another() -> None:
    one, again = read_xlsform(winter()), read_xlsform(winter())
    other = read_xlsform(winter(rows=[*ROWS, ["text", "more", "More?"]]))
    assert one.content_hash == again.content_hash != other.content_hash
    unnamed = [SETTINGS[0][:2], SETTINGS[1][:2]]
    versions = {read_xlsform(winter(settings=unnamed, rows=rows)).model.version for rows in (ROWS, ROWS[:8], ROWS)}
    assert len(versions) == 2


def row(*cells: Any) -> list[list[Any]]:
    return [FIRST, list(cells)]


BAD: list[tuple[Sequence[Sequence[Any]], str]] = [
    *[(row(kind, "x", "X"), "/survey/3/type") for kind in (
        "barcode", "audio", "video", "file", "calculate", "deviceid", "username", "phonenumber", "email", "audit",
        "range", "rank kinds", "geotrace", "geoshape", "time", "dateTime", "hidden", "xml-external", "osm",
        "begin_repeat", "begin repeat", "select_one_from_file a.csv", "select_one_external kinds", "background-audio",
        "", "TEXT ", "select_one", "select_one nothing", "select_multiple kinds or_other", "text kinds", "today",
        "end_repeat",
    )],
    *[(row("text", name, "X"), "/survey/3/name") for name in (
        "", "1x", "a b", "a:b", "ä", "x" * 65, "a/b", "a'b", "<a>", "${x}", "meta", "Meta", "need.category",
    )],
    *[(row("text", "x", "X", "", "", condition), "/survey/3/relevant") for condition in (
        "(", ")", "a", "${x", "${x} =", "!= 1", "1 = 1 = 1", "${x} + 1", "pulldata('a', 'b')", "regex(${x}, '(a+)+')",
        "/data/x = 1", "../x", "${x} and", "not ${x}", "selected(${x})", "selected(${x}, 'a'", "true", "'a", "${x} 1",
        "instance('a')/root", "if(1, 2, 3)", "(" * 30 + "1" + ")" * 30, "1 = 1 and " * 200 + "1 = 1", "${x}; 1", "#",
    )],
    (row("text", "x", "X", "", "perhaps"), "/survey/3/required"),
    (row("text", "x", ""), "/survey/3/label"),
    (row("text", "x", "X", "", "", "${nobody} = 1"), "/survey/3"),
    (row("text", "x", "Hello ${nobody}"), "/survey/3"),
    (row("text", "x", "X", "", "", "", "", "need.colour"), "/survey/3/barnraiser"),
    (row("text", "x", "X", "", "", "", "", "household.size"), "/survey/3/type"),
    (row("image", "household.size", "X"), "/survey/3/type"),
    (row("text", "need.urgency", "X"), "/survey/3/type"),
    (row("text", "contact.phone", "X"), "/survey/1"),
    ([*row("image", "x", "X"), ["image", "y", "Y"]], "/survey/1/barnraiser"),
    ([["text", "x", "X"]], "/survey/1"),
    ([FIRST, ["end_group"]], "/survey/3/type"),
    ([FIRST, ["begin_group", "g", "G"]], "/survey/3/type"),
    ([FIRST, *[["begin_group", f"g{n}", "G"] for n in range(12)], *[["end_group"]] * 12], "/survey/13/type"),
    ([FIRST, *[["text", f"x{n}", "X"] for n in range(201)]], "/survey/202"),
    (row("text", "x", "X" * 2001), "/survey/3/label::Englishen"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "pointer"), BAD)
def test_what_is_outside_of_the_subset_is_refused_with_its_row(rows: Any, pointer: str) -> None:
    found = faults_of(winter(rows=rows))
    assert pointer in found, found
    assert all(reason and "nobody" not in reason for reason in found.values())


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = faults_of(winter(rows=[FIRST, ["barcode", "b", "B"], ["text", "1", "C"], ["text", "d", ""]]))
    assert list(found) == ["/survey/3/type", "/survey/4/name", "/survey/5/label"]
    assert len(faults_of(winter(rows=[FIRST, *[["barcode", f"b{n}", "B"] for n in range(400)]]))) == 50


@pytest.mark.parametrize(
    "column",
    ["calculation", "default", "choice_filter", "repeat_count", "media::image", "bind::x", "trigger", "read_only"],
)
def test_columns_that_would_change_what_is_asked_are_refused(column: str) -> None:
    rows = [[*COLUMNS, column], [*FIRST, "", "", "", "1"]]
    found = faults_of(workbook(survey=rows, choices=CHOICES, settings=SETTINGS))
    assert found == {f"/survey/2/{column}": "this column is outside of the subset"}


@pytest.mark.parametrize("appearance", ["ex:org.other.app", "intent", "map url", "search('a')"])
def test_no_form_starts_other_programs_or_files(appearance: str) -> None:
    rows = [[*COLUMNS, "appearance"], [*FIRST, "", "", "", appearance]]
    assert "/survey/2/appearance" in faults_of(workbook(survey=rows, choices=CHOICES, settings=SETTINGS))


OTHER_SETTINGS = [
    [["form_title"], ["T"]],
    [["form_title", "form_id"], ["T ${people}", "x"]],
    [["form_id"], ["x"]],
    [["form_title", "form_id"], ["T", "1 x"]],
    [["form_title", "form_id", "submission_url"], ["T", "x", "https://a.test"]],
    [["form_title", "form_id", "public_key"], ["T", "x", "k"]],
]
OTHER_CHOICES = [["kinds", "food", "Again"], ["kinds", "a b", "X"], ["kinds", "", "X"], ["kinds", "x"], ["", "x", "X"]]


@pytest.mark.parametrize("given_settings", OTHER_SETTINGS)
def test_settings_that_are_missing_or_lead_elsewhere_are_refused(given_settings: Any) -> None:
    assert all(pointer.startswith("/settings/2/") for pointer in faults_of(winter(settings=given_settings)))


@pytest.mark.parametrize("more", OTHER_CHOICES)
def test_choices_that_cannot_be_told_apart_are_refused(more: list[str]) -> None:
    assert any(pointer.startswith("/choices/6") for pointer in faults_of(winter(choices=[*CHOICES, more])))


def packed(**parts: bytes) -> bytes:
    """Put other parts into a good workbook."""
    written = io.BytesIO(winter())
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name.replace("__", "/"), content)
    return written.getvalue()


FILES = {
    "nothing": b"",
    "text": b"type,name,label\ntext,x,X\n",
    "old": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "cut off": winter()[:2000],
    "a zip of nothing": b"PK\x05\x06" + bytes(18),
    "macro": packed(**{"xl__vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
    "macro sheet": packed(**{"xl__macrosheets__sheet1.xml": b"<a/>"}),
    "control": packed(**{"xl__activeX__activeX1.bin": b"x"}),
    "link": packed(**{"xl__externalLinks__externalLink1.xml": b"<a/>"}),
    "connection": packed(**{"xl__connections.xml": b"<a/>"}),
    "bomb": packed(**{"xl__big.xml": bytes(30_000_000)}),
    "large": b"PK" + bytes(MAX_BYTES),
    "entities": packed(**{"xl__more.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
    "formula": winter(rows=[[*FIRST[:5], "=1+1"]]),
    "empty sheet": winter(settings=[]),
    "no survey": workbook(settings=SETTINGS),
    "long": winter(rows=[FIRST, *[["text", f"x{n}", "X"] for n in range(3_100)]]),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_files_that_are_no_form_are_refused(content: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        read_xlsform(content)


@settings(max_examples=60, deadline=None)
@given(where=st.integers(0, 6_000), change=st.binary(min_size=1, max_size=20))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(where: int, change: bytes) -> None:
    whole = winter()
    at = where % len(whole)
    try:
        read_xlsform(whole[:at] + change + whole[at + len(change) :])
    except GeoError:
        return


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(PLAIN), NAMES, TEXTS, st.booleans()), max_size=8, unique_by=lambda one: one[1].lower()
    )
)
def test_whatever_is_taken_is_a_form_for_both(asked: list[tuple[QuestionType, str, str, bool]]) -> None:
    rows = [
        FIRST,
        *[[kind.value, name, "Is it " + label, "", "yes" if must else ""] for kind, name, label, must in asked],
    ]
    if sum(kind is QuestionType.IMAGE for kind, *_ in asked) > 1 or any("${" in label for _, _, label, _ in asked):
        # two photos, or a reference that nobody meant
        with pytest.raises(FormRefused):
            read_xlsform(winter(rows=rows))
        return
    read = read_xlsform(winter(rows=rows))
    assert [(one.type, one.name, one.is_required) for one in read.model.questions[1:]] == [
        (kind, name, must) for kind, name, _, must in asked
    ]
    names = {node.tag.rpartition("}")[2] for node in fromstring(read.xml).iter()}
    assert names >= {name for _, name, *_ in asked}
    assert read_model(read.model.as_json()) == read.model


CONDITIONS = st.recursive(
    st.sampled_from([["ref", "a"], ["self"], ["text", "x y"], ["number", 3], ["number", 2.5], ["today"], ["true"]]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or", "=", "!=", "<", "<=", ">", ">=", "selected"]), inner, inner).map(list),
        st.tuples(st.sampled_from(["not", "count", "length"]), inner).map(list),
    ),
    max_leaves=6,
)


def written(condition: list[Any]) -> str:
    """Write a condition as an XLSForm has it, every part in brackets."""
    word, parts = condition[0], condition[1:]
    simple = {"ref": "${%s}", "text": "'%s'", "number": "%s"}
    if word in simple:
        return simple[word] % parts[0]
    called = {"self": ".", "today": "today()", "true": "true()"}
    if word in called:
        return called[word]
    inner = [written(part) for part in parts]
    names = {"not": "not", "count": "count-selected", "length": "string-length", "selected": "selected"}
    return f"{names[word]}({', '.join(inner)})" if word in names else f"({inner[0]}) {word} ({inner[1]})"


@given(CONDITIONS)
def test_a_condition_reads_as_it_was_written(condition: list[Any]) -> None:
    assert read_condition(written(condition)) == condition
    assert set(names_in(condition)) <= {"a"}


def test_and_binds_closer_than_or() -> None:
    one, two, three = (["=", ["ref", name], ["number", 1]] for name in "abc")
    assert read_condition("${a} = 1 or ${b}=1 and ${c} = 1") == ["or", one, ["and", two, three]]
    with pytest.raises(InvalidInput):
        read_condition("${a} = 1 or")
