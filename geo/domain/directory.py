"""How a directory is to be read, and what is told of it: every row once, and nothing of it but its name there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from geo.domain.words import Category
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
MAX_TOLD: Final = 100
"""So many rows of a kind are named in the report; the file of rows has them all."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a package is to be read.

    Attributes
    ----------
    source
        What the directory is called here: small letters, digits and hyphens.
    terms
        By the code or name of a term in small letters, the category it means.
    same
        By the source's name for a row, the asset of ours that it is.
    add_twins
        Take in as new what looks like an asset of ours.
    retire
        Mark as defunct what the source does not name any more.
    dry_run
        Look at everything and store nothing.
    most
        How many services at once; any number where it is not said.
    """

    source: str
    terms: Mapping[str, Category] = field(default_factory=dict)
    same: Mapping[str, UUID] = field(default_factory=dict)
    add_twins: bool = False
    retire: bool = False
    dry_run: bool = False
    most: int | None = None

    @property
    def slug(self) -> str:
        """How the source is written on assets.

        Raises
        ------
        InvalidInput
            If it is not in its form.
        """
        if not _SOURCE.fullmatch(self.source):
            raise InvalidInput("name the source in small letters, digits and hyphens, 30 at most", field="source")
        return f"hsds:{self.source}"


def read_terms(written: str) -> dict[str, Category]:
    """Read what terms mean: ``BD-1800=food,Diaper Banks=hygiene``.

    Raises
    ------
    InvalidInput
        If it is not in this form, or what stands behind ``=`` is no category.
    """
    try:
        return {term.lower(): Category(word) for term, word in _pairs(written)}
    except ValueError:
        raise InvalidInput("write TERM=CATEGORY, parted by commas", field="terms") from None


def read_same(written: str) -> dict[str, UUID]:
    """Read which rows are which assets of ours: ``REF=ASSET_ID``, parted by commas.

    Raises
    ------
    InvalidInput
        If it is not in this form.
    """
    try:
        return {ref: UUID(asset_id) for ref, asset_id in _pairs(written)}
    except ValueError:
        raise InvalidInput("write REF=ASSET_ID, parted by commas", field="same") from None


def _pairs(written: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (part.strip() for part in written.split(","))):
        name, sign, meant = part.rpartition("=")
        if not (name and sign and meant):
            raise ValueError(part)
        yield name.strip(), meant.strip()


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """What was done with a row, and why.

    Attributes
    ----------
    line
        Its number among the services, from 1; 0 where it is not named any more.
    ref
        The source's own name for it.
    name
        How it is called, so that a person knows it again; empty where it has none.
    ours
        How the asset of ours is called that it looks like.
    """

    line: int
    ref: str
    done: str
    asset_id: UUID | None = None
    reasons: tuple[str, ...] = ()
    name: str = ""
    ours: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        told = {"line": self.line, "ref": self.ref, "done": self.done, "reasons": list(self.reasons)}
        told |= {"name": self.name, "ours": self.ours}
        return told | {"asset_id": None if self.asset_id is None else str(self.asset_id)}


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory whose services are here: how it is called, how many are of it, and when it was taken in last."""

    source: str
    count: int
    brought_at: datetime


@dataclass(frozen=True, slots=True)
class DirectoryUndone:
    """What was taken back of a directory.

    Attributes
    ----------
    removed
        Assets that it brought, and that nobody has changed or used since.
    kept
        Assets that somebody has changed or used; they are ours from now on.
    parted
        Assets that were ours before; only what the directory said of them is forgotten.
    """

    source: str
    removed: int
    kept: int
    parted: int
    dry_run: bool


@dataclass(slots=True)
class HsdsReport:
    """The whole answer: how many rows came to what, and the first of each kind by name."""

    source: str
    dry_run: bool
    counts: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    told: list[DirectoryRow] = field(default_factory=list)
    unknown_tables: tuple[str, ...] = ()

    def note(self, row: DirectoryRow) -> None:
        """Count a row; the first of each kind are named, but for those that are as they were."""
        self.counts[row.done] += 1
        if row.done == "skipped":
            self.skipped[row.reasons[0]] += 1
        if row.done != "unchanged" and self.counts[row.done] <= MAX_TOLD:
            self.told.append(row)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON has it."""
        names = ("new", "updated", "unchanged", "kept", "twin", "ours", "joined", "skipped")
        return {
            "source": self.source,
            "dry_run": self.dry_run,
            "read": sum(self.counts[name] for name in names),
            **{name: self.counts[name] for name in names if name != "skipped"},
            "missing": self.counts["missing"],
            "retired": self.counts["retired"],
            "skipped": dict(self.skipped),
            "ignored": dict(self.ignored),
            "unknown_tables": list(self.unknown_tables),
            "rows": [row.as_dict() for row in self.told],
        }
