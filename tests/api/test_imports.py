"""Imports over HTTP: brought, mapped, checked, run, reported, undone; and what may not be."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.ids import new_id

from tests.api.conftest import STREET, assert_problem

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.usefixtures("served")
CSV = {"content-type": "text/csv"}
TABLE = f"what,where,persons\nfood,{STREET} 1,2\nparcel,,1\n=cmd|' /C calc'!A0,,1\n"


def bring(client: TestClient, table: str | bytes = TABLE, **query: Any) -> dict[str, Any]:
    raw = table.encode() if isinstance(table, str) else table
    answer = client.post("/v1/imports", params={"name": "list.csv"} | query, content=raw, headers=CSV)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def mapped(client: TestClient, found: dict[str, Any]) -> None:
    columns = {"category": ["what"], "address": ["where"], "household_size": ["persons"]}
    answer = client.put(f"/v1/imports/{found['id']}/mapping", json={"columns": columns, "words": {"Parcel": "food"}})
    assert answer.status_code == 200, answer.text


def test_a_table_is_brought_mapped_checked_run_reported_and_taken_back(client: TestClient) -> None:
    found = bring(client)
    path = f"/v1/imports/{found['id']}"
    assert (found["state"], found["needed"], found["columns"]) == (
        "uploaded",
        ["category"],
        ["what", "where", "persons"],
    )
    mapped(client, found)
    assert client.post(f"{path}/check").status_code == 202
    checked = client.get(path).json()
    assert (checked["state"], checked["counts"]["made"], checked["counts"]["held"]) == ("checked", 2, 1)
    assert client.get("/v1/balance").json()["received"] == 0
    rows = client.get(f"{path}/rows", params={"outcome": "held"}).json()["items"]
    assert [(row["row"], row["columns"]) for row in rows] == [(4, ["what"])]
    assert "cmd" not in str(rows)
    assert client.post(f"{path}/run").status_code == 202
    done = client.get(path).json()
    assert (done["state"], done["total_rows"], done["counts"]) == (
        "done", 3, {"made": 2, "held": 1, "known": 0, "repeated": 0},
    )  # fmt: skip
    assert client.get("/v1/balance").json()["received"] == 2
    report = client.get(f"{path}/report.csv").text.lstrip("\ufeff").splitlines()
    assert report[0].startswith("row,outcome,meaning,field,column,reason")
    assert report[-1].startswith('4,held,"is held, to be corrected",category,what,')
    entry = client.get(f"{path}/rows", params={"outcome": "held"}).json()["items"][0]["entry_id"]
    typed = client.post(f"/v1/entries/{entry}/typed", json={"reason": "to compare"}).json()["typed"]
    assert typed["cells"]["what"] == "=cmd|' /C calc'!A0"
    assert (typed["import"]["file"], typed["import"]["row"], len(typed["import"]["sha256"])) == ("list.csv", 4, 64)
    assert client.post(f"{path}/undo").json()["state"] == "undone"
    assert client.get("/v1/balance").json()["received"] == 0
    assert_problem(client.post(f"{path}/undo"), 409)


def test_a_held_row_is_corrected_where_entries_are_and_then_the_import_stays(client: TestClient) -> None:
    found = bring(client)
    mapped(client, found)
    path = f"/v1/imports/{found['id']}"
    client.post(f"{path}/run")
    entry = client.get(f"{path}/rows", params={"outcome": "held"}).json()["items"][0]["entry_id"]
    corrected = client.put(f"/v1/entries/{entry}/correction", json={"need": {"category": "water"}})
    assert corrected.json()["state"] == "made", corrected.text
    assert client.get(f"{path}/rows", params={"outcome": "held"}).json()["items"][0]["record_id"] is not None
    assert client.get("/v1/balance").json()["received"] == 3
    assert_problem(client.post(f"{path}/undo"), 409)


def test_a_map_is_offered_again_for_the_same_headers(client: TestClient) -> None:
    found = bring(client)
    mapped(client, found)
    client.post(f"/v1/imports/{found['id']}/run")
    again = bring(client, "what,where,persons\nfood,,1\n")
    assert again["mapping"]["columns"]["category"] == ["what"]
    assert again["mapping"]["words"] == {"Parcel": "food"}
    other = bring(client, "tarve,osoite\nruoka,\n")
    assert other["mapping"]["columns"] == {"category": ["tarve"], "address": ["osoite"]}
    listed = client.get("/v1/imports", params={"limit": 2}).json()
    assert [one["id"] for one in listed["items"]] == [other["id"], again["id"]]
    rest = client.get("/v1/imports", params={"limit": 2, "cursor": listed["next"]}).json()
    assert [one["id"] for one in rest["items"]] == [found["id"]]


def test_a_workbook_is_brought_too(client: TestClient) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Tarve", "Henkilöitä"])  # type: ignore[union-attr]
    book.active.append(["ruoka", 3])  # type: ignore[union-attr]
    raw = io.BytesIO()
    book.save(raw)
    kind = {"content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    found = client.post("/v1/imports?name=a.xlsx", content=raw.getvalue(), headers=kind).json()
    client.post(f"/v1/imports/{found['id']}/run")
    assert client.get(f"/v1/imports/{found['id']}").json()["counts"]["made"] == 1


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"columns": {"category": ["no such"]}}, "columns"),
        ({"columns": {"shoe_size": ["what"]}}, "columns"),
        ({"columns": {}}, "columns"),
        ({"columns": {"category": []}}, "columns"),
        ({"columns": {"category": ["what"]}, "defaults": {"key": "1"}}, "defaults"),
        ({"columns": {"category": ["what"]}, "words": {"": "food"}}, "words"),
        ({"columns": {"category": ["what"]}, "more": 1}, ""),
    ],
)
def test_a_map_that_does_not_fit_is_refused_by_its_field(
    client: TestClient, mapping: dict[str, Any], field: str
) -> None:
    found = bring(client)
    problem = assert_problem(client.put(f"/v1/imports/{found['id']}/mapping", json=mapping), 422)
    assert field in str(problem["errors"])


def test_what_cannot_be_brought_or_is_past_is_told(client: TestClient) -> None:
    assert_problem(client.post("/v1/imports", content=b"", headers=CSV), 422)
    assert_problem(client.post("/v1/imports", content=b"a\n" + b"x" * 1_100_000, headers=CSV), 413)
    assert_problem(client.post("/v1/imports", json={"a": 1}), 422)
    assert_problem(client.post("/v1/imports?encoding=klingon", content=b"a\n1\n", headers=CSV), 422)
    assert_problem(client.post("/v1/imports", content="ä\n".encode("latin-1"), headers=CSV), 422)
    assert_problem(client.post(f"/v1/imports/{new_id()}/run"), 404)
    nothing = bring(client, "alpha,beta\n1,2\n")
    assert_problem(client.post(f"/v1/imports/{nothing['id']}/run"), 422)
    assert client.delete(f"/v1/imports/{nothing['id']}").status_code == 204
    done = bring(client)
    mapped(client, done)
    client.post(f"/v1/imports/{done['id']}/run")
    for refused in (
        client.post(f"/v1/imports/{done['id']}/run"),
        client.post(f"/v1/imports/{done['id']}/check"),
        client.delete(f"/v1/imports/{done['id']}"),
        client.put(f"/v1/imports/{done['id']}/mapping", json={"columns": {"category": ["what"]}}),
    ):
        assert_problem(refused, 409)


def test_a_text_in_another_encoding_is_read_when_it_is_named(client: TestClient) -> None:
    found = bring(client, "类别,地址\n食物,\n".encode("gb18030"), encoding="gb18030")
    client.post(f"/v1/imports/{found['id']}/run")
    assert client.get(f"/v1/imports/{found['id']}").json()["counts"]["made"] == 1
