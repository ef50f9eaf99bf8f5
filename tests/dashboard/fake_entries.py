"""The stand-in API's part about entries, with hostile words in what was typed and in why it could not be used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from tests.dashboard.fake_access import at, known, problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_board import FakeBoard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

STATES = ("received", "quarantined", "held", "made", "refused", "discarded")
HELD, QUARANTINED, MADE, REFUSED, GONE = (need_id(700 + number) for number in range(5))
PHOTO = b"\xff\xd8\xff\xe0 a photo"
BODY: dict[str, Any] = {
    "category": "gold", "household_size": 3, "languages": ["fi"], "access": ["no_car"], "opening": "bad",
    "location": {"address": f"Testikatu 3 {NASTY}"}, "contact": {"name": "Aino", "phone": "+358 40 1", "consent": True},
}  # fmt: skip


def arrival(entry_id: str, state: str, **more: Any) -> dict[str, Any]:
    plain = {"kind": "need", "record_id": None, "handed_in_by": known(12), "channel": "door", "form": 1}
    times = {"device_at": at(hours=5), "received_at": at(hours=2), "decided_at": None}
    ends = {"kept_until": at(days=-80), "photo_until": None, "is_kept": True, "has_photo": False}
    told = {"id": entry_id, "state": state, "faults": [], "accuracy_m": 12.5, "refused_because": None}
    return told | plain | times | ends | {"can_undo": False} | more


class FakeEntries(FakeBoard):
    """One entry of each kind of fate; decisions change them as the API does."""

    def __init__(self) -> None:
        super().__init__()
        faults = [{"pointer": "/body/category", "reason": NASTY}, {"pointer": "/body/opening", "reason": "unknown"}]
        refused = {"refused_because": "sent_twice", "decided_at": at(days=1), "can_undo": True}
        gone = {"refused_because": "nobody_decided", "is_kept": False, "kept_until": None}
        photo = {"has_photo": True, "photo_until": at(days=-20)}
        self.arrivals = [
            arrival(HELD, "held", faults=faults, device_at=at(days=-3), **photo),
            arrival(QUARANTINED, "quarantined", kind="helper", channel="hotline", handed_in_by=known(99)),
            arrival(MADE, "made", record_id=need_id(600), kept_until=None),
            arrival(REFUSED, "refused", **refused),
            arrival(GONE, "discarded", **gone),
        ]

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; a photo is no JSON."""
        if request.method != "POST" or not request.url.path.endswith("/photo"):
            return super().handle(request)
        self.asked.append(("POST", request.url.path, json.loads(request.content)))
        if self.refuse:
            return httpx.Response(self.refuse[0], json=self.refuse[1], request=request)
        return httpx.Response(200, content=PHOTO, headers={"Content-Type": "image/jpeg"}, request=request)

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if not path.startswith("/v1/entries"):
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse:
            return self.refuse
        rest = path.removeprefix("/v1/entries").strip("/").split("/")
        if rest == [""]:
            return 200, self._page(query)
        one = next(one for one in self.arrivals if one["id"] == rest[0])
        return self._one(method, one, "/".join(rest[1:]), body)

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        states = ("quarantined", "held") if query.get("to_decide") else (query.get("state"),)
        asked = [one for one in self.arrivals if states == (None,) or one["state"] in states]
        asked = [one for one in asked if query.get("kind", one["kind"]) == one["kind"]]
        asked = [one for one in asked if query.get("channel", one["channel"]) == one["channel"]]
        counts = {state: sum(one["state"] == state for one in self.arrivals) for state in STATES}
        half = len(asked) // 2 if len(asked) > len(STATES) - 2 else 0
        if half and "cursor" not in query:
            return {"items": asked[:half], "next": "older", "counts": counts}
        return {"items": asked[half:] if half else asked, "next": None, "counts": counts}

    def _one(self, method: str, one: dict[str, Any], verb: str, body: Any) -> Answer:
        if verb == "typed":
            if not one["is_kept"]:
                return problem(404, "not-found", "there is nothing to be read in this entry")
            typed = {"form": 1, "note": NASTY, "body": BODY}
            return 200, {
                "id": one["id"], "kind": one["kind"], "typed": typed, "corrected": None, "has_photo": one["has_photo"]
            }  # fmt: skip
        changes: dict[str, dict[str, Any]] = {
            "release": {"state": "received"},
            "undo": {"state": "held", "can_undo": False, "refused_because": None},
            "photo/keep": {"has_photo": True},
        }
        if verb == "refuse":
            changes[verb] = {"state": "refused", "refused_because": body["reason"], "can_undo": True}
        if verb == "correction":
            changes[verb] = {"state": "made", "record_id": need_id(600), "can_undo": True, "faults": []}
        if verb == "photo" and method == "DELETE":
            changes[verb] = {"has_photo": False}
        one |= changes.get(verb, {})
        return 200, one
