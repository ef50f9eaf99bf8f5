"""Saved views on the three pages against the stand-in API: kept, shown again, changed, shared, removed, and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from dashboard import client
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import AREA_ID, NASTY, need_id
from tests.dashboard.fake_assets import FakeAssets

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_board import FakeBoard

    Open = Callable[..., AppTest]


def view(number: int, page: str, words: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"name": f"View {number}", "is_shared": False, "is_mine": True, "version": 1}
    return {"id": need_id(number), "page": page, "words": words, "updated_at": "2026-03-01T12:00:00Z", **told, **more}


def press(page: AppTest, key: str) -> AppTest:
    page = page.button(key=key).click().run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return " ".join(str(one.value) for one in [*page.success, *page.error, *page.get("html")]).replace("\\", "")


def test_what_the_board_shows_is_kept_and_shown_again(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("board")
    assert "None yet" in said(page)
    page.session_state["board_lane"], page.session_state["board_kind"] = "asked", "food"
    page = page.run()
    page.text_input(key="view_name").set_value(" Food, asked ")
    page.toggle(key="view_shared").set_value(True)
    page = press(page, "view_keep")
    made = fake.views[0]
    assert (made["name"], made["words"], made["is_shared"]) == ("Food, asked", {"lane": "asked", "kind": "food"}, True)
    assert page.text_input(key="view_name").value == ""
    page.session_state["board_lane"], page.session_state["board_kind"] = "done", ""
    page = press(page.run(), f"view_{made['id']}")
    assert (page.session_state["board_lane"], page.session_state["board_kind"]) == ("asked", "food")


def test_keeping_can_be_taken_back_and_wants_a_name(open_page: Open, fake: FakeBoard) -> None:
    page = press(open_page("board"), "view_keep")
    assert "Give it a name" in said(page)
    assert fake.views == []
    page.text_input(key="view_name").set_value("Mine")
    page = press(page, "view_keep")
    assert "Kept as “Mine”" in said(page)
    page = press(page, "undo")
    assert fake.views == []
    fake.refuse = problem(409, "conflict", "There is already a record with this id or name")
    page.text_input(key="view_name").set_value("Mine")
    page = press(page, "view_keep")
    assert "already a record" in said(page)


def test_one_is_renamed_shared_replaced_and_removed_each_with_its_undo(open_page: Open, fake: FakeBoard) -> None:
    fake.views = [view(801, "board", {"lane": "done"}), view(802, "map", {"minutes": 10})]
    page = open_page("board")
    page.text_input(key=f"view_renamed_{need_id(801)}_1").set_value("Done lately")
    page = press(page, "view_rename")
    assert fake.views[0]["name"] == "Done lately"
    page = press(page, "undo")
    assert fake.views[0]["name"] == "View 801"
    page = press(page, "view_share")
    assert fake.views[0]["is_shared"]
    page = press(press(page, "undo"), "view_replace")
    assert fake.views[0]["words"] == {"lane": "waiting"}
    page = press(page, "undo")
    assert fake.views[0]["words"] == {"lane": "done"}
    page = press(page, "view_remove")
    assert [one["page"] for one in fake.views] == ["map"]
    page = press(page, "undo")
    assert [(one["name"], one["words"]) for one in fake.views if one["page"] == "board"] == [
        ("View 801", {"lane": "done"})
    ]


def test_a_shared_view_of_somebody_else_stays_shared(open_page: Open, fake: FakeBoard) -> None:
    fake.views = [view(801, "board", {"lane": "done"}, is_shared=True, is_mine=False, name=NASTY)]
    page = open_page("board")
    assert not page.exception
    assert not any(button.key == "view_share" for button in page.button)
    assert NASTY not in [button.label for button in page.button]


def test_the_map_asks_what_was_kept_and_leaves_out_what_is_there_no_longer(open_page: Open, fake: FakeBoard) -> None:
    words = {
        "need": "food",
        "area": AREA_ID,
        "minutes": 15,
        "mode": "bicycle",
        "layers": ["assets"],
        "open": "Friday 17:00",
    }
    gone = {"area": need_id(999), "minutes": 77, "open": "Friday 03:00", "layers": ["coverage"]}
    fake.views = [view(801, "map", words), view(802, "map", gone)]
    page = press(open_page("map"), f"view_{need_id(801)}")
    asked = next(query for _, path, query in reversed(fake.asked) if path == "/v1/coverage/worst")
    assert (asked["category"], asked["area"], float(asked["standard_min"])) == ("food", AREA_ID, 15.0)
    assert asked["mode"] == "bicycle"
    page = press(page, f"view_{need_id(802)}")
    asked = next(query for _, path, query in reversed(fake.asked) if path == "/v1/coverage/worst")
    assert "area" not in asked
    assert "open_at" not in asked
    page.text_input(key="view_name").set_value("Again")
    page = press(page, "view_keep")
    assert fake.views[-1]["words"] == {
        "minutes": int(float(asked["standard_min"])),
        "mode": "walk",
        "layers": ["coverage"],
    }


@pytest.mark.parametrize("kind", [None, "food"])
def test_assets_keep_list_and_kind_and_never_what_was_typed(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, kind: str | None
) -> None:
    fake = FakeAssets()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(fake.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    page = open_page("assets")
    page.session_state["asset_list"], page.session_state["asset_kind"] = "All", kind
    page.session_state["asset_search"] = "Aino"
    page = page.run()
    page.text_input(key="view_name").set_value("All of them")
    page = press(page, "view_keep")
    made = fake.views[0]
    assert made["words"] == {"list": "All"} | ({"kind": kind} if kind else {})
    page.session_state["asset_list"] = "to_confirm"
    page = press(page.run(), f"view_{made['id']}")
    assert (page.session_state["asset_list"], page.session_state["asset_search"]) == ("All", "")
