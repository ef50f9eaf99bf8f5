"""Imports done in a test: a table of text, taken in by the operator's sessions."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from geo.domain.imports import ImportState
from geo.domain.words import EntryKind
from geo.interchange.column_map import guess_columns
from geo.interchange.table import TableKind
from geo.store.engine import transaction
from geo.store.import_rows import iterate_rows
from geo.store.imports import add_import, begin

from api.importing.engine import work_through
from api.importing.tables import describe

if TYPE_CHECKING:
    from geo.domain.imports import ColumnMap, ImportFile, ImportRow
    from geo.store.engine import SessionFactory


def bring(
    sessions: SessionFactory,
    content: str | bytes,
    *,
    kind: EntryKind = EntryKind.NEED,
    form: TableKind = TableKind.CSV,
    mapping: ColumnMap | None = None,
    check: bool = False,
    source: str = "list",
    encoding: str = "utf-8",
) -> ImportFile:
    """Import a table, or only check it."""
    raw = content.encode() if isinstance(content, str) else content
    told = describe(io.BytesIO(raw), kind, form, f"list.{form.value}", source=source, encoding=encoding)
    with transaction(sessions) as session:
        file = add_import(session, told, mapping or guess_columns(kind, told.columns))
        begin(session, file.id, ImportState.CHECKING if check else ImportState.RUNNING)
    return work_through(sessions, file.id, io.BytesIO(raw))


def rows_of(sessions: SessionFactory, file: ImportFile) -> list[ImportRow]:
    """List what became of each row."""
    with transaction(sessions) as session:
        return list(iterate_rows(session, file.id))
