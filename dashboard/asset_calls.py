"""What the page of assets asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.answers import Candidate
from dashboard.asset_answers import Check, Place
from dashboard.wire import PAGE, Query, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping


class AssetCalls(Wire):
    """Assets: listed, confirmed, changed, and what organizations say of them."""

    def list_places(self, *, unconfirmed: bool = False, **wanted: str | float | None) -> tuple[Place, ...]:
        """List assets in the order of their arrival, up to one page; those past their date alone where asked for.

        ``wanted`` are the filters of the API: ``category``, ``search``, and ``lon``, ``lat`` with ``within_m``.
        """
        query: Query = {"limit": PAGE, "unconfirmed": "true" if unconfirmed else None, **wanted}
        return tuple(Place.read(item) for item in self._get("/v1/assets", query)["items"])

    def find_spots(self, text: str) -> tuple[Candidate, ...]:
        """Ask where an address, a place or a postcode is; the likeliest first."""
        found = self._send("POST", "/v1/geocode", json={"q": text})["candidates"]
        return tuple(Candidate.read(one | {"index": number}) for number, one in enumerate(found))

    def change_place(self, place_id: str, version: int, changes: Mapping[str, Any]) -> Place:
        """Change an asset that is still as it was read; ``changes`` as the API takes them."""
        how: dict[str, Any] = {"json": dict(changes), "headers": self._if_at(version)}
        return Place.read(self._send("PATCH", f"/v1/assets/{place_id}", **how))

    def list_checks(self) -> tuple[Check, ...]:
        """List what organizations have answered and nobody has seen to, up to one page."""
        return tuple(Check.read(item) for item in self._get("/v1/asset-checks", {"limit": PAGE})["items"])

    def settle_check(self, check_id: str) -> None:
        """Note that an answer has been seen to."""
        self._send("POST", f"/v1/asset-checks/{check_id}/settle")
