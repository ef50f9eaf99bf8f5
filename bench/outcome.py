"""What a benchmark found, for people as a table and for machines as one object."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from bench.timing import Spread

RESULTS: Final = Path(__file__).parent / "results"
MILLI: Final = 1000.0
MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """Ratios first: they mean the same on every machine, seconds do not.

    Attributes
    ----------
    ratios
        Ours over the floor, by what is compared; below one is quicker or smaller than the floor.
    spreads
        Seconds of each contender.
    facts
        How big the task was, how far answers were checked, how time grows.
    """

    bench: str
    size: int
    seed: int
    ratios: Mapping[str, float]
    spreads: Mapping[str, Spread]
    facts: Mapping[str, float | int | str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Give the outcome as one JSON object."""
        return {
            "bench": self.bench,
            "size": self.size,
            "seed": self.seed,
            "ratios": {name: round(ratio, 3) for name, ratio in self.ratios.items()},
            "facts": dict(self.facts),
            "seconds": {name: spread.as_dict() for name, spread in self.spreads.items()},
            "python": platform.python_version(),
        }

    def write(self, folder: Path = RESULTS) -> Path:
        """Write the outcome beside those of other benchmarks, over the last one of the same size."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.bench}-{self.size}.json"
        path.write_text(json.dumps(self.as_dict(), indent=2) + "\n", "utf-8")
        return path

    def show(self, console: Console) -> None:
        """Print the outcome for a person: ratios, then milliseconds, then facts."""
        console.print(f"\n[bold]{self.bench}[/bold]  size {self.size:,}, seed {self.seed}")
        ratios = Table("compared", "ratio", title_justify="left")
        for name, ratio in self.ratios.items():
            ratios.add_row(name, f"{ratio:.2f}")
        console.print(ratios)
        console.print(self._milliseconds())
        for name, value in self.facts.items():
            console.print(f"  {name}: {_figure(value)}", highlight=False)

    def _milliseconds(self) -> Table:
        table = Table("milliseconds", "median", "p95", "least", "most", "runs")
        for name, spread in self.spreads.items():
            figures = (spread.median, spread.p95, spread.least, spread.most)
            table.add_row(name, *(f"{seconds * MILLI:,.2f}" for seconds in figures), str(spread.runs))
        return table


def _figure(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if isinstance(value, int) or value >= MANY else f"{value:.3g}"
