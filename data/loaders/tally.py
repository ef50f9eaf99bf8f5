"""Counting the rows of a file as they are taken or left out."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from data.loaders.report import MAX_PROBLEMS, Layer, LoadReport, RowProblem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tally:
    """The counts of one layer and its first bad rows, from the moment it is made."""

    def __init__(self, source: str, layer: str) -> None:
        self._source, self._layer, self._started = source, layer, perf_counter()
        self._problems: list[RowProblem] = []
        self.counts = Layer()

    def take(self) -> None:
        """Count a row that is kept."""
        self.counts.take()

    def skip(self, line: int, reason: str) -> None:
        """Count a bad row; the first hundred are named by their line."""
        self.counts.skip(reason)
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(RowProblem(line, reason))

    def note(self, line: int, reason: str) -> None:
        """Name a fault in a row that is kept without its faulty part."""
        self.counts.ignored[reason] += 1
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(RowProblem(line, reason))

    def pass_over(self, reason: str) -> None:
        """Count a row that is left out though nothing is wrong with it."""
        self.counts.skip(reason)

    def report(self, attribution: str = "", more: Mapping[str, Layer] | None = None) -> LoadReport:
        """Make the report."""
        return LoadReport(
            self._source,
            {self._layer: self.counts} | dict(more or {}),
            attribution,
            elapsed_s=perf_counter() - self._started,
            problems=tuple(self._problems),
        )
