"""The page of directories, against the stand-in API: looked at first, read otherwise, taken in and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from geo.domain.words import Category
from geo.errors import InvalidInput

from dashboard import client
from dashboard.directory_answers import KINDS
from dashboard.directory_words import DONE, source_of, terms_of
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_assets import asset_id
from tests.dashboard.fake_directories import TWIN_REF, FakeDirectories
from tests.dashboard.test_assets import press
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

PACKAGE = b"PK\x03\x04 package"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDirectories:
    api = FakeDirectories()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def looked_at(page: AppTest, name: str = "Town 211") -> AppTest:
    page.text_input(key="directory_name").set_value(name)
    page.file_uploader(key="directory_file_0").set_value(("town.zip", PACKAGE, "application/zip"))
    return press(page.run(), "Look at it")


def test_a_directory_is_looked_at_before_anything_is_taken_in(open_page: Open, fake: FakeDirectories) -> None:
    page = open_page("directories")
    assert "No directory is here." in shown(page)
    page = looked_at(page)
    assert not page.exception
    ((query, content, kind),) = fake.brought
    assert (query["source"], query["dry_run"], content, kind) == ("town-211", "true", PACKAGE, "application/zip")
    told = shown(page)
    assert "10 services read: 3 new, 1 looks like ours, 1 cannot be used, 5 as before." in told
    assert "Nothing was taken in yet." in told
    assert NASTY not in told
    assert "&lt;img" in told
    assert "hours" in page.caption[0].value
    assert fake.here == {}


def test_each_kind_says_why(open_page: Open) -> None:
    page = looked_at(open_page("directories"))
    page.segmented_control[0].set_value("twin").run()
    assert "Looks like Soup kitchen: the same name, at the same place." in shown(page)
    page.segmented_control[0].set_value("skipped").run()
    assert "None of its terms says what kind of help it is." in shown(page)


def test_what_was_looked_at_is_taken_in_and_taken_back(open_page: Open, fake: FakeDirectories) -> None:
    page = press(looked_at(open_page("directories")), "Take in 3 services")
    assert not page.exception
    assert fake.brought[-1][0]["dry_run"] == "false"
    assert fake.here == {"town-211": 3}
    assert "1 directory here" in shown(page)
    assert not any(button.key == "take_in" for button in page.button)
    page = press(page, "Undo")
    assert fake.here == {}
    assert any("2 assets removed" in good.value for good in page.success)


def test_it_is_read_otherwise(open_page: Open, fake: FakeDirectories) -> None:
    page = looked_at(open_page("directories"))
    page.multiselect(key="directory_same_0").set_value([TWIN_REF])
    page.checkbox(key="directory_retire_0").set_value(True)
    page.text_area(key="directory_terms_0").set_value("BD-1800 = food")
    page = press(page, "Look again")
    query = fake.brought[-1][0]
    assert (query["same"], query["terms"]) == (f"{TWIN_REF}={asset_id(2)}", "bd-1800=food")
    assert (query["retire"], query["add_twins"], query["dry_run"]) == ("true", "false", "true")
    assert "1 same as ours" in shown(page)
    page = press(page, "Take in 3 services")
    assert fake.brought[-1][0] == query | {"dry_run": "false"}


def test_a_term_that_means_nothing_is_told(open_page: Open, fake: FakeDirectories) -> None:
    page = looked_at(open_page("directories"))
    page.text_area(key="directory_terms_0").set_value("BD-1800 = nonsense")
    page = press(page, "Look again")
    assert page.error
    assert len(fake.brought) == 1


def test_taking_back_says_first_what_it_does(open_page: Open, fake: FakeDirectories) -> None:
    fake.here = {"county": 3, "town": 2}
    page = open_page("directories").button(key="undo_county").click().run()
    assert "2 assets it brought and nobody has changed or used; removed." in shown(page)
    assert "1 asset somebody has changed or used; ours from now on." in shown(page)
    page = press(page, "Leave it")
    assert fake.here == {"county": 3, "town": 2}
    page = press(page.button(key="undo_county").click().run(), "Take it back")
    assert fake.here == {"town": 2}


def test_the_second_time_is_not_taken_back_by_one_press(open_page: Open, fake: FakeDirectories) -> None:
    fake.here = {"town-211": 3}
    page = open_page("directories").button(key="anew_town-211").click().run()
    assert page.text_input(key="directory_name").value == "town-211"
    page.file_uploader(key="directory_file_1").set_value(("town.zip", PACKAGE, "application/zip"))
    page = press(press(page.run(), "Look at it"), "Take in 3 services")
    assert not any(button.label == "Undo" for button in page.button)


def test_nothing_is_taken_in_where_nothing_is_new(open_page: Open, fake: FakeDirectories) -> None:
    fake.nothing_new = True
    page = looked_at(open_page("directories"))
    assert page.button(key="take_in").disabled
    assert "Nothing would change." in shown(page)
    press(page, "Put it away")
    assert "No directory is here." in shown(page)


def test_a_file_that_cannot_be_read_is_told(open_page: Open, fake: FakeDirectories) -> None:
    page = open_page("directories")
    fake.refuse = problem(422, "validation", "the file is no package of HSDS")
    page = looked_at(page)
    assert not page.exception
    assert page.error
    fake.refuse = None
    assert page.run().button(key="look")


def test_a_name_is_demanded(open_page: Open, fake: FakeDirectories) -> None:
    page = looked_at(open_page("directories"), " !! ")
    assert any("Say what the directory is called" in one.value for one in page.error)
    assert fake.brought == []


def test_every_kind_has_its_words() -> None:
    assert set(DONE) == set(KINDS)
    assert source_of("  Town 211 / Länsi ") == "town-211-l-nsi"
    assert terms_of("Ruoka = Food\nX-1 = water", {"food": "Food"}) == {"ruoka": Category.FOOD, "x-1": Category.WATER}
    for bad in ("no sign", "a,b = food"):
        with pytest.raises(ValueError, match="Write"):
            terms_of(bad, {})
    with pytest.raises(InvalidInput):
        terms_of("a = b", {})
