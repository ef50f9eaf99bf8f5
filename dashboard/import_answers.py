"""Imports and what became of their rows, as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from geo.domain.imports import WORKING, ImportState, RowOutcome
from geo.domain.words import EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class ColumnsTold:
    """Which column means what; ``columns`` gives the headers of each field."""

    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    defaults: Mapping[str, str]

    def as_body(self) -> Json:
        """Write it as the API takes it."""
        columns = {name: list(headers) for name, headers in self.columns.items()}
        return {"columns": columns, "words": dict(self.words), "defaults": dict(self.defaults)}

    @classmethod
    def read(cls, body: Json) -> ColumnsTold:
        """Take one out of an answer."""
        columns = {str(name): tuple(map(str, headers)) for name, headers in body["columns"].items()}
        return cls(columns, dict(body["words"]), dict(body["defaults"]))


@dataclass(frozen=True, slots=True)
class Brought:
    """A table that was brought: how it is read, how far it is, and what became of its rows."""

    id: str
    kind: EntryKind
    name: str
    source: str
    columns: tuple[str, ...]
    mapping: ColumnsTold
    state: ImportState
    next_row: int
    total_rows: int | None
    error: str | None
    created_at: datetime
    counts: Mapping[RowOutcome, int]
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def is_at_work(self) -> bool:
        """Whether its rows are being gone through."""
        return self.state in WORKING

    @property
    def gone_through(self) -> int:
        """How many of its rows have been gone through."""
        return sum(self.counts.values())

    @property
    def is_in(self) -> bool:
        """Whether its rows were taken in, so that its outcomes are what was done and not what would be."""
        return self.state in (ImportState.RUNNING, ImportState.DONE, ImportState.UNDONE)

    @classmethod
    def read(cls, body: Json) -> Brought:
        """Take one out of an answer."""
        return cls(
            id=str(body["id"]),
            kind=EntryKind(body["kind"]),
            name=str(body["name"]),
            source=str(body["source"]),
            columns=tuple(map(str, body["columns"])),
            mapping=ColumnsTold.read(body["mapping"]),
            state=ImportState(body["state"]),
            next_row=int(body["next_row"]),
            total_rows=None if body["total_rows"] is None else int(body["total_rows"]),
            error=None if body["error"] is None else str(body["error"]),
            created_at=datetime.fromisoformat(body["created_at"]),
            counts={outcome: int(body["counts"].get(outcome.value, 0)) for outcome in RowOutcome},
            fields=tuple(map(str, body.get("fields", ()))),
            needed=tuple(map(str, body.get("needed", ()))),
        )


@dataclass(frozen=True, slots=True)
class RowTold:
    """What became of one row, or would; ``said`` is what there is to say of it, each with its column or field."""

    row: int
    outcome: RowOutcome
    entry_id: str | None
    said: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def read(cls, body: Json) -> RowTold:
        """Take one row out of a page."""
        pairs = zip(body["columns"], body["faults"], strict=True)
        said = tuple((str(column or _field(fault["pointer"])), str(fault["reason"])) for column, fault in pairs)
        entry_id = None if body["entry_id"] is None else str(body["entry_id"])
        return cls(int(body["row"]), RowOutcome(body["outcome"]), entry_id, said)


def _field(pointer: str) -> str:
    named = [part for part in pointer.split("/") if part and not part.isdecimal()]
    return (named[-1] if named else "row").replace("_", " ")
