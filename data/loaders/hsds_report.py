"""How an HSDS package is to be read, and what is told of it: every row once, and nothing of it but its name there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from geo.domain.words import Category

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
    """

    source: str
    terms: Mapping[str, Category] = field(default_factory=dict)
    same: Mapping[str, UUID] = field(default_factory=dict)
    add_twins: bool = False
    retire: bool = False
    dry_run: bool = False

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


@dataclass(frozen=True, slots=True)
class RowDone:
    """What was done with a row, and why. ``ref`` is the source's name for it; nothing else of it is repeated."""

    line: int
    ref: str
    done: str
    asset_id: UUID | None = None
    reasons: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        told = {"line": self.line, "ref": self.ref, "done": self.done, "reasons": list(self.reasons)}
        return told | {"asset_id": None if self.asset_id is None else str(self.asset_id)}


@dataclass(slots=True)
class HsdsReport:
    """The whole answer: how many rows came to what, and the first of those that a person should look at."""

    source: str
    dry_run: bool
    counts: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    told: list[RowDone] = field(default_factory=list)
    unknown_tables: tuple[str, ...] = ()

    def note(self, row: RowDone) -> None:
        """Count a row; those that were not simply taken are named."""
        self.counts[row.done] += 1
        if row.done == "skipped":
            self.skipped[row.reasons[0]] += 1
        of_a_kind = sum(1 for one in self.told if one.done == row.done)
        if row.done in ("skipped", "twin", "kept", "missing") and of_a_kind < MAX_TOLD:
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
