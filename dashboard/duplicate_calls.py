"""What the page of duplicates asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.duplicate_answers import Pair, Pairs
from dashboard.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN: Final = 20


class DuplicateCalls(Wire):
    """Requests that may be one, and what is decided about them."""

    def list_duplicates(self, state: str = "waiting") -> Pairs:
        """List the likeliest pairs of a state."""
        return Pairs.read(self._get("/v1/duplicates", {"state": state, "limit": SHOWN}))

    def merge_pair(self, pair: Pair, take: Sequence[str]) -> Pair:
        """Make one request of the two, as they were looked at."""
        seen = {"earlier_version": pair.earlier.need.version, "later_version": pair.later.need.version}
        return Pair.read(self._send("POST", f"/v1/duplicates/{pair.id}/merge", json={"take": list(take)} | seen))

    def say_different(self, pair_id: str) -> Pair:
        """Say that the two are not one."""
        return Pair.read(self._send("POST", f"/v1/duplicates/{pair_id}/different"))

    def undo_pair(self, pair_id: str) -> Pair:
        """Take back what was said about a pair."""
        return Pair.read(self._send("POST", f"/v1/duplicates/{pair_id}/undo"))
