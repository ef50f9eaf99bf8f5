"""The stand-in API's part about imports, with hostile names among them; each step takes one question to come about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from geo.domain.words import EntryKind
from geo.interchange.column_map import FIELDS, NEEDED

from tests.dashboard.fake_access import at, problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_plan import FakePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

COLUMNS = ["Tarve", "Katu", "Kunta", NASTY]
MADE, HELD = 3, 250


def import_id(number: int) -> str:
    return str(UUID(int=0x0198_0000_0000_7000_8000_0000_0000_0000 + number))


class FakeImports(FakePlan):
    """Takes any table for one of 253 rows, of which three are good."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict[str, Any]] = []
        self.brought: list[tuple[dict[str, str], bytes, str]] = []
        self.slow = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; a table is no JSON."""
        if request.method != "POST" or request.url.path != "/v1/imports":
            return super().handle(request)
        if self.refuse:
            return httpx.Response(self.refuse[0], json=self.refuse[1], request=request)
        query = dict(request.url.params)
        self.brought.append((query, request.content, request.headers["content-type"]))
        return httpx.Response(201, json=self._add(EntryKind(query["kind"]), query["name"]), request=request)

    def _add(self, kind: EntryKind, name: str) -> dict[str, Any]:
        mapping = {"columns": {"category": ["Tarve"], "address": ["Katu"]}, "words": {}, "defaults": {"withheld": "no"}}
        made = {
            "id": import_id(len(self.tables) + 1), "kind": kind.value, "name": name, "source": name, "format": "csv",
            "encoding": "utf-8", "sheet": None, "columns": COLUMNS, "mapping": mapping, "state": "uploaded",
            "next_row": 0, "total_rows": None, "error": None, "created_by": None, "created_at": at(), "ended_at": None,
            "counts": dict.fromkeys(("made", "held", "known", "repeated"), 0), "fields": list(FIELDS[kind]),
            "needed": list(NEEDED[kind]),
        }  # fmt: skip
        self.tables.insert(0, made)
        return made

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if not path.startswith("/v1/imports"):
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse and method != "GET":
            return self.refuse
        rest = path.removeprefix("/v1/imports").strip("/").split("/")
        if rest == [""]:
            return 200, {"items": self.tables, "next": None}
        found = next((one for one in self.tables if one["id"] == rest[0]), None)
        if found is None:
            return problem(404, "not-found", "There is no such record.")
        return self._one(method, found, rest[1:], query, body)

    def _one(self, method: str, one: dict[str, Any], rest: list[str], query: Mapping[str, str], body: Any) -> Answer:
        if rest == ["rows"]:
            return 200, self._rows(query)
        if method == "DELETE":
            self.tables.remove(one)
            return 204, None
        if rest == ["mapping"]:
            one |= {"mapping": body, "state": "uploaded"}
        elif rest:
            one["state"] = {"check": "checking", "run": "running", "undo": "undone"}[rest[0]]
        elif one["state"] in ("checking", "running") and not self.slow:
            one |= {"state": {"checking": "checked", "running": "done"}[one["state"]], "total_rows": MADE + HELD}
            one["counts"] = {"made": MADE, "held": HELD, "known": 0, "repeated": 0}
        return 200, one

    @staticmethod
    def _rows(query: Mapping[str, str]) -> dict[str, Any]:
        first, limit = int(query.get("after", 1)) + 1, int(query["limit"])
        fault = {"pointer": "/need/category", "reason": NASTY}
        items = [
            {"row": row, "outcome": query["outcome"], "entry_id": None, "record_id": None, "faults": [fault, fault],
             "columns": [NASTY, ""]}
            for row in range(first, min(first + limit, HELD + 2))
        ]  # fmt: skip
        return {"items": items, "next": items[-1]["row"] if len(items) == limit else None}
