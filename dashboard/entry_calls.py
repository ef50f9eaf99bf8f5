"""What the page of entries asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.entry_answers import Arrival, Arrivals, Typed
from dashboard.wire import Query, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping


class EntryCalls(Wire):
    """Entries: what came in, what was typed, and what is decided about it."""

    def list_arrivals(self, where: Mapping[str, str | bool | None], *, after: str | None, limit: int) -> Arrivals:
        """List what has come in, the newest first; ``where`` as the API filters."""
        query: Query = {**where, "newest": True, "cursor": after, "limit": limit}
        return Arrivals.read(self._get("/v1/entries", query))

    def get_arrival(self, entry_id: str) -> Arrival:
        """Read what has become of one entry."""
        return Arrival.read(self._get(f"/v1/entries/{entry_id}"))

    def reveal_typed(self, entry_id: str, *, reason: str) -> Typed:
        """See what was typed; it is noted with the reason."""
        return Typed.read(self._send("POST", f"/v1/entries/{entry_id}/typed", json={"reason": reason}))

    def reveal_photo(self, entry_id: str, *, reason: str) -> bytes:
        """See the photo that came with an entry, a JPEG; it is noted with the reason."""
        return self._fetch("POST", f"/v1/entries/{entry_id}/photo", json={"reason": reason})

    def hide_photo(self, entry_id: str) -> Arrival:
        """Take a photo away."""
        return Arrival.read(self._send("DELETE", f"/v1/entries/{entry_id}/photo"))

    def keep_photo(self, entry_id: str) -> Arrival:
        """Have a photo back that was just taken away."""
        return Arrival.read(self._send("POST", f"/v1/entries/{entry_id}/photo/keep"))

    def let_in(self, entry_id: str) -> Arrival:
        """Let an entry out of quarantine."""
        return Arrival.read(self._send("POST", f"/v1/entries/{entry_id}/release"))

    def correct_entry(self, entry_id: str, kind: str, body: Mapping[str, Any]) -> Arrival:
        """Say what a held entry should have said; ``body`` as the API takes it."""
        return Arrival.read(self._send("PUT", f"/v1/entries/{entry_id}/correction", json={kind: dict(body)}))

    def refuse_entry(self, entry_id: str, because: str) -> Arrival:
        """Say that an entry is not to become a record."""
        return Arrival.read(self._send("POST", f"/v1/entries/{entry_id}/refuse", json={"reason": because}))

    def undo_entry(self, entry_id: str) -> Arrival:
        """Take the last decision about an entry back."""
        return Arrival.read(self._send("POST", f"/v1/entries/{entry_id}/undo"))

    def find_asset_name(self, asset_id: str) -> str:
        """Name a place that helps."""
        return str(self._get(f"/v1/assets/{asset_id}")["name"])
