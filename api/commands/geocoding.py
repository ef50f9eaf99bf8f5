"""``geocode`` and ``reverse``: tables of addresses, or of points, answered row for row."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put_json, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from api.batching.work import Work


def _readable(source: Path) -> Path:
    if str(source) != "-" and not (source.is_file() and os.access(source, os.R_OK)):
        raise typer.BadParameter(f"there is no file {source} that can be read")
    return source


Source = Annotated[
    Path,
    typer.Argument(
        metavar="IN", callback=_readable, help="A table: .csv, .jsonl, .ndjson or .xlsx; - is standard input, as CSV."
    ),
]
Out = Annotated[
    Path | None, typer.Option(help="The file to write: .jsonl, .csv or .xlsx; standard output when left out.")
]
Sheet = Annotated[str | None, typer.Option(help="The sheet of an .xlsx file; its first when left out.")]
Workers = Annotated[
    int | None, typer.Option(min=1, max=4, help="How many processes; as many as there are cores when left out.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an earlier run was broken off.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (geocode, reverse):
        app.command()(verb)


def geocode(  # noqa: PLR0913 - one for each option
    source: Source,
    *,
    column: Annotated[str | None, typer.Option(help="The column that holds the address; q when left out.")] = None,
    parts: Annotated[
        str | None,
        typer.Option("--map", help="Columns of its parts instead: street=ROAD,number=NR,postcode=ZIP,city=TOWN"),
    ] = None,
    out: Out = None,
    sheet: Sheet = None,
    full: Annotated[bool, typer.Option("--full", help="Also the parts read, the source and other answers.")] = False,
    workers: Workers = None,
    resume: Resume = False,
    as_json: AsJson = False,
) -> None:
    """Look up every address of a table: one answer for each row, in order, failures included."""
    from geo.interchange.asked import OWN_PARTS, AddressColumns
    from geo.interchange.table import TableKind, kind_of

    from api.batching.run import STANDARD
    from api.batching.work import GeocodeWork

    if parts is not None:
        columns = AddressColumns.from_pairs(parts.split(","), column)
    elif column is None and source != STANDARD and kind_of(source.name) is TableKind.JSON_LINES:
        columns = OWN_PARTS
    else:
        columns = AddressColumns(column or "q")
    _answer(source, out, GeocodeWork(columns, full), sheet, workers, resume=resume, as_json=as_json)


def reverse(
    source: Source,
    *,
    lon: Annotated[str, typer.Option(help="The column that holds the longitude.")] = "lon",
    lat: Annotated[str, typer.Option(help="The column that holds the latitude.")] = "lat",
    out: Out = None,
    sheet: Sheet = None,
    workers: Workers = None,
    resume: Resume = False,
    as_json: AsJson = False,
) -> None:
    """Name what lies at every point of a table: the nearest door, crossing or street, and the area."""
    from geo.interchange.asked import PointColumns

    from api.batching.work import ReverseWork

    _answer(source, out, ReverseWork(PointColumns(lon, lat)), sheet, workers, resume=resume, as_json=as_json)


def _answer(
    source: Path, out: Path | None, work: Work, sheet: str | None, workers: int | None, *, resume: bool, as_json: bool
) -> None:
    from api.batching.pool import count_workers
    from api.batching.run import Order, run_batch, summarise

    order = Order(source, out, work, sheet, resume, count_workers(workers))
    with open_store(load_settings()) as store, _bar() as progress:
        ran = run_batch(order, store, say=say, progress=progress)
    summary = summarise(ran, work)
    if out is not None and as_json:
        put_json(summary)
    else:
        _say_summary(summary)
    if summary["errors"]:
        raise typer.Exit(PROBLEMS)


def _say_summary(summary: dict[str, Any]) -> None:
    counts = {name: count for name, count in summary.items() if isinstance(count, int)}
    errors, resumed = counts.pop("errors"), counts.pop("resumed")
    say(", ".join(f"{count} {word}" for word, count in counts.items()))
    for name, words in summary.items():
        if isinstance(words, dict) and words:
            say(f"{name.replace('_', ' ')}: " + ", ".join(f"{count} {word}" for word, count in words.items()))
    if errors:
        say(f"{errors} rows could not be read; each says why under error")
    if resumed:
        say(f"{resumed} of them were answered before")


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Draw a bar with rows, rows a second and the time that is left, where somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=sys.stderr)
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("rows", total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            bar.update(task, completed=done, total=max(total, done) if total else None, rate=rate)

        yield show
