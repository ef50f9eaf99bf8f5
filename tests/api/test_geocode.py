from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from api.routers import geocode_batch
from tests.api.conftest import STREET, assert_problem

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.usefixtures("served")
KEYS = {"label", "lon", "lat", "match_quality", "uncertainty_m", "score", "confidence", "faults", "source"}


def test_an_address_is_found_in_one_line_and_in_parts(client: TestClient) -> None:
    line = client.post("/v1/geocode", json={"q": f"{STREET} 4"}).json()
    parts = client.post("/v1/geocode", json={"street": STREET, "number": "4", "city": "Helsinki"}).json()
    assert line["decision"] == parts["decision"] == "accept"
    best = line["candidates"][0]
    assert set(best) == KEYS
    assert (best["match_quality"], best["lon"]) == ("rooftop", pytest.approx(24.9408))


def test_what_nobody_knows_has_no_candidate(client: TestClient) -> None:
    body = client.post("/v1/geocode", json={"q": "Olematonkatu 7"}).json()
    assert body["decision"] in ("none", "review")


@pytest.mark.parametrize(
    "body", [{}, {"q": ""}, {"q": " "}, {"q": "x" * 301}, {"q": "a", "city": "b"}, {"q": 7}, {"x": 1}]
)
def test_a_question_that_is_none_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/geocode", json=body), 422)


def _batch(client: TestClient, raw: bytes, kind: str) -> list[dict[str, Any]]:
    answer = client.post("/v1/geocode/batch", content=raw, headers={"content-type": kind})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    *rows, last = [json.loads(line) for line in answer.text.splitlines()]
    summary = last["summary"]
    assert summary["rows"] == len(rows)
    assert summary["errors"] == sum("errors" in row for row in rows)
    assert summary["decision"] == Counter(row["decision"] for row in rows)
    return rows


def test_a_table_is_answered_row_for_row_failures_included(client: TestClient) -> None:
    raw = f'id,q\n1,{STREET} 4\n2,\n3,"Olematonkatu 7, Helsinki"\n4,{STREET} 5\n'.encode()
    rows = _batch(client, raw, "text/csv; charset=utf-8")
    assert [row["row"] for row in rows] == [1, 2, 3, 4]
    assert [row["decision"] == "accept" for row in rows] == [True, False, False, True]
    assert rows[1]["errors"]


def test_json_lines_are_answered_line_for_line(client: TestClient) -> None:
    lines = [json.dumps({"q": f"{STREET} {n}"}) for n in range(1, 8)]
    raw = "\n".join([*lines, "nonsense", '{"q": "a\\u0000b"}', '{"q": NaN}', "[1]"]).encode()
    rows = _batch(client, raw, "application/x-ndjson")
    assert [row["decision"] for row in rows[:7]] == ["accept"] * 7
    assert all(row["errors"] for row in rows[7:])


def test_a_table_may_have_the_parts_in_columns_of_their_own(client: TestClient) -> None:
    raw = f"street,number,city,note\n{STREET},4,Helsinki,x\n{STREET},5,,\n,,,\n".encode()
    rows = _batch(client, raw, "text/csv")
    assert [row["decision"] for row in rows] == ["accept", "accept", "none"]


def test_a_spreadsheet_is_answered_row_for_row(client: TestClient) -> None:
    book, raw = Workbook(), io.BytesIO()
    for row in (["id", "q"], [1, f"{STREET} 4"], [2, None], [3, f"{STREET} 5"]):
        book.active.append(row)
    book.save(raw)
    rows = _batch(client, raw.getvalue(), geocode_batch.XLSX)
    assert [row["decision"] for row in rows] == ["accept", "none", "accept"]


def test_a_batch_has_a_bounded_number_of_rows(client: TestClient) -> None:
    raw = b"q\n" + b"x\n" * (geocode_batch.MAX_BATCH_ROWS + 1)
    answer = client.post("/v1/geocode/batch", content=raw, headers={"content-type": "text/csv"})
    assert_problem(answer, 413)


def test_the_parts_that_were_read_are_said(client: TestClient) -> None:
    body = client.post("/v1/geocode", json={"q": f"{STREET} 4, 00100 Helsinki"}).json()
    assert (body["parsed"]["street"], body["parsed"]["number"]) == (STREET, "4")
    assert (body["parsed"]["postcode"], body["parsed"]["locality"]) == ("00100", "Helsinki")


@pytest.mark.parametrize(
    ("sent", "first"),
    [
        ({"q": "test"}, {"label": f"{STREET}, Helsinki", "kind": "street"}),
        ({"q": f"{STREET} 1", "limit": 2}, {"label": f"{STREET} 1, 00100 Helsinki", "kind": "door"}),
        ({"q": "tesitk", "near": {"lon": 24.94, "lat": 60.17}}, {"label": f"{STREET}, Helsinki", "kind": "street"}),
    ],
)
def test_what_is_being_typed_is_suggested(client: TestClient, sent: dict[str, Any], first: dict[str, str]) -> None:
    found = client.post("/v1/geocode/suggest", json=sent).json()["suggestions"]
    assert 1 <= len(found) <= sent.get("limit", 8)
    assert first.items() <= found[0].items()
    assert found[0]["lon"] == pytest.approx(24.94, abs=0.01)


@pytest.mark.parametrize(
    "sent", [{}, {"q": ""}, {"q": "x" * 301}, {"q": "x", "limit": 9}, {"q": "x", "limit": 0}, {"q": "x", "near": {}}]
)
def test_a_suggestion_that_cannot_be_made_is_refused(client: TestClient, sent: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/geocode/suggest", json=sent), 422)


def test_a_long_batch_is_answered_whole(client: TestClient) -> None:
    raw = ("q\n" + f"{STREET} 3\n" * 450).encode()
    assert {row["decision"] for row in _batch(client, raw, "text/csv")} == {"accept"}


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"address\nTestikatu 4\n", "text/csv", 422),
        (b"", "text/csv", 422),
        (b"q\n\xc3\x28\n", "text/csv", 400),
        (b'q\n"open', "text/csv", 400),
        (b'{"q": "x"}', "application/json", 422),
        (b"q\n", "text/plain", 415),
        (b"q\n" + b"x\n" * 600_000, "text/csv", 413),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused(client: TestClient, raw: bytes, kind: str, status: int) -> None:
    assert_problem(client.post("/v1/geocode/batch", content=raw, headers={"content-type": kind}), status)


def test_a_place_has_a_nearest_address(client: TestClient) -> None:
    body = client.get("/v1/reverse?lon=24.9408&lat=60.17").json()
    assert STREET in body["address"]
    assert body["distance_m"] < 5
    assert body["kind"] == "door"
    far = client.get("/v1/reverse?lon=25.09&lat=60.29").json()
    assert far == {"kind": "none", "address": None, "distance_m": None, "street": None, "area": None}
