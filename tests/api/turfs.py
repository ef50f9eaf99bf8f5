"""Turfs of one street, the phones that carry them, and what is met at their doors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geo.domain.ids import new_id

if TYPE_CHECKING:
    from tests.api.conftest import TestClient


def square(west: float = 24.94, east: float = 24.95) -> dict[str, Any]:
    ring = [[west, 60.169], [east, 60.169], [east, 60.171], [west, 60.171], [west, 60.169]]
    return {"type": "Polygon", "coordinates": [ring]}


def make_turf(client: TestClient, **values: Any) -> dict[str, Any]:
    answer = client.post("/v1/turfs", json={"name": "North", "geometry": square(), **values})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def assign(client: TestClient, turf: dict[str, Any], at: int = 0, **days: Any) -> Any:
    device = client.get("/v1/devices").json()["items"][at]["id"]
    answer = client.post(f"/v1/turfs/{turf['id']}/assignments", json={"device_id": device, **days})
    assert answer.status_code == 201, answer.text
    return answer.json()


def visit(turf: dict[str, Any], position: int = 1, outcome: str = "visited", **values: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "turf_id": turf["id"], "position": position, "outcome": outcome, **values}


def hand_in(caller: TestClient, *visits: dict[str, Any], **values: Any) -> list[dict[str, Any]]:
    answer = caller.post("/v1/visits", json={"visits": list(visits), **values})
    assert answer.status_code in (200, 422), answer.text
    return list(answer.json()["results"])


def progress(client: TestClient, turf: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"/v1/turfs/{turf['id']}/progress").json())


def today() -> Any:
    return datetime.now(UTC).date()
