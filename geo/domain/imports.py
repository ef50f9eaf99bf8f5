"""Imports of whole tables: the file, which column means what, and what became of each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.entries import Fault
    from geo.domain.words import EntryKind

MAX_WORDS: Final = 200
"""Words of a file that a map may explain."""


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


WORKING: Final = frozenset({ImportState.CHECKING, ImportState.RUNNING})
"""States in which rows are being gone through."""


class RowOutcome(StrEnum):
    """What became of a row of an import, or would become of it."""

    MADE = "made"
    HELD = "held"
    KNOWN = "known"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of a file means what.

    ``columns`` gives the headers of each of our fields, joined by a space where there are several; ``words`` what a
    word of the file means in ours; ``defaults`` what holds where a cell is empty or there is no column.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table somebody brings: its name, how it is written, and the SHA-256 of its bytes."""

    kind: EntryKind
    name: str
    format: str
    sha256: bytes
    columns: tuple[str, ...]
    source: str
    encoding: str = "utf-8"
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One import. ``next_row`` is the first row that is not gone through yet, as the file numbers its rows."""

    id: UUID
    kind: EntryKind
    name: str
    source: str
    format: str
    encoding: str
    sheet: str | None
    sha256: bytes
    columns: tuple[str, ...]
    mapping: ColumnMap
    state: ImportState
    next_row: int
    total_rows: int | None
    error: str | None
    created_by: UUID | None
    created_at: datetime
    ended_at: datetime | None
    counts: Mapping[RowOutcome, int] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """How many rows wait to be corrected, or would."""
        return self.counts.get(RowOutcome.HELD, 0)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What became of one row: its number in the file, the entry it is kept as, and what was wrong with it."""

    row: int
    outcome: RowOutcome
    entry_id: UUID | None = None
    record_id: UUID | None = None
    faults: tuple[Fault, ...] = ()
