"""What the page of what-ifs asks of the API besides the figures: the places there are to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.plan_answers import HelpingPlace
from dashboard.wire import PAGE, Wire

if TYPE_CHECKING:
    from dashboard.wire import Query

MOST_PAGES: Final = 5


class IfCalls(Wire):
    """Places of help by name."""

    def list_changeable(self) -> tuple[HelpingPlace, ...]:
        """List the active places that help, up to ``MOST_PAGES`` pages."""
        found: list[HelpingPlace] = []
        after: str | None = None
        for _page in range(MOST_PAGES):
            query: Query = {"status": "active", "limit": PAGE, "after": after}
            body = self._get("/v1/assets", query)
            found += (HelpingPlace.read(item) for item in body["items"])
            after = body.get("next")
            if after is None:
                break
        return tuple(found)
