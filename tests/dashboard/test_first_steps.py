"""The page of first steps against the stand-in API: what is done is ticked, and each next piece can be made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import client
from dashboard.area_file import MOST, read_area_file
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_plan import FakePlan
from tests.laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.dashboard.fake_api import Answer

    Open = Callable[..., AppTest]

PATH = "/v1/first-steps"
TITLES = ("Name the area", "Load streets", "Know the kinds", "Add the first asset", "Invite somebody", "Cut the first")
RING = [[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.1]]


class FakeSteps(FakePlan):
    """A network that can be as new as the test wants it."""

    def __init__(self) -> None:
        super().__init__()
        names = ("has_area", "has_gazetteer", "has_asset", "has_company", "has_turf", "is_away")
        self.steps = dict.fromkeys(names, False)
        self.made: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if path == PATH:
            self.steps |= body or {}
            return 200, self.steps
        if method == "POST" and path == "/v1/areas":
            if self.refuse:
                return self.refuse
            self.made.append(body)
            self.steps["has_area"] = True
            return 201, body
        return super().answer(method, path, query, body)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSteps:
    api = FakeSteps()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def area(name: object = "Kallio") -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING]}, "properties": {"name": name}}


def written(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def heads(page: AppTest) -> list[str]:
    return [head.value for head in page.subheader]


def press(page: AppTest, key: str) -> AppTest:
    page = page.button(key=key).click().run()
    assert not page.exception
    return page


def test_an_empty_network_is_told_six_steps_and_which_is_next(open_page: Open) -> None:
    page = open_page("first_steps")
    assert not page.exception
    found = heads(page)
    assert len(found) == len(TITLES)
    for number, title in enumerate(TITLES):
        assert f"{number + 1}. {title}" in found[number]
    assert [head.rpartition("(")[2] for head in found] == ["next)", "to do)", "done)", "to do)", "to do)", "to do)"]
    told = [code.value for code in page.code]
    assert any(line.startswith("barnraiser load osm") for line in told)
    assert any(line.startswith("barnraiser load areas") for line in told)


def test_what_is_done_is_ticked_and_asks_for_nothing_more(open_page: Open, fake: FakeSteps) -> None:
    fake.steps |= {"has_area": True, "has_gazetteer": True}
    page = open_page("first_steps")
    assert [head.rpartition("(")[2] for head in heads(page)] == ["done)", "done)", "done)", "next)", "to do)", "to do)"]
    assert not page.code
    fake.steps |= dict.fromkeys(("has_asset", "has_company", "has_turf"), True)
    page = page.run()
    assert all(head.endswith("(done)") for head in heads(page))
    assert [button.key for button in page.button] == []


def test_areas_are_taken_from_a_file(open_page: Open, fake: FakeSteps) -> None:
    page = open_page("first_steps")
    assert page.button(key="take_areas").disabled
    page.file_uploader(key="area_file").set_value(("a.geojson", written(area("Töölö"), area(NASTY)), "")).run()
    page = press(page, "take_areas")
    assert (fake.made[0]["name"], fake.made[0]["slug"]) == ("Töölö", "toolo")
    assert fake.made[1]["name"] == NASTY
    assert "2 areas taken in" in page.success[0].value
    assert heads(page)[0].endswith("(done)")


def test_a_refused_area_says_which_and_how_many_were_taken(open_page: Open, fake: FakeSteps) -> None:
    page = open_page("first_steps")
    fake.refuse = problem(422, "invalid-geometry", "A ring crosses itself.")
    page.file_uploader(key="area_file").set_value(("a.geojson", written(area()), "")).run()
    page = press(page, "take_areas")
    assert "A ring crosses itself" in page.error[0].value
    assert "Area 1 was not taken in" in page.error[0].value
    fake.refuse = problem(409, "conflict", "This slug is taken.")
    assert "0 areas taken in, 1 were there" in press(page, "take_areas").success[0].value
    page.file_uploader(key="area_file").set_value(("a.geojson", b"<kml>", "")).run()
    assert "cannot be read as JSON" in press(page, "take_areas").error[0].value


def test_they_are_put_away_and_it_can_be_undone(open_page: Open, fake: FakeSteps) -> None:
    page = press(open_page("first_steps"), "steps_away")
    assert fake.steps["is_away"] is True
    page = press(page, "undo")
    assert fake.steps["is_away"] is False
    page = press(press(page, "steps_away"), "steps_back")
    assert fake.steps["is_away"] is False


def test_a_made_up_town_is_offered_to_an_admin_of_an_empty_network(open_page: Open, fake: FakeSteps) -> None:
    def keys(page: AppTest) -> list[str]:
        return [button.key for button in page.button if button.key.endswith("made_up")]

    assert keys(open_page("first_steps")) == []
    fake.made_up["in_the_way"] = []
    page = open_page("first_steps")
    assert keys(page) == ["load_made_up"]
    page = press(page, "load_made_up")
    assert "600 needs, 60 helpers" in page.success[0].value
    assert keys(page) == []
    fake.made_up["is_there"] = False
    fake.me["permissions"] = [one for one in fake.me["permissions"] if one != "manage_network"]
    fake.asked.clear()
    assert keys(open_page("first_steps")) == []
    assert "/v1/made-up" not in [path for _, path, _ in fake.asked]


def test_when_nobody_answers_the_page_says_so(open_page: Open, fake: FakeSteps) -> None:
    fake.down = True
    page = open_page("first_steps")
    assert not page.exception
    assert "tries again by itself" in " ".join(block.proto.body for block in page.get("html"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff", "cannot be read"),
        (b"[1]", "no list of features"),
        (b'{"features": []}', "no list of features"),
        (written(1), "Feature 1 is no polygon"),
        (written({"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"name": "x"}}), "no polygon"),
        (written(area(), area(None)), "Feature 2 has no name"),
        (written(area("  ")), "Feature 1 has no name"),
        (written(area(), area("kallio")), "the same name"),
        (written(*[area(str(n)) for n in range(MOST + 1)]), "more than"),
        (b"[" * 100_000, "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_told_in_a_sentence(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_area_file(content)


def test_a_name_without_latin_letters_has_a_slug_all_the_same() -> None:
    (found,) = read_area_file(written(area("حي")))
    assert (found["name"], found["slug"], found["kind"]) == ("حي", "area-1", "district")


def test_the_way_through_the_pages_begins_with_it_only_while_there_is_nothing(fake: FakeSteps) -> None:
    def app() -> AppTest:
        return AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=30).run()

    assert heads(app())
    fake.steps["has_area"] = True
    assert not heads(app())
