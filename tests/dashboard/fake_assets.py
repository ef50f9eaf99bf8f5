"""The stand-in API's part about assets, with a hostile name among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.dashboard.fake_api import NASTY, SAID
from tests.dashboard.fake_plan import FakePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer


def asset_id(number: int) -> str:
    return str(UUID(int=0x0199_0000_0000_7000_8000_0000_0000_0000 + number))


class FakeAssets(FakePlan):
    """Three assets, two of them past their date; one of these has been answered about."""

    def __init__(self) -> None:
        super().__init__()
        self.assets = {
            asset_id(1): self._asset(1, NASTY, "2026-01-05", past=True),
            asset_id(2): self._asset(2, "Soup kitchen", None, past=True),
            asset_id(3): self._asset(3, "Library", "2026-10-01", past=False),
        }
        self.spots: list[dict[str, Any]] = []
        self.checks = [
            {
                "id": asset_id(9), "asset_id": asset_id(1), "answer": "changed", "reason": "hours",
                "answered_at": SAID, "settled_at": None,
            }
        ]  # fmt: skip

    def _asset(self, number: int, name: str, confirmed: str | None, *, past: bool) -> dict[str, Any]:
        return {
            "id": asset_id(number), "name": name, "categories": ["food"], "status": "active", "address": NASTY,
            "opening_hours": "Mo-Fr 10:00-17:00", "assured_on": confirmed, "is_private": False,
            "is_unconfirmed": past, "source": "api", "version": 1,
            "lon": None if number == 3 else 24.95 + number / 1000, "lat": None if number == 3 else 60.17,
        }  # fmt: skip

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if not path.startswith(("/v1/assets", "/v1/asset-checks", "/v1/geocode")):
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        return self.refuse or self._told(path, query, body)

    def _told(self, path: str, query: Mapping[str, str], body: Any) -> Answer:
        if path == "/v1/geocode":
            return 200, {"decision": "review", "candidates": self.spots}
        if path == "/v1/asset-checks":
            return 200, {"items": self.checks, "next": None}
        if path.startswith("/v1/asset-checks/"):
            self.checks = []
            return 204, None
        if path == "/v1/assets":
            only = query.get("unconfirmed") == "true"
            kept = [one for one in self.assets.values() if one["is_unconfirmed"] or not only]
            kept = [one for one in kept if query.get("search", "").lower() in one["name"].lower()]
            return 200, {"items": kept, "next": None}
        found = self.assets[path.rsplit("/", 1)[1]]
        found |= body | {"version": found["version"] + 1}
        found["is_unconfirmed"] = found["assured_on"] is None or found["assured_on"] < "2026-06-01"
        return 200, found
