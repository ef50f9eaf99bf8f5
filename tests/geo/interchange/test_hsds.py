"""Assets as HSDS services: valid by the published schemas, and nothing in them but what was disclosed."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.opening import is_readable
from geo.domain.place import Point
from geo.domain.records import Asset, Organization
from geo.domain.words import AssetStatus, Audience, Category, StepFree
from geo.errors import NotPermitted
from geo.interchange.hsds import Served, at_location, full_service, organization, taxonomy, taxonomy_terms
from geo.interchange.hsds_fields import TABLES
from geo.interchange.hsds_hours import hours_of, schedules_of
from geo.interchange.hsds_places import Unusable, places_of
from geo.interchange.hsds_tables import Nest, flatten
from geo.privacy.disclosure import disclose

from tests.geo.interchange.hsds_facts import DEFS, TABULAR, faults

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
_HOME = True
_TEN = {"opens_at": "10:00", "closes_at": "11:00"}
SERVED = Served("Testers", (24.9, 60.1, 25.0, 60.2))
HOURS = (
    None, "24/7", "Mo-Fr 10:00-17:00", "Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-14:00; PH off", "Sa-Mo 08:00-24:00",
    '"by appointment"', "Mar-Oct: Mo-Fr 10:00-17:00", "sunrise-sunset", "Mo-Fr 22:00-02:00", "We 12:00-14:00; We off",
)  # fmt: skip
SCHEDULES = (None, "DTSTART:20260302T100000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;BYDAY=MO")
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
).filter(bool)  # fmt: skip


@st.composite
def assets(draw: st.DrawFn) -> Asset:
    lon, lat = draw(st.floats(-179, 179)), draw(st.floats(-89, 89))
    has_place = draw(st.booleans())
    return Asset(
        id=draw(st.uuids()),
        organization_id=None,
        kind=draw(st.sampled_from(["food_bank", "library", "community_centre"])),
        categories=tuple(draw(st.lists(st.sampled_from(Category), min_size=1, max_size=4, unique=True))),
        name=draw(words),
        description=draw(st.none() | words),
        status=draw(st.sampled_from(AssetStatus)),
        is_private=False,
        point=Point(lon, lat) if has_place else None,
        cell=None,
        address=draw(st.none() | st.sampled_from(["Kalevankatu 3, 00100 Helsinki", "12 Elm St, Salem, OR 97301", "?"])),
        capacity_per_week=draw(st.none() | st.integers(0, 50)),
        opening_hours=draw(st.sampled_from(HOURS)),
        step_free=draw(st.sampled_from(StepFree)) if has_place else StepFree.UNKNOWN,
        languages=tuple(draw(st.lists(st.sampled_from(["fi", "sv", "som"]), unique=True))),
        source="api",
        source_ref=None,
        assured_on=draw(st.none() | st.dates(date(2001, 1, 1), date(2030, 1, 1))),
        updated_at=AT,
        version=1,
        schedule=draw(st.sampled_from(SCHEDULES)),
        interpreter=draw(st.booleans()),
    )


def written(asset: Asset, org: Organization | None = None, listing: dict[str, Any] | None = None) -> dict[str, Any]:
    shown = disclose(asset, Audience.PARTNER)
    return full_service(shown, None if org is None else disclose(org, Audience.PARTNER), listing, SERVED)


@given(assets(), st.sampled_from([None, {"phone": "+358 9 1234 567", "website": "https://pantry.example/"}]))
def test_every_service_is_valid(asset: Asset, listing: dict[str, Any] | None) -> None:
    org = Organization(UUID(int=7), "Harbour Kitchen", None, "not an address", AT, 1)
    assert faults("service", written(asset, listing=listing)) == []
    assert faults("organization", organization(disclose(org, Audience.PUBLIC))) == []
    at = at_location(disclose(asset, Audience.PUBLIC))
    assert at is None or faults("service_at_location", at) == []


def test_the_taxonomy_is_valid_and_has_a_term_for_each_category() -> None:
    assert faults("taxonomy", taxonomy()) == []
    assert [fault for term in taxonomy_terms() for fault in faults("taxonomy_term", term)] == []
    assert {category.value for category in Category} < {term["code"] for term in taxonomy_terms()}


def test_what_is_wrong_is_found() -> None:
    assert faults("service", {"id": "1", "name": "Pantry", "status": "open"})
    assert faults("location", {"id": str(UUID(int=1))})


def test_our_tables_name_only_published_fields_and_demand_what_is_demanded() -> None:
    for name, table in TABLES.items():
        known = set(DEFS[name]["properties"]) | {"count", "bymonthday", "byyearday"}
        assert set(table.columns) <= known, name
        needed = {field.name for field in table.fields if field.is_required}
        assert needed == set(DEFS[name]["required"]) | TABULAR.get(name, set()), name


@given(assets())
def test_a_service_taken_apart_and_nested_again_is_the_same(asset: Asset) -> None:
    service = written(asset)
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, row in flatten(service):
        tables.setdefault(name, []).append(row)
    assert list(Nest(tables).services()) == [service]


@given(assets())
def test_a_place_read_back_is_what_was_written(asset: Asset) -> None:
    (place,) = places_of(written(asset), {}, is_readable)
    kept = ("name", "kind", "categories", "status", "description", "address", "schedule", "step_free", "languages")
    if asset.point is None and asset.address is None:
        assert place.ref == f"{asset.id}@-"
    assert {name: getattr(place, name) for name in kept} == {name: getattr(asset, name) for name in kept}
    assert place.opening_hours == (None if asset.schedule else asset.opening_hours)
    assert (place.interpreter, place.assured_on) == (asset.interpreter, asset.assured_on)
    if asset.point is not None:
        assert place.point == Point(round(asset.point.lon, 5), round(asset.point.lat, 5))


def test_one_at_a_private_home_has_neither_address_nor_point() -> None:
    home = Asset(
        UUID(int=1), None, "freezer", (Category.FOOD,), "Freezer", None, AssetStatus.ACTIVE, _HOME, None,
        "891126d3303ffff", "Salakatu 7", 1, None, StepFree.UNKNOWN, (), "api", "their ref", None, AT, 1,
    )  # fmt: skip
    for audience in (Audience.PUBLIC, Audience.PARTNER):
        with pytest.raises(NotPermitted):
            disclose(home, audience)
    shown = json.dumps(full_service(disclose(home, Audience.ORGANIZER), None, None, SERVED))
    assert "Salakatu" not in shown
    assert "their ref" not in shown
    assert "service_at_locations" not in shown


@pytest.mark.parametrize("hours", [hours for hours in HOURS if hours])
def test_hours_written_are_read_again(hours: str) -> None:
    assert hours_of(schedules_of(hours, None), is_readable) == (hours, None)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([{"freq": "WEEKLY", "byday": "MO,TU,WE", "opens_at": "09:00:00", "closes_at": "17:00"}], "Mo-We 09:00-17:00"),
        ([{"byday": "SA", "opens_at": "09:00-05:00", "closes_at": "12:00-05:00"}], "Sa 09:00-12:00"),
        ([{"freq": "MONTHLY", "byday": "2MO,-1FR"} | _TEN], "Mo[2],Fr[-1] 10:00-11:00"),
        ([{"freq": "WEEKLY", "dtstart": "2026-03-04", "opens_at": "10:00", "closes_at": "11:00"}], "We 10:00-11:00"),
        ([{"freq": "WEEKLY", "byday": "MO", "opens_at": "00:00", "closes_at": "23:59"}], "Mo 00:00-24:00"),
        ([{"description": 'Call "first", open most days'}], "\"Call 'first', open most days\""),
        ([{"freq": "WEEKLY", "interval": 2, "byday": "MO"} | _TEN], '"WEEKLY 2 MO 10:00 11:00"'),
        ([{"opens_at": "10:00", "closes_at": "11:00"}], '"10:00 11:00"'),
        ([{"byday": "MO", "opens_at": "22:00", "closes_at": "02:00"}], '"MO 22:00 02:00"'),
        ([], None),
    ],
)  # fmt: skip
def test_hours_of_others_are_read_as_far_as_they_can_be(entries: list[dict[str, Any]], expected: str | None) -> None:
    assert hours_of(entries, is_readable) == (expected, None)


def test_a_service_of_another_directory_is_read() -> None:
    service = {
        "id": "svc-1",
        "name": "Emergency groceries",
        "status": "temporarily closed",
        "url": "javascript:alert(1)",
        "interpretation_services": "Urdu on request",
        "organization": {"id": "org-1", "name": "St Mary", "description": "A parish.", "website": "https://mary.example"},
        "phones": [{"id": "p", "number": "call us"}, {"id": "q", "number": "(503) 555-0100"}],
        "attributes": [{"id": "a", "taxonomy_term": {"id": "t", "code": "BD-1800.2000", "name": "Food Pantries"}}],
        "service_at_locations": [
            {
                "id": "sal-1",
                "location": {
                    "id": "loc-1",
                    "location_type": "physical",
                    "latitude": "44.94",
                    "longitude": "-123.03",
                    "accessibility": [{"id": "x", "description": "Wheelchair accessible."}],
                    "addresses": [
                        {"id": "z", "address_type": "postal", "address_1": "PO Box 1", "city": "Salem"},
                        {
                            "id": "y", "address_type": "physical", "address_1": "12 Elm St", "city": "Salem",
                            "state_province": "OR", "postal_code": "97301", "country": "US",
                        },
                    ],
                },
            },
            {"id": "sal-2", "location": {"id": "loc-2", "location_type": "virtual", "latitude": 1, "longitude": 2}},
        ],
    }  # fmt: skip
    first, second = places_of(service, {}, is_readable)
    assert (first.ref, second.ref) == ("svc-1@loc-1", "svc-1@loc-2")
    assert first.categories == (Category.FOOD,)
    assert first.status is AssetStatus.TEMPORARILY_CLOSED
    assert first.point == Point(-123.03, 44.94)
    assert first.address == "12 Elm St, Salem, OR 97301"
    assert first.step_free is StepFree.YES
    assert (first.phone, first.website) == ("(503) 555-0100", None)
    assert first.organization is not None
    assert first.organization.url == "https://mary.example"
    assert set(first.ignored) == {"interpretation_services", "phone"}
    assert (second.point, second.address) == (None, None)


def test_a_caller_says_what_a_term_means() -> None:
    term = {"id": "t", "code": "XX-1", "name": "Food Pantries"}
    service = {"id": "1", "name": "Anything", "attributes": [{"taxonomy_term": term}]}
    (place,) = places_of(service, {"xx-1": Category.HYGIENE}, is_readable)
    assert place.categories == (Category.HYGIENE,)


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ({"name": "Pantry"}, "no_id"),
        ({"id": "1"}, "no_name"),
        ({"id": "1", "name": "Food", "status": "open"}, "bad_status"),
        ({"id": "1", "name": "Something"}, "no_category"),
        ({"id": ["1"], "name": {"a": 1}}, "no_id"),
    ],
)
def test_what_cannot_be_used_is_told(service: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as refused:
        list(places_of(service, {}, is_readable))
    assert refused.value.reason == reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*DEFS["service"]["properties"]]), json_values, max_size=8))
def test_nothing_that_is_sent_breaks_the_reader(service: dict[str, Any]) -> None:
    with contextlib.suppress(Unusable):
        list(places_of({"id": "1", "name": "food"} | service, {}, is_readable))
