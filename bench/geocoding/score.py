"""The scoreboard: ``python -m bench.geocoding.score [--only balt,neg] [--sample N] [--show KIND] [--json FILE]``."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from math import isfinite
from pathlib import Path  # noqa: TC003 - typer reads it
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.geocoding import acceptance, between, county, crossings, grid_city, noise
from bench.geocoding.county import REFERENCE
from bench.geocoding.gazetteer import load, open_desk, scratch
from bench.geocoding.marks import RULE, Mark, Tally, judge, mark, measured_or_none, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Engine

    from bench.geocoding.exam import Exam, Query
    from bench.geocoding.marks import Verdict

EXAMS: Final[Mapping[str, Callable[[Path], Exam]]] = {
    **county.EXAMS,
    **grid_city.EXAMS,
    **noise.EXAMS,
    **crossings.EXAMS,
    **acceptance.EXAMS,
    **between.EXAMS,
}
SHOWN: Final = 10
TIMED: Final = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """One exam marked: every answer, and seconds of single questions."""

    exam: Exam
    marks: Sequence[Mark]
    loaded_s: float
    many_s: float
    singles_s: Sequence[float]

    def by_kind(self) -> dict[str, Tally]:
        """Sum up each kind, in the order of the questions."""
        kinds = dict.fromkeys(m.query.kind for m in self.marks)
        return {kind: tally(m for m in self.marks if m.query.kind == kind) for kind in kinds}

    def verdicts(self) -> list[Verdict]:
        """Judge the goals whose kinds were asked."""
        found = [judge(goal, self.marks) for goal in self.exam.goals]
        return [verdict for verdict in found if verdict.n]

    def as_dict(self) -> dict[str, Any]:
        """Give it as it is written down."""
        return {
            "exam": self.exam.name,
            "all": tally(self.marks).as_dict(),
            "kinds": {kind: figures.as_dict() for kind, figures in self.by_kind().items()},
            "goals": [
                {
                    "goal": v.goal.name,
                    "limit": v.goal.limit,
                    "measured": measured_or_none(v.measured),
                    "n": v.n,
                    "held": v.held,
                }
                for v in self.verdicts()
            ],
            "seconds": {"load": self.loaded_s, "many": self.many_s, **_quantiles(self.singles_s)},
        }


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    return {name: float(np.quantile(seconds, q)) for name, q in (("p50", 0.5), ("p95", 0.95))} if seconds else {}


def sit(exam: Exam, engine: Engine, *, sample: int | None = None, timed: int = TIMED) -> Sheet:
    """Load an exam's gazetteer into an empty database, ask everything at once, and some again one by one.

    Parameters
    ----------
    sample
        At most so many questions of each kind, evenly spread.
    timed
        How many are asked one by one, for the time they take.
    """
    started = perf_counter()
    load(engine, exam.rows())
    loaded_s = perf_counter() - started
    queries = thin(exam.queries, sample)
    with open_desk(engine) as desk:
        started = perf_counter()
        results = desk.geocode_many([query.text for query in queries])
        many_s = perf_counter() - started
        singles = []
        for query in queries[:: max(1, len(queries) // timed)] if timed else ():
            started = perf_counter()
            desk.geocode(query.text)
            singles.append(perf_counter() - started)
    marks = [mark(query, result) for query, result in zip(queries, results, strict=True)]
    return Sheet(exam, marks, loaded_s, many_s, singles)


def thin(queries: Sequence[Query], sample: int | None) -> list[Query]:
    """Keep at most so many questions of each kind, evenly spread."""
    kinds: dict[str, list[Query]] = {}
    for query in queries:
        kinds.setdefault(query.kind, []).append(query)
    kept = []
    for of_kind in kinds.values():
        count = min(sample or len(of_kind), len(of_kind))
        kept += [of_kind[index] for index in np.linspace(0, len(of_kind) - 1, count).astype(int).tolist()]
    return kept


def show(sheet: Sheet, console: Console) -> None:
    """Print one exam: its kinds, its goals, its times."""
    table = Table("kind", *_HEADS, title=f"{sheet.exam.name}: {len(sheet.marks):,} questions", title_justify="left")
    for kind, figures in {**sheet.by_kind(), "all": tally(sheet.marks)}.items():
        table.add_row(kind, *_cells(figures))
    console.print(table)
    between = tally(sheet.marks)
    if between.interpolated:
        console.print(
            f"  interpolated {between.interpolated}: median {between.interpolated_median_m:.1f}, "
            f"p90 {between.interpolated_p90_m:.0f}, p99 {between.interpolated_p99_m:.0f} m; "
            f"{between.beyond_uncertainty} accepted beyond their own uncertainty; "
            f"{between.over_100} accepted over 100 m off"
        )
    expecting = [m for m in sheet.marks if m.query.expected]
    if expecting:
        as_expected = sum(m.reproduced for m in expecting)
        console.print(f"  quality and faults as expected: {as_expected} of {len(expecting)}")
    for note in sheet.exam.notes:
        console.print(f"  {note}", highlight=False)
    times = _quantiles(sheet.singles_s)
    singles = f"; one by one p50 {times['p50'] * 1000:.1f} ms, p95 {times['p95'] * 1000:.1f} ms" if times else ""
    console.print(f"  loaded in {sheet.loaded_s:.0f} s; {len(sheet.marks) / sheet.many_s:,.0f} rows/s{singles}")
    for verdict in sheet.verdicts():
        measured = f"{verdict.measured:.2f}" if isfinite(verdict.measured) else "nothing to measure"
        sign = "[green]held[/green]" if verdict.held else "[red]MISSED[/red]"
        least = "at least" if verdict.goal.at_least else "at most"
        console.print(f"  {sign} {verdict.goal.name}: {measured} ({least} {verdict.goal.limit:g})")


_HEADS: Final = ("n", "<=60 m %", "<=250 m %", "accepted %", "wrong", "twin", "coarse", "review %", "none %")


def _cells(t: Tally) -> tuple[str, ...]:
    shares = (t.near, t.fair, t.accepted)
    counts = (t.wrong, t.twins, t.coarse)
    left = (t.review, t.none)
    return (f"{t.n}", *(f"{s:.2f}" for s in shares), *(f"{c}" for c in counts), *(f"{s:.2f}" for s in left))


def show_worst(sheet: Sheet, kind: str, console: Console) -> None:
    """Print the ten worst wrong accepts of a kind, and its ten worst misses."""
    about = [m for m in sheet.marks if kind in (m.query.kind, "all")]
    wrong = sorted((m for m in about if m.wrong), key=lambda m: -m.off_m)
    missed = sorted((m for m in about if m.query.truth and not m.wrong and m.off_m > 60), key=lambda m: -m.off_m)
    other = [m for m in about if m.query.expected and not m.reproduced]
    for name, marks in (("wrong accepts", wrong), ("misses", missed), ("not as expected", other)):
        if about:
            console.print(f"  {sheet.exam.name} {kind}, {name}: {len(marks)}")
        for m in marks if name == "not as expected" else marks[:SHOWN]:
            console.print(f"    {m.line()}", markup=False, highlight=False, soft_wrap=True)


def main(
    only: Annotated[str, typer.Option(help=f"Of {', '.join(EXAMS)}, with commas; all when left out.")] = "",
    sample: Annotated[int | None, typer.Option(min=1, help="At most so many questions of each kind.")] = None,
    show_kind: Annotated[
        list[str] | None, typer.Option("--show", help="A kind whose worst are listed, or all.")
    ] = None,
    json_to: Annotated[Path | None, typer.Option("--json", help="Where to write all figures.")] = None,
    reference: Annotated[Path, typer.Option(help="The folder of reference data.")] = REFERENCE,
) -> None:
    """Ask the geocoder everything we know the answer of, and count."""
    chosen = [name.strip() for name in only.split(",") if name.strip()] or list(EXAMS)
    if unknown := set(chosen) - set(EXAMS):
        raise typer.BadParameter(f"there is no set {', '.join(sorted(unknown))}")
    console = Console(width=120)
    sheets = []
    for name in chosen:
        with scratch(url=os.environ.get("BARNRAISER_DATABASE_URL")) as engine:
            sheet = sit(EXAMS[name](reference), engine, sample=sample)
        show(sheet, console)
        for kind in show_kind or ():
            show_worst(sheet, kind, console)
        sheets.append(sheet)
        if json_to:
            json_to.write_text(json.dumps([s.as_dict() for s in sheets], indent=2) + "\n", "utf-8")
    console.print(f"  {RULE}", style="dim")


if __name__ == "__main__":
    typer.run(main)
