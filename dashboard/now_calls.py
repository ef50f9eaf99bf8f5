"""What an organizer's first page asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.answers import read_instant
from dashboard.now_answers import FirstLook
from dashboard.wire import Wire

if TYPE_CHECKING:
    from datetime import datetime


class NowCalls(Wire):
    """What changed, what waits longest, what to do next."""

    def note_visit(self) -> datetime | None:
        """Note that whoever looks is here, and tell when they last were before this visit; nothing on the first."""
        return read_instant(self._send("POST", "/v1/now/seen").get("before"))

    def get_now(self, *, since: datetime, limit: int) -> FirstLook:
        """Ask how needs came and went since an instant, for so many of those that wait longest, and what to do."""
        return FirstLook.read(self._get("/v1/now", {"since": since.isoformat(), "limit": limit}))
