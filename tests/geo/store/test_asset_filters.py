"""Assets by words and by the way from a place: what plain Python finds, and the index that finds it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.crs import GEOD
from geo.domain.place import Point
from geo.domain.words import Category
from geo.store.assets import AssetFilter, asset, list_assets
from geo.store.rows import mine

from tests.factories import add_asset
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@pytest.fixture
def town(session: Session) -> Session:
    """Sixty assets within some kilometres, every seventh at a private home and every ninth without any place."""
    rng = random.Random(0)  # noqa: S311 - makes records, guards nothing
    for number in range(60):
        at = Point(HELSINKI.lon + rng.uniform(-0.06, 0.06), HELSINKI.lat + rng.uniform(-0.03, 0.03))
        add_asset(
            session, None if number % 9 == 0 else at, name=f"Pantry {number}", is_private=number % 7 == 0,
            address=f"Katu {number}", categories=(Category.FOOD if number % 2 else Category.WATER,),
        )  # fmt: skip
    session.commit()
    return session


@pytest.mark.parametrize("within_m", [1.0, 400.0, 1500.0, 4000.0])
def test_what_is_near_is_what_the_ground_says(town: Session, within_m: float) -> None:
    everything = list_assets(town, limit=1000)
    found = list_assets(town, where=AssetFilter(near=HELSINKI, within_m=within_m), limit=1000)

    def apart_m(at: Point) -> float:
        return float(GEOD.inv(HELSINKI.lon, HELSINKI.lat, at.lon, at.lat)[2])

    expected = [one.id for one in everything if one.point is not None and apart_m(one.point) <= within_m]
    assert [one.id for one in found] == expected
    assert not any(one.is_private for one in found)
    water = AssetFilter(Category.WATER, near=HELSINKI, within_m=within_m)
    assert [one.id for one in list_assets(town, where=water, limit=1000)] == [
        one.id for one in everything if one.id in expected and Category.WATER in one.categories
    ]


def test_the_pages_of_what_is_near_go_by_key(town: Session) -> None:
    where = AssetFilter(near=HELSINKI, within_m=4000.0)
    whole = [one.id for one in list_assets(town, where=where, limit=1000)]
    walked: list[object] = []
    after = None
    while page := list_assets(town, where=where, after=after, limit=7):
        walked += [one.id for one in page]
        after = page[-1].id
    assert walked == whole


@pytest.mark.parametrize(
    ("search", "count"), [("PANTRY 1", 11), ("katu 5", 10), ("%", 0), ("_", 0), ("katu 14", 0), ("pantry 14", 1)]
)
def test_words_are_found_as_they_are_and_no_address_of_a_home(town: Session, search: str, count: int) -> None:
    assert len(list_assets(town, where=AssetFilter(search=search), limit=1000)) == count


def test_the_index_of_places_finds_what_is_near_beside_the_second_wall(session: Session) -> None:
    with operator(session):
        session.execute(
            text(
                "INSERT INTO asset (id, kind, categories, name, geom, cell) SELECT gen_random_uuid(), 'pantry', "
                "'{food}', 'a' || n, ST_SetSRID(ST_MakePoint(20 + (n % 20) / 4.0, 58 + (n / 20) / 5.0), 4326), "
                "'891126d3303ffff' FROM generate_series(1, 400) AS n"
            )
        )
        session.execute(text("ANALYZE asset"))
    conditions = AssetFilter(near=HELSINKI, within_m=1000.0).conditions()
    query = asset.select().where(mine(asset), *conditions).order_by(asset.c.id).limit(100)
    written = query.compile(session.connection())
    explained = session.connection().exec_driver_sql(f"EXPLAIN {written}", dict(written.params))
    assert "ix_asset_geom" in "\n".join(row[0] for row in explained)
