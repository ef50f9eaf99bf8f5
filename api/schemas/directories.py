"""Directories of services as they leave: what became of each, and which are here."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field


class DirectoryRowOut(BaseModel):
    """What was done with a row."""

    line: int = Field(description="its number among the services, from 1; 0 where it is not named any more")
    ref: str = Field(description="the directory's own name for it")
    name: str = Field(description="how it is called; empty where it has no name")
    done: str = Field(examples=["twin"])
    reasons: list[str]
    asset_id: UUID | None
    ours: str | None = Field(description="how the asset of ours is called that it looks like")


class DirectoryReportOut(BaseModel):
    """What became of a directory's services, or would."""

    source: str = Field(examples=["hsds:town-211"])
    dry_run: bool
    read: int
    new: int
    updated: int
    unchanged: int
    kept: int = Field(description="changed by an organizer and by the directory; ours stay")
    twin: int = Field(description="look like an asset of ours, and are left out")
    ours: int
    joined: int
    missing: int = Field(description="brought before, and not named any more")
    retired: int
    skipped: dict[str, int] = Field(description="rows that cannot be used, by reason")
    ignored: dict[str, int] = Field(description="what is not taken over, by kind")
    unknown_tables: list[str]
    rows: list[DirectoryRowOut] = Field(description="of each kind the first hundred, but for what is as it was")


class DirectoryOut(BaseModel):
    """A directory whose services are here."""

    source: str
    count: int = Field(description="how many services are of it")
    brought_at: AwareDatetime = Field(description="when one of them was taken in last")


class DirectoriesOut(BaseModel):
    """The directories by name, a hundred at most."""

    items: list[DirectoryOut]


class DirectoryUndoneOut(BaseModel):
    """What was taken back of a directory, or would be."""

    source: str
    removed: int = Field(description="assets that it brought, and that nobody has changed or used since")
    kept: int = Field(description="assets that somebody has changed or used; they are ours from now on")
    parted: int = Field(description="assets that were ours before; what the directory said of them is forgotten")
    dry_run: bool
