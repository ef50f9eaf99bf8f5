"""The public page: seven languages, no script, small, escaped, and nothing in it that the public files do not hold."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.drafts import AreaDraft
from geo.domain.message_texts import TEXTS, Template
from geo.domain.place import Point
from geo.geometry import parse_area
from geo.privacy.cells import cell_centre, cell_of
from geo.privacy.rules import PublicKind
from geo.store.areas import create_area
from geo.store.dwellings import replace_dwellings

from api.public_view import MOST_PLACES, PublicFiles, all_words, compose, render
from api.publishing import publish
from tests.api.conftest import assert_problem
from tests.api.test_canaries import leaks, plant
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from api.publishing import Published
    from api.settings import Settings
    from tests.api.conftest import TestClient

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
BIG = cell_of(HELSINKI, 8)
NASTY = "{{7*7}} </title><img src=x onerror=alert(1)> ${x} <script>alert(1)</script>"
OVER_THE_WIRE = 100_000
AREA = [[24.90, 60.15], [24.98, 60.15], [24.98, 60.19], [24.90, 60.19], [24.90, 60.15]]


@pytest.fixture
def published(session: Session, sessions: SessionFactory, settings: Settings) -> Published:
    """Two weeks of a town in which twelve households ask for food, with three places."""
    replace_dwellings(session, {cell_of(HELSINKI): 900})
    for _ in range(12):
        add_need(session, HELSINKI, received_at=NOW - timedelta(days=40))
    add_asset(session, Point(24.941, 60.171), name="Pantry", opening_hours="Mo-Fr 10:00-17:00")
    add_asset(session, Point(24.942, 60.171), name="Always", opening_hours="24/7")
    add_asset(session, Point(24.943, 60.171), name=NASTY)
    shape = parse_area({"type": "Polygon", "coordinates": [AREA]})
    create_area(session, AreaDraft(slug="kallio", name="Kallio & <b>", kind="district", geometry=shape))
    session.commit()
    publish(sessions, settings.home.home, now=NOW - timedelta(days=7))
    return publish(sessions, settings.home.home, now=NOW)


class Seen(HTMLParser):
    """What a browser makes of a page: its tags, the names of their attributes, and its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def files_of(folder: Path) -> PublicFiles:
    latest = (folder / "latest.json").read_bytes()
    parts = [(folder / name).read_bytes() for name in (json.loads(latest)["file"], "assets.geojson", "ground.geojson")]
    return PublicFiles(latest, *parts)


def states(published: Published, now: datetime) -> list[tuple[str, str]]:
    view = compose(files_of(published.folder), "en", now)
    return [(place["name"], place["said"]) for place in view["places"]]


def test_it_says_where_help_is_open_and_where_it_opens_next(published: Published) -> None:
    unknown = (NASTY, "Not known")
    assert states(published, NOW.replace(hour=12)) == [
        ("Always", "Open"), ("Pantry", "Open until 17:00"), unknown,
    ]  # fmt: skip
    # a Friday evening; the network's clock is UTC
    assert states(published, datetime(2026, 11, 20, 18, tzinfo=UTC)) == [
        ("Always", "Open"), ("Pantry", "Closed, opens Mon 10:00"), unknown,
    ]  # fmt: skip


def test_it_shows_what_the_release_shows(published: Published) -> None:
    view = compose(files_of(published.folder), "en", NOW)
    assert [(line["kind"], line["band"], line["is_most"]) for line in view["asked"]] == [("food", "10-19", True)]
    assert view["totals"] == ["Food: at least 10 households; hexagons: 1"]
    assert [label.text for label in view["ground"].labels] == ["Kallio & <b>"]
    page = render(files_of(published.folder), "en", NOW)
    assert page.count('class="count"') == 1
    assert page.count("<circle") == 3 + 3


def test_every_language_has_a_page_that_is_small_and_runs_nothing(published: Published, anonymous: TestClient) -> None:
    for language in TEXTS[Template.NEED_DONE]:
        check_page(published, anonymous, language)


def check_page(published: Published, anonymous: TestClient, language: str) -> None:
    page = anonymous.get(f"/public/{published.network}/{language}.html")
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    seen = Seen()
    seen.feed(page.text)
    assert not seen.tags & {"script", "style", "img", "iframe", "object", "form", "b"}
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("style", "src")]
    assert NASTY in seen.texts
    wanted = re.findall(r'<link rel="\w+" href="([^"]+)"', page.text)
    parts = [anonymous.get(f"/public/{published.network}/{name}") for name in wanted]
    assert all(part.status_code == 200 for part in parts)
    assert len(page.content) + sum(len(part.content) for part in parts) < OVER_THE_WIRE


def test_the_browser_is_answered_in_its_language(published: Published, anonymous: TestClient) -> None:
    where = f"/public/{published.network}/"
    for asked, given in (("ar-EG,en;q=0.5", "ar"), ("ja", "en"), ("", "en"), ("fi", "fi")):
        page = anonymous.get(where, headers={"Accept-Language": asked})
        assert f'<html lang="{given}"' in page.text
        assert "Accept-Language" in page.headers["vary"]
    packed = anonymous.get(where, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    again = anonymous.get(where, headers={"If-None-Match": packed.headers["etag"]})
    # in the next minute it is another page
    assert again.status_code == 304 or again.headers["etag"] != packed.headers["etag"]


def test_nothing_else_is_a_page(published: Published, anonymous: TestClient) -> None:
    for name in ("xx.html", "index.html", "EN.html", "en.htm", "words", "page.js"):
        assert_problem(anonymous.get(f"/public/{published.network}/{name}"), 404)


def test_the_one_network_is_found_and_of_two_none(published: Published, anonymous: TestClient) -> None:
    found = anonymous.get("/public", follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (307, f"/public/{published.network}/")
    other = published.folder.parent / "other"
    other.mkdir()
    (other / "latest.json").write_text("{}")
    assert_problem(anonymous.get("/public", follow_redirects=False), 404)


def test_nothing_of_anybody_is_on_it(
    session: Session, sessions: SessionFactory, settings: Settings, anonymous: TestClient
) -> None:
    canaries = plant(session, NOW - timedelta(days=40))
    add_asset(session, Point(24.9355, 60.1655), name="canary0001contact at home", is_private=True)
    session.commit()
    for week in (2, 1, 0):
        done = publish(sessions, settings.home.home, now=NOW - timedelta(days=7 * week))
    names = [
        "",
        "latest.json",
        "assets.geojson",
        "ground.geojson",
        done.file,
        *(f"{code}.html" for code in all_words()),
    ]
    for name in names:
        told = anonymous.get(f"/public/{done.network}/{name}")
        assert told.status_code == 200
        assert leaks(told.text, canaries, addresses=False) == []
    # the control: what would be found if it were there
    assert leaks(f"{canaries[0].contact} {canaries[0].point.lon}, {canaries[0].point.lat}", canaries, addresses=False)


def test_an_empty_network_has_a_page_too(
    session: Session, sessions: SessionFactory, settings: Settings, anonymous: TestClient
) -> None:
    assert session is not None
    done = publish(sessions, settings.home.home, now=NOW)
    (done.folder / "ground.geojson").unlink()
    page = anonymous.get(f"/public/{done.network}/en.html")
    assert "No place is listed yet." in page.text
    assert "numerous enough" in page.text


def test_a_long_list_is_cut_and_says_so(published: Published) -> None:
    files = files_of(published.folder)
    places = json.loads(files.places)
    one = next(place for place in places["features"] if place["properties"]["name"] == "Always")
    places["features"] += [one] * MOST_PLACES
    view = compose(PublicFiles(files.latest, files.release, json.dumps(places).encode(), files.ground), "en", NOW)
    assert len(view["places"]) == MOST_PLACES
    assert view["more"] == "3 more places are in the file."


def test_every_language_has_every_text_with_the_same_gaps() -> None:
    words = all_words()
    assert set(words) == set(TEXTS[Template.NEED_DONE])
    gaps = re.compile(r"\{\w+\}")
    for language, texts in words.items():
        assert texts.keys() == words["en"].keys(), language
        for name, said in texts.items():
            assert said.strip(), (language, name)
            assert sorted(gaps.findall(said)) == sorted(gaps.findall(words["en"][name])), (language, name)


def test_the_style_knows_every_kind(anonymous: TestClient, published: Published) -> None:
    style = anonymous.get(f"/public/{published.network}/page.css").text
    known = set(re.findall(r"#only-(\w+):checked", style))
    assert known == {kind.value for kind in PublicKind}


def test_hidden_rows_change_nothing_on_the_page(
    published: Published, session: Session, sessions: SessionFactory, settings: Settings
) -> None:
    def pages() -> list[Any]:
        publish(sessions, settings.home.home, now=NOW)
        return [render(files_of(published.folder), language, NOW) for language in all_words()]

    before = pages()
    add_need(session, cell_centre(BIG), received_at=NOW - timedelta(days=40))
    session.commit()
    assert pages() == before
