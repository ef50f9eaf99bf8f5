"""Bytes the database writes are those that disclosing record by record gives."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box, shape
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.records import Asset
from geo.domain.words import AssetStatus, Audience, Category, StepFree
from geo.errors import NotPermitted
from geo.interchange.cql2.reading import read_text
from geo.interchange.feature_query import FeatureQuery
from geo.interchange.geojson import bounds
from geo.privacy.disclosure import fields_shown
from geo.privacy.queryables import list_queryables
from geo.store.feature_bytes import write_asset_page
from geo.store.feature_pages import list_feature_page

from tests.factories import add_asset

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STRANGE = [
    "plain", 'quote " and \\ stroke', "line\nbreak\ttab", "Älg 🦌", "\u2028\u2029", "</script>", "\x7f\x1f\x01",
    "%s {} $1 :x", '"geometry":"cell:891126d3303ffff"', '"geometry":"point:1 2"', "a/b", "\ufeff", "é",
]  # fmt: skip


@pytest.fixture
def strange(session: Session) -> Session:
    rng = random.Random(0)  # noqa: S311 - makes records, guards nothing
    for number in range(120):
        # as many decimals as a float has, whole numbers, and those that are between two roundings
        lon = rng.choice([24.0 + rng.random(), 25.0, 24.999_999_9, 24.123_455, round(24 + rng.random(), 6)])
        add_asset(
            session,
            None if number % 9 == 0 else Point(lon, rng.choice([60.0 + rng.random(), 60.5, 60.123_445])),
            name=rng.choice(STRANGE),
            kind=rng.choice(["pantry", "food bank"]),
            description=rng.choice([None, *STRANGE]),
            address=rng.choice([None, *STRANGE]),
            categories=tuple(rng.sample(list(Category), rng.choice([1, 2, 3]))),
            languages=tuple(rng.sample(["fi", "sv", "en"], rng.choice([0, 2]))),
            status=rng.choice(list(AssetStatus)),
            step_free=rng.choice(list(StepFree)),
            opening_hours=rng.choice([None, 'Mo-Fr 08:00-12:00; PH "x"']),
            capacity_per_week=rng.choice([None, 0, 7]),
            interpreter=rng.random() < 0.5,
            is_private=number % 9 != 0 and number % 7 == 0,
        )
    session.commit()
    return session


def by_record(session: Session, audience: Audience, query: FeatureQuery) -> bytes:
    features = list_feature_page(session, "assets", audience, query).features
    return ",".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features).encode()


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.PUBLIC, Audience.ORGANIZER])
def test_the_bytes_are_those_of_the_records(strange: Session, audience: Audience) -> None:
    for limit in (41, 1000):
        after = None
        while True:
            query = FeatureQuery(limit=limit, after=after)
            page, plain = (
                write_asset_page(strange, audience, query),
                list_feature_page(strange, "assets", audience, query),
            )
            assert page.content == by_record(strange, audience, query)
            assert page.count == len(plain.features)
            assert page.box == bounds(plain.features)
            assert page.is_last == (plain.following is None)
            if page.is_last:
                break
            assert plain.following == (page.last,)
            after = (page.last,)


def test_nothing_but_what_is_disclosed_is_written(strange: Session) -> None:
    for audience in (Audience.PARTNER, Audience.PUBLIC):
        page = write_asset_page(strange, audience, FeatureQuery(limit=1000))
        found = json.loads(b"[" + page.content + b"]")
        allowed = set(fields_shown(Asset, audience)) - {"id", "point"}
        assert {name for one in found for name in one["properties"]} == allowed
        assert all(one["geometry"] is None or one["geometry"]["type"] == "Point" for one in found)
    with pytest.raises(NotPermitted):
        write_asset_page(strange, Audience.ASKER, FeatureQuery())


def test_filters_and_boxes_mean_the_same(strange: Session) -> None:
    known = list_queryables(Asset, Audience.ORGANIZER)
    for asked in ("status = 'active'", "is_private", "FALSE", "interpreter AND capacity_per_week > 1"):
        query = FeatureQuery(where=read_text(asked, known), box=box(24.2, 60.0, 24.8, 60.9), limit=30)
        assert write_asset_page(strange, Audience.ORGANIZER, query).content == by_record(
            strange, Audience.ORGANIZER, query
        )
        assert write_asset_page(strange, Audience.ORGANIZER, replace(query, limit=1)).count <= 1


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.ORGANIZER])
@pytest.mark.parametrize("edges", [(24.2, 60.0, 24.8, 60.9), (24.0, 60.0, 25.1, 61.0), (10.0, 50.0, 11.0, 51.0)])
def test_boxes_hold_the_same_page_after_page(
    strange: Session, audience: Audience, edges: tuple[float, float, float, float]
) -> None:
    query, seen = FeatureQuery(box=box(*edges), limit=17), 0
    while True:
        page, plain = (
            write_asset_page(strange, audience, query),
            list_feature_page(strange, "assets", audience, query),
        )
        assert page.content == by_record(strange, audience, query)
        assert page.box == bounds(plain.features)
        assert (None if page.is_last else (page.last,)) == plain.following
        seen += page.count
        if plain.following is None:
            break
        query = query.following(plain.following, 17)
    everything = write_asset_page(strange, audience, FeatureQuery(box=box(*edges), limit=1000))
    assert seen == everything.count
    assert (seen > 0) == (edges[0] > 20)


def test_places_drawn_as_cells_are_in_the_boxes_they_stand_in(strange: Session) -> None:
    found = json.loads(b"[" + write_asset_page(strange, Audience.ORGANIZER, FeatureQuery(limit=1000)).content + b"]")
    cells = [one for one in found if one["geometry"] and one["geometry"]["type"] == "Polygon"]
    assert cells
    for one in cells:
        around = box(*shape(one["geometry"]).bounds)
        inside = write_asset_page(strange, Audience.ORGANIZER, FeatureQuery(box=around))
        assert one["id"] in {each["id"] for each in json.loads(b"[" + inside.content + b"]")}
        shown = write_asset_page(strange, Audience.PARTNER, FeatureQuery(box=around))
        assert one["id"] not in {each["id"] for each in json.loads(b"[" + shown.content + b"]")}


def test_any_text_is_written_as_the_writer_of_json_writes_it(strange: Session) -> None:
    one = strange.scalar(text("SELECT id FROM asset ORDER BY id LIMIT 1"))
    query = FeatureQuery(limit=1)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60))
    def compare(words: str) -> None:
        strange.execute(text("UPDATE asset SET description = :words WHERE id = :id"), {"words": words, "id": one})
        assert write_asset_page(strange, Audience.ORGANIZER, query).content == by_record(
            strange, Audience.ORGANIZER, query
        )

    compare()
