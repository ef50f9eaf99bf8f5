"""What stands on paper: every row, harmless, with sources and the day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboard.answers import Gap, Meta
from dashboard.widgets.paper_table import MOST, written
from tests.dashboard.fake_api import NASTY, rows
from tests.dashboard.test_map import component, shown
from tests.payloads import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

NOW = datetime(2026, 11, 29, 17, 2, tzinfo=UTC)


def meta(**values: object) -> Meta:
    plain = {
        "network": "Kallio", "categories": [{"value": "food", "label": "Food"}],
        "travel_model": {"name": "x", "note": ""},
        "sources": [{"name": "OSM", "licence": "ODbL", "attribution": "© OpenStreetMap contributors"}],
        "standard_min": 5, "time_zone": "Europe/Helsinki",
    }  # fmt: skip
    return Meta.read(plain | values)


def gap(**values: object) -> Gap:
    return Gap.read(rows(None, 5)[0] | values)


def test_the_page_brings_the_rows_for_paper(open_page: Open) -> None:
    page = open_page("map")
    assert not page.exception
    (paper,) = [part for part in shown(page).split("\n") if "br-paper'" in part]
    assert paper.count("<tr>") == 1 + len(rows(None, 5))
    assert "Printed on" in paper
    assert NASTY not in paper
    assert "barnraiserSave" in component(page)["script"]


def test_rows_are_escaped_and_bounded() -> None:
    for text in ALL:
        said = written(meta(), [gap(label=text, why=text)], 1, NOW)
        assert said.count("<") == written(meta(), [gap(label="x", why="x")], 1, NOW).count("<")
    many = written(meta(), [gap()] * (MOST + 7), MOST + 7, NOW)
    assert many.count("<tr>") == MOST + 1
    assert "And 7 rows more." in many
    assert "And 40 rows more." in written(meta(), [gap()] * 50, 90, NOW)
    assert "Printed on 29 November 2026 at 17:02 (Europe/Helsinki). © OpenStreetMap contributors" in many


def test_nothing_to_list_is_no_table() -> None:
    assert "<table" not in written(meta(), [], 0, NOW)
