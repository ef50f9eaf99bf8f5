"""The stand-in API's part about directories, with a hostile name among their services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.dashboard.fake_api import NASTY, SAID
from tests.dashboard.fake_assets import FakeAssets, asset_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

PATH = "/v1/directories"
NEW, TWIN_REF = 3, "s9@s9-place"
KINDS = ("new", "updated", "unchanged", "kept", "twin", "ours", "joined", "missing", "retired")


class FakeDirectories(FakeAssets):
    """Takes any file for one of three new services, one that looks like ours, and one that cannot be used."""

    def __init__(self) -> None:
        super().__init__()
        self.here: dict[str, int] = {}
        self.brought: list[tuple[dict[str, str], bytes, str]] = []
        self.nothing_new = False

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; a package is no JSON."""
        if request.method != "POST" or request.url.path != PATH:
            return super().handle(request)
        if self.refuse:
            return httpx.Response(self.refuse[0], json=self.refuse[1], request=request)
        query = dict(request.url.params)
        self.brought.append((query, request.content, request.headers["content-type"]))
        return httpx.Response(200, json=self._report(query), request=request)

    def _report(self, query: Mapping[str, str]) -> dict[str, Any]:
        is_same = TWIN_REF in query["same"]
        counts = dict.fromkeys(KINDS, 0) | {"unchanged": 5}
        if not self.nothing_new:
            counts |= {"new": NEW, "twin": int(not is_same), "joined": int(is_same)}
        if query["dry_run"] == "false":
            self.here[query["source"]] = NEW
        row = {"line": 1, "ref": "s1", "name": NASTY, "done": "new", "reasons": [], "asset_id": None, "ours": None}
        twin = row | {
            "line": 4, "ref": TWIN_REF, "name": "Soup line", "done": "twin", "reasons": ["same_name", "near"],
            "asset_id": asset_id(2), "ours": "Soup kitchen",
        }  # fmt: skip
        bad = row | {"line": 5, "ref": "", "name": "Odd", "done": "skipped", "reasons": ["no_category"]}
        rows = [one for one in (row, twin, bad) if counts.get(one["done"], 1)]
        return {
            "source": f"hsds:{query['source']}", "dry_run": query["dry_run"] == "true",
            "read": sum(counts.values()) + 1, **counts, "skipped": {"no_category": 1}, "ignored": {"hours": 2},
            "unknown_tables": [], "rows": rows,
        }  # fmt: skip

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if path != PATH:
            return super().answer(method, path, query, body)
        self.asked.append((method, path, dict(query)))
        if method == "GET":
            items = [
                {"source": f"hsds:{name}", "count": count, "brought_at": SAID} for name, count in self.here.items()
            ]
            return 200, {"items": items}
        if self.refuse:
            return self.refuse
        name = query["source"]
        if query["dry_run"] == "false":
            self.here.pop(name)
        return 200, {"source": f"hsds:{name}", "removed": 2, "kept": 1, "parted": 0, "dry_run": True}
