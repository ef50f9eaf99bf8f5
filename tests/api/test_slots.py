"""When help can be had: taken in by forms and files, asked for by hour, and never a reason for a 500."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.words import Category

from api.schemas.slots import SlotsOut
from tests.api.conftest import assert_problem
from tests.factories import add_asset, add_helper, add_need

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

SUNDAYS = "DTSTART:20260104T180000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU"
ASSET = {"kind": "pantry", "categories": ["food"], "name": "Pantry"}
HELPER = {"public_name": "Aino K.", "categories": ["food"]}


@pytest.fixture
def town(session: Session) -> None:
    add_need(session, languages=("ar",))
    add_need(session, category=Category.WATER)
    add_asset(session, opening_hours="Mo-Fr 10:00-17:00", capacity_per_week=9)
    add_helper(session, languages=("ar",), availability=SUNDAYS)
    session.commit()


def test_hours_and_interpreters_live_from_post_to_patch(client: TestClient) -> None:
    asset = client.post("/v1/assets", json=ASSET | {"opening_hours": "24/7", "schedule": SUNDAYS, "interpreter": True})
    assert asset.status_code == 201, asset.text
    assert (asset.json()["schedule"], asset.json()["interpreter"]) == (SUNDAYS, True)
    helper = client.post("/v1/helpers", json=HELPER | {"availability": SUNDAYS})
    assert (helper.json()["availability"], helper.json()["interpreter"]) == (SUNDAYS, False)
    for made, change in ((asset, {"schedule": None, "interpreter": False}), (helper, {"availability": None})):
        changed = client.patch(made.headers["location"], json=change, headers={"If-Match": made.headers["etag"]})
        assert changed.status_code == 200, changed.text
        assert change.items() <= changed.json().items()


@pytest.mark.parametrize(
    ("noun", "field", "value"),
    [
        ("assets", "opening_hours", "ask at the door"), ("assets", "opening_hours", "Mo-Fr 9-5pm"),
        ("assets", "schedule", "every Sunday"), ("assets", "schedule", "DTSTART:20260104T180000"),
        ("assets", "schedule", SUNDAYS.replace("WEEKLY", "SECONDLY")), ("assets", "interpreter", "yes"),
        ("helpers", "availability", "evenings"), ("helpers", "availability", "x" * 2000),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name_and_not_repeated(
    client: TestClient, noun: str, field: str, value: str
) -> None:
    body: dict[str, Any] = (ASSET if noun == "assets" else HELPER) | {field: value}
    answer = client.post(f"/v1/{noun}", json=body)
    assert_problem(answer, 422)
    assert field in answer.text
    assert value not in answer.text


@pytest.mark.usefixtures("town")
def test_slots_answer_as_described(client: TestClient) -> None:
    answer = client.get("/v1/coverage/slots?group=language&standard_min=5&day=2026-06-07")
    assert answer.status_code == 200, answer.text
    found = SlotsOut.model_validate(answer.json())
    assert (found.week_of.isoformat(), found.time_zone, len(found.rows)) == ("2026-06-01", "UTC", 2 * 168)
    assert all(row.demand == row.covered + row.gap for row in found.rows)
    first = "No help with drinking water for households that named no language on any day."
    assert found.worst[0].sentence == first
    assert found.balance.model_dump() == client.get("/v1/balance").json()
    covered = {(row.weekday, row.hour) for row in found.rows if row.covered}
    assert covered == {(6, 18), (6, 19), (6, 20)} | {(day, hour) for day in range(5) for hour in range(10, 17)}


@pytest.mark.usefixtures("town")
def test_coverage_at_an_hour(client: TestClient) -> None:
    def gap(query: str) -> Any:
        answer = client.get(f"/v1/coverage?standard_min=5&category=food{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert gap("")["totals"]["food"]["gap"] == 0
    assert gap("")["open_at"] is None
    night = gap("&open_at=2026-06-07T02:00:00Z")
    assert (night["totals"]["food"]["gap"], night["open_at"]) == (1, "2026-06-07T02:00:00Z")
    assert night["excluded_supply"] == {"asset closed at that time": 1, "helper closed at that time": 1}
    assert gap("&open_at=2026-06-07T20:30:00%2B02:00")["totals"]["food"]["gap"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/coverage/slots?group=shoe_size", "/v1/coverage/slots?day=2026-02-30", "/v1/coverage/slots?day=1999-12-31",
        "/v1/coverage/slots?day=9999-12-31", "/v1/coverage/slots?category=gold", "/v1/coverage/slots?standard_min=0",
        "/v1/coverage/slots?standard_min=1e9", "/v1/coverage/slots?week=1", "/v1/coverage/slots?mode=plane",
        "/v1/coverage?open_at=now", "/v1/coverage?open_at=2026-06-07T20:30:00", "/v1/coverage?open_at=1",
        "/v1/coverage?open_at=9999-12-31T23:59:59Z",
    ],
)  # fmt: skip
def test_bad_questions_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert_problem(answer, 422 if "week=" not in path else answer.status_code)
