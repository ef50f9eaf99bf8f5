from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import h3
import pytest
from shapely.geometry import box

from geo.domain.words import Category, Urgency
from geo.errors import InvalidInput
from geo.privacy.cells import cell_of, parent_cell
from geo.privacy.partners import (
    CoarseNeed,
    UrgencyBand,
    coarse_cell,
    coarse_feed,
    in_area,
    opaque_id,
    released_in,
    snap_area,
    urgency_band,
    week_of,
)
from geo.privacy.release import ShownCell
from geo.privacy.rules import PublicKind

from tests.grid import HELSINKI

KEY = bytes(range(32))
ONE, TWO = UUID(int=1), UUID(int=2)
BIG = cell_of(HELSINKI, 8)
SMALL = sorted(map(str, h3.cell_to_children(BIG, 9)))
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def need(number: int, cell: str = SMALL[0], category: Category = Category.FOOD) -> CoarseNeed:
    return CoarseNeed(UUID(int=100 + number), cell, category, Urgency.HIGH, NOON)


def test_an_area_is_the_cells_whose_middle_is_inside() -> None:
    shape = box(24.90, 60.15, 25.00, 60.20)
    cells = snap_area(shape)
    around = h3.grid_disk(cell_of(HELSINKI), 30)
    inside = {str(c) for c in around for lat, lon in [h3.cell_to_latlng(c)] if shape.contains(box(lon, lat, lon, lat))}
    assert cells == inside
    assert {h3.get_resolution(cell) for cell in cells} == {9}


@pytest.mark.parametrize("side_deg", [0.00001, 1.0, 19.0])
def test_an_area_is_bounded(side_deg: float) -> None:
    with pytest.raises(InvalidInput, match="area"):
        snap_area(box(24.94, 60.17, 24.94 + side_deg, 60.17 + side_deg))


def test_ids_are_stable_and_different_for_each_partner_network_and_key() -> None:
    asked = product((KEY, KEY[::-1]), (ONE, TWO), (ONE, TWO))
    made = {opaque_id(key, partner, need_id) for key, partner, need_id in asked}
    assert len(made) == 8
    assert all(len(each) == 26 and each.isascii() and each.islower() and each.isalnum() for each in made)
    assert opaque_id(KEY, ONE, TWO) == opaque_id(KEY, ONE, TWO) == "u54xjdc45bxlgm2haynixtgoql"
    with pytest.raises(InvalidInput):
        opaque_id(b"short", ONE, TWO)


def test_the_fine_cell_is_given_only_where_all_its_neighbours_may_be() -> None:
    full = dict.fromkeys(SMALL, 50)
    assert [coarse_cell(cell, full) for cell in SMALL] == SMALL
    thin = full | {SMALL[3]: 49}
    # one drawn coarsely among fine ones would have to be in the thin one
    assert {coarse_cell(cell, thin) for cell in SMALL} == {BIG}
    assert {coarse_cell(cell, {SMALL[0]: 49}) for cell in SMALL} == {None}
    assert coarse_cell(SMALL[0], {}) is None


def test_an_area_takes_or_leaves_a_cell_as_it_is_drawn() -> None:
    middle = str(h3.cell_to_center_child(BIG, 9))
    homes = {SMALL[0]: 60}
    needs = [need(n, cell) for n, cell in enumerate(SMALL)]

    def given(area: set[str]) -> int:
        return len(coarse_feed(needs, homes, area=area, categories=set(Category), key=KEY, partner_id=ONE))

    assert in_area(BIG, {middle})
    assert given({middle}) == 7
    assert given(set(SMALL) - {middle}) == 0


def test_the_aggregate_tier_is_the_public_release_of_an_area() -> None:
    lines = [ShownCell(BIG, kind, "5-9") for kind in PublicKind]
    assert released_in(lines, {str(h3.cell_to_center_child(BIG, 9))}) == lines
    assert released_in(lines, set(SMALL) - {str(h3.cell_to_center_child(BIG, 9))}) == []


def test_a_feed_says_only_what_was_agreed() -> None:
    homes = dict.fromkeys(SMALL, 80)
    needs = [need(n, category=category) for n, category in enumerate(Category)]
    feed = coarse_feed(needs, homes, area=set(SMALL), categories=set(Category), key=KEY, partner_id=ONE)
    assert len(feed) == 7
    assert [given["id"] for given in feed] == sorted(given["id"] for given in feed)
    assert {tuple(sorted(given)) for given in feed} == {("cell", "id", "kind", "urgency", "week")}
    assert {given["week"] for given in feed} == {"2026-W47"}
    only = coarse_feed(needs, homes, area=set(SMALL), categories={Category.FOOD}, key=KEY, partner_id=ONE)
    assert [given["kind"] for given in only] == ["food"]
    assert parent_cell(only[0]["cell"], 8) == BIG


def test_weeks_and_urgency_are_coarse() -> None:
    assert week_of(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)) == "2026-W53"
    assert week_of(datetime(2027, 1, 4, tzinfo=UTC)) == "2027-W01"
    assert {urgency_band(u) for u in (Urgency.HIGH, Urgency.CRITICAL)} == {UrgencyBand.SOON}
    assert {urgency_band(u) for u in (Urgency.LOW, Urgency.NORMAL)} == {UrgencyBand.LATER}
