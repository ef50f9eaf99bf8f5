from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import MultiLineString
from sqlalchemy import func, select, text

from geo.domain.place import Point
from geo.errors import InvalidInput, NotFound
from geo.store.columns import metadata
from geo.store.engine import make_sessions
from geo.store.gazetteer_import import PlaceRow, PostcodeRow, StreetRow, replace_source
from geo.store.gazetteer_sources import (
    AddressRow,
    SourceInfo,
    count_by_source,
    count_rows,
    find_bounds,
    find_source,
    keep_report,
    list_addresses,
    list_sources,
    remove_source,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

INFO = SourceInfo("town", "Town register", "CC0", "Town", "abc")
DOORS = [
    AddressRow("Mäkikatu", "1", Point(24.94, 60.17), "00100", "Helsinki"),
    AddressRow("Mäkikatu", "2 A", Point(24.941, 60.171)),
    AddressRow("Tab\\street\twith 'marks'", "3", Point(24.942, 60.172)),
]
STREET = StreetRow("Mäkikatu", MultiLineString([[(24.94, 60.17), (24.95, 60.18)]]), 1240.5, "Helsinki")
PLACE = PlaceRow("Keskusta", "neighbourhood", Point(24.943, 60.17))
POSTCODE = PostcodeRow("00100", Point(24.94, 60.17), 300.0)


@pytest.fixture
def sessions(connection: Connection) -> SessionFactory:
    """The operator's: loading copies rows past the policies."""
    return make_sessions(connection, role=None)


def load(session: Session, info: SourceInfo = INFO, **rows: Any) -> UUID:
    everything = {"addresses": DOORS, "streets": [STREET], "places": [PLACE], "postcodes": [POSTCODE]}
    return replace_source(session, info, **(everything | rows))


def test_what_goes_in_comes_out_in_order(session: Session) -> None:
    load(session)
    assert list_addresses(session) == DOORS
    counts = count_rows(session)
    assert counts == {"address_rows": 3, "address_points": 3, "streets": 2, "crossings": 0, "places": 1, "postcodes": 1}


def test_keys_are_made_for_looking_up(session: Session) -> None:
    load(session)
    keys = session.execute(text("SELECT number_int, number_key, number FROM geo_address ORDER BY seq")).all()
    assert [tuple(row) for row in keys] == [(1, "1", None), (2, "2a", "2 A"), (3, "3", None)]
    names = session.execute(text("SELECT key, base FROM geo_street_name ORDER BY street_id")).all()
    assert names[0] == ("makikatu", "makikatu")
    assert session.scalar(text("SELECT key FROM geo_place_name")) == "keskusta"


def test_a_source_takes_everything_of_its_own_along(session: Session) -> None:
    load(session)
    load(session, SourceInfo("other", "Other", "CC0", "Other", "x"))
    session.execute(text("DELETE FROM geo_source"))
    tables = [table for name, table in metadata.tables.items() if name.startswith("geo_")]
    assert len(tables) == 12
    for table in tables:
        assert session.scalar(select(func.count()).select_from(table)) == 0, table.name


def test_loading_again_replaces_and_leaves_other_sources_alone(session: Session) -> None:
    load(session)
    other = SourceInfo("other", "Other", "CC0", "Other", "x")
    load(session, other, streets=[], places=[], postcodes=[])
    load(session, addresses=DOORS[:1])
    assert count_rows(session)["address_rows"] == 4
    assert [source.slug for source in list_sources(session)] == ["other", "town"]


def test_a_refused_row_leaves_the_old_rows_and_names_the_rule(sessions: SessionFactory) -> None:
    with sessions() as session:
        load(session)
        session.commit()
    bad = AddressRow("Nowhere", "1", Point(0.0, 0.0))
    with sessions() as session, pytest.raises(InvalidInput, match="null_island"):
        load(session, addresses=[*DOORS, bad])
    with sessions() as session:
        assert list_addresses(session) == DOORS


def test_an_error_while_reading_leaves_the_old_rows(sessions: SessionFactory) -> None:
    def broken() -> Iterator[AddressRow]:
        yield DOORS[0]
        raise InvalidInput("line 2")

    with sessions() as session:
        load(session)
        session.commit()
    with sessions() as session, pytest.raises(InvalidInput, match="line 2"):
        load(session, addresses=broken())
    with sessions() as session:
        assert list_addresses(session) == DOORS


def test_bounds_hold_addresses_and_streets(session: Session) -> None:
    assert find_bounds(session) is None
    load(session)
    assert find_bounds(session) == pytest.approx((24.94, 60.17, 24.95, 60.18))


def test_a_report_can_be_kept_afterwards(session: Session) -> None:
    source_id = load(session)
    keep_report(session, source_id, {"read": 3})
    found = find_source(session, "town")
    assert found is not None
    assert (found.id, found.report, found.checksum) == (source_id, {"read": 3}, "abc")
    assert found.imported_at is not None
    assert find_source(session, "elsewhere") is None


def test_a_network_sees_its_own_alone(session: Session) -> None:
    load(session)
    session.execute(text("SELECT set_config('barnraiser.network', '00000000-0000-7000-8000-0000000000ff', true)"))
    assert list_sources(session) == []
    assert list_addresses(session) == []
    assert find_bounds(session) is None


def test_a_postcode_knows_the_towns_it_was_given_and_those_of_its_addresses(session: Session) -> None:
    given = PostcodeRow("00100", Point(24.94, 60.17), 300.0, ("Helsingfors", "Kamppi", "helsinki", '\\{,}"'))
    load(session, postcodes=[given])
    towns = session.scalar(text("SELECT localities FROM geo_postcode"))
    assert towns == ["helsingfors", "kamppi", "helsinki"]


def test_rows_are_counted_by_source_and_go_with_it(session: Session) -> None:
    load(session)
    load(session, SourceInfo("other", "Other", "CC0", "Other", "x"), streets=[], places=[], postcodes=[])
    own = {"addresses": 3, "streets": 1, "names": 2, "ranges": 0, "crossings": 0, "places": 1, "postcodes": 1}
    other = own | {"streets": 0, "places": 0}
    assert count_by_source(session) == {"town": own, "other": other}
    remove_source(session, "other")
    assert count_by_source(session) == {"town": own}
    with pytest.raises(NotFound, match="no source of this name"):
        remove_source(session, "other")


def test_a_name_whose_key_is_too_long_is_kept_without_it(session: Session) -> None:
    load(session, places=[PlaceRow("ß" * 200, "park", Point(24.9, 60.1), ("Park",))])
    assert session.scalars(text("SELECT key FROM geo_place_name")).all() == ["park"]
