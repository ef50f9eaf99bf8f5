from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dashboard.client import Client
from dashboard.views.gaps import table
from dashboard.widgets.legend import classes, step_of
from tests.dashboard.fake_api import AREA_ID, CELLS, NASTY, FakeApi, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


def shown(page: AppTest) -> str:
    """Everything the page wrote as HTML."""
    return "\n".join(element.proto.body for element in page.get("html"))


def component(page: AppTest) -> dict[str, Any]:
    """What the map component was given."""
    return dict(json.loads(page.get("component_instance")[0].proto.json_args))


def state(page: AppTest) -> dict[str, Any]:
    """What the map was asked to show."""
    script = component(page)["feature_group"]
    told = script.partition("window.barnraiser.show(")[2].partition(");")[0]
    return dict(json.loads(told))


def table_of(page: AppTest) -> Any:
    """Give the table under the map, unfolded."""
    page.session_state["gap_rows"] = True
    return page.run().dataframe[0].value


def test_the_table_is_drawn_once_it_is_unfolded(open_page: Open) -> None:
    page = open_page("map")
    assert len(page.dataframe) == 0
    assert f"All {len(rows(None, 5))} rows as a table" in [one.label for one in page.expander]
    assert len(table_of(page)) == len(rows(None, 5))


def test_the_page_says_how_the_network_is_doing(open_page: Open) -> None:
    page = open_page("map")
    assert not page.exception
    demand, gap = (sum(row[name] for row in rows(None, 5)) for name in ("demand", "gap"))
    assert f"{gap} of {demand} open needs find no help within 5 minutes on foot." in shown(page)


def test_the_balance_line_adds_up_on_the_page(open_page: Open) -> None:
    line = "243 needs received = 180 located + 21 approximate + 3 waiting for a place + 6 no location + 2 withheld"
    assert f"{line} + 31 closed" in shown(open_page("map"))


def test_scripts_and_styles_come_from_this_host(open_page: Open) -> None:
    given = component(open_page("map"))
    links = [*given["js_links"], *given["css_links"]]
    assert links
    assert all(link.startswith("/static/") for link in links)
    assert "://" not in given["header"]
    assert "user-scalable" not in given["header"]


def test_no_text_a_person_wrote_reaches_the_map_component(open_page: Open) -> None:
    page = open_page("map", area="Northern blocks")
    given = json.dumps(component(page))
    assert "7*7" not in given
    assert "49" not in json.dumps(state(page))
    assert "Northern" not in given
    assert "Kruununhaka" not in given


def test_nasty_names_are_text_in_the_list(open_page: Open) -> None:
    page = open_page("map")
    page.session_state["chosen_cell"] = CELLS[3]
    text = shown(page.run())
    assert "<img" not in text
    assert "{{7*7}}" in text


def test_a_filter_changes_figures_and_map_but_not_the_map_itself(open_page: Open, fake: FakeApi) -> None:
    page = open_page("map")
    before = component(page)
    page.selectbox(key="need").select("food").run()
    after = component(page)
    assert before["script"] == after["script"]
    assert state(page)["category"] == "food"
    asked = [query for _, path, query in fake.asked if path == "/v1/coverage/worst"]
    assert asked[-1]["category"] == "food"
    assert "open food needs find no help" in shown(page)


def test_minutes_and_layers_reach_the_map(open_page: Open) -> None:
    page = open_page("map")
    page.selectbox(key="minutes").select(15).run()
    page.button_group(key="layers").set_value(["assets"]).run()
    assert state(page)["minutes"] == 15
    assert state(page)["layers"] == ["assets"]
    assert "within 15 minutes on foot" in shown(page)


def test_a_part_of_town_keeps_only_its_cells(open_page: Open) -> None:
    page = open_page("map")
    whole = len(table_of(page))
    page.selectbox(key="area").select(AREA_ID).run()
    assert state(page)["area"] == AREA_ID
    assert 0 < len(table_of(page)) < whole
    assert "needs received everywhere" in shown(page)


def test_filters_are_read_from_the_address(open_page: Open) -> None:
    page = open_page("map", need="Medicine", minutes="within 10 minutes", cell=CELLS[5], at="24.95,60.17,16")
    assert state(page) | {"step": 0, "layers": []} == {
        "layers": [],
        "category": "medicine",
        "minutes": 10,
        "area": None,
        "cell": CELLS[5],
        "step": 0,
        "mode": "walk",
        "openAt": None,
    }
    assert "Who could help soonest" in shown(page)
    assert '"zoom": 16' in component(page)["script"]


def test_an_address_in_another_language_is_understood(open_page: Open) -> None:
    page = open_page("map", need="Medicinas", mode="Autolla", open="Lunes 08:00")
    assert not page.exception
    assert not page.warning
    told = state(page)
    assert (told["category"], told["mode"]) == ("medicine", "car")
    assert told["openAt"].endswith("Z")
    assert page.selectbox(key="need").value == "medicine"


@pytest.mark.parametrize("cell", ["<script>", "8", "zzzzzzzzzzzzzzz", "{{7*7}}"])
def test_a_cell_that_is_none_is_ignored(open_page: Open, cell: str) -> None:
    page = open_page("map", cell=cell)
    assert not page.exception
    assert state(page)["cell"] is None


def test_the_five_worst_come_first_and_equal_the_table(open_page: Open) -> None:
    page = open_page("map")
    cards = [
        body
        for body in (element.proto.body for element in page.get("html"))
        if body.startswith("<div class='br-card'>")
    ]
    worst = [row["gap"] for row in rows(None, 5)[:5]]
    assert len(cards) == 5
    assert list(table_of(page)["Without help"][:5]) == worst
    assert all(f"{gap} of " in card for gap, card in zip(worst, cards, strict=True))
    assert table_of(page)["Without help"].sum() == sum(row["gap"] for row in rows(None, 5))


def test_looking_closer_shows_who_could_help(open_page: Open) -> None:
    page = open_page("map")
    page.button(key="see_0").click().run()
    assert "<b>Aino</b>: about 4 min on foot, speaks Finnish, has room for 3" in shown(page)
    assert "<b>Harbour Kitchen</b>: 3 minutes on foot" in shown(page)
    assert page.query_params["cell"]
    page.button(key="leave").click().run()
    assert state(page)["cell"] is None
    assert "cell" not in page.query_params


def test_without_needs_the_page_says_so(open_page: Open, fake: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.dashboard.fake_api.rows", lambda *_: [])
    page = open_page("map")
    assert fake.asked
    assert "No open needs here" in shown(page)
    assert not page.exception


def test_a_service_that_is_away_is_said_so_and_asked_again(open_page: Open, fake: FakeApi) -> None:
    fake.down = True
    page = open_page("map")
    assert not page.exception
    assert "The service that holds the data is not answering." in shown(page)
    fake.down = False
    page.button(key="try_again").click().run()
    assert "find no help within 5 minutes" in shown(page)


def test_figures_that_do_not_add_up_are_not_shown(
    open_page: Open, fake: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = dict.fromkeys(("located", "approximate", "needs_review", "no_location", "withheld", "closed"), 1)
    monkeypatch.setattr(fake, "_balance", lambda: {"received": 7, **wrong})
    page = open_page("map")
    assert not page.exception
    assert "an answer that cannot be shown" in shown(page)


def test_the_legend_reaches_the_largest_gap() -> None:
    assert [step_of([gap]) for gap in (0, 1, 5, 6, 23, 60, 1000)] == [1, 1, 1, 2, 5, 20, 200]
    assert classes(1) == ["1", "2", "3", "4", "5+"]
    assert classes(5) == ["1–5", "6–10", "11–15", "16–20", "21+"]  # noqa: RUF001 - figures are joined by an en dash


def test_a_table_of_nothing_has_its_columns() -> None:
    assert list(table(None, ()).columns)[:3] == ["Place", "Need", "Without help"]


def test_nasty_is_nasty() -> None:
    assert all(piece in NASTY for piece in ("{{", "${", "<img", "`", "{%"))


def test_a_long_table_is_turned_page_by_page(open_page: Open, fake: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client.get_coverage, "__kwdefaults__", {"limit": 5})
    page = open_page("map")
    first = table_of(page)
    page.number_input(key="gap_page").set_value(2).run()
    second = table_of(page)
    assert (len(first), len(second)) == (5, 5)
    assert not first.equals(second)
    asked = [query for _, path, query in fake.asked if path == "/v1/coverage/worst"]
    assert "5" in {query.get("offset") for query in asked}
    # what has fewer pages is shown from its last one
    page.number_input(key="gap_page").set_value(4).run()
    page.selectbox(key="area").select(AREA_ID).run()
    assert not page.exception
    assert 0 < len(table_of(page)) <= 5
