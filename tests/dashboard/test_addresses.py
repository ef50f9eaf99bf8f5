"""What the map's address may say: anything at all can be written there, and only our own words have an effect."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.words import Category, Mode

from dashboard.answers import Meta
from dashboard.opening import DAYS, SLOTS, as_words, next_start
from dashboard.widgets import skeleton
from dashboard.widgets.live_layer import Shown
from tests.dashboard.fake_api import NASTY, FakeApi
from tests.dashboard.test_map import component, shown, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

META = Meta.read(FakeApi()._meta())
AT = re.compile(r"(-?[0-9.]+),(-?[0-9.]+),([0-9.]+)")
HOSTILE = [
    NASTY,
    "24.9,60.1,16\n",
    "nan,nan,nan",
    "1e400,1,1",
    "٢٤,٦٠,١٦",
    "24.9,60.1",
    "24.9,60.1,16);alert(1)//",
    "0" * 100_000,
    "--1,2,3",
    "\u0000",
]


@given(st.one_of(st.text(max_size=60), st.from_regex(AT, fullmatch=True), st.sampled_from(HOSTILE)))
def test_any_view_is_one_that_the_map_has(at: str) -> None:
    lon, lat, zoom = skeleton.view_of(META, at)
    assert -180 <= lon <= 180
    assert -85 <= lat <= 85
    assert 3 <= zoom <= 19


@given(st.floats(-180, 180), st.floats(-85, 85), st.integers(6, 38))
def test_a_view_that_the_map_wrote_comes_back(lon: float, lat: float, halves: int) -> None:
    written = f"{lon:.5f},{lat:.5f},{halves / 2:g}"
    assert skeleton.view_of(META, written) == (float(f"{lon:.5f}"), float(f"{lat:.5f}"), halves / 2)


@given(
    st.lists(st.text(max_size=20)),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(HOSTILE)),
    st.one_of(st.none(), st.text(max_size=30), st.sampled_from(HOSTILE)),
)
def test_the_map_is_told_words_of_ours_alone(layers: list[str], cell: str | None, open_at: str | None) -> None:
    told = Shown(tuple(layers), None, 5, None, cell, 1, open_at=open_at).as_state()
    assert set(told["layers"]) <= {"coverage", "needs", "helpers", "assets"}
    assert told["cell"] is None or re.fullmatch("[0-9a-f]{15}", told["cell"])
    assert told["openAt"] is None or re.fullmatch(r"[0-9:TZ-]{20}", told["openAt"])


@pytest.mark.parametrize("name", ["category", "mode", "area"])
def test_a_word_of_nobody_is_refused_before_the_map_hears_it(name: str) -> None:
    known: dict[str, Any] = {"category": Category.FOOD.value, "mode": Mode.CAR.value, "area": None}
    assert Shown((), minutes=5, cell=None, step=1, **known).as_state()["mode"] == "car"
    with pytest.raises(ValueError, match=r"not a valid|badly formed"):
        Shown((), minutes=5, cell=None, step=1, **known | {name: NASTY}).as_state()


@given(
    st.sampled_from(SLOTS),
    st.sampled_from(["Europe/Helsinki", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are given naive
)
def test_an_hour_of_the_week_is_the_next_one(slot: str, zone: str, now: datetime) -> None:
    start = next_start(slot, zone, now)
    local = start.astimezone(ZoneInfo(zone))
    assert f"{DAYS[local.weekday()]} {local:%H:%M}" == slot
    assert now < start <= now + timedelta(days=7, hours=1)
    earlier = (local - timedelta(days=7)).astimezone(UTC)
    assert earlier <= now
    assert as_words(slot) == f" on {slot.replace(' ', ' at ')}"


@pytest.mark.parametrize("bad", [NASTY, "Tomorrow", "\u202e", "0" * 5000])
def test_a_hostile_address_opens_the_plain_map(open_page: Open, bad: str) -> None:
    page = open_page("map", need=bad, area=bad, minutes=bad, mode=bad, open=bad, layers=bad, at=bad, cell=bad)
    assert not page.exception
    told = state(page)
    assert {told[name] for name in ("category", "area", "openAt", "cell")} == {None}
    assert told["mode"] == "walk"
    assert told["minutes"] == 5
    assert bad not in json.dumps(component(page), ensure_ascii=False)


def test_way_and_hour_come_from_the_address_and_are_asked_for(open_page: Open, fake: FakeApi) -> None:
    page = open_page("map", mode="By bicycle", open="Saturday 17:00")
    assert state(page)["mode"] == "bicycle"
    assert state(page)["openAt"].endswith(("T14:00:00Z", "T15:00:00Z"))
    asked = next(query for _, path, query in fake.asked if path == "/v1/coverage/worst")
    assert (asked["mode"], asked["open_at"]) == ("bicycle", state(page)["openAt"])
    assert "within 5 minutes by bicycle on Saturday at 17:00." in shown(page)


def test_the_address_holds_nothing_of_anybody(open_page: Open) -> None:
    page = open_page("map")
    page.selectbox(key="need").select("food").run()
    page.selectbox(key="open").select("Monday 08:00").run()
    page.button(key="see_0").click().run()
    assert set(page.query_params) <= {"need", "area", "minutes", "mode", "open", "layers", "at", "cell"}
