"""The stand-in API's fourth part: the board, matches, helpers and the calendar, with hostile names among them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geo.domain.board import Lane, lane_of
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.words import MatchStatus, NeedStatus

from tests.dashboard.fake_access import at, known, problem
from tests.dashboard.fake_api import CELLS, NASTY, need, need_id, told
from tests.dashboard.fake_referrals import FakeReferrals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.dashboard.fake_api import Answer

NEXT = {
    "accept": "accepted", "decline": "declined", "withdraw": "withdrawn",
    "start": "under_way", "done": "done", "fail": "failed",
    "confirm": "done",
}  # fmt: skip
FARTHEST = ("under_way", "accepted", "proposed")
LINK = "http://localhost:8000/v1/calendar.ics?token=cal_secret"
ZONE = "Europe/Helsinki"


def helper(number: int, name: str, **more: Any) -> dict[str, Any]:
    plain = {"categories": ["food"], "languages": ["fi", "ar"], "vehicle": "bicycle", "status": "active"}
    room = {"capacity_per_week": 5, "load": 2, "max_travel_min": 20, "interpreter": False, "cell": CELLS[0]}
    when = {"availability": "DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU,WE"}
    told = {"id": need_id(number), "public_name": name, "last_asked_at": at(days=3), "updated_at": at(), "version": 1}
    return told | plain | room | when | more


def match(number: int, need_number: int, status: str, who: int = 1, **more: Any) -> dict[str, Any]:
    times = {"created_at": at(days=1), "updated_at": at(hours=2), "done_at": None, "confirmed_at": None}
    sides = {"need_id": need_id(need_number), "helper_id": need_id(who), "asset_id": None}
    ends = at(hours=-20) if status in ("proposed", "accepted") else None
    told = {"id": known(500 + number), "status": status, "reason": None, "travel_min": 4, "expires_at": ends}
    return told | sides | times | {"version": 1} | more


class FakeBoard(FakeReferrals):
    """Answers as the API does, and steps as it does."""

    def __init__(self) -> None:
        super().__init__()
        self.needs = [need(600 + n, cell=CELLS[0]) for n in range(8)]
        self.needs[4] |= {"status": "in_progress"}
        self.needs[5] |= {"status": "in_progress"}
        self.needs[6] |= {"status": "met"}
        self.matches = [
            match(1, 602, "declined", reason="no_time"),
            match(2, 603, "proposed", 3),
            match(3, 604, "accepted"),
            match(4, 605, "under_way", 3),
            match(5, 606, "done"),
        ]
        self.volunteers = [
            helper(1, "Aino"), helper(3, NASTY, status="paused"), helper(4, "Bo", last_asked_at=None, load=5),
        ]  # fmt: skip
        self.apart: list[dict[str, Any]] = []
        self.stuck = [{"need_id": need_id(601), "unanswered": 3, "reason": None}]
        self.contacts: dict[str, Any] = {}
        self.activities = [self._activity(1, "Kitchen")]
        self.now = datetime.now(ZoneInfo(ZONE)).replace(minute=0, second=0, microsecond=0)
        monday = self.now.replace(hour=0) - timedelta(days=self.now.weekday())
        self.shifts = [self._shift(1, monday), self._shift(2, self.now + timedelta(hours=1))]
        self.sign_ups: list[dict[str, Any]] = []
        self.feeds: list[dict[str, Any]] = []
        self.unproposed = {"too_far": 2, "nobody_offers_it": 1}
        self.is_optimal = True

    @staticmethod
    def _activity(number: int, title: str, **more: Any) -> dict[str, Any]:
        plain = {"kind": "activity", "time_zone": ZONE, "place": NASTY, "uid": None, "updated_at": at(), "version": 1}
        roles = [{"name": "cook", "most": 2}, {"name": "driver", "most": 1}]
        when = {"schedule": "DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU"}
        return {"id": known(800 + number), "title": title, "roles": roles} | plain | when | more

    def _shift(self, number: int, starts: datetime) -> dict[str, Any]:
        times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=3)).isoformat()}
        told = {"id": known(700 + number), "activity_id": known(801), "title": f"Kitchen {NASTY}", "place": "Hall"}
        return told | times | {"kind": "kitchen", "asset_id": None, "roles": []}

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer what is about the board, helpers and the calendar here, and the rest like the parts before."""
        parts = path.split("/")[2:]
        found = self._find(method, parts)
        if found is None:
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        return self.refuse if self.refuse and method != "GET" else found(parts, query, body)

    def _find(self, method: str, parts: list[str]) -> Callable[..., Answer] | None:
        noun, way = parts[0].replace("-", "_"), method.lower()
        if noun == "needs" and (len(parts) > 2 and parts[2] != "matches"):
            return None
        if noun == "needs" and method == "GET" and len(parts) == 1:
            return None
        found: Callable[..., Answer] | None = getattr(self, f"_on_{noun}_{way}", None)
        return found

    def _on_board_get(self, _: Any, query: Mapping[str, str], __: Any) -> Answer:
        cards = [card for one in self.needs if (card := self._card(one)) is not None]
        if "category" in query:
            cards = [card for card in cards if card["need"]["category"] == query["category"]]
        lanes = [self._lane(lane, [card for card in cards if card["lane"] == lane]) for lane in Lane]
        items = [card for card in cards if card["lane"] == query["lane"]]
        return 200, {"lanes": lanes, "lane": query["lane"], "items": items, "balance": self._balance()}

    @staticmethod
    def _lane(lane: Lane, cards: list[dict[str, Any]]) -> dict[str, Any]:
        pressing = sum(card["need"]["urgency"] in ("critical", "high") for card in cards)
        return {"lane": lane, "count": len(cards), "pressing": pressing, "oldest_at": None}

    def _card(self, one: dict[str, Any]) -> dict[str, Any] | None:
        if one["status"] in ("withdrawn", "expired"):
            return None
        wanted = ("done",) if one["status"] == "met" else FARTHEST
        own = [m for m in self.matches if m["need_id"] == one["id"]]
        shown = next((m for status in wanted for m in own if m["status"] == status), None)
        lane = lane_of(NeedStatus(one["status"]), None if shown is None else MatchStatus(shown["status"]))
        asked = sum(m["status"] == "proposed" for m in own)
        return {"lane": lane.value, "need": one, "match": shown, "who": self._who(shown), "asked": asked}

    def _who(self, one: dict[str, Any] | None) -> str | None:
        names = {each["id"]: each["public_name"] for each in self.volunteers}
        return None if one is None else names.get(one["helper_id"], "Harbour Kitchen")

    def _need(self, wanted: str) -> dict[str, Any]:
        return next(one for one in self.needs if one["id"] == wanted)

    def _on_needs_get(self, parts: list[str], *_: Any) -> Answer:
        if len(parts) > 2:
            return 200, {"items": self._matched(lambda one: one["need_id"] == parts[1])}
        return 200, self._need(parts[1])

    def _matched(self, fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        found = [one for one in reversed(self.matches) if fits(one)]
        return [{"match": one, "need": self._need(one["need_id"]), "who": self._who(one)} for one in found]

    def _on_needs_patch(self, parts: list[str], _: Any, body: Any) -> Answer:
        one = self._need(parts[1])
        one |= body | {"version": one["version"] + 1}
        return 200, one

    def _on_needs_post(self, parts: list[str], _: Any, body: Any) -> Answer:
        assert parts[1:] == ["steps"]
        change = {name: body[name] for name in ("status", "urgency") if name in body}
        results = [self._stepped(seen, change) for seen in body["items"]]
        done = sum("need" in one for one in results)
        return 200, {"done": done, "left": len(results) - done, "results": results}

    def _stepped(self, seen: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
        one = self._need(seen["id"])
        if one["version"] != seen["version"]:
            return {"id": seen["id"], "problem": {"status": 412}}
        one |= change | {"version": one["version"] + 1}
        return {"id": seen["id"], "need": dict(one)}

    def _on_matches_get(self, parts: list[str], *_: Any) -> Answer:
        if parts[1:] == ["waiting"]:
            return 200, {"items": self.stuck}
        one = next(m for m in self.matches if m["id"] == parts[1])
        first = {"match_id": one["id"], "at": at(hours=3), "actor": known(2), "from_status": None, "is_undo": False}
        now = {"to_status": one["status"], "reason": one["reason"], "from_status": "proposed"}
        return 200, {"items": [first | {"to_status": "proposed", "reason": None}, first | now]}

    def _on_matches_post(self, parts: list[str], _: Any, body: Any) -> Answer:
        if parts[1:] == ["propose"]:
            return 200, self._proposals()
        if len(parts) == 1:
            made = match(50 + len(self.matches), 0, "proposed") | {"need_id": body["need_id"]}
            made |= {"helper_id": body.get("helper_id"), "asset_id": body.get("asset_id")}
            self.matches.append(made)
            return 201, made
        one = next(m for m in self.matches if m["id"] == parts[1])
        if parts[2] == "ask":
            return 200, one
        if parts[2] == "undo":
            one |= {"status": one["before"], "version": one["version"] + 1}
        else:
            one |= {"before": one["status"], "status": NEXT[parts[2]], "version": one["version"] + 1}
            one["reason"] = (body or {}).get("reason")
        status = {"accepted": "in_progress", "under_way": "in_progress", "done": "met"}.get(one["status"], "open")
        self._need(one["need_id"])["status"] = status
        return 200, one

    def _proposals(self) -> dict[str, Any]:
        names = ((600, 1, "Aino"), (601, 3, NASTY), (607, 1, "Aino"))
        pairs = [
            {
                "need_id": need_id(n),
                "helper_id": need_id(h),
                "helper_name": name,
                "travel_min": 4,
                **told(
                    "reason",
                    Reason(ReasonCode.TRAVEL, {"travel_min": 4, "mode": "walk"}),
                    Reason(ReasonCode.KIND, {"kind": NASTY}),
                ),
                "match_id": None,
            }
            for n, h, name in names
        ]
        left = [why for why, count in self.unproposed.items() for _ in range(count)]
        unmatched = [{"need_id": need_id(640 + n), "why": why} for n, why in enumerate(left)]
        return {
            "pairs": pairs, "unmatched": unmatched, "unmatched_by_reason": self.unproposed, "objective": 9.0,
            "bound": 9.0 if self.is_optimal else 8.0, "gap": 0.0 if self.is_optimal else 0.125,
            "optimal": self.is_optimal, "helper_count": 3, "kept": False, "taken_meanwhile": 0,
            "travel_model": self._meta()["travel_model"], "balance": self._balance(),
        }  # fmt: skip

    def _on_helpers_get(self, parts: list[str], query: Mapping[str, str], _: Any) -> Answer:
        if len(parts) > 2:
            return 200, {"items": self._matched(lambda one: one["helper_id"] == parts[1])}
        if len(parts) == 2:
            return 200, next(one for one in self.volunteers if one["id"] == parts[1])
        fits = {
            "category": lambda one, value: value in one["categories"],
            "status": lambda one, value: value == one["status"],
            "has_room": lambda one, value: (one["load"] < one["capacity_per_week"]) == (value == "true"),
        }
        found = [
            one for one in self.volunteers if all(f(one, query[name]) for name, f in fits.items() if name in query)
        ]
        return 200, {"items": found, "next": None}

    def _on_helpers_patch(self, parts: list[str], _: Any, body: Any) -> Answer:
        one = next(one for one in self.volunteers if one["id"] == parts[1])
        one |= body | {"version": one["version"] + 1}
        return 200, one

    def _on_helpers_put(self, parts: list[str], _: Any, body: Any) -> Answer:
        self.contacts[parts[1]] = body
        return self._on_helpers_patch(parts, _, {})

    def _on_helpers_delete(self, parts: list[str], *_: Any) -> Answer:
        self.contacts.pop(parts[1], None)
        return 204, None

    def _on_helpers_post(self, parts: list[str], *_: Any) -> Answer:
        kept = self.contacts.get(parts[1])
        return (200, {"note": NASTY, **kept}) if kept else problem(404, "not-found", "There is no such record")

    def _on_kept_apart_get(self, *_: Any) -> Answer:
        return 200, {"items": self.apart, "next": None}

    def _on_kept_apart_post(self, _: Any, __: Any, body: Any) -> Answer:
        made = {"id": known(900), "helper_id": body["helper_id"], "household_id": known(901), "created_at": at(days=2)}
        self.apart.append(made)
        return 201, made

    def _on_kept_apart_delete(self, *_: Any) -> Answer:
        self.apart.clear()
        return 204, None

    def _on_activities_get(self, *_: Any) -> Answer:
        return 200, {"items": self.activities, "next": None}

    def _on_activities_post(self, _: Any, __: Any, body: Any) -> Answer:
        made = self._activity(20, body["title"]) | body
        self.activities.append(made)
        return 201, made

    def _on_activities_delete(self, parts: list[str], *_: Any) -> Answer:
        self.activities = [one for one in self.activities if one["id"] != parts[1]]
        return 204, None

    def _on_shifts_get(self, _: Any, query: Mapping[str, str], __: Any) -> Answer:
        start, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
        found = [self._filled(one) for one in self.shifts if start <= datetime.fromisoformat(one["starts_at"]) < end]
        return 200, {"items": found, "next": None}

    def _filled(self, one: dict[str, Any]) -> dict[str, Any]:
        there = [s["role"] for s in self.sign_ups if s["shift_id"] == one["id"] and s["state"] != "cancelled"]
        roles = self.activities[0]["roles"] if self.activities else []
        return one | {"roles": [role | {"taken": there.count(role["name"])} for role in roles]}

    def _on_shifts_post(self, parts: list[str], _: Any, body: Any) -> Answer:
        one = next(shift for shift in self.shifts if shift["id"] == parts[1])
        times = {"starts_at": one["starts_at"], "ends_at": one["ends_at"], "updated_at": at(), "version": 1}
        made = {"id": known(750 + len(self.sign_ups)), "shift_id": parts[1], "state": "signed_up"} | body | times
        self.sign_ups.append(made)
        return 201, made

    def _on_sign_ups_get(self, _: Any, query: Mapping[str, str], __: Any) -> Answer:
        found = [
            s
            for s in self.sign_ups
            if all(s[name] == query[name] for name in ("shift_id", "helper_id") if name in query)
        ]
        return 200, {"items": found, "next": None}

    def _on_sign_ups_patch(self, parts: list[str], _: Any, body: Any) -> Answer:
        one = next(s for s in self.sign_ups if s["id"] == parts[1])
        one |= body | {"version": one["version"] + 1}
        return 200, one

    def _on_calendar_feeds_get(self, *_: Any) -> Answer:
        return 200, {"items": self.feeds, "next": None}

    def _on_calendar_feeds_post(self, _: Any, __: Any, body: Any) -> Answer:
        made = {"id": known(850), "kind": body["kind"], "helper_id": body.get("subject_id"), "asset_id": None}
        made |= {"label": body.get("label") or "", "created_at": at(), "revoked_at": None}
        self.feeds.append(made)
        return 201, {"feed": made, "link": LINK, "token": "cal_secret"}

    def _on_calendar_feeds_delete(self, *_: Any) -> Answer:
        self.feeds = [one | {"revoked_at": at()} for one in self.feeds]
        return 204, None

    def _on_calendar_post(self, *_: Any) -> Answer:
        return 200, {"created": 2, "changed": 0, "unchanged": 1, "skipped": [{"line": 9, "reason": "no end"}]}
