"""Tiles of needs and places: counted as a count by hand says, read by two programs, with no word too many."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import h3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.tiles import LEVELS, MATRIX_SET, MAX_ZOOM, POINTS_FROM_ZOOM, NeedsInCell, TileAddress
from geo.domain.words import AssetStatus, Audience, Category, NeedStatus, Urgency
from geo.errors import InvalidInput, NotPermitted
from geo.privacy.allow_list import ALLOWED
from geo.privacy.cells import cell_centre, cell_of
from geo.store.assets import delete_asset, update_asset
from geo.store.needs import delete_need, list_needs, update_need
from geo.store.tile_counts import fold_changes
from geo.store.tiles import (
    MOST_BYTES,
    MOST_FEATURES,
    POINT_WORDS,
    assets_tile,
    counted_query,
    give_cells,
    given_tile,
    needs_tile,
    points_query,
)

from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator
from tests.tiles import by_gdal, by_tippecanoe

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STAFF = Audience.ORGANIZER
CELLS = "SELECT cell FROM need WHERE status IN ('open', 'in_progress') AND NOT withheld AND cell IS NOT NULL"
URGENT = f"SELECT count(*) FROM ({CELLS} AND urgency IN ('high', 'critical')) pressing"  # noqa: S608 - our own
PRESSING = "SELECT sum(pressing) FROM tile_cell WHERE collection = 'needs' AND level = 2"
WIDEST = "SELECT max(ST_XMax(geom) - ST_XMin(geom)) FROM tile_cell WHERE level >= 5"
MANY_NAMED = """
    INSERT INTO asset (id, kind, categories, name, geom, cell)
    SELECT gen_random_uuid(), kind, categories, repeat(md5(n::text), 6), geom, cell
    FROM asset, generate_series(1, 6000) n
"""
MANY_APART = """
    INSERT INTO asset (id, kind, categories, name, geom, cell)
    SELECT gen_random_uuid(), kind, categories, name,
           ST_SetSRID(ST_MakePoint(20 + (n % 100) / 10.0, 55 + n / 1000.0), 4326), cell
    FROM asset, generate_series(1, 5000) n
"""
MANY_CELLS = """
    INSERT INTO tile_cell (collection, level, cell, count, geom)
    SELECT 'needs', 9, '8' || lpad(to_hex(n), 14, '0'), 1,
           ST_Expand(ST_SetSRID(ST_MakePoint(n * 1000, n * 1000), 3857), 100)
    FROM generate_series(1, 5000) n
"""


def tile_at(point: Point, z: int) -> TileAddress:
    """The tile a place is in."""
    n = 1 << z
    lat = math.radians(point.lat)
    y = (1 - math.asinh(math.tan(lat)) / math.pi) / 2 * n
    return TileAddress(z, min(n - 1, int(y)), min(n - 1, int((point.lon + 180) / 360 * n)))


def beside(metres: float) -> Point:
    return Point(HELSINKI.lon + metres / 55_000, HELSINKI.lat + metres / 111_000)


@pytest.mark.parametrize("z", range(MAX_ZOOM + 1))
def test_a_tile_lies_where_everybody_has_it(z: int) -> None:
    west, south, east, north = tile_at(HELSINKI, z).bounds
    assert west <= HELSINKI.lon <= east
    assert south <= HELSINKI.lat <= north
    assert east - west == pytest.approx(360 / 2**z)


@pytest.mark.parametrize(("z", "y", "x"), [(-1, 0, 0), (MAX_ZOOM + 1, 0, 0), (0, 1, 0), (3, 0, 8), (3, -1, 0)])
def test_there_is_no_tile_beyond_the_matrix(z: int, y: int, x: int) -> None:
    assert MATRIX_SET == "WebMercatorQuad"
    with pytest.raises(InvalidInput):
        TileAddress(z, y, x)


def test_every_category_has_its_count() -> None:
    assert {category.value for category in Category} < set(ALLOWED[NeedsInCell][STAFF])


@pytest.mark.parametrize("z", [0, 5, 8, 12, 14, 16])
def test_two_programs_read_the_same_needs(session: Session, z: int) -> None:
    add_need(session)
    add_need(session, urgency=Urgency.CRITICAL, category=Category.WATER)
    add_need(session, withheld=True)
    fold_changes(session)
    at = tile_at(HELSINKI, z)
    tile = needs_tile(session, at, STAFF)
    (read,) = by_gdal(tile.content, at)["needs"]
    (drawn,) = by_tippecanoe(tile.content, at)["needs"]
    cell = h3.cell_to_parent(cell_of(HELSINKI), at.level)
    assert read == drawn["properties"] == {"cell": cell, "count": 2, "pressing": 1, "food": 1, "water": 1}
    assert drawn["geometry"]["type"] == "Polygon"


def test_a_hexagon_is_drawn_where_it_is(session: Session) -> None:
    add_need(session)
    fold_changes(session)
    at = tile_at(HELSINKI, 12)
    (drawn,) = by_tippecanoe(needs_tile(session, at, STAFF).content, at)["needs"]
    corners = {(round(lon, 3), round(lat, 3)) for lon, lat in drawn["geometry"]["coordinates"][0]}
    expected = {(round(lon, 3), round(lat, 3)) for lat, lon in h3.cell_to_boundary(cell_of(HELSINKI))}
    assert len(corners) == len(expected) == 6
    assert all(any(abs(a - x) < 2e-3 and abs(b - y) < 2e-3 for x, y in expected) for a, b in corners)


def test_places_are_points_near_by_and_those_at_homes_never(session: Session) -> None:
    public = add_asset(session, categories=(Category.FOOD, Category.WATER))
    add_asset(session, is_private=True)
    add_asset(session, status=AssetStatus.INACTIVE)
    fold_changes(session)
    near, far = tile_at(HELSINKI, POINTS_FROM_ZOOM), tile_at(HELSINKI, 10)
    content = assets_tile(session, near, STAFF).content
    (place,), (home,) = by_gdal(content, near)["places"], by_gdal(content, near)["homes"]
    assert place["id"] == str(public.id)
    assert place["categories"] == "food,water"
    assert home["cell"] == cell_of(HELSINKI)
    (drawn,) = by_tippecanoe(content, near)["places"]
    lon, lat = drawn["geometry"]["coordinates"]
    assert (lon, lat) == pytest.approx((HELSINKI.lon, HELSINKI.lat), abs=2e-5)
    counted = by_gdal(assets_tile(session, far, STAFF).content, far)
    assert [one["count"] for one in counted["assets"]] == [1]
    assert [one["count"] for one in counted["homes"]] == [1]


@pytest.mark.parametrize("audience", list(Audience))
def test_a_tile_says_no_word_too_many(session: Session, audience: Audience) -> None:
    add_asset(session, opening_hours="24/7")
    add_asset(session, is_private=True)
    add_need(session)
    fold_changes(session)
    for z in (0, 8, POINTS_FROM_ZOOM):
        at = tile_at(HELSINKI, z)
        if audience not in ALLOWED[NeedsInCell]:
            with pytest.raises(NotPermitted):
                needs_tile(session, at, audience)
        try:
            content = assets_tile(session, at, audience).content
        except NotPermitted:
            assert audience is Audience.ASKER
            continue
        layers = by_gdal(content, at)
        assert ("homes" in layers) == (audience in (Audience.ORGANIZER, Audience.ADMIN))
        for name, features in layers.items():
            words = set(POINT_WORDS) if name == "places" else {"cell", "count", *map(str, Category)}
            assert all(set(one) <= words for one in features)


def count_by_hand(session: Session, level: int) -> Counter[str]:
    cells = session.scalars(text(CELLS))
    return Counter(str(h3.cell_to_parent(cell, level)) for cell in cells)


def counted(session: Session, level: int) -> dict[str, int]:
    rows = session.execute(
        text("SELECT cell, count FROM tile_cell WHERE collection = 'needs' AND level = :l"), {"l": level}
    )
    return {row[0]: row[1] for row in rows}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "close", "reopen", "withhold", "urgent", "move", "delete", "fold"]), st.integers(0, 9)
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_are_those_of_a_count_by_hand(session: Session, steps: list[tuple[str, int]]) -> None:
    for step, number in steps:
        take(session, step, number)
    fold_changes(session)
    for level in LEVELS:
        assert counted(session, level) == dict(count_by_hand(session, level))
    pressing = session.scalar(text(PRESSING))
    query = text(URGENT)
    assert (pressing or 0) == session.scalar(query)


def take(session: Session, step: str, number: int) -> None:
    found = list_needs(session, limit=1000)
    changes: dict[str, dict[str, Any]] = {
        "close": {"status": NeedStatus.MET.value},
        "reopen": {"status": NeedStatus.OPEN.value},
        "withhold": {"withheld": number % 2 == 0},
        "urgent": {"urgency": list(Urgency)[number % 4].value},
        "move": {"category": list(Category)[number].value},
    }
    if step == "add":
        add_need(session, beside(number * 700), category=list(Category)[number])
    elif step == "fold":
        fold_changes(session)
    elif found and step == "delete":
        delete_need(session, found[number % len(found)].id)
    elif found:
        update_need(session, found[number % len(found)].id, changes[step])


def test_places_that_go_are_counted_no_more(session: Session) -> None:
    first, second = add_asset(session), add_asset(session, name="Other")
    fold_changes(session)
    update_asset(session, first.id, {"status": AssetStatus.INACTIVE.value})
    delete_asset(session, second.id)
    fold_changes(session)
    assert session.scalar(text("SELECT count(*) FROM tile_cell WHERE collection = 'assets'")) == 0


def test_a_version_is_another_after_each_change_and_stays_otherwise(session: Session) -> None:
    made = add_need(session)
    first = fold_changes(session)
    assert fold_changes(session) == first
    update_need(session, made.id, {"household_size": 3})
    second = fold_changes(session)
    assert second["needs"] > first["needs"]
    assert second.get("assets") == first.get("assets")


def test_a_hexagon_across_the_date_line_is_whole(session: Session) -> None:
    at = Point(179.9999, -17.0)
    add_need(session, at)
    fold_changes(session)
    widest = session.scalar(text(WIDEST))
    assert widest < 40_000


def test_a_tile_is_never_too_large_and_says_what_is_missing(session: Session) -> None:
    add_asset(session)
    with operator(session):
        session.execute(text(MANY_NAMED))
    fold_changes(session)
    at = tile_at(HELSINKI, POINTS_FROM_ZOOM)
    tile = assets_tile(session, at, STAFF)
    assert len(tile.content) <= MOST_BYTES
    layers = by_gdal(tile.content, at)
    assert len(layers["places"]) + tile.dropped == 6001
    assert layers["dropped"] == [{"count": tile.dropped}]
    assert len(layers["places"]) > 500


def test_given_hexagons_keep_to_the_same_bounds(session: Session) -> None:
    cells = sorted(map(str, h3.grid_disk(cell_of(HELSINKI), 45)))
    at = tile_at(HELSINKI, 8)
    words = [{"cell": cell, "kind": "food", "count": 1, "band": None} for cell in cells]
    tile = given_tile(session, at, give_cells("needs", words))
    west, south, east, north = at.bounds
    inside = [cell for cell in cells if west < cell_centre(cell).lon < east and south < cell_centre(cell).lat < north]
    assert tile.shown == MOST_FEATURES
    given_cells = {one["cell"] for one in by_gdal(tile.content, at)["needs"]}
    assert given_cells == {one["properties"]["cell"] for one in by_tippecanoe(tile.content, at)["needs"]}
    assert len(given_cells) == MOST_FEATURES
    # those given first are kept
    assert max(given_cells) < min(set(inside) - given_cells)
    # those on the edge are in both tiles
    assert len(inside) <= MOST_FEATURES + tile.dropped <= len(inside) + 200
    assert given_tile(session, TileAddress(8, 0, 0), give_cells("needs", words[:1])).content == b""


def plan_of(session: Session, query: Any) -> str:
    compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    return "\n".join(session.scalars(text(f"EXPLAIN {compiled}")))


def test_tiles_are_read_by_their_indexes(session: Session) -> None:
    add_asset(session)
    add_need(session)
    fold_changes(session)
    with operator(session):
        session.execute(text(MANY_APART))
        session.execute(text(MANY_CELLS))
        session.execute(text("ANALYZE asset"))
        session.execute(text("ANALYZE tile_cell"))
    at = tile_at(HELSINKI, 14)
    assert "ix_asset_geom" in plan_of(session, points_query(at, POINT_WORDS, 100))
    assert "ix_tile_cell_geom" in plan_of(session, counted_query(at, "needs", ("cell", "count"), 100))
