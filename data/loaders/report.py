"""What a loader says about its work: read, taken, and skipped with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PROBLEMS: Final = 100
"""So many bad rows are named one by one; the others are counted."""


class Progress(Protocol):
    """Told how far the work has come; a bar, a log or nothing."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps are finished and ``step`` begins."""


def no_progress(step: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass(slots=True)
class Layer:
    """The count of one kind of row: every one read is taken or skipped."""

    taken: int = 0
    made: int = 0
    """Rows made in addition: other names of the same street, numbers within a range."""
    skipped: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    """Cells of rows that are kept which have no use here, by the name of their field."""

    @property
    def read(self) -> int:
        """How many came in."""
        return self.taken + self.skipped.total()

    def take(self) -> None:
        """Count one that is kept."""
        self.taken += 1

    def skip(self, reason: str) -> None:
        """Count one that is not, and why."""
        self.skipped[reason] += 1

    def as_dict(self) -> dict[str, Any]:
        """Give the counts by name."""
        counts = {"read": self.read, "taken": self.taken, "made": self.made, "skipped": dict(self.skipped)}
        return counts | ({"ignored": dict(self.ignored)} if self.ignored else {})


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out: its line in the file, counted from 1, and why. Never what it said."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A loader's whole answer. ``unchanged`` means that this very file was already loaded."""

    source: str
    layers: Mapping[str, Layer]
    attribution: str = ""
    unchanged: bool = False
    elapsed_s: float = 0.0
    problems: tuple[RowProblem, ...] = ()

    @property
    def skipped(self) -> dict[str, int]:
        """The reasons over all layers."""
        total: Counter[str] = Counter()
        for layer in self.layers.values():
            total += layer.skipped
        return dict(total)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON has it."""
        return {
            "source": self.source,
            "attribution": self.attribution,
            "unchanged": self.unchanged,
            "read": sum(layer.read for layer in self.layers.values()),
            "taken": sum(layer.taken for layer in self.layers.values()),
            "skipped": self.skipped,
            "layers": {name: layer.as_dict() for name, layer in self.layers.items()},
            "problems": [{"line": problem.line, "reason": problem.reason} for problem in self.problems],
            "elapsed_s": round(self.elapsed_s, 3),
        }


def report_from_dict(kept: Mapping[str, Any], *, elapsed_s: float) -> LoadReport:
    """Read back the report of a file that was loaded before and has not changed."""
    layers = {
        name: Layer(counts["taken"], counts["made"], Counter(counts["skipped"]), Counter(counts.get("ignored", {})))
        for name, counts in kept.get("layers", {}).items()
    }
    return LoadReport(kept.get("source", ""), layers, kept.get("attribution", ""), unchanged=True, elapsed_s=elapsed_s)
