"""Entries sealed as a phone seals them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from geo.domain.ids import new_id
from geo.privacy.entry_box import seal_entry

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi.testclient import TestClient

FOOD: dict[str, Any] = {"form": 1, "made_at": "2026-05-04T15:20:00+03:00", "body": {"category": "food"}}


def sealed(
    public: str, content: object, *, kind: str = "need", entry_id: UUID | None = None, raw: bool = False
) -> dict[str, str]:
    """One entry, ready to be sent; ``raw`` seals bytes as they are."""
    made = entry_id or new_id()
    plain = content if isinstance(content, bytes) and raw else json.dumps(content).encode()
    box = seal_entry(base64.b64decode(public), plain, made, kind)
    return {"id": str(made), "kind": kind, "box": base64.b64encode(box).decode()}


def public_key(client: TestClient) -> str:
    answer = client.get("/v1/entries/key")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["public"])
