"""Directories of services, and what became of one or would, as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json

KINDS: Final = ("new", "updated", "twin", "kept", "skipped", "joined", "ours", "missing", "retired", "unchanged")
"""What may become of a service, in the order in which it is shown."""
PREFIX: Final = "hsds:"


@dataclass(frozen=True, slots=True)
class DirectoryHere:
    """A directory whose services are here; ``name`` is what it is called here."""

    name: str
    count: int
    brought_at: datetime

    @classmethod
    def read(cls, body: Json) -> DirectoryHere:
        """Take one out of a list."""
        return cls(_name(body), int(body["count"]), datetime.fromisoformat(body["brought_at"]))


@dataclass(frozen=True, slots=True)
class ServiceTold:
    """What became of one service, or would, and why; ``ours`` is the asset it looks like."""

    line: int
    ref: str
    name: str
    done: str
    reasons: tuple[str, ...]
    asset_id: str | None
    ours: str | None

    @classmethod
    def read(cls, body: Json) -> ServiceTold:
        """Take one out of a report."""
        return cls(
            line=int(body["line"]),
            ref=str(body["ref"]),
            name=str(body["name"]),
            done=str(body["done"]),
            reasons=tuple(map(str, body["reasons"])),
            asset_id=None if body["asset_id"] is None else str(body["asset_id"]),
            ours=None if body["ours"] is None else str(body["ours"]),
        )


@dataclass(frozen=True, slots=True)
class DirectoryReport:
    """What became of a directory, or would: how many services came to what, and the first hundred of each kind."""

    name: str
    read_count: int
    counts: Mapping[str, int]
    ignored: Mapping[str, int]
    unknown_tables: tuple[str, ...]
    rows: tuple[ServiceTold, ...]

    def of(self, done: str) -> tuple[ServiceTold, ...]:
        """Give the services that came to one thing, as far as they are told."""
        return tuple(row for row in self.rows if row.done == done)

    @classmethod
    def read(cls, body: Json) -> DirectoryReport:
        """Take a report out of an answer."""
        counts = {kind: int(body[kind]) for kind in KINDS if kind != "skipped"}
        return cls(
            name=_name(body),
            read_count=int(body["read"]),
            counts=counts | {"skipped": sum(map(int, body["skipped"].values()))},
            ignored={str(name): int(count) for name, count in body["ignored"].items()},
            unknown_tables=tuple(map(str, body["unknown_tables"])),
            rows=tuple(ServiceTold.read(row) for row in body["rows"]),
        )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back of a directory, or would be."""

    name: str
    removed: int
    kept: int
    parted: int

    @classmethod
    def read(cls, body: Json) -> TakenBack:
        """Take it out of an answer."""
        return cls(_name(body), int(body["removed"]), int(body["kept"]), int(body["parted"]))


def _name(body: Json) -> str:
    return str(body["source"]).removeprefix(PREFIX)
