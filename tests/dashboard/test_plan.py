from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dashboard import client
from dashboard.answers import Gap
from dashboard.plan_answers import ChangedRow, Changes, Hour, Sites, SitesAsked, Totals
from dashboard.plan_words import changes_headline, group_name, how_found, of_which, sites_headline
from dashboard.scenarios import read_address
from dashboard.views.gaps import card
from dashboard.widgets import change_list, theme, week_table
from dashboard.widgets.plain import as_html
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_plan import GAINS, GAP, GATHER, FakePlan
from tests.dashboard.test_map import component, shown, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

SITES, WHAT_IF = "/v1/coverage/sites", "/v1/coverage/what-if"


def find(page: AppTest) -> AppTest:
    return next(button for button in page.button if button.label == "Find places").click().run()


def asked(fake: FakePlan, path: str) -> list[Any]:
    return [sent for _, asked_path, sent in fake.asked if asked_path == path]


def answer(**more: Any) -> Sites:
    fake = FakePlan()
    wanted = SitesAsked("food", 3, 20, 5, "grid")
    return replace(Sites.read(fake.answer("POST", SITES, {}, wanted.as_body())[1], wanted), **more)


def test_nothing_is_asked_before_the_button(open_page: Open, fake: FakePlan) -> None:
    page = open_page("plan")
    assert not page.exception
    assert "Nothing is asked yet" in shown(page)
    assert not asked(fake, SITES)


def test_places_are_proposed_in_order_with_their_sums(open_page: Open, fake: FakePlan) -> None:
    page = open_page("plan")
    page.selectbox(key="site_count").set_value(3)
    page.number_input(key="site_room").set_value(12)
    page.selectbox(key="site_look").set_value("grid")
    find(page)
    assert not page.exception
    assert asked(fake, SITES) == [{"category": "food", "k": 3, "capacity": 12, "standard_min": 5, "candidates": "grid"}]
    told = shown(page)
    assert f"3 new places would help {sum(GAINS[:3])} more needs within 5 minutes on foot." in told
    assert [int(n) for n in re.findall(r"<h3>Helps (\d+) more needs", told)] == list(GAINS[:3])
    assert [int(n) for n in re.findall(r"those before it, (\d+) needs in all", told)] == [15, 19]
    assert f"{GAP} of 60" in told
    assert "no other choice helps more. This is proven." in told
    assert "The quickest way along the streets" in told
    assert "food needs received" in told
    assert GATHER in told


def test_the_map_is_given_numbers_and_no_names(open_page: Open) -> None:
    page = find(open_page("plan"))
    told = state(page)["sites"]
    assert [(one["n"], one["helps"], one["on"]) for one in told] == [(n + 1, g, False) for n, g in enumerate(GAINS[:3])]
    given = json.dumps(component(page))
    assert not any(piece in given for piece in ("7*7", "Liisankatu"))
    assert NASTY not in shown(page)


def test_an_answer_is_asked_for_once(open_page: Open, fake: FakePlan) -> None:
    page = find(open_page("plan"))
    page.run()
    assert len(asked(fake, SITES)) == 1
    find(page)
    assert len(asked(fake, SITES)) == 2


def test_opening_a_place_shows_before_and_after_and_is_taken_back(open_page: Open, fake: FakePlan) -> None:
    page = find(open_page("plan"))
    page.button(key="open_1").click().run()
    sent = asked(fake, WHAT_IF)[-1]
    assert sent["add"][0] | {"lon": 0, "lat": 0} == {"lon": 0, "lat": 0, "categories": ["food"], "capacity": 20}
    assert (sent["by"], sent["standard_min"]) == ("area", 5)
    told = shown(page)
    assert "Nothing is stored." in told
    (onward,) = re.findall(r"href='what-if\?plan=([^']+)'", told)
    (change,) = read_address(onward)[0].changes
    assert (change.place, change.room) == (tuple(round(sent["add"][0][name], 6) for name in ("lon", "lat")), 20)
    assert "4 fewer" in told
    assert f"{as_html(NASTY)} makes -4." in told
    assert "All other kinds stay as they are." in told
    assert NASTY not in told
    assert [one["on"] for one in state(page)["sites"]] == [False, True, False]
    page.button(key="imagined_clear").click().run()
    assert "4 fewer" not in shown(page)
    assert page.button(key="open_0")


def test_the_week_has_every_hour_and_the_worst_of_the_group_first(open_page: Open, fake: FakePlan) -> None:
    page = open_page("plan", help="When help is missing")
    assert shown(page).count("<td") == 7 * 24
    page.selectbox(key="week_by").set_value("language").run()
    assert page.selectbox(key="week_group_language").options == ["Finnish", "Arabic", "Not stated"]
    page.selectbox(key="week_group_language").set_value("ar").run()
    told = shown(page)
    assert "Of 12 open food needs (Arabic)" in told
    assert told.index("No Arabic-speaking help on Sunday evening") < told.index("Nobody on Monday.")
    assert "The hours of 7 helpers and places are not known" in told
    assert NASTY not in told
    assert [sent["group"] for sent in asked(fake, "/v1/coverage/slots")] == ["none", "language"]


def test_changes_go_from_then_to_now(open_page: Open) -> None:
    told = shown(open_page("plan", help="Since last week"))
    assert "3 more needs find no help than on 1 March: 5 then, 8 now." in told
    assert "3 more</span>" in told
    assert NASTY not in told


def test_without_a_kept_day_the_page_says_so(open_page: Open, fake: FakePlan) -> None:
    fake.kept_day = None
    page = open_page("plan", help="Since last week")
    assert "No figures are kept from a week ago" in shown(page)
    assert not page.exception


@pytest.mark.parametrize("section", ["New places", "When help is missing", "Since last week"])
def test_a_refusal_is_shown_in_its_own_words(open_page: Open, fake: FakePlan, section: str) -> None:
    fake.refuse = problem(422, "invalid-input", "there are too many candidates for so many needs")
    page = open_page("plan", help=section)
    if section == "New places":
        find(page)
    assert not page.exception
    assert "there are too many candidates for so many needs" in shown(page)


def test_no_place_is_said_with_the_reason(open_page: Open, fake: FakePlan) -> None:
    fake.most_sites = 0
    told = shown(find(open_page("plan")))
    assert "No spot looked at would help anybody more within 5 minutes on foot." in told
    assert "1 food need is out of reach of all help" in told


def test_how_it_was_found_is_never_said_to_be_proven_when_it_is_not() -> None:
    fake, wanted = FakePlan(), SitesAsked("food", 2, 20, 5, "grid")
    fake.optimal = False
    found = how_found(Sites.read(fake.answer("POST", SITES, {}, wanted.as_body())[1], wanted))
    assert "proven" not in found
    assert "No choice can help more than 18; these help 15." in found
    assert "stopped" in found


def test_the_headline_fits_what_was_found() -> None:
    found = answer()
    assert of_which(found, "food") == (
        "17 of them are food needs; 2 are others, because help that gives both gets room again."
    )
    one = answer(sites=found.sites[:1], all_after=Totals(120, 61, 59), after=Totals(60, 31, 29))
    assert sites_headline(one, "food") == "One new place would help 1 more need within 5 minutes on foot."
    assert of_which(one, "food") == ""
    assert "No new place is needed" in sites_headline(answer(sites=(), before=Totals(60, 60, 0)), "food")
    assert "no open food need" in sites_headline(answer(sites=(), before=Totals(0, 0, 0)), "food")


@pytest.mark.parametrize(
    ("then", "now", "said"), [(5, 5, "As many needs"), (5, 6, "1 more need finds"), (5, 2, "3 fewer needs find")]
)
def test_the_headline_of_changes(then: int, now: int, said: str) -> None:
    changes = Changes(date(2026, 3, 1), (), (ChangedRow("", "food", 9, then, now),), "")
    assert changes_headline(changes).startswith(said)


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK])
def test_every_figure_of_the_week_can_be_read_on_its_colour(
    palette: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "palette", lambda: palette)
    hours = [Hour(day, hour, "all", 60, (7 * hour + day) % 50) for day in range(7) for hour in range(24)]
    table = week_table.write(hours, caption="<b>")
    painted = re.findall(r"background:(#\w{6});color:(#\w{3})", table)
    assert len(set(painted)) == 5
    for colour, text in painted:
        dark, light = sorted((week_table.luminance(colour), 1.0 if text == "#fff" else 0.0))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert [int(n) for n in re.findall(r">(\d+)</td>", table)] == [
        (7 * hour + day) % 50 for hour in range(24) for day in range(7)
    ]
    assert "<b>" not in table
    assert "tabindex='0'" in table


def test_an_hour_the_clock_jumps_over_has_no_figure() -> None:
    table = week_table.write([Hour(0, 0, "all", 3, 0)], caption="")
    assert table.count("no such hour") == 7 * 24 - 1
    assert "background" not in table


@pytest.mark.parametrize(
    ("by", "group", "name"),
    [
        ("language", "ar", "Arabic"),
        ("access", "wheelchair", "With a wheelchair"),
        ("urgency", "critical", "Critical"),
        ("language", "not_stated", "Not stated"),
        ("none", "all", "Everybody"),
    ],
)
def test_groups_have_names(by: str, group: str, name: str) -> None:
    assert group_name(by, group) == name


def test_a_long_list_of_changes_is_cut_and_says_so(open_page: Open) -> None:
    page = open_page("about")
    assert not page.exception
    rows = [ChangedRow(NASTY, "food", 5, 1, 2)] * (change_list.MOST + 4)
    written = change_list.table(client.connect().get_meta(), rows, place="Where", before="Then", after="Now")
    assert written.count("<tr><th") == change_list.MOST + 1
    assert "and 4 more" in written
    assert NASTY not in written


def test_a_card_near_the_edge_says_so() -> None:
    row = {"key": "8", "label": "x", "category": "food", "demand": 3, "covered": 1, "gap": 2, "why": ""}
    assert "Near the edge" in card(Gap.read(row | {"edge": True}), "Food")
    assert "Near the edge" not in card(Gap.read(row | {"edge": False}), "Food")


def test_the_page_about_the_figures_tells_how_they_are_made(open_page: Open) -> None:
    told = shown(open_page("about"))
    for heading in ("Which help suits", "Opening hours", "Proposed places"):
        assert f"<h2>{heading}</h2>" in told
    assert "How travel is reckoned: Straight line times 1.3" in told
