"""What has changed, as it is told."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from geo.domain.changes import GoneReason


class ChangeOut(BaseModel):
    """A record as it is now, a GeoJSON feature; or why there is none any more."""

    id: str
    feature: dict[str, Any] | None
    gone: GoneReason | None


class ChangesOut(BaseModel):
    """Changes in the order in which they are to be applied, and the cursor to ask with next time."""

    collection: str
    changes: list[ChangeOut]
    next: str
    has_more: bool
