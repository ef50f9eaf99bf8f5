"""What the page of turfs asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.turf_answers import Carried, DoorMark, Entered, Street, Turf
from dashboard.wire import PAGE, PATIENT, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


class TurfCalls(Wire):
    """Turfs: cut, carried, walked, and come back on paper."""

    def list_turfs(self) -> tuple[Turf, ...]:
        """List turfs in the order they were made, up to one page."""
        return tuple(Turf.read(item) for item in self._get("/v1/turfs", {"limit": PAGE})["items"])

    def cut_turfs(self, asked: Mapping[str, Any]) -> int:
        """Cut ground into turfs; ``asked`` as the API takes it. Gives how many were made."""
        return len(self._send("POST", "/v1/turfs/cut", json=dict(asked), timeout=PATIENT)["items"])

    def make_turf(self, asked: Mapping[str, Any]) -> int:
        """Make one turf of all doors of a shape; ``asked`` as the API takes it. Gives 1."""
        self._send("POST", "/v1/turfs", json=dict(asked), timeout=PATIENT)
        return 1

    def remove_turf(self, turf_id: str) -> None:
        """Remove a turf with all that was met there."""
        self._send("DELETE", f"/v1/turfs/{turf_id}", headers={"If-Match": "*"})

    def list_turf_streets(self, turf_id: str) -> tuple[Street, ...]:
        """Ask how far each street of a turf has been walked."""
        return tuple(Street.read(item) for item in self._get(f"/v1/turfs/{turf_id}/progress")["streets"])

    def list_turf_doors(self, turf_id: str) -> tuple[DoorMark, ...]:
        """List the doors of a turf for its map."""
        return tuple(DoorMark.read(item) for item in self._get(f"/v1/turfs/{turf_id}/map")["features"])

    def list_carried(self, turf_id: str) -> tuple[Carried, ...]:
        """List the phones that carry a turf or will."""
        return tuple(Carried.read(item) for item in self._get(f"/v1/turfs/{turf_id}/assignments")["items"])

    def assign_turf(self, turf_id: str, phone_id: str, from_on: date, until_on: date) -> Carried:
        """Let a phone carry a turf."""
        body = {"device_id": phone_id, "from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
        return Carried.read(self._send("POST", f"/v1/turfs/{turf_id}/assignments", json=body))

    def unassign_turf(self, turf_id: str, assignment_id: str) -> None:
        """Take a turf back from a phone."""
        self._send("DELETE", f"/v1/turfs/{turf_id}/assignments/{assignment_id}")

    def enter_codes(
        self, turf_id: str, rows: Sequence[tuple[str, str]], *, visited_on: date | None = None
    ) -> tuple[Entered, ...]:
        """Take in rows of a sheet: the code and the outcome of each."""
        body: dict[str, Any] = {"rows": [{"code": code, "outcome": outcome} for code, outcome in rows]}
        if visited_on is not None:
            body["visited_on"] = visited_on.isoformat()
        results = self._send("POST", f"/v1/turfs/{turf_id}/codes", json=body)["results"]
        return tuple(Entered.read(item) for item in results)
