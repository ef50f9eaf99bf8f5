"""The stand-in API's part about forms of campaigns, with hostile words among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from tests.dashboard.fake_access import at, problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_plan import FakePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.dashboard.fake_api import Answer

QUESTIONS = [
    {"name": "heat", "type": "select_one", "labels": {"en": f"Is the home warm? {NASTY}"}, "required": True,
     "choices": [{"name": f"c{n}", "labels": {"en": NASTY}} for n in range(14)]},
    {"name": "since", "type": "date", "labels": {"en": "Since when?"}, "relevant": ["=", ["answer", "heat"], "no"]},
    {"name": "kind", "type": "text", "labels": {}, "field": "need.category"},
]  # fmt: skip


def form_id(number: int) -> str:
    return str(UUID(int=0x0199_0000_0000_7000_8000_0000_0000_0000 + number))


class FakeForms(FakePlan):
    """Takes any workbook for a form of three questions; the same form again is its next version."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: list[dict[str, Any]] = []
        self.brought: list[bytes] = []
        self.faults: list[dict[str, str]] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; a workbook is no JSON."""
        if request.method != "POST" or request.url.path != "/v1/forms":
            return super().handle(request)
        self.brought.append(request.content)
        if self.faults:
            _, body = problem(422, "form-refused", "This workbook cannot be used as it is.")
            return httpx.Response(422, json=body | {"errors": self.faults}, request=request)
        return httpx.Response(201, json=self.add(), request=request)

    def add(self, number: int = 1) -> dict[str, Any]:
        made = {
            "id": form_id(100 + len(self.versions)), "form_id": form_id(number), "name": "winter",
            "title": f"Winter {NASTY}", "version": str(len(self.versions) + 1), "languages": ["en", "fi"],
            "default_language": "en", "questions": QUESTIONS, "hash": "0", "is_active": False, "created_at": at(),
        }  # fmt: skip
        self.versions.insert(0, made)
        return made

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer by method and path."""
        if not path.startswith("/v1/forms"):
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse and method != "GET":
            return self.refuse
        rest = path.removeprefix("/v1/forms").strip("/").split("/")
        ids = list(dict.fromkeys(one["form_id"] for one in reversed(self.versions)))
        if rest == [""]:
            return 200, {"items": [self._form(one) for one in ids], "next": None}
        theirs = [one for one in self.versions if one["form_id"] == rest[0]]
        if rest[1:] == ["versions"]:
            return 200, {"items": theirs}
        for one in theirs:
            one["is_active"] = rest[-1] == "activate" and one["id"] == rest[2]
        return 200, self._form(rest[0])

    def _form(self, number: str) -> dict[str, Any]:
        theirs = [one for one in self.versions if one["form_id"] == number]
        shown = next((one for one in theirs if one["is_active"]), theirs[0])
        return {
            "id": number, "name": shown["name"], "title": shown["title"], "version_id": shown["id"],
            "version": shown["version"], "questions": len(shown["questions"]), "entries": 4,
            "is_active": shown["is_active"], "created_at": at(), "withdrawn_at": None,
        }  # fmt: skip
