"""The stand-in API's part about referrals and how agreements are used, with hostile names among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.dashboard.fake_access import at, known, problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_plan import FakePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

STATES = ("waiting", "accepted", "served", "declined", "not_eligible", "full", "withdrawn", "expired")
CLINIC, KITCHEN, ORG = known(22), known(950), known(951)


def referral(number: int, state: str, **more: Any) -> dict[str, Any]:
    over = None if state in ("waiting", "accepted") else at(hours=3)
    told = {"id": known(900 + number), "need_id": need_id(600 + number), "agreement_id": CLINIC, "partner": NASTY}
    times = {
        "consent_at": at(days=2), "created_at": at(days=1), "answered_at": over, "ended_at": over,
        "expires_at": at(days=-9), "reminded_at": None,
    }  # fmt: skip
    plain = {"asset_id": KITCHEN, "service": NASTY, "category": "food", "need_status": "open", "reason": None}
    return told | times | plain | {"state": state, "created_by": known(1), "is_due_soon": False} | more


def difference(agreement_id: str, change: dict[str, Any]) -> dict[str, Any]:
    """What a change would make of an agreement that sees nine needs."""
    names = {"area": "cells", "days": "expires_at"}
    plain = {"agreement_id": agreement_id, "changed": [names.get(name, name) for name in change]}
    cells = {"cells_before": 12, "cells_after": 20, "cells_added": 9, "cells_removed": 1}
    lists = {"categories_added": ["water"], "categories_removed": [], "fields_added": [], "fields_removed": []}
    ends = {"expires_before": at(days=-90), "expires_after": at(days=-30), "quota_before": 10000, "quota_after": 500}
    needs = {"needs_before": 9, "needs_after": 12, "needs_added": 4, "needs_removed": 1}
    return plain | cells | lists | ends | needs


class FakeReferrals(FakePlan):
    """Referrals in every state; what is handed over, taken back and undone is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.referrals = [
            referral(1, "waiting", is_due_soon=True, expires_at=at(days=-1)),
            referral(2, "accepted"),
            referral(3, "declined", reason="outside_area"),
        ]
        self.partners = [{"agreement_id": CLINIC, "name": NASTY, "organization_id": ORG, "covers": True, "referred": 1}]
        self.edits: list[Any] = []
        self.hits: list[dict[str, Any]] = []
        self.features: list[dict[str, Any]] = [
            {
                "type": "Feature", "id": "abcdefghijklmnop",
                "geometry": {"type": "Polygon", "coordinates": [[[24, 60], [24, 61], [25, 60], [24, 60]]]},
                "properties": {"cell": "891126d3303ffff", "kind": NASTY, "urgency": "soon", "week": "2026-W47"},
            }
        ]  # fmt: skip

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        parts = path.split("/")[2:]
        found = self._referral_answer(method, parts, query, body)
        if found is None:
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        wants_proof = method in ("POST", "PATCH") or parts[-1] == "preview"
        if wants_proof and self.stale:
            return problem(401, "proof-needed", "Give the password again")
        return self.refuse if self.refuse and method != "GET" else found

    def _referral_answer(self, method: str, parts: list[str], query: Mapping[str, str], body: Any) -> Answer | None:
        if parts[0] == "referrals":
            return self._on_referral(method, parts[1:], query)
        if parts[0] == "organizations":
            return 200, {"items": [{"id": ORG, "name": NASTY}], "next": None}
        if parts[0] == "agreements" and len(parts) > 1:
            return self._on_agreement(method, parts[1:], body)
        if len(parts) < 3:
            return None
        if parts[0] == "needs" and parts[2] == "serving":
            place = {
                "asset_id": KITCHEN, "name": NASTY, "organization_id": ORG, "opening_hours": "Mo-Fr 10:00-16:00",
                "travel_min": 7, "reason": "near", "referred": 1,
            }  # fmt: skip
            return 200, {"places": [place], "partners": self.partners, "referrals": []}
        return None

    def _on_agreement(  # noqa: PLR0911 - one a path
        self, method: str, rest: list[str], body: Any
    ) -> Answer | None:
        agreement_id, what = rest[0], "".join(rest[1:])
        if method == "PATCH":
            if not (self.stale or self.refuse):
                self.edits.append(body)
            return 200, {}
        if what == "use":
            days = [{"day": "2026-11-28", "records": 40}]
            told = {
                "agreement_id": agreement_id,
                "quota_per_day": 10000,
                "used_today": 12,
                "last_seen_at": at(minutes=4),
            }
            more = {"live_keys": 1, "looks": 2, "referrals_running": 1, "days": days, "canaries": 2}
            return 200, told | more | {"can_undo": bool(self.edits), "hits": self.hits}
        if what == "difference":
            return 200, difference(agreement_id, body)
        if what == "undo" and not (self.stale or self.refuse):
            self.edits.pop()
            return 200, {}
        if what == "preview":
            return 200, {"type": "FeatureCollection", "features": self.features, "numberMatched": len(self.features)}
        if what == "referrals" and method == "POST" and not self.stale:
            made = referral(50 + len(self.referrals), "waiting", need_id=body["need_id"], asset_id=body.get("asset_id"))
            self.referrals.append(made)
            return 201, made
        return (201, None) if what == "referrals" else None

    def _on_referral(self, method: str, rest: list[str], query: Mapping[str, str]) -> Answer:
        if not rest:
            wanted = [
                one
                for one in self.referrals
                if query.get("state") in (None, one["state"]) and query.get("need_id") in (None, one["need_id"])
            ]
            counts = {state: sum(one["state"] == state for one in self.referrals) for state in STATES}
            return 200, {"items": wanted, "next": None, "counts": counts}
        one = next(one for one in self.referrals if one["id"] == rest[0])
        if rest[1:] == ["events"]:
            plain = {"referral_id": one["id"], "reason": None, "is_undo": False}
            first = plain | {"at": at(days=1), "actor": known(1), "from_state": None, "to_state": "waiting"}
            then = plain | {"at": at(hours=3), "actor": CLINIC, "from_state": "waiting", "to_state": one["state"]}
            return 200, {"items": [first, then][: 1 if one["state"] == "waiting" else 2]}
        if method == "DELETE" and not self.refuse:
            one |= {"state": "withdrawn", "ended_at": at(minutes=1)}
            return 204, None
        if rest[1:] == ["undo"] and not (self.stale or self.refuse):
            one |= {"state": "waiting", "ended_at": None, "reason": None}
        return 200, one
