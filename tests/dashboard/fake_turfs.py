"""The stand-in API's part about turfs, with hostile names among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from geo.domain.door_codes import door_code, read_code
from geo.domain.turf import Outcome
from geo.errors import InvalidInput

from tests.dashboard.fake_api import AREA_ID, CENTRE, NASTY, SAID
from tests.dashboard.fake_plan import FakePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

DOORS = 4
PHONE_ID = "0a6f7d2e-3c54-4f0b-9a51-6a2b1d1f0077"


def turf_id(number: int) -> str:
    return str(UUID(int=0x0198_0000_0000_7000_8000_0000_0000_0000 + number))


class FakeTurfs(FakePlan):
    """Two turfs of four doors each; what is typed is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.names = {1: NASTY, 2: "South"}
        self.met: dict[int, dict[int, str]] = {1: {1: "nobody_home"}, 2: {}}
        self.carried: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if not path.startswith("/v1/turfs"):
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse:
            return self.refuse
        rest = path.removeprefix("/v1/turfs").strip("/").split("/")
        if rest == [""] and method == "POST":
            number = max(self.names) + 1
            self.names[number], self.met[number] = body["name"], {}
            return 201, self._turf(number)
        if rest == [""]:
            return 200, {"items": [self._turf(number) for number in sorted(self.names)], "next": None}
        if rest == ["cut"]:
            number = max(self.names) + 1
            self.names[number], self.met[number] = f"{body['name']} 1", {}
            return 201, {"cut_id": turf_id(number), "items": [self._turf(number)]}
        number = next(number for number in self.names if turf_id(number) == rest[0])
        return self._one(method, number, rest[1:], body)

    def _one(self, method: str, number: int, rest: list[str], body: Any) -> Answer:  # noqa: PLR0911 - one a path
        if not rest and method == "DELETE":
            del self.names[number]
            return 204, None
        if rest == ["progress"]:
            progress = self._progress(number)
            return 200, progress | {"streets": [{"street": NASTY, **progress}]}
        if rest == ["map"]:
            return 200, {"type": "FeatureCollection", "features": [self._door(number, at + 1) for at in range(DOORS)]}
        if rest == ["codes"]:
            results = [self._enter(number, line, row) for line, row in enumerate(body["rows"], 1)]
            return 200, {"results": results, "progress": self._progress(number)}
        if rest == ["assignments"] and method == "POST":
            made = {"id": turf_id(900 + len(self.carried)), "turf_id": turf_id(number), "device_label": NASTY, **body}
            self.carried.append(made)
            return 201, made
        if rest == ["assignments"]:
            return 200, {"items": self.carried, "next": None}
        self.carried = [one for one in self.carried if one["id"] != rest[1]]
        return 204, None

    def _turf(self, number: int) -> dict[str, Any]:
        lon, lat = CENTRE
        ring = [[lon, lat], [lon + 0.002, lat], [lon + 0.002, lat + 0.001], [lon, lat + 0.001], [lon, lat]]
        return {
            "id": turf_id(number), "number": number, "cut_id": AREA_ID, "name": self.names[number], "note": NASTY,
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}, "doors": DOORS, "ends_on": "2099-01-31",
            "closed_at": None, "created_at": SAID, "updated_at": SAID, "version": 1,
            "progress": self._progress(number),
        }  # fmt: skip

    def _progress(self, number: int) -> dict[str, Any]:
        met = list(self.met[number].values())
        outcomes = {outcome.value: met.count(outcome.value) for outcome in Outcome}
        return {"turf_id": turf_id(number), "doors": DOORS, "left": DOORS - len(met), "outcomes": outcomes}

    def _door(self, number: int, position: int) -> dict[str, Any]:
        place = {"type": "Point", "coordinates": [CENTRE[0] + position / 5000, CENTRE[1]]}
        told = {"position": position, "street": NASTY, "number": str(position), "visits": 1, "happened_at": SAID}
        outcome = self.met[number].get(position)
        return {"type": "Feature", "id": position, "geometry": place, "properties": told | {"outcome": outcome}}

    def _enter(self, number: int, line: int, row: Mapping[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = {"line": line, "code": row["code"], "position": None, "label": None, "outcome": None}
        try:
            _, position, _ = read_code(row["code"])
        except InvalidInput as slip:
            meant = [f"{door_code(number, 1)}: {NASTY} 1"]
            return told | {"state": "slip", "meant": meant, "reason": str(slip)}
        self.met[number][position or 0] = row["outcome"]
        more = {"position": position, "label": f"{NASTY} {position}", "outcome": row["outcome"]}
        return told | more | {"state": "created", "meant": [], "reason": None}
