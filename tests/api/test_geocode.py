from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

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
    return [json.loads(line) for line in answer.text.splitlines()]


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
    far = client.get("/v1/reverse?lon=25.09&lat=60.29").json()
    assert far == {"address": None, "distance_m": None, "street": None, "area": None}
