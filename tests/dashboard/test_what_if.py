from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from dashboard.views.what_if import shelf
from dashboard.widgets.if_layer import MOST_CELLS, Picture
from dashboard.widgets.plain import as_html
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import CATEGORIES, NASTY, need_id
from tests.dashboard.fake_plan import GAP, FakePlan
from tests.dashboard.test_map import component, shown, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

WHAT_IF = "/v1/coverage/what-if"


def asked(fake: FakePlan) -> list[Any]:
    return [sent for _, path, sent in fake.asked if path == WHAT_IF]


def choose(page: AppTest, what: str) -> AppTest:
    page.segmented_control(key="if_what").set_value(what).run()
    return page


def imagine(page: AppTest) -> AppTest:
    return page.button(key="if_imagine").click().run()


def find(page: AppTest, text: str) -> AppTest:
    page.text_input(key="if_typed").set_value(text)
    return next(button for button in page.button if button.label == "Find it").click().run()


def close(page: AppTest, number: int = 700) -> AppTest:
    choose(page, "close")
    page.selectbox(key="if_place").set_value(need_id(number)).run()
    return imagine(page)


def test_nothing_is_asked_while_nothing_is_imagined(open_page: Open, fake: FakePlan) -> None:
    page = open_page("what_if")
    assert not page.exception
    assert "No change yet" in shown(page)
    assert "Nothing is imagined yet" in shown(page)
    assert page.button(key="if_imagine").disabled
    assert page.button(key="if_undo").disabled
    assert not asked(fake)


def test_a_new_place_is_put_by_coordinates(open_page: Open, fake: FakePlan) -> None:
    page = find(open_page("what_if"), "60.17, 24.95")
    assert state(page)["pin"] == [24.95, 60.17]
    page.multiselect(key="if_kinds").set_value(["food"])
    page.number_input(key="if_room").set_value(12)
    imagine(page)
    assert not page.exception
    (sent,) = asked(fake)
    assert sent["add"] == [{"lon": 24.95, "lat": 60.17, "categories": ["food"], "capacity": 12}]
    assert (sent["with_cells"], sent["by"], sent["mode"], sent["group"]) == (True, "area", "walk", "none")
    told = shown(page)
    assert f"4 fewer needs are without help: {len(CATEGORIES) * GAP} now, {len(CATEGORIES) * GAP - 4} then." in told
    assert f"{as_html(NASTY)} makes -4." in told
    assert NASTY not in told
    assert state(page)["pin"] is None
    assert [(one["n"], one["lon"], one["drag"]) for one in state(page)["marks"]] == [(1, 24.95, True)]
    assert [one["n"] for one in state(page)["cells"]] == [-4]


def test_an_address_of_several_places_is_chosen_among_them(open_page: Open) -> None:
    page = find(open_page("what_if"), "Two Streets")
    assert page.selectbox(key="if_spot").options == ["One", NASTY]
    page.selectbox(key="if_spot").set_value(1).run()
    assert state(page)["pin"] == [24.96, 60.17]
    assert NASTY not in json.dumps(component(page))
    page = find(page, "no such street")
    assert any("No place of that name" in one.value for one in page.error)


@pytest.mark.parametrize(
    ("what", "set_up", "sent"),
    [
        ("close", lambda _page: None, {"close": [need_id(700)]}),
        (
            "resize", lambda page: page.number_input(key=f"if_room_{need_id(700)}").set_value(5),
            {"resize": [{"asset_id": need_id(700), "capacity": 5}]},
        ),
        (
            "reopen", lambda page: page.selectbox(key="if_from").set_value(8),
            {"reopen": [{"asset_id": need_id(700), "opening_hours": "Sa,Su 08:00-18:00"}]},
        ),
        (
            "move", lambda page: find(page, "60.18, 24.96"),
            {"move": [{"asset_id": need_id(700), "lon": 24.96, "lat": 60.18}]},
        ),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_sent_as_it_is(
    open_page: Open, fake: FakePlan, what: str, set_up: Callable[[AppTest], Any], sent: dict[str, Any]
) -> None:
    page = choose(open_page("what_if"), what)
    page.selectbox(key="if_place").set_value(need_id(700)).run()
    set_up(page)
    imagine(page)
    assert not page.exception
    last = asked(fake)[-1]
    assert {name: last[name] for name in sent} == sent
    assert all(method == "GET" or path in (WHAT_IF, "/v1/geocode") for method, path, _ in fake.asked)


def test_hours_that_cannot_be_are_refused(open_page: Open, fake: FakePlan) -> None:
    page = choose(open_page("what_if"), "reopen")
    page.selectbox(key="if_until").set_value(3).run()
    imagine(page)
    assert any("later than the one to open" in one.value for one in page.error)
    assert not asked(fake)


def test_changes_are_taken_back_done_again_and_removed(open_page: Open, fake: FakePlan) -> None:
    page = close(open_page("what_if"))
    page = close(page, 701)
    assert "8 more</span>" in shown(page)
    page.button(key="if_undo").click().run()
    assert "4 more</span>" in shown(page)
    page.button(key="if_redo").click().run()
    assert "8 more</span>" in shown(page)
    page.button(key="if_remove_0").click().run()
    assert "4 more</span>" in shown(page)
    assert asked(fake)[-1]["close"] == [need_id(701)]
    for _step in range(3):
        page.button(key="if_undo").click().run()
    assert "No change yet" in shown(page)
    assert len(asked(fake)) == 3


def test_scenarios_stand_side_by_side_and_add_up(open_page: Open) -> None:
    page = close(open_page("what_if"))
    page.button(key="if_copy").click().run()
    page.text_input(key="if_name").set_value(NASTY).run()
    page = close(page, 701)
    assert not page.exception
    told = shown(page)
    assert NASTY not in told
    assert as_html(NASTY) in told
    figures = [[int(n) for n in found] for found in re.findall(r"<small>(\d+) . (\d+) \+ (\d+)</small>", told)]
    outs = [int(n) for n in re.findall(r"<td>(\d+)<small>\d+ . \d+ \+ \d+</small>", told)]
    assert [out - newly + no_longer for out, newly, no_longer in figures] == outs
    assert outs[1] - outs[0] == 4
    assert len(page.get("component_instance")) == 3
    assert page.selectbox(key="if_left").options[0] == "Scenario A"
    given = "".join(element.proto.json_args for element in page.get("component_instance"))
    assert "7*7" not in given
    page.segmented_control(key="if_at").set_value(0).run()
    assert "4 more needs are without help" in shown(page)
    page.button(key="if_delete").click().run()
    assert len(page.get("component_instance")) == 1
    page.button(key="if_undo").click().run()
    assert len(page.get("component_instance")) == 3


def test_the_address_holds_the_scenarios_and_no_names(open_page: Open, fake: FakePlan) -> None:
    page = close(open_page("what_if"))
    page.text_input(key="if_name").set_value("Aino's plan").run()
    written = page.query_params[shelf.ADDRESS]
    assert "Aino" not in written
    again = open_page("what_if", **{shelf.ADDRESS: f"{written}~add_24.95_60.17_9_food"})
    assert not again.exception
    assert "Scenario B" in shown(again)
    assert asked(fake)[-1]["add"][0]["capacity"] == 9
    assert asked(fake)[-2]["close"] == [need_id(700)]


def test_groups_and_an_hour_are_asked_for(open_page: Open, fake: FakePlan) -> None:
    page = close(open_page("what_if"))
    page.selectbox(key="if_group").set_value("language").run()
    assert "Arabic" in shown(page)
    page.selectbox(key="if_open").set_value("Sunday 11:00").run()
    assert asked(fake)[-1]["open_at"].endswith("00:00Z")
    assert "on Sunday at 11:00" in shown(page)


def test_a_refused_scenario_is_said_and_the_page_goes_on(open_page: Open, fake: FakePlan) -> None:
    page = close(open_page("what_if"))
    real = fake.answer

    def refusing(method: str, path: str, *more: Any) -> Any:
        if path == WHAT_IF:
            return problem(422, "invalid-input", "an asset is named that does not exist")
        return real(method, path, *more)

    fake.answer = refusing  # type: ignore[method-assign]
    page = close(page, 701)
    assert not page.exception
    assert "This scenario cannot be worked out." in shown(page)
    assert "an asset is named that does not exist" in shown(page)
    page.button(key="if_undo").click().run()
    assert "4 more</span>" in shown(page)


def test_figures_of_another_moment_are_worked_out_anew(open_page: Open, fake: FakePlan) -> None:
    page = close(open_page("what_if"))
    page.button(key="if_copy").click().run()
    fake.gap += 1
    page = close(page, 701)
    assert len(asked(fake)) == 4
    assert len(set(re.findall(r"<th scope='row'>Now</th><td>(\d+)", shown(page)))) == 1


def test_there_is_nothing_to_change_in_a_network_without_places(open_page: Open, fake: FakePlan) -> None:
    fake._assets = lambda: {"items": [], "next": None}  # type: ignore[method-assign]
    page = choose(open_page("what_if"), "close")
    assert not page.exception
    assert "No place helps yet" in shown(page)


def test_a_map_gets_no_more_cells_than_it_can_draw_and_the_widest_first() -> None:
    import h3

    names = sorted(h3.grid_disk("891126d3337ffff", 15))
    cells = [(name, n - 300) for n, name in enumerate(names)]
    given = Picture(cells, ()).as_state()["cells"]
    assert len(given) == MOST_CELLS < len(cells)
    sizes = [abs(one["n"]) for one in given]
    assert sizes == sorted(sizes, reverse=True)
