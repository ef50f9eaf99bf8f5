"""The page of assets, against the stand-in API: what is confirmed, changed and taken back, and nothing that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from dashboard import client
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_assets import FakeAssets, asset_id
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeAssets:
    api = FakeAssets()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def changed(fake: FakeAssets) -> list[Any]:
    return [body for method, _, body in fake.asked if method == "PATCH"]


def look_at(page: AppTest, number: int) -> AppTest:
    return page.button(key=f"wait_{asset_id(number)}").click().run()


def test_what_is_past_its_date_comes_first(open_page: Open) -> None:
    page = open_page("assets")
    assert not page.exception
    told = shown(page)
    assert "2 assets to confirm" in told
    assert "1 answer of organizations to see to." in told
    assert NASTY not in told
    assert not any(NASTY in button.label for button in page.button)
    assert any("its opening hours has changed" in info.value for info in page.info)
    page.session_state["asset_list"] = "All"
    assert "3 assets in all" in shown(page.run())


def test_one_is_confirmed_and_taken_back(open_page: Open, fake: FakeAssets) -> None:
    page = look_at(open_page("assets"), 2)
    press(page, "It is still true")
    assert not page.exception
    assert list(changed(fake)[0]) == ["assured_on"]
    assert "1 asset to confirm" in shown(page)
    press(page, "Undo")
    assert changed(fake)[1] == {"assured_on": None}
    assert "2 assets to confirm" in shown(page)


def test_hours_and_status_are_changed_and_taken_back(open_page: Open, fake: FakeAssets) -> None:
    page = look_at(open_page("assets"), 2)
    page.text_input(key=f"hours_{asset_id(2)}_1").set_value("Mo 10:00-12:00")
    page.selectbox(key=f"status_{asset_id(2)}_1").set_value("temporarily_closed")
    press(page, "Save")
    assert changed(fake) == [{"opening_hours": "Mo 10:00-12:00", "status": "temporarily_closed"}]
    press(page, "Undo")
    assert changed(fake)[1] == {"opening_hours": "Mo-Fr 10:00-17:00", "status": "active"}


def test_nothing_is_sent_where_nothing_is_different(open_page: Open, fake: FakeAssets) -> None:
    page = press(open_page("assets"), "Save")
    assert changed(fake) == []
    assert page.error


def test_an_answer_is_seen_to(open_page: Open, fake: FakeAssets) -> None:
    page = press(open_page("assets"), "Seen to")
    assert fake.checks == []
    assert "No answer waits." in shown(page)


def test_a_refusal_is_told(open_page: Open, fake: FakeAssets) -> None:
    page = look_at(open_page("assets"), 2)
    fake.refuse = problem(412, "precondition-failed", "it has changed")
    press(page, "It is still true")
    fake.refuse = None
    assert not page.exception


def test_there_may_be_nothing_to_confirm(open_page: Open, fake: FakeAssets) -> None:
    fake.assets = {}
    page = open_page("assets")
    assert "Everything is confirmed." in shown(page)
    page.session_state["asset_list"] = "All"
    assert "There are no assets yet." in shown(page.run())


def spot(label: str, lon: float) -> dict[str, Any]:
    return {"label": label, "lon": lon, "lat": 60.17, "match_quality": "postcode", "uncertainty_m": 800.0, "faults": []}


def asked_of_list(fake: FakeAssets) -> dict[str, Any]:
    return next(dict(query) for _, path, query in reversed(fake.asked) if path == "/v1/assets")


def test_the_list_is_narrowed_by_words_kind_and_place(open_page: Open, fake: FakeAssets) -> None:
    fake.spots = [spot(f"00530 {NASTY}", 24.96)]
    page = open_page("assets")
    page.text_input(key="asset_search").set_value("soup").run()
    assert asked_of_list(fake)["search"] == "soup"
    assert "1 asset to confirm" in shown(page)
    page.selectbox(key="asset_kind").set_value("food").run()
    page.text_input(key="asset_near").set_value("00530").run()
    query = asked_of_list(fake)
    assert (query["category"], query["lon"], query["lat"], query["within_m"]) == ("food", "24.96", "60.17", "1000")
    told = " ".join(one.value for one in page.caption)
    assert "the postcode only" in told
    assert NASTY not in told
    page.selectbox(key="asset_within").set_value(250).run()
    assert asked_of_list(fake)["within_m"] == "250"
    # the address was asked about once
    assert sum(path == "/v1/geocode" for _, path, _ in fake.asked) == 1
    page.text_input(key="asset_search").set_value("nothing like it").run()
    assert "No asset is like that." in shown(page)
    page = press(page, "Show everything again")
    assert set(asked_of_list(fake)) == {"limit", "unconfirmed"}


def first_of(page: AppTest) -> str:
    return next(button.key for button in page.button if str(button.key).startswith("wait_"))


def test_the_nearest_comes_first_and_another_place_may_be_meant(open_page: Open, fake: FakeAssets) -> None:
    fake.spots = [spot("Here", 24.9525), spot("There", 24.9505)]
    page = open_page("assets")
    page.text_input(key="asset_near").set_value("Testikatu 1").run()
    assert first_of(page) == f"wait_{asset_id(2)}"
    page.selectbox(key="asset_spot_Testikatu 1").set_value(1).run()
    assert first_of(page) == f"wait_{asset_id(1)}"


def test_an_address_nobody_knows_is_told_and_narrows_nothing(open_page: Open, fake: FakeAssets) -> None:
    page = open_page("assets")
    page.text_input(key="asset_near").set_value("nowhere").run()
    assert any("Nothing is known" in one.value for one in page.warning)
    assert "lon" not in asked_of_list(fake)
    assert "2 assets to confirm" in shown(page)


def test_what_has_no_place_is_in_the_list_alone_and_a_mark_opens_its_asset(open_page: Open) -> None:
    page = open_page("assets")
    page.session_state["asset_list"] = "All"
    page = page.run()
    assert any("1 asset has no place to be shown" in one.value for one in page.caption)
    assert not page.exception


def test_a_step_leads_to_the_next(open_page: Open) -> None:
    page = open_page("assets")
    assert "1 of 2" in shown(page)
    assert "2 of 2" in shown(page.button(key="next").click().run())
