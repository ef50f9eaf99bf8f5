"""The HSDS API: valid records, bounded pages, a package, and nothing of private homes for anybody outside."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.drafts import OrganizationDraft
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.words import Category
from geo.interchange.hsds import TAXONOMY_ID, term_id
from geo.interchange.hsds_package import read_package
from geo.store.gazetteer_import import PostcodeRow, SourceInfo
from geo.store.listings import keep_listing
from geo.store.organizations import create_organization

from tests.api.conftest import assert_problem
from tests.factories import add_asset
from tests.geo.interchange.hsds_facts import faults
from tests.grid import HELSINKI
from tests.rights import load_source, serve_area

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

HOME = "Salakatu 7"


@pytest.fixture
def town(session: Session) -> dict[str, str]:
    """One pantry of an organization, one without a place, and one at a private home."""
    org = create_organization(session, OrganizationDraft("Harbour Kitchen", url="https://harbour.example"))
    pantry = add_asset(
        session,
        name="Corner pantry",
        organization_id=org.id,
        address="Testikatu 1, 00100 Helsinki",
        opening_hours="Mo-Fr 10:00-17:00",
        languages=("fi",),
    )
    lost = add_asset(session, None, name="Food by phone", categories=(Category.FOOD, Category.COMPANY))
    home = add_asset(session, HELSINKI, name="Freezer at home", is_private=True, address=HOME)
    keep_listing(session, pantry.id, "hsds:town", "a@b", {}, ("+358 9 1234", "https://pantry.example/"))
    keep_listing(session, home.id, "hsds:town", "h@b", {}, ("+358 9 7777", None))
    session.commit()
    return {"pantry": str(pantry.id), "lost": str(lost.id), "home": str(home.id), "org": str(org.id)}


def contents(client: TestClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["contents"])


def test_everything_a_partner_reads_is_valid(callers: dict[str, TestClient], town: dict[str, str]) -> None:
    partner = callers["coarse_partner"]
    for kind, noun in (
        ("services", "service"),
        ("organizations", "organization"),
        ("service_at_locations", "service_at_location"),
        ("taxonomies", "taxonomy"),
        ("taxonomy_terms", "taxonomy_term"),
    ):
        listed = contents(partner, f"/hsds/{kind}")
        assert listed, kind
        for shown in listed:
            whole = partner.get(f"/hsds/{kind}/{shown['id']}").json()
            assert faults(noun, shown) == []
            whole.pop("services", None)
            assert faults(noun, whole) == []
    service = partner.get(f"/hsds/services/{town['pantry']}").json()
    assert service["phones"][0]["number"] == "+358 9 1234"
    assert service["organization"]["website"] == "https://harbour.example"
    assert service["service_at_locations"][0]["location"]["addresses"][0]["city"] == "Helsinki"


def test_what_is_at_a_private_home_is_for_organizers_and_never_where(
    callers: dict[str, TestClient], town: dict[str, str]
) -> None:
    partner, organizer = callers["referral_partner"], callers["organizer"]
    assert {one["id"] for one in contents(partner, "/hsds/services")} == {town["pantry"], town["lost"]}
    assert_problem(partner.get(f"/hsds/services/{town['home']}"), 404)
    assert {one["id"] for one in contents(organizer, "/hsds/services")} == set(town.values()) - {town["org"]}
    shown = organizer.get(f"/hsds/services/{town['home']}").text
    assert HOME not in shown
    assert "7777" not in shown
    assert "latitude" not in shown
    for client in (partner, organizer):
        package = client.get("/hsds/package.zip").content
        with zipfile.ZipFile(io.BytesIO(package)) as opened:
            whole = b"".join(opened.read(name) for name in opened.namelist()).decode()
        assert HOME not in whole
        assert "7777" not in whole
        assert ("Freezer" in whole) == (client is organizer)
        assert HOME not in client.get("/hsds/services?full=true").text
        assert town["home"] not in client.get("/hsds/service_at_locations?full=true").text


def test_another_network_is_not_there(callers: dict[str, TestClient], town: dict[str, str]) -> None:
    foreign = callers["foreign_organizer"]
    assert contents(foreign, "/hsds/services") == []
    assert contents(foreign, "/hsds/organizations") == []
    for kind, name in (("services", "pantry"), ("organizations", "org")):
        assert_problem(foreign.get(f"/hsds/{kind}/{town[name]}"), 404)


def test_pages_are_counted_as_the_specification_has_it(client: TestClient, session: Session) -> None:
    for number in range(5):
        add_asset(session, name=f"Pantry {number}")
    session.commit()
    first = client.get("/hsds/services?per_page=2").json()
    last = client.get("/hsds/services?per_page=2&page=3").json()
    beyond = client.get("/hsds/services?per_page=2&page=4").json()
    facts = ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty")
    assert [first[name] for name in facts] == [5, 3, 1, 2, True, False, False]
    assert [last[name] for name in facts] == [5, 3, 3, 1, False, True, False]
    assert [beyond[name] for name in facts] == [5, 3, 4, 0, False, True, True]
    walked = [one["id"] for page in (1, 2, 3) for one in contents(client, f"/hsds/services?per_page=2&page={page}")]
    assert len(set(walked)) == 5
    assert_problem(client.get("/hsds/services?per_page=1000&page=101"), 422)


def test_an_empty_network_has_an_empty_page(client: TestClient) -> None:
    page = client.get("/hsds/services").json()
    assert (page["empty"], page["total_items"], page["total_pages"], page["contents"]) == (True, 0, 0, [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=PANTRY", {"pantry"}),
        ("search=%25", set()),
        (f"taxonomy_term_id={term_id(Category.COMPANY)}", {"lost"}),
        (f"taxonomy_term_id={new_id()}", set()),
        (f"taxonomy_id={TAXONOMY_ID}", {"pantry", "lost", "home"}),
        (f"taxonomy_id={new_id()}", set()),
        ("modified_after=2000-01-01T00:00:00Z", {"pantry", "lost", "home"}),
        ("modified_after=2100-01-01T00:00:00Z", set()),
    ],
)
def test_services_are_filtered(client: TestClient, town: dict[str, str], query: str, found: set[str]) -> None:
    assert {one["id"] for one in contents(client, f"/hsds/services?{query}")} == {town[name] for name in found}


@pytest.mark.parametrize(
    "query",
    ["modified_after=2026-01-01", "page=0", "per_page=0", "format=ndjson", "postcode=1", "full=perhaps", "search="],
)
def test_what_is_not_understood_is_refused(client: TestClient, query: str) -> None:
    assert_problem(client.get(f"/hsds/services?{query}"), 422)


def load_postcodes(session: Session) -> None:
    outside = Point(10.0, 10.0)
    load_source(
        session, SourceInfo("town", "Town", "x", "x", "0"),
        postcodes=[PostcodeRow("00100", HELSINKI, 300.0), PostcodeRow("99 999", outside, 300.0)],
    )  # fmt: skip


def test_what_is_near_a_postcode_is_asked_for_as_the_specification_has_it(
    callers: dict[str, TestClient], town: dict[str, str], session: Session
) -> None:
    load_postcodes(session)
    serve_area(session, (24.0, 60.0, 26.0, 61.0))
    far = add_asset(session, Point(HELSINKI.lon, HELSINKI.lat + 0.01), name="Far pantry")
    session.commit()
    for name in ("coarse_partner", "organizer"):

        def found(query: str, name: str = name) -> set[str]:
            return {one["service_id"] for one in contents(callers[name], f"/hsds/service_at_locations?{query}")}

        assert found("postcode=00100") == {town["pantry"], str(far.id)}
        assert found("postcode=001%2000&proximity=500") == {town["pantry"]}
        # 0.01 degrees of latitude are 1,114 m up here
        assert found("postcode=00100&proximity=1100") == {town["pantry"]}
        assert found("postcode=00100&proximity=1130") == {town["pantry"], str(far.id)}
        assert found("postcode=99999") == set()
        assert found(f"postcode=00100&taxonomy_term_id={new_id()}") == set()
        for query in ("postcode=12345", "proximity=100", "postcode=00100&proximity=0", "postcode=00100&proximity=nan"):
            assert_problem(callers[name].get(f"/hsds/service_at_locations?{query}"), 422)


def test_an_organization_brings_its_services(client: TestClient, town: dict[str, str]) -> None:
    path = f"/hsds/organizations/{town['org']}"
    short, full = client.get(path).json(), client.get(f"{path}?full_service=true").json()
    assert [one["id"] for one in short["services"]] == [town["pantry"]]
    assert "schedules" not in short["services"][0]
    assert full["services"][0]["schedules"][0]["byday"] == "MO,TU,WE,TH,FR"


def test_the_least_of_a_service_is_its_id_and_when_it_changed(client: TestClient, town: dict[str, str]) -> None:
    listed = contents(client, "/hsds/services?minimal=true")
    assert len(listed) == len(town) - 1
    assert {name for one in listed for name in one} == {"id", "last_modified"}


def test_what_is_unchanged_is_not_sent_again(client: TestClient, town: dict[str, str]) -> None:
    path = f"/hsds/services/{town['pantry']}"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_the_package_holds_what_the_list_holds(callers: dict[str, TestClient], town: dict[str, str]) -> None:
    partner = callers["coarse_partner"]
    answer = partner.get("/hsds/package.zip")
    assert answer.headers["content-type"] == "application/zip"
    services = list(read_package(io.BytesIO(answer.content))[0])
    assert {one["id"] for one in services} == {town["pantry"], town["lost"]}
    assert services[0]["organization"]["id"] == town["org"]


def test_it_says_what_it_is(client: TestClient) -> None:
    about = client.get("/hsds/").json()
    assert about["version"] == "3.1"
    assert about["openapi_url"].endswith("/openapi.json")
    assert json.loads(client.get("/openapi.json").text)["paths"]["/hsds/services"]
