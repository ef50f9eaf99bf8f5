"""Filters in the database give what plain Python gives, over whatever is asked; and the plans use the indexes."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from shapely.geometry import box
from sqlalchemy import event, text

from geo.domain.place import Point
from geo.domain.records import Asset, Need
from geo.domain.words import AssetStatus, Audience, Category, Urgency
from geo.errors import InvalidInput
from geo.interchange.cql2.reading import read_json, read_text
from geo.interchange.feature_query import FeatureQuery, page_of
from geo.privacy.queryables import list_queryables
from geo.store.feature_bytes import write_asset_page
from geo.store.feature_pages import TABLES, list_feature_page, page_statement

from tests.factories import add_asset, add_need
from tests.geo.interchange.cql2.oracle import DAYS, FILTERS, TEXTS, Drawn
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EXPRESSIONS = 20_000 if os.environ.get("BARNRAISER_FULL") else 300
KNOWN = list_queryables(Asset, Audience.ORGANIZER)
EVERYTHING = FeatureQuery(limit=1000)


@pytest.fixture
def many(session: Session) -> Session:
    """Assets whose values are those that filters ask about; some at homes, some nowhere."""
    rng = random.Random(0)  # noqa: S311 - makes records, guards nothing
    for number in range(60):
        at_home = number % 7 == 0
        place = Point(rng.choice([24.925, 24.93, 24.94, 24.95]), rng.choice([60.163, 60.167, 60.18]))
        add_asset(
            session,
            None if number % 11 == 1 else place,
            name=rng.choice([name for name in TEXTS["name"] if name]),
            kind=rng.choice(TEXTS["kind"]),
            status=rng.choice([AssetStatus(word) for word in TEXTS["status"]]),
            description=rng.choice([None, *TEXTS["description"]]),
            capacity_per_week=rng.choice([None, 0, 10, 20, 40, 7]),
            assured_on=rng.choice([None, *DAYS["assured_on"]]),
            categories=tuple(rng.sample([Category.FOOD, Category.WATER, Category.MEDICINE], rng.choice([1, 2, 3]))),
            languages=tuple(rng.sample(["fi", "sv"], rng.choice([0, 1, 2]))),
            interpreter=rng.random() < 0.5,
            is_private=at_home,
            address=rng.choice([None, "Katu 1"]),
        )
    with operator(session):
        for number, row_id in enumerate(session.scalars(text("SELECT id FROM asset ORDER BY id")).all()):
            at = datetime(2026, 3, (1, 2, 3, 5, 9)[number % 5], 12, 0, 0, 600_000, UTC)
            values = {"at": at, "version": number % 2 + 1, "id": row_id}
            session.execute(text("UPDATE asset SET updated_at = :at, version = :version WHERE id = :id"), values)
    session.commit()
    return session


def kept(session: Session, query: FeatureQuery) -> list[str]:
    return [one["id"] for one in list_feature_page(session, "assets", Audience.ORGANIZER, query).features]


def test_every_filter_gives_in_the_database_what_plain_python_gives(many: Session) -> None:
    whole = list_feature_page(many, "assets", Audience.ORGANIZER, EVERYTHING).features
    assert {one["geometry"]["type"] if one["geometry"] else None for one in whole} == {"Point", "Polygon", None}

    @settings(max_examples=EXPRESSIONS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(FILTERS)
    def compare(drawn: Drawn) -> None:
        tree, oracle = drawn
        query = replace(EVERYTHING, where=read_json(json.dumps(tree), KNOWN))
        assert kept(many, query) == [one["id"] for one in whole if oracle(one) is True]
        # and the same over a list at hand, which is how a partner's view is asked
        assert [one["id"] for one in page_of(whole, query).features] == kept(many, query)

    compare()


def test_a_box_gives_what_plain_python_gives(many: Session) -> None:
    whole = list_feature_page(many, "assets", Audience.ORGANIZER, EVERYTHING).features
    for west in range(24_910, 24_960, 3):
        query = replace(EVERYTHING, box=box(west / 1000, 60.160, west / 1000 + 0.012, 60.168))
        assert kept(many, query) == [one["id"] for one in page_of(whole, query).features]


def test_what_is_not_shown_cannot_be_asked_for(many: Session) -> None:
    """A place at a home has an address in the database, and no filter is answered by it."""
    assert many.scalar(text("SELECT count(*) FROM asset WHERE is_private AND address = 'Katu 1'"))
    for asked in ("address = 'Katu 1'", "address LIKE '%'", "NOT (address <> 'Katu 1')", "source_ref IS NOT NULL"):
        query = replace(EVERYTHING, where=read_text(f"is_private AND ({asked})", KNOWN))
        assert kept(many, query) == []
    at_home = replace(EVERYTHING, where=read_text("is_private AND S_INTERSECTS(geometry, POINT(24.925 60.163))", KNOWN))
    drawn = list_feature_page(many, "assets", Audience.ORGANIZER, at_home).features
    # the cell is asked, and nothing finer: whoever is in it is found by any place in it
    assert all(one["geometry"]["type"] == "Polygon" for one in drawn)
    for hidden in ("network_id = 'x'", "geom IS NULL"):
        with pytest.raises(InvalidInput):
            read_text(hidden, KNOWN)


def test_a_withheld_need_is_in_no_cell_for_filters_either(session: Session) -> None:
    shown, withheld = add_need(session), add_need(session, withheld=True)
    session.commit()
    known = list_queryables(Need, Audience.ORGANIZER)
    for asked in (f"cell = '{shown.cell}'", "cell IS NOT NULL", "S_INTERSECTS(geometry, BBOX(-180,-90,180,90))"):
        for turn, wanted in ((asked, [str(shown.id)]), (f"NOT ({asked})", [])):
            query = replace(EVERYTHING, where=read_text(turn, known))
            found = list_feature_page(session, "needs", Audience.ORGANIZER, query).features
            there = [str(withheld.id)] if "NOT (cell IS NOT NULL)" in turn else wanted
            assert [one["id"] for one in found] == there
    ordered = replace(EVERYTHING, order=())
    assert len(list_feature_page(session, "needs", Audience.ORGANIZER, ordered).features) == 2


def test_instants_are_asked_by_the_second_as_they_are_shown(many: Session) -> None:
    exact = "updated_at = TIMESTAMP('2026-03-01T12:00:00.6Z')"
    shown = "updated_at = TIMESTAMP('2026-03-01T12:00:00Z')"
    assert kept(many, replace(EVERYTHING, where=read_text(exact, KNOWN))) == []
    assert len(kept(many, replace(EVERYTHING, where=read_text(shown, KNOWN)))) == 12


def plan(session: Session, name: Any, query: FeatureQuery) -> str:
    source = TABLES[name]
    statement = page_statement(session, source, Audience.ORGANIZER, query, source.selected)
    written = statement.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    explained = session.connection().exec_driver_sql(f"EXPLAIN {written}", dict(written.params))
    return "\n".join(row[0] for row in explained)


@pytest.fixture
def wide(session: Session) -> Session:
    """Eight thousand assets, so that the planner has a choice."""
    with operator(session):
        session.execute(
            text(
                "INSERT INTO asset (id, kind, categories, name, geom, cell) SELECT gen_random_uuid(), 'pantry', "
                "'{food}', 'a' || n, ST_SetSRID(ST_MakePoint(20 + (n % 141) / 28.0, 58 + (n / 141) / 12.0), 4326), "
                "'891126d3303ffff' FROM generate_series(1, 8000) AS n"
            )
        )
        session.execute(text("ANALYZE asset"))
    for number in range(3):
        add_need(session, Point(24.9 + number / 10, 60.2), urgency=Urgency.HIGH)
    session.commit()
    return session


def test_a_small_box_asks_the_index_of_places(wide: Session) -> None:
    small = FeatureQuery(box=box(24.0, 60.0, 24.1, 60.1), limit=1000)
    assert "ix_asset_geom" in plan(wide, "assets", small)
    where = read_text("S_INTERSECTS(geometry, BBOX(24.0,60.0,24.1,60.1)) AND status = 'active'", KNOWN)
    assert "ix_asset_geom" in plan(wide, "assets", FeatureQuery(where=where, limit=1000))


def plan_of_bytes(session: Session, query: FeatureQuery) -> str:
    """Read the plan of the very statement that writes a page as bytes."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        sent.append((statement, values))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    write_asset_page(session, Audience.ORGANIZER, query)
    event.remove(connection, "before_cursor_execute", note)
    statement, values = sent[-1]
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values))


def test_pages_of_bytes_are_read_by_the_same_indexes(wide: Session) -> None:
    small = box(24.0, 60.0, 24.1, 60.1)
    assert "ix_asset_geom" in plan_of_bytes(wide, FeatureQuery(box=small, limit=1000))
    last = str(wide.scalar(text("SELECT id FROM asset ORDER BY id OFFSET 4000 LIMIT 1")))
    onward = plan_of_bytes(wide, FeatureQuery(after=(last,), limit=100))
    assert "pk_asset" in onward
    assert "Sort" not in onward
    assert "ix_asset_geom" in plan_of_bytes(wide, FeatureQuery(after=(last,), box=small, limit=1000))


def test_a_page_goes_on_by_the_key_alone(wide: Session) -> None:
    last = str(wide.scalar(text("SELECT id FROM asset ORDER BY id OFFSET 4000 LIMIT 1")))
    found = plan(wide, "assets", FeatureQuery(after=(last,), limit=100))
    assert "pk_asset" in found
    assert "Sort" not in found
    assert "Filter: (id" not in found


def test_one_feature_is_found_by_its_key(wide: Session) -> None:
    one = wide.scalar(text("SELECT id FROM asset LIMIT 1"))
    explained = wide.execute(text("EXPLAIN SELECT id FROM asset WHERE id = :id"), {"id": one})
    assert "pk_asset" in "\n".join(row[0] for row in explained)


def test_letters_of_every_alphabet_are_folded(many: Session) -> None:
    found = kept(many, replace(EVERYTHING, where=read_text("CASEI(name) = CASEI('ÄLG')", KNOWN)))
    whole = list_feature_page(many, "assets", Audience.ORGANIZER, EVERYTHING).features
    assert found == [one["id"] for one in whole if one["properties"]["name"] == "Älg"] != []


def test_dates_are_days(many: Session) -> None:
    asked = replace(EVERYTHING, where=read_text("T_DURING(assured_on, INTERVAL('2026-02-01','2026-02-28'))", KNOWN))
    days = many.execute(text("SELECT assured_on FROM asset")).scalars().all()
    inside = [day for day in days if day is not None and date(2026, 2, 1) < day < date(2026, 2, 28)]
    assert len(kept(many, asked)) == len(inside) > 0
