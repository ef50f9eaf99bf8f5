"""A stand-in for the API: answers from memory in the agreed shapes, with hostile names among its records."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from uuid import UUID

import h3
import httpx
from shapely.geometry import shape

from geo.domain.reasons import Reason, ReasonCode, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NASTY = "{{7*7}} ${document.title='taken'} <img src=x onerror=\"document.title='taken'\"> `x` {% bad"
CENTRE = (24.953, 60.1718)
CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(CENTRE[1], CENTRE[0], 9), 2))
AREA_ID = "0a6f7d2e-3c54-4f0b-9a51-6a2b1d1f0001"
CATEGORIES = (("food", "Food"), ("water", "Drinking water"), ("medicine", "Medicine"), ("company", "Company"))
SAID = "2026-03-01T09:00:00Z"
STRAIGHT = Reason(ReasonCode.STRAIGHT_LINE, {"detour": 1.3, "walk_kmh": 4.8})
LISTS = ("waiting", "ask_again", "outside_area")

Answer = tuple[int, Any]


def need_id(number: int) -> str:
    return str(UUID(int=0x0196_0000_0000_7000_8000_0000_0000_0000 + number))


def need(number: int, *, cell: str | None, state: str = "located", category: str = "food") -> dict[str, Any]:
    return {
        "id": need_id(number),
        "category": category,
        "urgency": ("critical", "high", "normal", "low")[number % 4],
        "status": "open",
        "location_state": state,
        "match_quality": "rooftop",
        "uncertainty_m": 5.0,
        "cell": cell,
        "household_size": 1 + number % 4,
        "languages": ["fi"],
        "access": [],
        "withheld": False,
        "source": "synthetic",
        "received_at": SAID,
        "closed_at": None,
        "updated_at": SAID,
        "version": 1,
        "review_mark": None,
    }


def rows(category: str | None, standard_min: float) -> list[dict[str, Any]]:
    found = []
    for number, cell in enumerate(CELLS):
        for order, (value, _) in enumerate(CATEGORIES):
            demand = (number * 7 + order * 5) % 13
            if demand == 0 or category not in (None, value):
                continue
            gap = min(demand, max(0, (number * 3 + order) % 9 - int(standard_min) // 5))
            found.append(
                {
                    "key": cell,
                    "label": NASTY if number == 3 else f"Around Liisankatu {number}",
                    "category": value,
                    "demand": demand,
                    "covered": demand - gap,
                    "gap": gap,
                    "coverage": 1 - gap / demand,
                    "coverage_best": 1.0,
                    "supply": 2,
                    "out_of_reach": gap,
                    **why(value, gap, demand, standard_min),
                }
            )
    return sorted(found, key=lambda row: -row["gap"])


def why(category: str, gap: int, demand: int, standard_min: float) -> dict[str, Any]:
    within = {"standard_min": standard_min, "mode": "walk"}
    if gap:
        missing = {"count": gap, "demand": demand, "category": category, **within}
        return told("why", Reason(ReasonCode.NO_HELP_NEAR, missing), end=".")
    return told("why", Reason(ReasonCode.ALL_MET, {"demand": demand, **within}), end=".")


def told(name: str, *reasons: Reason, end: str = "", codes: str = "because") -> dict[str, Any]:
    """Give reasons as a sentence by some name, and as codes beside it."""
    because = [{"code": one.code.value, "parts": dict(one.parts)} for one in reasons]
    return {name: in_words(reasons) + end, codes: because}


def polygon(cell: str) -> dict[str, Any]:
    ring = [[round(lon, 5), round(lat, 5)] for lat, lon in h3.cell_to_boundary(cell)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


class FakeApi:
    """Answers like the API does; ``down`` makes it not answer at all."""

    def __init__(self) -> None:
        self.down = False
        self.asked: list[tuple[str, str, Any]] = []
        self.refuse: Answer | None = None
        self.views: list[dict[str, Any]] = []
        self.waiting = [self._waiting(900 + n) for n in range(3)]
        self.decided: list[tuple[dict[str, Any], dict[str, Any]]] = []

    @staticmethod
    def _waiting(number: int) -> dict[str, Any]:
        candidates = [
            {
                "index": i,
                "lon": CENTRE[0] + i / 500,
                "lat": CENTRE[1],
                "label": f"{name}, 00170 Helsinki",
                "match_quality": "rooftop",
                "uncertainty_m": 5.0,
                "score": 80 - i,
                "faults": ["street.misspelt"],
            }
            for i, name in enumerate(("Liisankatu 12", "Liisantori 2"))
        ]
        typed = {900: "Lisankatu 12", 901: NASTY, 902: "Near the old church, blue door"}[number]
        offered = [] if number == 902 else candidates
        item = need(number, cell=None, state="needs_review")
        more = {"state": "waiting", "note": None, "can_remember": number != 902}
        return {"need": item, "address_typed": typed, "candidates": offered} | more

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request of the typed client."""
        if self.down:
            raise httpx.ConnectError("nobody there", request=request)
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        body = json.loads(request.content) if request.content else None
        status, answer = self.answer(request.method, request.url.path, query, body)
        return httpx.Response(status, json=answer, request=request)

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        self.asked.append((method, path, body or dict(query)))
        if path.startswith(("/v1/views", "/v1/now/seen")):
            return (self.refuse if method != "GET" else None) or self._own(method, path, query, body)
        if path == "/v1/geocode":
            return self.refuse or (200, self._geocode(body["q"]))
        if method == "POST":
            return self.refuse or (self._undo(path) if path.endswith("/undo") else self._locate(path, body))
        plain: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "/v1/meta": lambda _: self._meta(),
            "/v1/balance": lambda _: self._balance(),
            "/v1/coverage/worst": self._coverage,
            "/v1/areas": lambda _: {"items": [self._area()], "next": None},
            f"/v1/areas/{AREA_ID}": lambda _: self._area(),
            "/v1/needs": self._needs,
            "/v1/review": self._review,
            "/v1/map/coverage": self._map_coverage,
            "/v1/map/needs": self._map_needs,
            "/v1/map/helpers": self._map_helpers,
            "/v1/map/assets": self._map_assets,
        }
        if path.endswith("/nearest"):
            return 200, self._nearest(query.get("kind", "helper"))
        if path not in plain:
            return 404, {
                "type": "about:blank",
                "title": "Not found",
                "status": 404,
                "detail": "There is no such record.",
            }
        return 200, plain[path](query)

    def _own(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        if path == "/v1/now/seen":
            return 200, {"before": None}
        if method == "GET":
            return 200, {"items": [one for one in self.views if one["page"] == query["page"]]}
        if method == "POST":
            told = {"is_mine": True, "updated_at": "2026-03-01T12:00:00Z", "version": 1}
            self.views.append({"id": need_id(800 + len(self.asked)), **body, **told})
            return 201, self.views[-1]
        one = next(one for one in self.views if path.endswith(one["id"]))
        if method == "DELETE":
            self.views.remove(one)
            return 204, None
        one |= body | {"version": one["version"] + 1}
        return 200, one

    def _locate(self, path: str, body: Any) -> Answer:
        wanted = path.split("/")[3]
        found = next(item for item in self.waiting if item["need"]["id"] == wanted)
        before = deepcopy(found)
        kind = next(name for name in ("point", "candidate", "ask_again", "outside_area") if name in body)
        found["need"]["version"] += 1
        if kind in ("ask_again", "outside_area"):
            found["need"]["review_mark"] = found["state"] = kind
            found["note"] = body.get("note")
        else:
            found["need"] |= {"location_state": "confirmed", "cell": CELLS[0]}
            self.waiting.remove(found)
        decided = {"id": need_id(5000 + len(self.decided)), "need": found["need"], "decided_by": None}
        decided |= {"kind": "pin" if kind == "point" else kind, "decided_at": SAID, "remembered": kind == "candidate"}
        kept = {"address_typed": found["address_typed"], "note": found["note"], "can_undo": True}
        self.decided.insert(0, (decided | kept, before))
        return 200, found["need"]

    def _undo(self, path: str) -> Answer:
        wanted = path.split("/")[3]
        decided, before = next(one for one in self.decided if one[0]["need"]["id"] == wanted)
        self.decided.remove((decided, before))
        before["need"]["version"] = decided["need"]["version"] + 1
        self.waiting = [before, *(item for item in self.waiting if item["need"]["id"] != wanted)]
        return 200, before["need"]

    def _review(self, query: Mapping[str, str]) -> Any:
        state = query.get("state")
        on = {name: [item for item in self.waiting if item["state"] == name] for name in LISTS}
        counts = {name: len(items) for name, items in on.items()} | {"decided_today": len(self.decided)}
        queue = [*on["waiting"], *on["ask_again"]]
        items = [one for one, _ in self.decided] if state == "decided" else on[state] if state else queue
        return {"items": items, "next": None, "count": len(items), "counts": counts}

    @staticmethod
    def _geocode(q: str) -> Any:
        if q == "Two Streets":
            found = [
                {"label": label, "lon": 24.95 + n / 100, "lat": 60.17, "match_quality": "street", "uncertainty_m": 90.0}
                for n, label in enumerate(("One", NASTY))
            ]
            return {"decision": "review", "candidates": found}
        parts = [part.strip() for part in q.split(",")]
        try:
            lat, lon = (float(part) for part in parts)
        except ValueError:
            return {"decision": "none", "candidates": []}
        typed = {
            "label": q,
            "lon": lon,
            "lat": lat,
            "source": "typed",
            "match_quality": "manual",
            "uncertainty_m": 10.0,
        }
        return {"decision": "accept", "candidates": [typed]}

    def _meta(self) -> dict[str, Any]:
        return {
            "network": "Kruununhaka neighbours",
            "version": "0.1.0",
            "bbox": [24.9389, 60.1641, 24.9671, 60.1795],
            "centre": list(CENTRE),
            "categories": [{"value": value, "label": label} for value, label in CATEGORIES],
            "sources": [
                {"name": "OpenStreetMap", "licence": "ODbL 1.0", "attribution": "© OpenStreetMap contributors"},
                {"name": NASTY, "licence": "", "attribution": ""},
            ],
            "travel_model": {"name": "straight line", **told("note", STRAIGHT, codes="how")},
            "standard_min": 5,
            "time_zone": "Europe/Helsinki",
            "basemap": None,
            "audience": "organizer",
        }

    def _balance(self) -> dict[str, int]:
        parts = {"located": 180, "approximate": 21, "no_location": 6, "withheld": 2, "closed": 31}
        parts["needs_review"] = len(self.waiting)
        return {"received": sum(parts.values()), **parts}

    def _coverage(self, query: Mapping[str, str]) -> dict[str, Any]:
        minutes = float(query.get("standard_min", 5))
        found = [row for row in rows(query.get("category"), minutes) if self._is_meant(row["key"], query)]
        totals: dict[str, dict[str, float]] = {}
        for row in found:
            total = totals.setdefault(row["category"], {"demand": 0, "covered": 0, "gap": 0, "coverage": 0})
            for name in ("demand", "covered", "gap"):
                total[name] += row[name]
        gaps: dict[str, int] = {}
        for row in found:
            gaps[row["key"]] = gaps.get(row["key"], 0) + row["gap"]
        first = int(query.get("offset", 0))
        return {
            "count": len(found),
            "widest": max(gaps.values(), default=0),
            "rows": found[first : first + int(query.get("limit", 100))],
            "totals": totals,
            "balance": self._balance(),
        }

    def _is_meant(self, cell: str, query: Mapping[str, str]) -> bool:
        lat, lon = h3.cell_to_latlng(cell)
        west, south, east, north = shape(self._area()["geometry"]).bounds
        inside = "area" not in query or (west <= lon <= east and south <= lat <= north)
        return inside and query.get("cell", cell) == cell

    @staticmethod
    def _area() -> dict[str, Any]:
        west, south, east, north = 24.948, 60.170, 24.960, 60.176
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {
            "id": AREA_ID,
            "slug": "north",
            "name": "Northern blocks",
            "kind": "district",
            "population": None,
            "dwellings": None,
            "source": "synthetic",
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
            "updated_at": SAID,
            "version": 1,
        }

    @staticmethod
    def _needs(query: Mapping[str, str]) -> dict[str, Any]:
        return {"items": [need(n, cell=query.get("cell")) for n in range(4)], "next": None}

    def _nearest(self, kind: str) -> dict[str, Any]:
        if kind == "asset":
            place = {"kind": "asset", "id": need_id(2), "name": "Harbour Kitchen", "travel_min": 3, "mode": "walk"}
            return {"travel_model": self._meta()["travel_model"], "results": [place], "passed_over": {}}
        helper = {"kind": "helper", "id": need_id(1), "cell": CELLS[0], "mode": "walk", "reasons": []}
        aino = told(
            "reason",
            Reason(ReasonCode.TRAVEL, {"travel_min": 4, "mode": "walk"}),
            Reason(ReasonCode.LANGUAGE, {"languages": ["fi"]}),
            Reason(ReasonCode.ROOM, {"of": "helper", "count": 3}),
        )
        nasty = told("reason", Reason(ReasonCode.KIND, {"kind": NASTY}))
        return {
            "travel_model": self._meta()["travel_model"],
            "results": [
                helper | {"name": "Aino", "travel_min": 4, **aino},
                helper | {"id": need_id(3), "name": NASTY, "travel_min": 7, "mode": "bicycle", **nasty},
            ],
            "passed_over": {"full": 2},
        }

    @staticmethod
    def _map_coverage(query: Mapping[str, str]) -> dict[str, Any]:
        found = rows(query.get("category"), float(query.get("standard_min", 5)))
        return collection([feature(polygon(row["key"]), row | {"cell": row["key"]}) for row in found])

    @staticmethod
    def _map_needs(_: Mapping[str, str]) -> dict[str, Any]:
        return collection(
            [
                feature(polygon(c), {"cell": c, "count": 3 + n, "by_urgency": {"high": n % 3}})
                for n, c in enumerate(CELLS)
            ]
        )

    @staticmethod
    def _map_helpers(_: Mapping[str, str]) -> dict[str, Any]:
        return collection([feature(polygon(c), {"cell": c, "count": 2}) for c in CELLS[::4]])

    @staticmethod
    def _map_assets(_: Mapping[str, str]) -> dict[str, Any]:
        kinds = ("library", "pharmacy", "supermarket", "drinking_water", "community_centre")
        return collection(
            [
                feature(
                    {"type": "Point", "coordinates": [CENTRE[0] + 0.002 * n, CENTRE[1] + 0.001 * (n % 3)]},
                    {
                        "id": need_id(50 + n),
                        "name": NASTY if n == 0 else f"The {kind}",
                        "kind": kind,
                        "categories": ["food"],
                        "step_free": "yes",
                        "opening_hours": "Mo-Fr 09:00-18:00",
                    },
                )
                for n, kind in enumerate(kinds)
            ]
        )
