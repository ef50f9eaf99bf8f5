from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import pytest

from geo.domain.place import Point
from geo.domain.records import Asset, Need
from geo.domain.words import AssetStatus, Audience, Category, LocationState, MatchQuality, NeedStatus, StepFree, Urgency
from geo.errors import NotPermitted
from geo.privacy.allow_list import ALLOWED, check_lists
from geo.privacy.cells import cell_of, cell_polygon, parent_cell
from geo.privacy.disclosure import disclose, may_see

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HERE = Point(24.9440, 60.1710)


def need(*, withheld: bool = False) -> Need:
    return Need(
        UUID(int=1), Category.FOOD, Urgency.HIGH, NeedStatus.OPEN, LocationState.LOCATED, MatchQuality.ROOFTOP, 15.0,
        cell_of(HERE), 3, ("fi",), (), withheld, "door", NOW, None, NOW, 1,
    )  # fmt: skip


def asset(*, is_private: bool) -> Asset:
    return Asset(
        UUID(int=2), None, "library", (Category.COMPANY,), "Library", None, AssetStatus.ACTIVE, is_private,
        HERE, cell_of(HERE), "Street 1", 10, None, StepFree.YES, (), "osm", "node/1", None, NOW, 1,
    )  # fmt: skip


def test_the_lists_are_sound() -> None:
    check_lists()


def test_no_record_of_a_person_can_hold_an_exact_place() -> None:
    assert not {"point", "lon", "lat", "geometry", "address"} & {f.name for f in fields(Need)}


def test_an_organizer_gets_a_need_by_its_cell() -> None:
    shown = disclose(need(), Audience.ORGANIZER)
    assert shown["cell"] == cell_of(HERE)
    assert shown["received_at"] == "2026-01-02T03:04:05Z"
    assert "60.17" not in json.dumps(shown)


@pytest.mark.parametrize("audience", [a for a in Audience if a not in (Audience.ORGANIZER, Audience.ADMIN)])
def test_nobody_else_gets_single_needs(audience: Audience) -> None:
    with pytest.raises(NotPermitted):
        disclose(need(), audience)
    assert not may_see(need(), audience)


@pytest.mark.parametrize("audience", Audience)
def test_an_asset_at_a_private_home_never_shows_where(audience: Audience) -> None:
    if not may_see(asset(is_private=True), audience):
        with pytest.raises(NotPermitted):
            disclose(asset(is_private=True), audience)
        return
    assert not {"lon", "lat", "address", "source_ref"} & disclose(asset(is_private=True), audience).keys()


def test_a_public_asset_shows_where() -> None:
    assert disclose(asset(is_private=False), Audience.PUBLIC)["lon"] == 24.944


def test_an_unknown_record_is_refused() -> None:
    with pytest.raises(NotPermitted):
        disclose(object(), Audience.ADMIN)


def test_every_list_gives_json() -> None:
    assert ALLOWED
    json.dumps(disclose(asset(is_private=False), Audience.ADMIN))


def test_cells_nest_and_wind_counter_clockwise() -> None:
    cell = cell_of(HERE)
    assert cell_polygon(cell).exterior.is_ccw
    assert parent_cell(cell, 8) == cell_of(HERE, 8)
