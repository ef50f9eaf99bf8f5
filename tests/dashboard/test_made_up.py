"""Made-up data against the stand-in API: said on every page, removed and loaded from Settings, offered to beginners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from tests.dashboard.fake_access import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dashboard.fake_board import FakeBoard

    Open = Callable[..., AppTest]

PATH = "/v1/made-up"
SAYS = "This network holds made-up data"


def drawn(page: AppTest) -> str:
    assert not page.exception
    told = [*page.get("html"), *page.markdown, *page.success, *page.error]
    return " ".join(str(one.value) for one in told).replace("\\", "")


def asked(fake: FakeBoard) -> list[str]:
    return [method for method, path, _ in fake.asked if path == PATH]


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def keys(page: AppTest) -> list[str]:
    return [button.key for button in page.button if button.key.endswith("made_up")]


def whole_app() -> AppTest:
    return AppTest.from_file(str(Path(dashboard.__file__).parent / "app.py"), default_timeout=30).run()


def test_the_line_stands_on_the_page_only_while_something_is_made_up(fake: FakeBoard) -> None:
    assert SAYS not in drawn(whole_app())
    fake.made_up["is_there"] = True
    page = whole_app()
    assert SAYS in drawn(page)
    assert [link.proto.label for link in page.get("page_link")] == ["Where to remove it"]
    # it asks for what pages ask anyway
    assert asked(fake) == []
    fake.me["permissions"] = [one for one in fake.me["permissions"] if one != "manage_network"]
    page = whole_app()
    assert SAYS in drawn(page)
    assert not page.get("page_link")


def test_whoever_must_set_up_codes_first_is_told_nothing(fake: FakeBoard) -> None:
    fake.made_up["is_there"] = True
    fake.me["needs_totp"] = True
    assert SAYS not in drawn(whole_app())


def test_an_admin_removes_it_is_told_how_much_and_loads_it_again(open_page: Open, fake: FakeBoard) -> None:
    fake.made_up |= {"is_there": True, "in_the_way": []}
    page = open_page("settings")
    assert keys(page) == ["remove_made_up"]
    page = press(page, "remove_made_up")
    assert "Removed: 600 needs, 60 helpers, 8 assets" in drawn(page)
    assert "1 turf" in drawn(page)
    assert "area" not in page.success[0].value
    assert keys(page) == ["load_made_up"]
    page = press(page, "load_made_up")
    assert "A made-up town is here: 600 needs" in drawn(page)
    assert [method for method in asked(fake) if method != "GET"] == ["DELETE", "POST"]


def test_needs_that_stay_are_told(open_page: Open, fake: FakeBoard) -> None:
    fake.made_up |= {"is_there": True, "in_the_way": []}
    fake.kept = 2
    page = press(open_page("settings"), "remove_made_up")
    assert "2 made-up needs stay" in drawn(page)
    assert keys(page) == ["remove_made_up"]


def test_beside_real_records_nothing_is_offered_and_others_are_told_nothing(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("settings")
    assert keys(page) == []
    assert "so that nobody takes one for the other" in drawn(page)
    fake.made_up |= {"is_there": True, "in_the_way": []}
    fake.me["permissions"] = [one for one in fake.me["permissions"] if one != "manage_network"]
    fake.asked.clear()
    page = open_page("settings")
    assert keys(page) == []
    assert asked(fake) == []


@pytest.mark.parametrize(
    ("kind", "detail", "says"),
    [
        ("not-made-up", "records", "holds records that are not made up"),
        ("conflict", "now", "at this moment"),
        ("busy", "The service is busy.", "The service is busy"),
    ],
)
def test_a_refusal_is_said_in_words(open_page: Open, fake: FakeBoard, kind: str, detail: str, says: str) -> None:
    fake.made_up["in_the_way"] = []
    page = open_page("settings")
    fake.refuse = problem(503 if kind == "busy" else 409, kind, detail)
    page = press(page, "load_made_up")
    assert says in page.error[0].value
    assert keys(page) == ["load_made_up"]


def test_two_presses_are_told_that_it_was_there(open_page: Open, fake: FakeBoard) -> None:
    fake.made_up["in_the_way"] = []
    page = open_page("settings")
    fake.made_up["is_there"] = True
    assert "It was there already" in drawn(press(page, "load_made_up"))
    fake.made_up["is_there"] = True
    page = open_page("settings")
    fake.made_up["is_there"] = False
    assert "nothing made up that could be removed" in drawn(press(page, "remove_made_up"))
