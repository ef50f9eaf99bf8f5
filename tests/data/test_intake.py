"""Needs, helpers and assets from files, against a street of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from shapely.geometry import MultiLineString

from geo.domain.place import Point
from geo.domain.words import Access, Category, ConsentWay, LocationState, StepFree, Urgency
from geo.errors import SourceUnreadable
from geo.store.assets import list_assets
from geo.store.contacts import find_contact
from geo.store.gazetteer_import import StreetRow, replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.helpers import list_helpers
from geo.store.needs import count_balance, list_needs
from geo.store.network import set_service_area
from geo.store.review import list_review

from data.loaders.addresses import load_addresses
from data.loaders.areas import load_areas
from data.loaders.assets import load_assets
from data.loaders.helpers import load_helpers
from data.loaders.needs import load_needs

if TYPE_CHECKING:
    from geo.store.engine import SessionFactory

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture
def town(sessions: SessionFactory) -> SessionFactory:
    doors = [AddressRow("Harjukatu", str(n), Point(24.94 + n / 5000, 60.17), "00100", "Helsinki") for n in range(1, 30)]
    street = StreetRow("Harjukatu", MultiLineString([[(24.94, 60.17), (24.946, 60.17)]]), 333.0, "Helsinki")
    with sessions() as session:
        replace_source(session, SourceInfo("t", "t", "CC0", "t", "t"), addresses=doors, streets=[street])
        set_service_area(session, (24.9, 60.1, 25.0, 60.2))
        session.commit()
    return sessions


def write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_no_need_is_lost_whatever_its_address(town: SessionFactory, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "category,urgency,household_size,languages,access,address,lon,lat,withheld",
        "food,high,4,so;fi,no_car|wheelchair,Harjukatu 5,,,",
        "medicine,,,,,Nowhere Lane 7,,,",
        "company,,,,,,,,",
        "water,,,,,,24.95,60.17,",
        "food,,,,,Harjukatu 6,,,yes",
    )
    report = load_needs(town, path)
    assert report.as_dict()["taken"] == 5
    assert not report.problems
    with town() as session:
        needs = list_needs(session)
        balance = count_balance(session).as_dict()
        waiting = list_review(session)
    assert balance == {
        "received": 5, "located": 2, "approximate": 0, "needs_review": 1, "no_location": 1, "withheld": 1, "closed": 0,
    }  # fmt: skip
    first = next(need for need in needs if need.urgency is Urgency.HIGH)
    assert (first.household_size, first.languages, first.access) == (
        4,
        ("so", "fi"),
        (Access.NO_CAR, Access.WHEELCHAIR),
    )
    assert first.location_state is LocationState.LOCATED
    assert [item.address_typed for item in waiting] == ["Nowhere Lane 7"]


def test_the_same_file_twice_adds_nothing_and_changed_bytes_do(town: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, "category,address", "food,Harjukatu 5", "food,Harjukatu 5")
    assert load_needs(town, path).as_dict()["taken"] == 2
    again = load_needs(town, path)
    assert again.skipped == {"already_loaded": 2}
    assert not again.problems
    write(tmp_path, "category,address", "food,Harjukatu 5", "food,Harjukatu 5", "food,Harjukatu 7")
    assert load_needs(town, path).as_dict()["taken"] == 3


def test_an_id_of_the_file_s_own_is_kept(town: SessionFactory, tmp_path: Path) -> None:
    own = "0190b0b0-0000-7000-8000-000000000001"
    path = write(tmp_path, "id,category,received_at", f"{own},food,2026-01-02T03:04:05+02:00")
    load_needs(town, path)
    with town() as session:
        (need,) = list_needs(session)
    assert need.id == UUID(own)
    assert need.received_at.isoformat() == "2026-01-02T01:04:05+00:00"


def test_contact_data_is_kept_only_with_consent(town: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, "category,consent,name,note", "food,yes,Aino S.,Lower bell", "food,no,Oleg P.,Secret")
    load_needs(town, path)
    with town() as session:
        found = [find_contact(session, "need_id", need.id) for need in list_needs(session)]
    (kept,) = [contact for contact in found if contact]
    assert (kept.name, kept.note, kept.consent_how) == ("Aino S.", "Lower bell", ConsentWay.WRITTEN)
    assert kept.consent_at is not None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("gold,,,,,,,", "unknown_category"),
        (",,,,,,,", None),
        (",x,,,,,,", "no_category"),
        ("food,soon,,,,,,", "unknown_urgency"),
        ("food,,0,,,,,", "bad_household_size"),
        ("food,,٣,,,,,", "bad_household_size"),
        ("food,,,finnish,,,,", "bad_languages"),
        ("food,,,,stairs,,,", "unknown_access"),
        ("food,,,,,NaN,60.1,", "bad_coordinates"),
        ("food,,,,,60.17,24.95,", "outside_service_area"),
        ("food,,,,,,,maybe", "bad_withheld"),
    ],
)
def test_a_bad_need_is_told_and_the_next_one_is_stored(
    town: SessionFactory, tmp_path: Path, row: str, reason: str | None
) -> None:
    header = "category,urgency,household_size,languages,access,lon,lat,withheld"
    report = load_needs(town, write(tmp_path, header, row, "food,,,,,,,"))
    assert report.layers["needs"].taken == 1
    assert [problem.reason for problem in report.problems] == ([reason] if reason else [])


def test_helpers_are_stored_with_or_without_a_home(town: SessionFactory, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "public_name,categories,languages,vehicle,capacity_per_week,max_travel_min,address",
        "Aino S.,food company,fi,bicycle,4,15,Harjukatu 9",
        "Oleg P.,transport,,car,,,Nowhere Lane 3",
        ",food,,,,,",
        "Venla K.,,,,,,",
        "Eino T.,food,,tram,,,",
    )
    report = load_helpers(town, path)
    assert report.layers["helpers"].taken == 2
    assert report.layers["helpers without a place"].made == 1
    assert [p.reason for p in report.problems] == ["no_public_name", "no_categories", "unknown_vehicle"]
    with town() as session:
        helpers = {helper.public_name: helper for helper in list_helpers(session)}
    assert helpers["Aino S."].cell is not None
    assert helpers["Oleg P."].cell is None
    assert load_helpers(town, path).skipped["already_loaded"] == 2


def test_assets_are_brought_up_to_date_by_their_ref(town: SessionFactory, tmp_path: Path) -> None:
    header = "name,kind,categories,address,lon,lat,capacity_per_week,step_free,ref"
    rows = ["Soup Table,food_bank,food water,Harjukatu 3,,,25,yes,s1", "Shelf,tools,household,,24.95,60.17,,,"]
    load_assets(town, write(tmp_path, header, *rows))
    rows[0] = rows[0].replace("25", "30")
    report = load_assets(town, write(tmp_path, header, *rows, "Ghost,tools,food,Nowhere Lane 1,,,,,", rows[1]))
    assert [(p.line, p.reason) for p in report.problems] == [(4, "address_not_found"), (5, "same_ref_twice")] or [
        (p.line, p.reason) for p in report.problems
    ] == [(5, "same_ref_twice"), (4, "address_not_found")]
    with town() as session:
        assets = {asset.name: asset for asset in list_assets(session)}
    assert assets.keys() == {"Soup Table", "Shelf"}
    assert assets["Soup Table"].capacity_per_week == 30
    assert assets["Soup Table"].categories == (Category.FOOD, Category.WATER)
    assert assets["Soup Table"].step_free is StepFree.YES
    assert assets["Shelf"].capacity_per_week is None


def test_assets_come_from_geojson_too(town: SessionFactory, tmp_path: Path) -> None:
    def made(coordinates: object, **properties: object) -> dict[str, object]:
        shape = {"type": "Point", "coordinates": coordinates}
        return {"type": "Feature", "properties": {"name": "Tap", "kind": "water"} | properties, "geometry": shape}

    features = [
        made([24.95, 60.17], categories=["water", "hygiene"], capacity_per_week=12),
        made([True, 60.17], categories=["water"], name="Other"),
        made(["24.95", 60.17], categories=["water"], name="Third"),
        made([24.95], categories=["water"], name="Fourth"),
        made([24.95, 60.17], categories={}, name="Fifth"),
        "feature",
    ]
    path = tmp_path / "assets.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    report = load_assets(town, path)
    assert report.layers["assets"].taken == 1
    reasons = ["not_a_point", "not_a_point", "not_a_point", "no_categories", "not_a_feature"]
    assert [problem.reason for problem in report.problems] == reasons


@pytest.mark.parametrize("load", [load_needs, load_helpers, load_assets])
def test_a_file_without_its_columns_is_refused(town: SessionFactory, tmp_path: Path, load: object) -> None:
    assert callable(load)
    with pytest.raises(SourceUnreadable, match="has no column named"):
        load(town, write(tmp_path, "colour,size", "red,7"))


def test_the_samples_can_be_loaded(town: SessionFactory) -> None:
    columns = {"number": "nr", "street": "road", "city": "town", "postcode": "zip", "lon": "x", "lat": "y"}
    assert load_addresses(town, SAMPLES / "addresses.csv", columns=columns).as_dict()["taken"] == 3
    assert load_areas(town, SAMPLES / "areas.geojson").as_dict()["taken"] == 2
    assert load_needs(town, SAMPLES / "needs.csv").as_dict()["taken"] == 5
    assert load_helpers(town, SAMPLES / "helpers.csv").layers["helpers"].taken == 3
    assert load_assets(town, SAMPLES / "assets.csv").layers["assets"].read == 2


def test_hours_come_from_files_and_bad_ones_are_named(town: SessionFactory, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "name,kind,categories,lon,lat,opening_hours,schedule,interpreter",
        "Pantry,food_bank,food,24.94,60.17,Mo-Fr 10:00-17:00,,yes",
        'Kitchen,food_bank,food,24.95,60.17,,"DTSTART:20260104T170000|DURATION:PT3H|RRULE:FREQ=WEEKLY",',
        "Closed,food_bank,food,24.95,60.17,ask at the door,,",
        "Never,food_bank,food,24.95,60.17,,every Sunday,",
    )
    report = load_assets(town, path).as_dict()
    assert (report["taken"], report["skipped"]) == (2, {"bad_opening_hours": 1, "bad_schedule": 1})
    with town() as session:
        found = {asset.name: asset for asset in list_assets(session)}
    assert (found["Pantry"].opening_hours, found["Pantry"].interpreter) == ("Mo-Fr 10:00-17:00", True)
    assert found["Kitchen"].schedule == "DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY"
    path = write(
        tmp_path,
        "public_name,categories,availability,interpreter",
        "Aino,food,DTSTART:20260104T170000|DURATION:PT3H,1",
        "Oskari,food,evenings,",
    )
    report = load_helpers(town, path).as_dict()
    assert report["skipped"] == {"bad_availability": 1}
    with town() as session:
        (helper,) = list_helpers(session)
    assert (helper.availability, helper.interpreter) == ("DTSTART:20260104T170000\nDURATION:PT3H", True)
