"""``load``: files into the database, each with a report of what was read, taken and left out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.jobs import PROBLEMS, load_settings, open_store, put_json, show_progress

if TYPE_CHECKING:
    from typing import Protocol

    from geo.store.engine import SessionFactory

    from data.loaders.report import LoadReport, Progress

    class _Load(Protocol):
        def __call__(self, sessions: SessionFactory, path: Path, *, progress: Progress) -> LoadReport: ...


app = typer.Typer(no_args_is_help=True, help="Load a file; prints a report as JSON.")
Source = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)]


@app.command()
def osm(source: Source) -> None:
    """Load an OpenStreetMap extract (.osm.pbf): addresses, streets, places, areas and public assets."""
    from data.basemap import build_basemap
    from data.loaders.osm import load_osm

    settings = load_settings()
    with open_store(settings) as store, show_progress() as progress:
        report = load_osm(store.sessions, source, home=settings.home.home, progress=progress)
        progress("draw the base map", 0, 0)
        build_basemap(source, settings.home.tiles / "base.pmtiles")
        progress("done", 1, 1)
    _answer(report)


@app.command()
def addresses(
    source: Source,
    columns: Annotated[
        str,
        typer.Option("--map", help="Which column is which: number=NR,street=ROAD,city=TOWN,postcode=ZIP,lon=X,lat=Y"),
    ],
    licence: Annotated[str, typer.Option(help="The licence of the register.")] = "",
    attribution: Annotated[str, typer.Option(help="The credit to show wherever its data shows.")] = "",
) -> None:
    """Load an address register (.csv) of any size; bad rows are reported and left out."""
    from data.loaders.addresses import load_addresses

    mapping = dict(_pair(part) for part in columns.split(","))
    _load(source, partial(load_addresses, columns=mapping, licence=licence, attribution=attribution))


@app.command()
def areas(source: Source) -> None:
    """Load named areas (.geojson); invalid polygons are reported and left out."""
    from data.loaders.areas import load_areas

    _load(source, load_areas)


@app.command()
def assets(source: Source) -> None:
    """Load public places and services (.csv or .geojson); those that are there are brought up to date."""
    from data.loaders.assets import load_assets

    _load(source, load_assets)


@app.command()
def needs(source: Source) -> None:
    """Load needs (.csv); an address that is not surely found waits in the review queue."""
    from data.loaders.needs import load_needs

    _load(source, load_needs)


@app.command()
def helpers(source: Source) -> None:
    """Load helpers, the volunteers (.csv)."""
    from data.loaders.helpers import load_helpers

    _load(source, load_helpers)


def _load(source: Path, load: _Load) -> None:
    with open_store(load_settings()) as store, show_progress() as progress:
        report = load(store.sessions, source, progress=progress)
    _answer(report)


def _pair(part: str) -> tuple[str, str]:
    field, equals, column = part.partition("=")
    if not equals or not column.strip():
        raise typer.BadParameter("write field=column, parted by commas", param_hint="--map")
    return field.strip(), column.strip()


def _answer(report: LoadReport) -> None:
    put_json(report.as_dict())
    if report.problems:
        raise typer.Exit(PROBLEMS)
