"""Imports as they are asked for and as they leave."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from geo.domain.imports import MAX_WORDS, ColumnMap, ImportState, RowOutcome
from geo.domain.words import EntryKind
from geo.interchange.column_map import MAX_JOINED, MAX_TEXT

from api.schemas.common import Body, Page
from api.schemas.submissions import FaultOut

Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
Header = Annotated[str, StringConstraints(max_length=10_000)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class MappingIn(Body):
    """Which column of the file means what; what is left out has no column."""

    columns: Annotated[
        dict[FieldName, Annotated[list[Header], Field(min_length=1, max_length=MAX_JOINED)]], Field(max_length=40)
    ]
    words: Annotated[dict[Text, Text], Field(max_length=MAX_WORDS)] = Field(
        default_factory=dict, description="what a word of the file means in ours"
    )
    defaults: Annotated[dict[FieldName, Text], Field(max_length=40)] = Field(
        default_factory=dict, description="what holds where a cell is empty, or there is no column"
    )

    def to_map(self) -> ColumnMap:
        """Make the map."""
        return ColumnMap({name: tuple(headers) for name, headers in self.columns.items()}, self.words, self.defaults)


class MappingOut(BaseModel):
    """Which column means what."""

    columns: dict[str, list[str]]
    words: dict[str, str]
    defaults: dict[str, str]


class ImportOut(BaseModel):
    """An import: the file, how it is read, how far it is, and what became of its rows."""

    id: UUID
    kind: EntryKind
    name: str
    source: str = Field(description="what its rows are known under; the same rows of it are taken in once")
    format: str
    encoding: str
    sheet: str | None
    columns: list[str]
    mapping: MappingOut
    state: ImportState
    next_row: int = Field(description="the first row of the file that is not gone through")
    total_rows: int | None
    error: str | None
    created_by: UUID | None
    created_at: AwareDatetime
    ended_at: AwareDatetime | None
    counts: dict[RowOutcome, int]


class FieldsOut(ImportOut):
    """An import with the fields its rows may fill, and those they must."""

    fields: list[str]
    needed: list[str]


class ImportPage(Page):
    """A page of imports, the newest first."""

    items: list[ImportOut]


class ImportRowOut(BaseModel):
    """What became of a row, or would become of it. Nothing that it says is repeated."""

    row: int
    outcome: RowOutcome
    entry_id: UUID | None
    record_id: UUID | None
    faults: list[FaultOut]
    columns: list[str] = Field(description="the columns of the file that the faults are about, in their order")


class ImportRowPage(BaseModel):
    """A page of rows in the order of the file."""

    items: list[ImportRowOut]
    next: int | None = Field(description="`after` of the next page; null on the last")


MAPPING_EXAMPLES: dict[str, Any] = {
    "list": {
        "summary": "A list of needs",
        "value": {
            "columns": {"category": ["What"], "address": ["Street", "Town"], "household_size": ["Persons"]},
            "words": {"parcel": "food"},
            "defaults": {"urgency": "normal"},
        },
    }
}
