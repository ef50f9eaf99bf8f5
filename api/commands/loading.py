"""``load``: files into the database, each with a report of what was read, taken and left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.jobs import PROBLEMS, load_settings, open_store, put_json, show_progress

if TYPE_CHECKING:
    from data.loaders.report import LoadReport

app = typer.Typer(no_args_is_help=True, help="Load a file; prints a report as JSON.")
Source = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)]


@app.command()
def osm(source: Source) -> None:
    """Load an OpenStreetMap extract (.osm.pbf): addresses, streets, places, areas and public assets."""
    from data.loaders.osm import load_osm

    settings = load_settings()
    with open_store(settings) as store, show_progress() as progress:
        report = load_osm(store.sessions, source, home=settings.home.home, progress=progress)
    _answer(report)


def _answer(report: LoadReport) -> None:
    put_json(report.as_dict())
    if report.problems:
        raise typer.Exit(PROBLEMS)
