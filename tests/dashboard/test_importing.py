"""The page of imports, against the stand-in API: a table goes its whole way, and nothing hostile runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryKind
from geo.interchange.column_map import FIELDS as OURS
from geo.interchange.column_map import MAX_JOINED
from geo.interchange.opening import ENCODINGS as KNOWN

from dashboard import client
from dashboard.import_words import FIELDS, KINDS, STATES, WAS, WOULD, read_pairs, write_pairs
from dashboard.views.importing import columns
from dashboard.views.importing.bringing import ENCODINGS
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_imports import HELD, FakeImports, import_id
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

TABLE = b"Tarve,Katu,Kunta\nruoka,Liisankatu 1,Helsinki\n"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeImports:
    api = FakeImports()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def press(page: AppTest, label: str) -> AppTest:
    page = next(button for button in page.button if button.label.startswith(label)).click().run()
    assert not page.exception
    return page


def bring(page: AppTest, name: str = "list.csv", content: bytes = TABLE) -> AppTest:
    page.file_uploader(key="import_file_0").set_value((name, content, "text/csv")).run()
    return press(page, "Bring it")


def sent(fake: FakeImports, method: str, ending: str) -> list[Any]:
    return [body for verb, path, body in fake.asked if verb == method and path.endswith(ending)]


def test_before_the_first_table_the_page_says_what_there_is_to_do(open_page: Open) -> None:
    page = open_page("importing")
    assert not page.exception
    assert "No table was brought yet." in shown(page)
    assert next(button for button in page.button if button.label == "Bring it").disabled


def test_a_table_goes_its_whole_way(open_page: Open, fake: FakeImports) -> None:
    page = open_page("importing")
    page.selectbox(key="import_kind").set_value(EntryKind.NEED)
    page = bring(page, f"{NASTY}.csv")
    ((query, content, kind),) = fake.brought
    assert (query["kind"], content, kind) == ("need", TABLE, "text/csv")
    assert "Not used: Kunta" in shown(page)
    key = f"col_{import_id(1)}"
    assert page.selectbox(key=f"{key}_category").value == "Tarve"
    page.multiselect(key=f"{key}_address").set_value(["Katu", "Kunta"])
    page.text_input(key=f"{key}_always_urgency").set_value("high")
    page.text_area(key=f"{key}_words").set_value("kassi = food\n\nasap=high")
    page = press(page, "Check every row")
    assert sent(fake, "PUT", "/mapping") == [
        {
            "columns": {"category": ["Tarve"], "address": ["Katu", "Kunta"]},
            "words": {"kassi": "food", "asap": "high"},
            # what was said elsewhere stays
            "defaults": {"withheld": "no", "urgency": "high"},
        }
    ]
    assert len(sent(fake, "POST", "/check")) == 1
    page = page.run()
    told = shown(page)
    assert "3 rows can be taken in, 250 rows would be held" in told
    assert "Nothing was taken in yet." in told
    page = press(page, "Take in 3 needs")
    page = page.run()
    assert f"{HELD} rows wait among the entries" in shown(page)
    assert page.button(key="import_held").label == "Correct what waits"
    page = press(page, "Undo this import")
    assert "All that came from this table was taken back." in shown(page)
    assert NASTY not in shown(page)


def test_what_is_wrong_is_told_row_by_row_a_screen_at_a_time(open_page: Open, fake: FakeImports) -> None:
    fake._add(EntryKind.NEED, "a.csv")
    fake.tables[0]["state"] = "checking"
    page = open_page("importing").run()
    assert "rowspan='2'>2</th>" in shown(page)
    assert "rowspan='2'>101</th>" in shown(page)
    page = press(page, "Later rows")
    assert "rowspan='2'>102</th>" in shown(page)
    assert "rowspan='2'>101</th>" not in shown(page)
    page = press(page, "Later rows")
    assert "rowspan='2'>251</th>" in shown(page)
    assert not any(button.label == "Later rows" for button in page.button)
    page = press(page, "Back to the first rows")
    assert "rowspan='2'>2</th>" in shown(page)
    assert NASTY not in shown(page)
    asked = sent(fake, "GET", "/rows")
    assert {one["outcome"] for one in asked} == {"held"}


def test_while_rows_are_gone_through_the_page_says_how_many(open_page: Open, fake: FakeImports) -> None:
    fake._add(EntryKind.HELPER, "a.csv")
    fake.tables[0] |= {"state": "running", "total_rows": 400, "slow": True}
    fake.tables[0]["counts"]["made"] = 200
    fake.slow = 1
    page = open_page("importing")
    assert not page.exception
    bar = page.get("progress")[0].proto
    assert bar.value == 50
    assert "200 of 400 rows" in bar.text
    assert not any(button.label.startswith(("Take in", "Undo")) for button in page.button)


def test_what_is_refused_is_said_and_nothing_is_lost(open_page: Open, fake: FakeImports) -> None:
    page = open_page("importing")
    fake.refuse = problem(422, "validation", "the table has no header")
    page = bring(page)
    assert any("no header" in error.value for error in page.error)
    fake.refuse = None
    page = press(page, "Bring it")
    key = f"col_{import_id(1)}"
    page.text_area(key=f"{key}_words").set_value("kassi food")
    page = press(page, "Check every row")
    assert any("their word" in error.value for error in page.error)
    assert sent(fake, "PUT", "/mapping") == []
    assert page.text_area(key=f"{key}_words").value == "kassi food"
    fake.refuse = problem(
        422, "validation", "no", errors=[{"pointer": "columns/category", "reason": "say which column is the category"}]
    )
    page.text_area(key=f"{key}_words").set_value("")
    page = press(page, "Check every row")
    assert any("say which column is the category" in error.value for error in page.error)
    fake.refuse = None
    page = press(page, "Forget this table")
    assert fake.tables == []
    assert "No table was brought yet." in shown(page)


def test_a_file_that_cannot_be_read_says_so_and_offers_nothing_to_take_in(open_page: Open, fake: FakeImports) -> None:
    fake._add(EntryKind.NEED, "a.csv")
    fake.tables[0] |= {"state": "checked", "error": f"it is broken {NASTY}"}
    page = open_page("importing")
    assert any("cannot be read" in error.value for error in page.error)
    assert not any(button.label.startswith(("Take in", "Keep")) for button in page.button)


def test_everything_has_its_words() -> None:
    assert set(FIELDS) == {name for names in OURS.values() for name in names}
    assert set(KINDS) == set(EntryKind)
    assert set(STATES) == set(ImportState)
    assert set(WAS) == set(WOULD) == set(RowOutcome)
    # UTF-16 from the larger end always has its mark
    assert set(ENCODINGS) == set(KNOWN) - {"utf-16-be"}
    assert columns.MAX_JOINED == MAX_JOINED


def test_pairs_are_read_as_they_are_written() -> None:
    pairs = {"kassi": "food", "a b": "c = d"}
    assert read_pairs(write_pairs(pairs)) == pairs
    assert read_pairs(" \n") == {}
    for wrong in ("a", "= b", "a =", "a = b\nc"):
        with pytest.raises(ValueError, match="their word"):
            read_pairs(wrong)
    with pytest.raises(ValueError, match="At most"):
        read_pairs("\n".join(f"{n} = b" for n in range(201)))
