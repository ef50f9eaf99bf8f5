"""HSDS packages of others become assets: once, up to date, and never over what an organizer has said."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiLineString
from sqlalchemy import text

from geo.analysis.twins import Known, look_alike
from geo.domain.directory import Wishes
from geo.domain.drafts import OrganizationDraft
from geo.domain.ids import new_id
from geo.domain.listing import merge
from geo.domain.place import Point
from geo.domain.words import AssetStatus, Audience, Category, StepFree
from geo.errors import InvalidInput, SourceUnreadable
from geo.interchange.hsds_package import read_package, write_package
from geo.store.assets import get_asset, list_assets, update_asset
from geo.store.engine import transaction
from geo.store.gazetteer_import import StreetRow, replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.hsds import all_services
from geo.store.listings import find_listing, find_twin, keep_listing
from geo.store.network import set_service_area
from geo.store.organizations import create_organization, list_organizations

from data.loaders.hsds import load_hsds
from tests.factories import add_asset
from tests.geo.interchange.test_hsds import HOURS, SCHEDULES, words

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

WISHES = Wishes("town")
HERE = {"latitude": 60.17, "longitude": 24.945}
FOOD = {"taxonomy_term": {"id": "t", "name": "Food Pantries", "description": "Food"}}


def service(ref: str, name: str, **more: Any) -> dict[str, Any]:
    location = {"id": f"{ref}-place", "location_type": "physical"} | more.pop("location", HERE)
    at = {"id": f"{ref}-at", "location": location}
    base = {"id": ref, "name": name, "status": "active", "attributes": [FOOD], "service_at_locations": [at]}
    return base | more


@pytest.fixture
def send(sessions: SessionFactory, tmp_path: Path) -> Any:
    """Import services, written as JSON; give the report."""

    def sent(*services: dict[str, Any], wishes: Wishes = WISHES) -> dict[str, Any]:
        path = tmp_path / "services.json"
        path.write_text(json.dumps(services), "utf-8")
        return load_hsds(sessions, path, wishes).as_dict()

    return sent


def names(session: Session) -> list[str]:
    return sorted(asset.name for asset in list_assets(session, limit=1000))


def test_a_package_is_taken_in_once(send: Any, session: Session) -> None:
    org = {"id": "o1", "name": "St Mary", "description": "A parish", "website": "https://mary.example"}
    one = service(str(new_id()), "Mary's pantry", organization=org, phones=[{"id": "p", "number": "09 123 4567"}])
    two = service("b", "Warm meals", organization=org, assured_date="2026-01-05")
    report = send(one, two)
    assert (report["read"], report["new"], report["missing"]) == (2, 2, 0)
    again = send(one, two)
    assert (again["unchanged"], again["new"], again["updated"]) == (2, 0, 0)
    assert names(session) == ["Mary's pantry", "Warm meals"]
    (mary,) = list_organizations(session)
    assert (mary.name, mary.url) == ("St Mary", "https://mary.example")
    assert get_asset(session, UUID(one["id"])).organization_id == mary.id
    listed = find_listing(session, "hsds:town", f"{one['id']}@{one['id']}-place")
    assert listed is not None
    assert listed.phone == "09 123 4567"


def test_a_dry_run_says_the_same_and_stores_nothing(send: Any, session: Session) -> None:
    add_asset(session, Point(24.945, 60.17), name="Warm meals")
    session.commit()
    services = [service("a", "Pantry"), service("b", "Warm meals"), {"id": "c"}]
    dry = send(*services, wishes=replace(WISHES, dry_run=True))
    assert names(session) == ["Warm meals"]
    assert list_organizations(session) == []
    wet = send(*services)
    assert dry | {"dry_run": False, "rows": []} == wet | {"rows": []}
    assert (wet["new"], wet["twin"], wet["skipped"]) == (1, 1, {"no_name": 1})


def test_what_looks_like_ours_is_proposed_and_left_out(send: Any, session: Session) -> None:
    ours = add_asset(session, Point(24.9452, 60.1701), name="Kallio Food Bank")
    session.commit()
    row = service("a", "Kallio food-bank")
    report = send(row)
    (twin,) = report["rows"]
    assert (twin["done"], twin["asset_id"]) == ("twin", str(ours.id))
    assert {"same_name", "near", "same_category"} <= set(twin["reasons"])
    assert names(session) == ["Kallio Food Bank"]
    joined = send(row, wishes=replace(WISHES, same={"a@a-place": ours.id}))
    assert joined["joined"] == 1
    assert get_asset(session, ours.id).point == Point(24.9452, 60.1701)
    assert send(row)["kept"] == 0
    assert names(session) == ["Kallio Food Bank"]


def test_twins_are_added_when_somebody_says_so(send: Any, session: Session) -> None:
    add_asset(session, Point(24.945, 60.17), name="Pantry")
    session.commit()
    assert send(service("a", "Pantry"), wishes=replace(WISHES, add_twins=True))["new"] == 1
    assert names(session) == ["Pantry", "Pantry"]


def test_what_an_organizer_changed_stays(send: Any, session: Session) -> None:
    row = service("a", "Pantry", description="Bread")
    send(row)
    (found,) = list_assets(session)
    update_asset(session, found.id, {"description": "Bread and milk", "status": "temporarily_closed"})
    session.commit()
    unchanged = send(row)
    assert (unchanged["unchanged"], unchanged["kept"]) == (1, 0)
    newer = row | {"name": "Pantry of Mary", "description": "Bread, daily"}
    report = send(newer)
    (told,) = report["rows"]
    assert (told["done"], told["reasons"]) == ("kept", ["description"])
    now = get_asset(session, found.id)
    assert (now.name, now.description, now.status) == (
        "Pantry of Mary", "Bread and milk", AssetStatus.TEMPORARILY_CLOSED,
    )  # fmt: skip
    assert send(newer)["unchanged"] == 1


def test_only_what_came_from_the_source_is_touched(send: Any, session: Session) -> None:
    ours = add_asset(session, Point(24.96, 60.18), name="Our own")
    session.commit()
    send(service("a", "Pantry"), service("b", "Meals"))
    report = send(service("a", "Pantry"), wishes=replace(WISHES, retire=True))
    assert (report["unchanged"], report["retired"]) == (1, 1)
    states = {asset.name: asset.status for asset in list_assets(session)}
    assert states == {
        "Our own": AssetStatus.ACTIVE, "Pantry": AssetStatus.ACTIVE, "Meals": AssetStatus.DEFUNCT,
    }  # fmt: skip
    assert get_asset(session, ours.id).version == ours.version
    back = send(service("a", "Pantry"), service("b", "Meals"))
    assert back["updated"] == 1
    assert {asset.status for asset in list_assets(session)} == {AssetStatus.ACTIVE}


def test_what_is_missing_is_told_and_stays(send: Any, session: Session) -> None:
    send(service("a", "Pantry"))
    report = send()
    assert (report["missing"], report["retired"]) == (1, 0)
    assert list_assets(session)[0].status is AssetStatus.ACTIVE


def test_our_own_package_brings_nothing_new(sessions: SessionFactory, session: Session, tmp_path: Path) -> None:
    add_asset(session, name="Pantry")
    add_asset(session, None, name="Hotline")
    session.commit()
    path = tmp_path / "own.zip"
    with path.open("wb") as target:
        write_package(target, all_services(session, Audience.ORGANIZER), title="Own")
    report = load_hsds(sessions, path, WISHES).as_dict()
    assert (report["ours"], report["new"]) == (2, 0)


def test_an_address_is_looked_up_where_there_is_no_point(send: Any, session: Session, sessions: SessionFactory) -> None:
    doors = [AddressRow("Harjukatu", str(n), Point(24.94 + n / 5000, 60.17), "00100", "Helsinki") for n in range(1, 9)]
    street = StreetRow("Harjukatu", MultiLineString([[(24.94, 60.17), (24.946, 60.17)]]), 333.0, "Helsinki")
    with transaction(sessions) as opened:
        replace_source(opened, SourceInfo("t", "t", "CC0", "t", "t"), addresses=doors, streets=[street])
        set_service_area(opened, (24.9, 60.1, 25.0, 60.2))
    written = {"id": "x", "address_type": "physical", "address_1": "Harjukatu 5", "city": "Helsinki"}
    report = send(
        service("a", "Pantry", location={"addresses": [written]}),
        service("b", "Meals", location={"addresses": [written | {"address_1": "Nowhere 1"}]}),
        service("c", "Far away food", location={"latitude": 10, "longitude": 10}),
    )
    assert (report["new"], report["skipped"]) == (2, {"bad_location": 1})
    found = {asset.name: asset.point and round(asset.point.lon, 6) for asset in list_assets(session)}
    assert found == {"Pantry": 24.941, "Meals": None}


def test_a_source_has_a_name(send: Any) -> None:
    with pytest.raises(InvalidInput):
        send(wishes=Wishes("Our Town"))


def test_nothing_is_stored_of_a_file_that_breaks_off(
    sessions: SessionFactory, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(service("a", "Pantry")) + "\nnothing\n", "utf-8")
    with pytest.raises(SourceUnreadable):
        load_hsds(sessions, path, WISHES)
    assert names(session) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_package_taken_in_by_an_empty_network_is_given_out_the_same(
    sessions: SessionFactory, tmp_path: Path, data: st.DataObject
) -> None:
    with transaction(sessions) as session:
        _empty(session)
        org = create_organization(session, OrganizationDraft(data.draw(words), data.draw(st.none() | words)))
        for number in range(data.draw(st.integers(1, 4))):
            _draw_asset(session, data, number, org.id)
    first, package = _given_out(sessions, tmp_path)
    with transaction(sessions) as session:
        _empty(session)
    report = load_hsds(sessions, package, replace(WISHES, add_twins=True)).as_dict()
    assert (report["new"], report["skipped"]) == (len(first), {})
    assert _given_out(sessions, tmp_path)[0] == first
    assert load_hsds(sessions, package, WISHES).as_dict()["unchanged"] == len(first)


def _empty(session: Session) -> None:
    session.execute(text("DELETE FROM asset"))
    session.execute(text("DELETE FROM organization"))


def _draw_asset(session: Session, data: st.DataObject, number: int, org: UUID) -> None:
    draw, spread = data.draw, 0.004 * number
    add_asset(
        session,
        draw(st.sampled_from([None, Point(24.94 + spread, 60.17)])),
        organization_id=draw(st.sampled_from([None, org])),
        name=draw(words),
        description=draw(st.none() | words),
        categories=tuple(draw(st.lists(st.sampled_from(Category), min_size=1, max_size=3, unique=True))),
        status=draw(st.sampled_from(AssetStatus)),
        address=draw(st.sampled_from([None, "Kalevankatu 3, 00100 Helsinki"])),
        opening_hours=draw(st.sampled_from(HOURS)),
        schedule=draw(st.sampled_from(SCHEDULES)),
        languages=tuple(draw(st.lists(st.sampled_from(["fi", "sv"]), unique=True))),
        step_free=draw(st.sampled_from(StepFree)),
        interpreter=draw(st.booleans()),
        assured_on=draw(st.none() | st.dates()),
    )


def _given_out(sessions: SessionFactory, tmp_path: Path) -> tuple[list[dict[str, Any]], Path]:
    path = tmp_path / "package.zip"
    with transaction(sessions) as session, path.open("wb") as target:
        write_package(target, all_services(session, Audience.PARTNER), title="Round")
    services = list(read_package(io.BytesIO(path.read_bytes()))[0])
    return [{name: value for name, value in one.items() if name != "last_modified"} for one in services], path


def test_the_nearby_and_the_namesakes_are_found_by_their_index(session: Session) -> None:
    for number in range(40):
        asset = add_asset(session, Point(24.94 + number / 2000, 60.17), name=f"Pantry {number}")
        keep_listing(session, asset.id, "hsds:other", str(number), {}, (f"09 555 {number:04}", None))
    known = Known("Pantry 7", ("food",), phone="09 555 0007")
    twin = find_twin(session, known, source="hsds:town", point=Point(24.94 + 7 / 2000, 60.17))
    assert twin is not None
    assert {"same_name", "same_phone", "near"} <= set(twin.reasons)
    many = (
        "INSERT INTO asset (id, kind, categories, name, geom) SELECT gen_random_uuid(), 'x', ARRAY['food'], 'x', "
        "ST_SetSRID(ST_MakePoint(20 + n * 0.01, 60), 4326) FROM generate_series(1, 2000) n"
    )
    session.execute(text(many))
    session.execute(text("ANALYZE asset"))
    session.execute(text("SET LOCAL enable_seqscan = off"))
    near = (
        "EXPLAIN SELECT id FROM asset WHERE network_id = current_network() AND ST_DWithin(geography(geom), "
        "geography(ST_SetSRID(ST_MakePoint(24.94, 60.17), 4326)), 500)"
    )
    assert "ix_asset_geog" in "\n".join(session.scalars(text(near)))
    number = "EXPLAIN SELECT asset_id FROM listing WHERE network_id = current_network() AND phone = '09'"
    assert "ix_listing_phone" in "\n".join(session.scalars(text(number)))


OURS = {"id": UUID(int=1), "name": "Kallio Food Bank", "categories": ["food"], "phone": None, "website": None,
        "organization": None, "url": None, "distance_m": 20.0}  # fmt: skip


@pytest.mark.parametrize(
    ("known", "ours", "is_twin"),
    [
        (Known("kallio food bank", ("food",)), {}, True),
        (Known("Kallión Food-Bank!", ("food",)), {}, True),
        (Known("Kallio Library", ("paperwork",)), {}, False),
        (Known("Kallio Food Bank", ("food",)), {"distance_m": 5000.0}, False),
        (Known("Something else", ("food",), phone="+358 9 123 4567"), {"phone": "09 123 4567"}, True),
        (Known("Kallio Food Bank", ("food",), phone="09 1234567"), {"phone": "(09) 123-4567", "distance_m": 9e3}, True),
        (
            Known("Kallio Food Bank", ("food",), website="https://www.k.fi/"),
            {"url": "https://k.fi", "distance_m": None},
            True,
        ),
        (Known("Kallio Food Bank", ("food",)), {"distance_m": None}, False),
    ],
)
def test_likeness_is_weighed(known: Known, ours: dict[str, Any], *, is_twin: bool) -> None:
    assert (look_alike(known, OURS | ours) is not None) == is_twin


values = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), min_size=3, max_size=3)


@given(values, values, values)
def test_a_merge_takes_only_what_was_left_alone(
    before: dict[str, int], theirs: dict[str, int], ours: dict[str, int]
) -> None:
    merged = merge(before, theirs, ours)
    for name in "abc":
        if name in merged.taken:
            assert ours[name] == before[name] != theirs[name]
        if ours[name] != before[name]:
            assert name not in merged.taken
        assert (name in merged.kept) == (
            ours[name] not in (before[name], theirs[name]) and before[name] != theirs[name]
        )
