"""Which tiles a file has: none that holds something is missed, and each says what it says when asked for alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.tiles import CoverageInCell, TileAddress
from geo.domain.words import Audience
from geo.errors import NotPermitted
from geo.privacy.cells import cell_of
from geo.store.dwellings import replace_dwellings
from geo.store.public_coverage import list_public_coverage
from geo.store.releases import make_release
from geo.store.tile_counts import fold_changes
from geo.store.tile_sheets import coverage_sheet, draw_tiles, list_sheets, list_tiles, public_coverage_sheet
from geo.store.tiles import assets_tile, needs_tile

from tests.factories import add_asset, add_need
from tests.geo.store.test_public_coverage import BIG, MONDAY, WEEK, populate
from tests.geo.store.test_tiles import MANY_NAMED, STAFF, tile_at
from tests.grid import HELSINKI
from tests.rights import operator
from tests.tiles import by_gdal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PLACES = st.builds(Point, st.floats(24.6, 25.2), st.floats(60.0, 60.4))


def around(z: int) -> list[TileAddress]:
    """All tiles near Helsinki, and one more on every side."""
    far, near = tile_at(Point(24.5, 60.5), z), tile_at(Point(25.3, 59.9), z)
    most = (1 << z) - 1
    rows, columns = range(max(0, far.y - 1), min(most, near.y + 1) + 1), range(max(0, far.x - 1), min(most, near.x + 1))
    return [TileAddress(z, y, x) for y in rows for x in range(columns.start, columns.stop + 1) if x <= most]


@given(st.lists(PLACES, min_size=1, max_size=4), st.lists(PLACES, max_size=3))
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_tile_that_holds_something_is_missed(session: Session, needs: list[Point], places: list[Point]) -> None:
    for point in needs:
        add_need(session, point)
    for point in places:
        add_asset(session, point)
    fold_changes(session)
    sheets = list_sheets(session, STAFF)
    listed = set(list_tiles(sheets, 9))
    for z in (0, 5, 9):
        held = {
            at for at in around(z) if needs_tile(session, at, STAFF).content + assets_tile(session, at, STAFF).content
        }
        assert held <= listed
        # and hardly one that holds nothing
        assert len({at for at in listed if at.z == z} - held) <= 2 * len(held)


def test_a_point_beside_the_edge_is_in_both_tiles(session: Session) -> None:
    at = tile_at(HELSINKI, 14)
    west, south, _, north = at.bounds
    add_asset(session, Point(west + 1e-6, (south + north) / 2))
    fold_changes(session)
    sheets = list_sheets(session, Audience.PUBLIC)
    tiles = [one for one in list_tiles(sheets, 14) if one.z == 14]
    drawn = dict(zip(tiles, draw_tiles(session, sheets, tiles), strict=True))
    assert {one for one, tile in drawn.items() if tile.content} == {at, TileAddress(14, at.y, at.x - 1)}


@pytest.mark.parametrize("z", [0, 8, 14])
def test_a_tile_is_what_it_is_when_asked_for_alone(session: Session, z: int) -> None:
    add_need(session)
    add_asset(session)
    add_asset(session, is_private=True)
    fold_changes(session)
    at = tile_at(HELSINKI, z)
    cells = [CoverageInCell(cell, 3, 1, 2) for cell in map(str, h3.grid_disk(cell_of(HELSINKI), 1))]
    sheets = [*list_sheets(session, STAFF), coverage_sheet(session, cells, STAFF)]
    assert at in list_tiles(sheets, 14)
    (tile,) = draw_tiles(session, sheets, [at])
    layers = by_gdal(tile.content, at)
    alone = by_gdal(needs_tile(session, at, STAFF).content, at) | by_gdal(assets_tile(session, at, STAFF).content, at)
    assert layers.keys() == {*alone, "coverage"}
    assert {name: layers[name] for name in alone} == alone
    assert sum(one["gap"] for one in layers["coverage"]) == 14


def test_what_found_no_room_is_noted_once(session: Session) -> None:
    add_asset(session)
    add_asset(session, is_private=True)
    with operator(session):
        session.execute(text(MANY_NAMED))
    fold_changes(session)
    at = tile_at(HELSINKI, 14)
    (tile,) = draw_tiles(session, list_sheets(session, STAFF), [at])
    layers = by_gdal(tile.content, at)
    assert layers["dropped"] == [{"count": tile.dropped}]
    assert tile.content.count(b"dropped") == 1
    assert tile.dropped > 0


def test_who_may_not_have_places_has_no_tiles(session: Session) -> None:
    with pytest.raises(NotPermitted):
        list_sheets(session, Audience.ASKER)


def test_nothing_is_no_tiles(session: Session) -> None:
    assert list_tiles(list_sheets(session, Audience.PUBLIC), 14) == []


def test_everybody_has_the_hexagons_of_the_release_alone(session: Session) -> None:
    replace_dwellings(session, {str(cell): 100 for cell in h3.cell_to_children(BIG, 9)})
    populate(session, BIG, 12)
    add_asset(session)
    make_release(session, now=MONDAY - WEEK)
    make_release(session, now=MONDAY)
    released = list_public_coverage(session, standard_min=15)
    fold_changes(session)
    sheets = [*list_sheets(session, Audience.PUBLIC), public_coverage_sheet(session, Audience.PUBLIC, standard_min=15)]
    for z in (8, 12):
        at = tile_at(HELSINKI, z)
        assert at in list_tiles(sheets, z)
        (tile,) = draw_tiles(session, sheets, [at])
        layers = by_gdal(tile.content, at)
        assert layers.keys() == {"assets", "coverage"}
        assert sorted((one["cell"], one["kind"], one["band"], one["places"]) for one in layers["coverage"]) == [
            (row.cell, row.kind.value, row.band, row.places) for row in released
        ]
    assert released
