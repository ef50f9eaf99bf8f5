"""``coverage``, ``export``: questions answered into a file or on the screen."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from geo.domain.tiles import MAX_ZOOM, POINTS_FROM_ZOOM
from geo.domain.words import Audience, Category, Mode
from geo.errors import InvalidInput, SourceUnreadable

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json, say
from api.commands.picturing import WantedPicture, draw_picture
from api.commands.reaching import travelling
from api.commands.tiling import Wanted, write_tiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from typing import TextIO

    from sqlalchemy.orm import Session

    from geo.store.coverage import Question

    from api.settings import Settings

Out = Annotated[Path | None, typer.Option(help="The file to write; standard output when left out.")]
Standard = Annotated[float | None, typer.Option(min=1, max=240, help="The service standard in minutes.")]
EDGE_NOTE: Final = " Near the edge of the loaded area: help beyond it is not counted."


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (coverage, export):
        app.command()(verb)


def coverage(
    *,
    category: Annotated[Category | None, typer.Option(help="Only this category.")] = None,
    by: Annotated[Literal["hex", "area"], typer.Option(help="Group by H3 cell or by named area.")] = "hex",
    mode: Annotated[Mode, typer.Option(help="How households travel.")] = Mode.WALK,
    standard_min: Standard = None,
    open_at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M"], help="Count only help open for an hour from then, local time."),
    ] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Compare with this day.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep today's figures, by cell and by area.")] = False,
    as_json: AsJson = False,
) -> None:
    """Work out where help within reach does not suffice, widest gap first."""
    from geo.store.coverage import Question, compute_coverage
    from geo.store.network import hour_from, standard_of

    from api.daily import keep_today
    from api.routers.coverage import show_report

    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        standard = standard_min or standard_of(session, settings.demo.standard_min)
        if keep:
            rows = keep_today(store.sessions, standard, model=model, now=datetime.now(UTC), replace=True)
            say(f"{rows} rows of today are kept")
        if since is not None:
            _print_changes(session, Question(model, standard, mode, by), since.date(), as_json=as_json)
            return
        window = None if open_at is None else hour_from(session, open_at)
        report = compute_coverage(session, Question(model, standard, mode, by, window), category=category)
    shown = show_report(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    for row in shown["rows"]:
        put(f"{row['label']}  {row['category']:<10} {row['why']}{EDGE_NOTE if row['edge'] else ''}")
    put("help not counted: " + (", ".join(f"{n} {why}" for why, n in shown["excluded_supply"].items()) or "none"))
    for name, reasons in shown["unsuited"].items():
        put(f"{name}: " + ", ".join(f"{count} needs with {why}" for why, count in reasons.items()))
    put("needs: " + ", ".join(f"{count} {name}" for name, count in shown["balance"].items()))
    put(f"travel: {shown['travel_model']['note']}")


def _print_changes(session: Session, question: Question, since: date, *, as_json: bool) -> None:
    from geo.store.coverage_history import compare

    from api.routers.coverage import show_changes

    shown = show_changes(compare(session, question, since), Audience.ORGANIZER)
    if as_json:
        put_json(shown | {"since": shown["since"] and shown["since"].isoformat()})
        return
    put(f"since {shown['since']}" if shown["since"] else f"no figures are kept of {since} or before")
    for row in shown["rows"]:
        put(f"{row['label']}  {row['category']:<10} gap {row['gap_then']} -> {row['gap']} ({row['gap_change']:+d})")


def export(  # noqa: PLR0913 - one option for each thing that may be wanted
    what: Annotated[Literal["needs", "assets", "coverage", "tiles", "map"], typer.Argument()],
    *,
    audience: Annotated[Audience, typer.Option(help="Who will read it; they get what they may have.")],
    form: Annotated[
        Literal["geojson", "csv", "geoparquet", "hsds", "pmtiles"] | None,
        typer.Option("--format", help="The file's format; GeoJSON when left out, PMTiles for tiles."),
    ] = None,
    out: Out = None,
    standard_min: Standard = None,
    agreement: Annotated[str | None, typer.Option(help="Tiles as the partner of this agreement has them.")] = None,
    max_zoom: Annotated[int, typer.Option(min=0, max=MAX_ZOOM, help="The nearest zoom of tiles.")] = POINTS_FROM_ZOOM,
    layers: Annotated[str | None, typer.Option(help="Layers of a map, with commas between.")] = None,
    bbox: Annotated[str | None, typer.Option(help="What a map shows: west,south,east,north in degrees.")] = None,
    size: Annotated[
        Literal["a4", "a4-upright", "letter", "letter-upright", "phone"], typer.Option(help="The size of a map.")
    ] = "a4",
) -> None:
    """Write needs, assets or coverage, tiles of all of them, or a map of them, as an audience may have them."""
    from geo.store.feeds import export_features
    from geo.store.network import standard_of

    settings = load_settings()
    if what == "map":
        _export_map(settings, WantedPicture(audience, standard_min, layers, bbox, size), out)
        return
    if what == "tiles" or form == "pmtiles" or agreement is not None:
        if what != "tiles" or form not in (None, "pmtiles"):
            raise InvalidInput("tiles, and they alone, are PMTiles and may be an agreement's", field="format")
        _export_tiles(settings, Wanted(audience, agreement, max_zoom, standard_min), out)
        return
    if form == "hsds":
        _export_hsds(settings, what, audience, out)
        return
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        standard = standard_min or standard_of(session, settings.demo.standard_min)
        features = export_features(session, what, audience, model=model, standard_min=standard)
        count = _write(form or "geojson", out, features)
    say(f"{count} {what} for the audience {audience.value}")


def _export_map(settings: Settings, wanted: WantedPicture, out: Path | None) -> None:
    raw = draw_picture(settings, wanted, "" if out is None else out.suffix.lower())
    if out is not None:
        with _whole(out) as part:
            part.write_bytes(raw)
    say(f"a map for the audience {wanted.audience.value}")


def _export_tiles(settings: Settings, wanted: Wanted, out: Path | None) -> None:
    if out is None:
        raise InvalidInput("tiles are no text: name a file with --out", field="out")
    with _whole(out) as part, part.open("wb") as target:
        count = write_tiles(settings, wanted, target)
    say(f"{count} tiles for the audience {wanted.audience.value}")


def _export_hsds(settings: Settings, what: str, audience: Audience, out: Path | None) -> None:
    from geo.domain.listed import Freshness
    from geo.interchange.hsds_package import write_package
    from geo.store.hsds import all_services
    from geo.store.network import get_network

    if what != "assets" or out is None:
        raise InvalidInput(
            "only assets are HSDS services, and their package is no text: name a file with --out", field="out"
        )
    fresh = Freshness(datetime.now(UTC).date(), timedelta(days=settings.verify.verify_after_days))
    with open_store(settings) as store, store.sessions() as session, _whole(out) as part, part.open("wb") as target:
        count = write_package(target, all_services(session, audience, fresh=fresh), title=get_network(session).name)
    say(f"{count} services for the audience {audience.value}")


def _write(form: str, out: Path | None, features: Iterator[dict[str, Any]]) -> int:
    from geo.interchange.csv_rows import write_features

    if form == "geoparquet":
        from geo.interchange.geoparquet import write_geoparquet

        if out is None:
            raise InvalidInput("geoparquet is no text: name a file with --out", field="out")
        with _whole(out) as part:
            return write_geoparquet(part, features)
    with _writing(out) as target:
        return write_features(target, features) if form == "csv" else _write_geojson(target, features)


def _write_geojson(target: TextIO, features: Iterator[dict[str, Any]]) -> int:
    """Write a collection feature by feature, so that its size does not matter."""
    count = 0
    target.write('{"type":"FeatureCollection","features":[')
    for count, feature in enumerate(features, start=1):
        target.write(("," if count > 1 else "") + json.dumps(feature, ensure_ascii=False, allow_nan=False))
    target.write("]}\n")
    return count


@contextmanager
def _writing(out: Path | None) -> Iterator[TextIO]:
    """Open a text file that appears only when it is whole, or standard output."""
    if out is None:
        yield typer.get_text_stream("stdout")
        return
    with _whole(out) as part, part.open("w", encoding="utf-8", newline="") as target:
        yield target


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a name to write to; the file appears under its own only when it is whole, so nobody finds half of one."""
    part = out.with_name(f"{out.name}.part")
    try:
        yield part
        part.replace(out)
    except FileNotFoundError as error:
        raise SourceUnreadable(f"there is no folder {out.parent}") from error
    finally:
        part.unlink(missing_ok=True)
