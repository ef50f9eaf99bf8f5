"""What the page of what-ifs asks of the API besides the figures: places to change, and where a text is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.plan_answers import HelpingPlace, Spot
from dashboard.wire import PAGE, Wire

if TYPE_CHECKING:
    from dashboard.wire import Query

MOST_PAGES: Final = 5
MOST_SPOTS: Final = 5


class IfCalls(Wire):
    """Places of help by name, and addresses by what is typed."""

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

    def find_spots(self, text: str) -> tuple[Spot, ...]:
        """Look an address, a place or coordinates up, in this host's own register."""
        found = self._send("POST", "/v1/geocode", json={"q": text})["candidates"]
        return tuple(Spot.read(item) for item in found[:MOST_SPOTS])
