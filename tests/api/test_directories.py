"""Directories over HTTP: looked at, taken in, brought up to date and taken back; and packages that are refused."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.domain import directory

from api.routers import directories
from tests.api.conftest import assert_problem
from tests.data.test_hsds import service

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.usefixtures("served")
PATH = "/v1/directories"
PANTRY = service("s1", "Harbour pantry", phones=[{"id": "p", "number": "+358 9 1234"}])
CLOSET = service("s2", "Winter closet", location={"latitude": 60.19, "longitude": 24.95})


def hand_in(client: TestClient, *services: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = client.post(PATH, params={"source": "town"} | query, json={"contents": list(services)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def zipped(**files: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name.replace("__", "."), content)
    return stream.getvalue()


def send(client: TestClient, raw: bytes, **query: Any) -> Any:
    return client.post(
        PATH, params={"source": "town"} | query, content=raw, headers={"content-type": "application/zip"}
    )


def listed(client: TestClient) -> set[str]:
    return {one["name"] for one in client.get("/v1/assets").json()["items"]}


def test_a_directory_is_looked_at_taken_in_and_taken_back(client: TestClient) -> None:
    looked = hand_in(client, PANTRY, CLOSET)
    assert (looked["dry_run"], looked["new"], listed(client)) == (True, 2, set())
    assert client.get(PATH).json() == {"items": []}
    taken = hand_in(client, PANTRY, CLOSET, dry_run=False)
    assert taken == looked | {"dry_run": False}
    assert listed(client) == {"Harbour pantry", "Winter closet"}
    (here,) = client.get(PATH).json()["items"]
    assert (here["source"], here["count"]) == ("hsds:town", 2)
    again = hand_in(client, PANTRY, CLOSET, dry_run=False)
    assert (again["new"], again["unchanged"]) == (0, 2)
    would = client.delete(PATH, params={"source": "town"}).json()
    assert (would["removed"], would["dry_run"], len(listed(client))) == (2, True, 2)
    done = client.delete(PATH, params={"source": "town", "dry_run": False}).json()
    assert done == would | {"dry_run": False}
    assert listed(client) == set()
    assert_problem(client.delete(PATH, params={"source": "town"}), 404)


def test_what_somebody_changed_or_knew_before_stays_when_the_rest_is_taken_back(client: TestClient) -> None:
    ours = {"name": "Winter closet", "kind": "closet", "categories": ["household"]}
    known = client.post("/v1/assets", json=ours).json()["id"]
    report = hand_in(client, PANTRY, CLOSET, service("s3", "Soup line"), same=f"s2@s2-place={known}", dry_run=False)
    ref = next((row["ref"] for row in report["rows"]), None)
    assert (report["new"], report["joined"]) == (2, 1), ref
    pantry = next(one for one in client.get("/v1/assets").json()["items"] if one["name"] == "Harbour pantry")
    changed = client.patch(
        f"/v1/assets/{pantry['id']}", json={"opening_hours": "Mo 10:00-12:00"}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200
    done = client.delete(PATH, params={"source": "town", "dry_run": False}).json()
    assert (done["removed"], done["kept"], done["parted"]) == (1, 1, 1)
    assert listed(client) == {"Harbour pantry", "Winter closet"}
    assert client.get(PATH).json() == {"items": []}


def test_a_twin_is_proposed_and_terms_are_told(client: TestClient) -> None:
    hand_in(client, PANTRY, dry_run=False)
    found = hand_in(client, service("x", "Harbour Pantry"), source="county")
    assert found["twin"] == 1
    (row,) = found["rows"]
    assert (row["name"], row["ours"], row["line"]) == ("Harbour Pantry", "Harbour pantry", 1)
    assert row["asset_id"]
    assert hand_in(client, service("x", "Harbour Pantry"), source="county", add_twins=True)["new"] == 1
    odd = service("y", "Odd", attributes=[{"taxonomy_term": {"id": "t", "code": "XX-1", "name": "Zzz"}}])
    assert hand_in(client, odd, source="county")["skipped"] == {"no_category": 1}
    assert hand_in(client, odd, source="county", terms="XX-1=water")["new"] == 1


def test_each_kind_is_told_by_name_and_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_TOLD", 2)
    many = [service(f"m{number}", f"Pantry of street {number}") for number in range(4)]
    nameless = {"id": "n", "name": " ", "status": "active"}
    found = hand_in(client, *many, nameless, add_twins=True, dry_run=False)
    assert (found["new"], found["skipped"]) == (4, {"no_name": 1})
    assert [(row["done"], row["name"]) for row in found["rows"]] == [
        ("new", "Pantry of street 0"), ("new", "Pantry of street 1"), ("skipped", ""),
    ]  # fmt: skip
    again = hand_in(client, many[0] | {"description": "Bread"}, add_twins=True)
    assert (again["updated"], again["missing"]) == (1, 3)
    told = {row["done"]: row for row in again["rows"]}
    assert told["updated"]["reasons"] == ["description"]
    assert told["missing"]["name"].startswith("Pantry of street")


def test_a_package_that_was_given_out_is_known_again(client: TestClient) -> None:
    hand_in(client, PANTRY, dry_run=False)
    package = client.get("/hsds/package.zip").content
    answer = send(client, package, source="back")
    assert (answer.status_code, answer.json()["ours"]) == (200, 1), answer.text


ROWS = "id,name,status\r\n" + "1,a,active\r\n"


def squeezed(method: int) -> bytes:
    """Pack a table in a rarer way, and spoil what was packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as package:
        package.writestr("services.csv", ROWS * 50)
    raw = bytearray(stream.getvalue())
    raw[50:80] = bytes(30)
    return bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04 nothing",
        b"{}",
        zipped(services__csv="id\r\n" + "0" * 20_000_000),
        zipped(**{"../../etc/passwd": "root"}),
        zipped(**{"/etc/services.txt": ROWS}),
        zipped(services__csv=b"id,name\r\n1,\xff\r\n"),
        zipped(organizations__csv="id\r\n1\r\n"),
        b"PK\x03\x04" + b"\x00" * 1000,
        zipped(services__csv=ROWS).replace(b"services.csv", b"services.txt"),
        squeezed(zipfile.ZIP_LZMA),
        squeezed(zipfile.ZIP_BZIP2),
    ],
    ids=[
        "nothing",
        "no zip",
        "json",
        "bomb",
        "climbs",
        "rooted",
        "latin",
        "no services",
        "zeros",
        "renamed",
        "lzma",
        "bzip2",
    ],
)
def test_a_package_that_cannot_be_used_is_refused(client: TestClient, raw: bytes) -> None:
    answer = send(client, raw, dry_run=False)
    assert_problem(answer, 422)
    assert listed(client) == set()


def test_a_package_beyond_the_bounds_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"{number:036},a service of many,active\r\n" for number in range(directories.SIZES.rows + 1))
    assert_problem(send(client, zipped(services__csv="id,name,status\r\n" + lines)), 422)
    assert_problem(send(client, b"PK" + b"0" * 1_100_000), 413)
    monkeypatch.setattr(directories, "MOST", 1)
    answer = client.post(PATH, params={"source": "town", "dry_run": False}, json={"contents": [PANTRY, CLOSET]})
    assert_problem(answer, 422)
    assert listed(client) == set()


@pytest.mark.parametrize(
    "query",
    [
        {"source": "Town!"},
        {"source": "town", "terms": "food"},
        {"source": "town", "terms": "a=nonsense"},
        {"source": "town", "same": "a=b"},
        {"source": "town", "dry_run": "perhaps"},
        {"source": "town", "other": "1"},
    ],
)
def test_wishes_that_cannot_be_read_are_refused(client: TestClient, query: dict[str, str]) -> None:
    assert_problem(client.post(PATH, params=query, json={"contents": [PANTRY]}), 422)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(raw=st.binary(max_size=300), at=st.integers(0, 400), is_spoilt=st.booleans())
def test_no_package_of_any_bytes_is_an_error_of_ours(
    client: TestClient, raw: bytes, at: int, *, is_spoilt: bool
) -> None:
    package = zipped(services__csv=ROWS)
    sent = package[:at] + raw + package[at + len(raw) :] if is_spoilt else b"PK" + raw
    assert send(client, sent).status_code in (200, 422)
