"""Turfs on paper: printed, and typed in when they come back."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader
from sqlalchemy import text

from geo.domain.door_codes import door_code, page_code, spaced
from geo.domain.ids import new_id

from tests.api.conftest import TestClient, assert_problem
from tests.api.turfs import progress, today

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def enter(client: TestClient, turf: dict[str, Any], *rows: tuple[str, str], **values: Any) -> dict[str, Any]:
    body = {"rows": [{"code": code, "outcome": outcome} for code, outcome in rows], **values}
    answer = client.post(f"/v1/turfs/{turf['id']}/codes", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_codes_of_a_sheet_are_typed_and_slips_are_told(client: TestClient, turf: dict[str, Any]) -> None:
    good, other = door_code(turf["number"], 4), door_code(turf["number"], 5)
    wrong = ("3" if other[2] != "3" else "4").join((other[:2], other[3:]))
    told = enter(
        client,
        turf,
        (f" {good[:3].lower()} {good[3:]}", "nobody_home"),
        (wrong, "visited"),
        (door_code(turf["number"] + 1, 4), "visited"),
        (page_code(turf["number"], 1), "visited"),
        (good, "visited"),
        ("A1", "visited"),
    )
    states = [one["state"] for one in told["results"]]
    assert states == ["created", "slip", "other_turf", "page", "repeated", "slip"]
    first, slip = told["results"][:2]
    doors = client.get(f"/v1/turfs/{turf['id']}/map").json()["features"]
    assert (first["position"], first["label"]) == (4, f"Testikatu {doors[3]['properties']['number']}")
    assert [meant.split(":")[0].replace(" ", "") for meant in slip["meant"]] == [other]
    assert told["progress"]["outcomes"]["nobody_home"] == 1
    assert told["progress"]["left"] == 9


def test_typing_a_sheet_again_does_no_harm(client: TestClient, turf: dict[str, Any], session: Session) -> None:
    rows = [(door_code(turf["number"], at), "visited") for at in (1, 2, 3)]
    day = (today() - timedelta(days=1)).isoformat()
    assert {one["state"] for one in enter(client, turf, *rows, visited_on=day)["results"]} == {"created"}
    assert {one["state"] for one in enter(client, turf, *rows, visited_on=day)["results"]} == {"unchanged"}
    # a row that was read wrongly is put right by typing it again
    assert enter(client, turf, (rows[0][0], "refused"), visited_on=day)["results"][0]["state"] == "created"
    assert progress(client, turf)["outcomes"] | {"visited": 2, "refused": 1} == progress(client, turf)["outcomes"]
    assert session.scalar(text("SELECT count(*) FROM turf_visit")) == 4
    tomorrow = (today() + timedelta(days=1)).isoformat()
    body = {"rows": [{"code": rows[0][0], "outcome": "visited"}], "visited_on": tomorrow}
    assert_problem(client.post(f"/v1/turfs/{turf['id']}/codes", json=body), 422)


def test_a_turf_is_printed(client: TestClient, turf: dict[str, Any]) -> None:
    for paper in ("a4", "letter"):
        answer = client.get(f"/v1/turfs/{turf['id']}/sheet.pdf", params={"paper": paper})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert "no-store" in answer.headers["cache-control"]
        text_of = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert "Testikatu" in text_of
        for position in range(1, 11):
            assert spaced(door_code(turf["number"], position)) in text_of
    assert_problem(client.get(f"/v1/turfs/{turf['id']}/sheet.pdf", params={"paper": "a0"}), 422)
    assert_problem(client.get(f"/v1/turfs/{new_id()}/sheet.pdf"), 404)
