"""What the page of directories asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboard.directory_answers import DirectoryHere, DirectoryReport, TakenBack
from dashboard.wire import PATIENT, Query, Wire

if TYPE_CHECKING:
    from geo.domain.directory import Wishes

PATH: Final = "/v1/directories"


class DirectoryCalls(Wire):
    """Directories of services: looked at, taken in, and taken back."""

    def list_directories(self) -> tuple[DirectoryHere, ...]:
        """List the directories whose services are here, by name."""
        return tuple(DirectoryHere.read(item) for item in self._get(PATH)["items"])

    def bring_directory(self, content: bytes, wishes: Wishes) -> DirectoryReport:
        """Look at a package or JSON of services, or take it in; ``wishes`` say which."""
        kind = "application/zip" if content.startswith(b"PK") else "application/json"
        how: dict[str, Any] = {"params": _query(wishes), "content": content, "headers": {"Content-Type": kind}}
        return DirectoryReport.read(self._send("POST", PATH, timeout=PATIENT, **how))

    def undo_directory(self, name: str, *, dry_run: bool) -> TakenBack:
        """Take back what a directory has brought, or only ask what that would do."""
        query = {"source": name, "dry_run": dry_run}
        return TakenBack.read(self._send("DELETE", PATH, params=query, timeout=PATIENT))


def _query(wishes: Wishes) -> Query:
    return {
        "source": wishes.source,
        "dry_run": wishes.dry_run,
        "terms": ",".join(f"{term}={category.value}" for term, category in wishes.terms.items()),
        "same": ",".join(f"{ref}={asset_id}" for ref, asset_id in wishes.same.items()),
        "add_twins": wishes.add_twins,
        "retire": wishes.retire,
    }
