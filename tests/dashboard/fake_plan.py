"""The stand-in API's third part: what would help, what would be, and what has changed, with hostile names among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo.domain.reasons import Reason, ReasonCode

from tests.dashboard.fake_access import FakeAccess
from tests.dashboard.fake_api import CATEGORIES, CENTRE, NASTY, need_id, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

GAINS = (9, 6, 4, 2, 1)
DEMAND, GAP = 60, 30
STREETS = Reason(ReasonCode.OWN_STREETS, {"engine": "3.5.1", "near_street_m": 200.0})
TRAVEL = {"name": "valhalla", **told("note", STREETS, codes="how")}
GATHER = "Unmet needs for food gather in 1 of 61 cells."
PATHS = (
    "/v1/coverage/hotspots",
    "/v1/coverage/sites",
    "/v1/coverage/what-if",
    "/v1/coverage/slots",
    "/v1/coverage/changes",
    "/v1/assets",
)


def totals(demand: int, gap: int) -> dict[str, Any]:
    return {"demand": demand, "covered": demand - gap, "gap": gap, "coverage": (demand - gap) / demand}


class FakePlan(FakeAccess):
    """Answers as the API does; the figures of each answer fit together."""

    def __init__(self) -> None:
        super().__init__()
        self.optimal = True
        self.gap = GAP
        self.most_sites = 5
        self.kept_day: str | None = "2026-03-01"

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if path not in PATHS:
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse:
            return self.refuse
        plain = {
            "/v1/coverage/sites": lambda: self._sites(body),
            "/v1/coverage/what-if": lambda: self._what_if(body),
            "/v1/coverage/slots": lambda: self._slots(query),
            "/v1/coverage/changes": self._changes,
            "/v1/coverage/hotspots": lambda: {"sentence": GATHER},
            "/v1/assets": self._assets,
        }
        return 200, plain[path]()

    def _sites(self, body: Any) -> dict[str, Any]:
        gains = GAINS[: min(body["k"], self.most_sites)]
        sites = [
            {
                "lon": CENTRE[0] + n / 500,
                "lat": CENTRE[1],
                "cell": "891126d3337ffff",
                "label": NASTY if n == 1 else f"Liisankatu {n}",
                "newly_served": gain,
                "cumulative": sum(gains[: n + 1]),
            }
            for n, gain in enumerate(gains)
        ]
        helped = sum(gains)
        own = max(0, helped - 2)
        objective = 2 * DEMAND - 2 * GAP + helped
        same = ("category", "k", "standard_min", "candidates")
        return {name: body[name] for name in same} | {
            "problem": "mclp",
            "mode": "walk",
            "candidate_count": 66,
            "note": "Public places of the network.",
            "sites": sites,
            "objective": float(objective),
            "unit": "weighted needs",
            "method": "milp" if self.optimal else "greedy",
            "optimal": self.optimal,
            "bound": float(objective) if self.optimal else objective + 3.5,
            "bound_by": "proof",
            "was_cut": not self.optimal,
            "optimality_gap": 0.0 if self.optimal else 0.03,
            "before": totals(DEMAND, GAP),
            "after": totals(DEMAND, GAP - own),
            "all_before": totals(2 * DEMAND, 2 * GAP),
            "all_after": totals(2 * DEMAND, 2 * GAP - helped),
            "unreached": 1,
            "travel_model": TRAVEL,
            "balance": self._balance(),
        }

    def _what_if(self, body: Any) -> dict[str, Any]:
        change = 4 * len(body.get("close", ())) - 4 * sum(len(body.get(kind, ())) for kind in ("add", "resize", "move"))
        before = {value: totals(DEMAND, self.gap) for value, _ in CATEGORIES}
        reach = {value: {"out_before": 9, "newly_within": 0, "no_longer_within": 0, "out_after": 9} for value in before}
        newly, no_longer = max(0, -change), max(0, change)
        reach["food"] = {
            "out_before": 9 + newly, "newly_within": newly, "no_longer_within": no_longer, "out_after": 9 + no_longer,
        }  # fmt: skip
        row = {
            "category": "food", "demand": 20, "gap_before": 19, "gap_after": 19 + change, "change": change,
            "newly_within": newly, "no_longer_within": no_longer,
        }  # fmt: skip
        return {
            "sentence": f"{NASTY} makes {change}.",
            "notes": ["New places are taken to be open."],
            "before": before,
            "after": before | {"food": totals(DEMAND, self.gap + change)},
            "reach": reach,
            "rows": [row | {"key": "north", "label": NASTY}],
            "cells": [row | {"key": "891126d3337ffff", "label": NASTY}] if body.get("with_cells") else [],
            "groups": [] if body.get("group", "none") == "none" else [row | {"key": "ar", "label": "ar"}],
            "standard_min": body["standard_min"],
            "mode": "walk",
            "by": "area",
            "open_at": None,
            "travel_model": TRAVEL,
            "balance": self._balance(),
        }

    def _slots(self, query: Mapping[str, str]) -> dict[str, Any]:
        groups = {"language": {"fi": 30, "ar": 12, "not_stated": 3}}.get(query["group"], {"all": DEMAND})
        rows = [
            totals(demand, min(demand, (hour + day) % 25))
            | {"weekday": day, "hour": hour, "category": query["category"], "group": group}
            | {"coverage_best": 1.0, "out_of_reach": 0}
            for day in range(7)
            for hour in range(24)
            # the clock jumps over an hour
            if (day, hour) != (6, 3)
            for group, demand in groups.items()
        ]
        said = [("ar", f"No Arabic-speaking help on Sunday evening {NASTY}."), ("fi", "Nobody on Monday.")]
        worst = [
            {"category": "food", "group": group, "demand": 5, "gap": 5, "hours": 4, "sentence": sentence}
            for group, sentence in said
            if group in groups
        ]
        return {
            "travel_model": TRAVEL,
            "standard_min": float(query["standard_min"]),
            "mode": "walk",
            "group": query["group"],
            "week_of": "2026-03-02",
            "time_zone": "Europe/Helsinki",
            "solved": 9,
            "worst": worst,
            "by_day": [1.0] * 7,
            "by_hour": [1.0] * 24,
            "rows": rows,
            "excluded_supply": {"asset hours not known": 5, "helper hours not known": 2, "helper not active": 6},
            "balance": self._balance(),
        }

    def _changes(self) -> dict[str, Any]:
        if self.kept_day is None:
            return {"since": None, "travel_model": TRAVEL, "rows": [], "totals": {}}
        row = {"demand_then": 20, "demand": 22}
        one = row | {"key": "north", "label": NASTY, "category": "food", "gap_then": 5, "gap": 8, "gap_change": 3}
        total = row | {"key": "", "label": "all", "category": "food", "gap_then": 5, "gap": 8, "gap_change": 3}
        return {"since": self.kept_day, "travel_model": TRAVEL, "rows": [one], "totals": {"food": total}}

    @staticmethod
    def _assets() -> dict[str, Any]:
        rooms = {NASTY: 30, "Harbour Kitchen": None, "Closed pantry": 0}
        return {
            "items": [
                {
                    "id": need_id(700 + n),
                    "name": name,
                    "kind": "food_bank",
                    "capacity_per_week": room,
                    "point": {"lon": CENTRE[0] + n / 500, "lat": CENTRE[1]} if n < 2 else None,
                }
                for n, (name, room) in enumerate(rooms.items())
            ],
            "next": None,
        }
