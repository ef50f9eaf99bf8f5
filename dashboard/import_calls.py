"""What the page of imports asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.import_answers import Brought, RowTold
from dashboard.wire import PAGE, PATIENT, Query, Wire

if TYPE_CHECKING:
    from geo.domain.imports import RowOutcome
    from geo.domain.words import EntryKind

    from dashboard.import_answers import ColumnsTold

CONTENT: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "ndjson": "application/x-ndjson",
}
"""What a file is, by the ending of its name."""


class ImportCalls(Wire):
    """Tables of other people: brought, mapped, checked, taken in, and taken back."""

    def bring_table(
        self, kind: EntryKind, name: str, content: bytes, *, encoding: str, sheet: str | None = None
    ) -> Brought:
        """Bring a table; nothing of it is taken in yet."""
        ending = name.rpartition(".")[2].lower()
        query = {"kind": kind.value, "name": name[-200:], "encoding": encoding} | ({"sheet": sheet} if sheet else {})
        headers = {"Content-Type": CONTENT.get(ending, "application/octet-stream")}
        sent = self._send("POST", "/v1/imports", params=query, content=content, headers=headers, timeout=PATIENT)
        return Brought.read(sent)

    def list_imports(self) -> tuple[Brought, ...]:
        """List imports, the newest first, up to one page."""
        return tuple(Brought.read(item) for item in self._get("/v1/imports", {"limit": PAGE})["items"])

    def get_import(self, import_id: str) -> Brought:
        """Ask how far an import is, and which fields its rows may fill."""
        return Brought.read(self._get(f"/v1/imports/{import_id}"))

    def map_import(self, import_id: str, told: ColumnsTold) -> Brought:
        """Say which column means what."""
        return Brought.read(self._send("PUT", f"/v1/imports/{import_id}/mapping", json=told.as_body()))

    def check_import(self, import_id: str) -> Brought:
        """Begin to find out what would become of each row."""
        return Brought.read(self._send("POST", f"/v1/imports/{import_id}/check"))

    def run_import(self, import_id: str) -> Brought:
        """Begin to take the rows in."""
        return Brought.read(self._send("POST", f"/v1/imports/{import_id}/run"))

    def undo_import(self, import_id: str) -> Brought:
        """Take back all an import has made."""
        return Brought.read(self._send("POST", f"/v1/imports/{import_id}/undo", timeout=PATIENT))

    def forget_import(self, import_id: str) -> None:
        """Forget a table of which nothing was taken in."""
        self._send("DELETE", f"/v1/imports/{import_id}")

    def list_import_rows(
        self, import_id: str, *, outcome: RowOutcome | None, after: int | None, limit: int
    ) -> tuple[tuple[RowTold, ...], int | None]:
        """List what became of rows in the order of the file, and after which row the next page begins."""
        query: Query = {"outcome": None if outcome is None else outcome.value, "after": after, "limit": limit}
        body = self._get(f"/v1/imports/{import_id}/rows", query)
        return tuple(RowTold.read(item) for item in body["items"]), body["next"]
