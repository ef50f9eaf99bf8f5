"""What pages ask of the API about filters that are kept under a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from geo.domain.saved_views import SavedView, ViewPage

from dashboard.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


def _read(body: Json) -> SavedView:
    return SavedView(
        id=UUID(str(body["id"])),
        page=ViewPage(body["page"]),
        name=str(body["name"]),
        words=dict(body["words"]),
        is_shared=bool(body["is_shared"]),
        is_mine=bool(body["is_mine"]),
        updated_at=datetime.fromisoformat(body["updated_at"]),
        version=int(body["version"]),
    )


class ViewCalls(Wire):
    """Filters under a name."""

    def list_views(self, page: ViewPage) -> tuple[SavedView, ...]:
        """List one's own views of a page and the network's, by name."""
        return tuple(_read(item) for item in self._recall("/v1/views", {"page": page.value})["items"])

    def make_view(self, page: ViewPage, name: str, words: Mapping[str, Any], *, is_shared: bool) -> SavedView:
        """Keep the filters of a page under a name."""
        body = {"page": page.value, "name": name, "words": dict(words), "is_shared": is_shared}
        return _read(self._send("POST", "/v1/views", json=body))

    def change_view(self, view: SavedView, changes: Mapping[str, Any]) -> SavedView:
        """Change a view that has not changed since it was read."""
        headers = self._if_at(view.version)
        return _read(self._send("PATCH", f"/v1/views/{view.id}", json=dict(changes), headers=headers))

    def remove_view(self, view: SavedView) -> None:
        """Remove a view."""
        self._send("DELETE", f"/v1/views/{view.id}", headers=self._if_at(view.version))
