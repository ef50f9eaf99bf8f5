"""The stand-in API's part about requests that may be one, deciding as the API does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo.domain.reasons import Reason, ReasonCode

from tests.dashboard.fake_access import known, problem
from tests.dashboard.fake_api import CELLS, NASTY, need
from tests.dashboard.fake_board import FakeBoard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer


def side(number: int, **more: Any) -> dict[str, Any]:
    about = (
        need(number, cell=CELLS[0]) | {"match_quality": "rooftop", "uncertainty_m": 8.0, "access": ["no_car"]} | more
    )
    return {"need": about, "has_place": True, "has_contact": True, "has_phone": True}


def pair(number: int, **more: Any) -> dict[str, Any]:
    parts = {"place": 10.0, "unit": 0.0, "reach": 0.0, "category": 2.2, "time": 3.0, "household_size": -0.3}
    told = {"id": known(700 + number), "state": "waiting", "bits": 20.0 - number, "parts": parts, "metres_apart": 6}
    sides = {"earlier": side(700 + 2 * number), "later": side(701 + 2 * number, household_size=4)}
    twice = Reason(ReasonCode.DOOR_FOUND_TWICE, {"apart_m": 6})
    because = [{"code": twice.code.value, "parts": twice.parts}, {"code": "not_known_yet", "parts": {}}]
    reasons = {"why": [twice.words, NASTY], "because": because}
    return told | sides | reasons | {"facts": ["household_size", "contact", "note"], "can_undo": False} | more


class FakeDuplicates(FakeBoard):
    """Three pairs, one of them with a request that has no place."""

    def __init__(self) -> None:
        super().__init__()
        nowhere = {"metres_apart": None, "earlier": side(720, uncertainty_m=None)}
        self.pairs = [pair(1), pair(2, **nowhere), pair(3)]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if not path.startswith("/v1/duplicates"):
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse:
            return self.refuse
        if method == "GET":
            waits = sum(one["state"] == "waiting" for one in self.pairs)
            shown = [one for one in self.pairs if one["state"] == query.get("state", "waiting")]
            return 200, {"items": shown, "next": None, "count": waits}
        return self._decide(*path.removeprefix("/v1/duplicates/").split("/"))

    def _decide(self, pair_id: str, verb: str) -> Answer:
        found = next(one for one in self.pairs if one["id"] == pair_id)
        then = {"merge": "merged", "different": "different", "undo": "waiting"}[verb]
        if (found["state"] == "waiting") == (then == "waiting"):
            return problem(409, "conflict", "somebody has decided about this pair already")
        found |= {"state": then, "can_undo": then != "waiting"}
        return 200, found
