"""``load``: files into the database, each with a report of what was read, taken and left out."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from geo.domain.words import Category

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json, say, show_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    from geo.domain.directory import DirectoryRow
    from geo.store.engine import SessionFactory
    from geo.store.gazetteer_sources import Source as StoredSource

    from data.loaders.report import LoadReport, Progress

    class _Load(Protocol):
        def __call__(self, sessions: SessionFactory, path: Path, *, progress: Progress) -> LoadReport: ...


app = typer.Typer(no_args_is_help=True, help="Load a file; prints a report as JSON.")
Licence = Annotated[str, typer.Option(help="The licence of the file.")]
Attribution = Annotated[str, typer.Option(help="The credit to show wherever its data shows.")]
Source = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)]


@app.command()
def osm(source: Source) -> None:
    """Load an OpenStreetMap extract (.osm.pbf): addresses, streets, places, areas, assets, street graph."""
    from data.basemap import build_basemap
    from data.loaders.osm import load_osm
    from data.loaders.osm.tiles import build_streets

    settings = load_settings()
    with open_store(settings) as store, show_progress() as progress:
        report = load_osm(store.sessions, source, home=settings.home.home, progress=progress)
        build_streets(source, settings.home.home, progress=progress)
        progress("draw the base map", 0, 0)
        build_basemap(source, settings.home.tiles / "base.pmtiles")
        progress("done", 1, 1)
    _answer(report)


@app.command()
def addresses(
    source: Source,
    *,
    columns: Annotated[
        str,
        typer.Option(
            "--map",
            help="Which column is which: number=NR,street=ROAD,city=TOWN,postcode=ZIP,lon=X,lat=Y. "
            "street=PREDIR+NAME+TYPE joins columns. Not needed for OpenAddresses.",
        ),
    ] = "",
    within: Annotated[str, typer.Option(help="Take only what is inside: west,south,east,north in degrees.")] = "",
    clip: Annotated[bool, typer.Option("--clip", help="Take only what is inside the area served.")] = False,
    licence: Licence = "",
    attribution: Attribution = "",
) -> None:
    """Load an address register (.csv or .geojson, also .gz) of any size; bad rows are reported and left out."""
    from data.loaders.addresses import load_addresses

    if clip and within:
        raise typer.BadParameter("give either --within or --clip", param_hint="--clip")
    mapping = dict(_pair(part) for part in columns.split(",")) if columns else None
    box = _box(within) if within else None
    load = partial(load_addresses, columns=mapping, within=box, clip=clip, licence=licence, attribution=attribution)
    _load(source, load)


@app.command()
def streets(
    source: Source,
    *,
    name: Annotated[str, typer.Option(help="The column with the name of the street.")] = "",
    licence: Licence = "",
    attribution: Attribution = "",
) -> None:
    """Load named streets (.csv with WKT, .geojson, .gpkg, .shp) and find where they cross."""
    from data.loaders.streets import load_streets

    _load(source, partial(load_streets, name=name, licence=licence, attribution=attribution))


@app.command()
def ranges(
    source: Source,
    *,
    city: Annotated[bool, typer.Option("--city", help="The column city names towns, not counties.")] = False,
    licence: Licence = "",
    attribution: Attribution = "",
) -> None:
    """Load ranges of house numbers along streets, such as TIGER/Line's (.csv with WKT, .geojson, .gpkg, .shp)."""
    from data.loaders.ranges import load_ranges

    _load(source, partial(load_ranges, city=city, licence=licence, attribution=attribution))


@app.command()
def places(source: Source, *, licence: Licence = "", attribution: Attribution = "") -> None:
    """Load places that people give instead of an address (.csv with name, kind, lon, lat, or .geojson)."""
    from data.loaders.places import load_places

    _load(source, partial(load_places, licence=licence, attribution=attribution))


@app.command()
def sources(*, as_json: AsJson = False) -> None:
    """List what the gazetteer was loaded from, and how much of it there is."""
    from geo.store.gazetteer_sources import count_by_source, list_sources

    with open_store(load_settings()) as store, store.sessions() as session:
        found, counted = list_sources(session), count_by_source(session)
    if as_json:
        put_json({"sources": [_source_as_dict(one, counted[one.slug]) for one in found]})
        return
    for one in found:
        held = ", ".join(f"{count} {name}" for name, count in counted[one.slug].items() if count)
        put(f"{one.slug}  {one.imported_at:%Y-%m-%d %H:%M} UTC  {held or 'nothing; load it again'}")
        put(f"    {one.attribution or 'no credit given'}; {one.licence or 'no licence given'}")


def _source_as_dict(one: StoredSource, rows: dict[str, int]) -> dict[str, Any]:
    names = ("slug", "kind", "name", "licence", "attribution")
    imported_at = one.imported_at.isoformat() if one.imported_at else None
    return {name: getattr(one, name) for name in names} | {"rows": rows, "imported_at": imported_at}


@app.command()
def remove(slug: Annotated[str, typer.Argument(metavar="SLUG", help="As load sources names it.")]) -> None:
    """Take away what a source brought to the gazetteer; assets and areas of an extract stay."""
    from geo.store.engine import transaction
    from geo.store.gazetteer_sources import remove_source

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        remove_source(session, slug)
    say(f"{slug} is gone")


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


@app.command()
def hsds(
    source: Source,
    *,
    name: Annotated[str, typer.Option("--source", help="What the directory is called here, such as town-211.")],
    terms: Annotated[
        str, typer.Option("--map", help="What terms mean: BD-1800=food,Diaper Banks=hygiene, by code or name.")
    ] = "",
    same: Annotated[
        list[str] | None, typer.Option("--same", help="A row that is an asset of ours: REF=ASSET_ID; may be repeated.")
    ] = None,
    add_twins: Annotated[bool, typer.Option("--add-twins", help="Take in what looks like an asset of ours.")] = False,
    retire: Annotated[bool, typer.Option("--retire", help="Mark what is not named any more as defunct.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at everything and store nothing.")] = False,
    rows: Annotated[
        Path | None, typer.Option("--rows", help="Write what was done with each row, as JSON lines.")
    ] = None,
) -> None:
    """Load services of a directory (an HSDS 3 package .zip, or .json); proposes likely twins, and merges nothing."""
    from geo.domain.directory import Wishes

    from data.loaders.hsds import load_hsds

    wishes = Wishes(name, _terms(terms), _same(same or []), add_twins=add_twins, retire=retire, dry_run=dry_run)
    with open_store(load_settings()) as store, _row_file(rows) as told:
        report = load_hsds(store.sessions, source, wishes, rows=told)
    put_json(report.as_dict())
    if report.skipped or report.counts["twin"]:
        raise typer.Exit(PROBLEMS)


def _terms(written: str) -> dict[str, Category]:
    pairs = (_pair(part, "--map") for part in written.split(",")) if written else ()
    try:
        return {term.lower(): Category(word) for term, word in pairs}
    except ValueError:
        raise typer.BadParameter("what stands behind = must be a category", param_hint="--map") from None


def _same(written: list[str]) -> dict[str, UUID]:
    try:
        return {ref: UUID(asset_id) for ref, asset_id in (_pair(part, "--same") for part in written)}
    except ValueError:
        raise typer.BadParameter("what stands behind = must be the id of an asset", param_hint="--same") from None


@contextmanager
def _row_file(path: Path | None) -> Iterator[Callable[[DirectoryRow], None] | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as file:
        yield lambda row: print(json.dumps(row.as_dict(), ensure_ascii=False), file=file)


def _load(source: Path, load: _Load) -> None:
    with open_store(load_settings()) as store, show_progress() as progress:
        report = load(store.sessions, source, progress=progress)
    _answer(report)


def _pair(part: str, hint: str = "--map") -> tuple[str, str]:
    field, equals, column = part.partition("=")
    if not equals or not column.strip():
        raise typer.BadParameter("write name=meaning, parted by commas", param_hint=hint)
    return field.strip(), column.strip()


def _box(written: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in written.split(","))
    except ValueError:
        raise typer.BadParameter("write west,south,east,north in degrees", param_hint="--within") from None
    # written so that what is not a number fails too
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - the whole earth
        raise typer.BadParameter("west must be below east, and south below north", param_hint="--within")
    return west, south, east, north


def _answer(report: LoadReport) -> None:
    put_json(report.as_dict())
    if report.problems:
        raise typer.Exit(PROBLEMS)
