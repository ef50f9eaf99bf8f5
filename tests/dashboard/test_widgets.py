from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import client, sentences
from dashboard.answers import Candidate, Gap, Nearby
from dashboard.client import ApiTrouble, Client
from dashboard.told_answers import Told
from dashboard.widgets import assets_local, theme
from dashboard.widgets.plain import as_html, as_label
from tests.dashboard.fake_api import NASTY, FakeApi

DASHBOARD = Path(theme.__file__).parents[1]


def gap(without: float, demand: float) -> Gap:
    return Gap("key", "label", "food", demand, demand - without, without, Told("why"))


@pytest.mark.parametrize(
    ("without", "demand", "said"),
    [
        (8, 23, "8 of 23 food needs here find no help"),
        (1, 1, "1 of 1 food need here finds no help"),
        (0, 4, "All 4 food needs here can be met"),
        (2.5, 4, "2.5 of 4 food needs here find no help"),
    ],
)
def test_a_gap_in_words(without: float, demand: float, said: str) -> None:
    assert sentences.share_without(gap(without, demand), "Food") == said


def test_headlines() -> None:
    said = sentences.headline
    assert said(0, 0, kind="", standard_min=5).startswith("There is no open need on the map")
    assert said(9, 0, kind="food ", standard_min=1) == (
        "Every one of the 9 open food needs on the map has help within 1 minute on foot."
    )
    assert said(1234, 1, kind="", standard_min=5) == "1 of 1,234 open needs finds no help within 5 minutes on foot."


def test_times_and_distances_in_words() -> None:
    now = datetime(2026, 5, 20, 12, tzinfo=UTC)
    ages = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=3), timedelta(days=40))
    assert [sentences.since(now - age, now) for age in ages] == [
        "less than an hour ago",
        "1 hour ago",
        "3 days ago",
        "on 10 April 2026",
    ]
    assert [sentences.metres(value) for value in (0.2, 45.4, 1500, 2000)] == ["1 m", "45 m", "1.5 km", "2 km"]
    assert sentences.how_far(Nearby("A", 0.4, "bicycle", Told())) == "under a minute by bicycle"


def test_faults_in_words() -> None:
    candidate = Candidate(0, "x", "street", 120.0, ("number.missing", "some.new_fault"))
    assert sentences.quality(candidate) == (
        "the street, not the house, give or take 120 m; no such house number in the register; some new fault"
    )


def test_unknown_links_fail_closed() -> None:
    with pytest.raises(assets_local.NotLocal):
        assets_local.check([assets_local.LEAFLET_JS, "https://cdn.example/leaflet.js"])
    assert assets_local.check([assets_local.LEAFLET_JS] * 2) == [assets_local.LEAFLET_JS]


def test_a_folium_plugin_from_elsewhere_never_reaches_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    def page() -> None:
        import folium
        import streamlit_folium

        from dashboard.widgets import assets_local as local

        local.install()
        streamlit_folium.st_folium(folium.Map(tiles=None), returned_objects=[])

    monkeypatch.setattr("streamlit_folium._component_func", assets_local._component)
    told = AppTest.from_function(page).run().exception
    assert "no local copy of" in told[0].message


def test_text_is_escaped_for_both_kinds_of_markup() -> None:
    assert "<" not in as_html(NASTY)
    assert as_label("![x](http://a) :red[b] **c**\nd") == (
        r"\!\[x\]\(http\:\/\/a\) \:red\[b\] \*\*c\*\* d".replace(r"\/", "/")
    )


@pytest.mark.parametrize("script", sorted((DASHBOARD / "browser").glob("*.js")), ids=lambda path: path.name)
def test_browser_scripts_are_safe_to_pass_through_templates(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"\{\{|\}\}|\{%|\{#|</script", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)


def test_nothing_in_the_dashboard_names_another_host() -> None:
    named = set()
    for path in [*DASHBOARD.rglob("*.py"), *(DASHBOARD / "browser").iterdir()]:
        named |= set(re.findall(r"https?://([\w.-]+)", path.read_text(encoding="utf-8")))
    assert named <= {"127.0.0.1", "www.openstreetmap.org", "www.w3.org"}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _without_green_cones(colour: str) -> tuple[float, ...]:
    """What a person without green cones sees, as linear light (Viénot, Brettel and Mollon 1999)."""
    parts = [(int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
    red_green = 0.29275 * parts[0] + 0.70725 * parts[1]
    return red_green, red_green, -0.02234 * parts[0] + 0.02234 * parts[1] + parts[2]


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_scale_is_one_of_lightness_for_all_eyes(colours: dict[str, list[str]]) -> None:
    steps = [_luminance(colour) for colour in colours["gaps"]]
    down = colours is theme.LIGHT
    assert steps == sorted(steps, reverse=down)
    seen = [_without_green_cones(colour)[0] for colour in colours["gaps"]]
    assert seen == sorted(seen, reverse=down)
    ratios = [(max(a, b) + 0.05) / (min(a, b) + 0.05) for a, b in pairwise(seen)]
    assert min(ratios) > 1.25


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "pair",
    [
        ("ink", "paper"),
        ("ink", "card"),
        ("muted", "paper"),
        ("muted", "card"),
        ("accent", "card"),
        ("onaccent", "accent"),
    ],
)
def test_text_has_enough_contrast(colours: dict[str, str], pair: tuple[str, str]) -> None:
    light, dark = sorted((_luminance(colours[name]) for name in pair), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_client_gives_trouble_in_words() -> None:
    fake = FakeApi()
    opened = Client("http://api.test", transport=httpx.MockTransport(fake.handle))
    with pytest.raises(ApiTrouble, match="There is no such record") as missing:
        opened._get("/v1/needs/nobody")
    assert missing.value.status == 404
    fake.down = True
    with pytest.raises(ApiTrouble, match="not answering") as away:
        opened.get_meta()
    assert away.value.is_away
    assert not opened.is_there()


@pytest.mark.parametrize("body", [b"<html>", b""])
def test_an_answer_that_is_no_json_is_trouble(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, content=body))
    with pytest.raises(ApiTrouble, match="cannot be read"):
        Client("http://api.test", transport=transport).get_meta()


def test_the_client_is_kept_and_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARNRAISER_API_URL", "http://127.0.0.1:9")
    seen = SimpleNamespace(cookies={client.COOKIE: "brs_mine"}, headers={"Host": "localhost:9"})
    monkeypatch.setattr(client.st, "context", seen)
    mine, again = client.connect(), client.connect()
    # connections are shared, and nothing of a person is kept with them
    assert mine._http is again._http
    assert "cookie" not in mine._http.headers
    # links in the answers name the server as the browser does
    assert mine._headers == {"Cookie": f"{client.COOKIE}=brs_mine", "Host": "localhost:9"}
    assert client.connect()._http.base_url == "http://127.0.0.1:9"


def test_the_whole_app_starts_on_the_map(fake: FakeApi) -> None:
    page = AppTest.from_file(str(DASHBOARD / "app.py"), default_timeout=30).run()
    assert not page.exception
    assert [path for _, path, _ in fake.asked[:3]] == ["/v1/session", "/v1/first-steps", "/v1/meta"]
