"""``turfs``: cut ground into turfs, list how far they are, print their walk sheets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo.domain.turf import Paper
from geo.domain.words import Audience

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json

if TYPE_CHECKING:
    from api.schemas.turfs import CutIn

app = typer.Typer(no_args_is_help=True, help="Turfs: the doors that are walked to, on phones and on paper.")
MOST_LISTED = 1000


@app.command("list")
def list_all(*, as_json: AsJson = False) -> None:
    """List turfs in the order they were made, each with how far it has been walked."""
    from geo.privacy.disclosure import disclose
    from geo.store.turfs import list_turfs, tally_turfs

    with open_store(load_settings()) as store, store.sessions() as session:
        found = list_turfs(session, limit=MOST_LISTED)
        progress = tally_turfs(session, found)
    if as_json:
        shown = [
            (_shown(disclose(t, Audience.ORGANIZER)), disclose(p, Audience.ORGANIZER))
            for t, p in zip(found, progress, strict=True)
        ]
        put_json({"items": [turf | {"progress": told} for turf, told in shown]})
        return
    for turf, told in zip(found, progress, strict=True):
        put(f"{turf.id}  {turf.doors - told.left:>3} of {turf.doors:>3} doors  until {turf.ends_on}  {turf.name}")
    put(f"{len(found)} turfs")


def _shown(turf: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in turf.items() if name != "geometry"}


@app.command()
def cut(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the turfs are called; a number follows.")],
    *,
    area: Annotated[UUID | None, typer.Option(help="The id of the area to be cut.")] = None,
    shape: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file with a GeoJSON polygon, instead of an area."),
    ] = None,
    doors_each: Annotated[int | None, typer.Option(help="About so many doors each.")] = None,
    turfs: Annotated[int | None, typer.Option(help="So many turfs, instead.")] = None,
    note: Annotated[str | None, typer.Option(help="What whoever walks is to know of the campaign.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="For where walks are tried to begin.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Cut ground into turfs of nearly equal size that can each be walked."""
    from geo.privacy.disclosure import disclose
    from geo.store.engine import transaction
    from geo.store.turfs import create_turfs

    from api.routers.turfs import draft_cut

    ends_on = until.date() if until else None
    asked = {"name": name, "note": note, "ends_on": ends_on, "turfs": turfs, "doors_each": doors_each, "seed": seed}
    sent = _asked(asked | {"area_id": area, "geometry": None if shape is None else _polygon(shape)})
    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        made = create_turfs(session, draft_cut(session, sent))
    if as_json:
        put_json({"cut_id": str(made.id), "items": [_shown(disclose(turf, Audience.ORGANIZER)) for turf in made.turfs]})
        return
    for turf in made.turfs:
        put(f"{turf.id}  {turf.doors:>3} doors  {turf.name}")


def _asked(values: dict[str, object]) -> CutIn:
    from pydantic import ValidationError

    from geo.errors import InvalidInput

    from api.schemas.turfs import CutIn

    try:
        return CutIn.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InvalidInput(f"{where}: {fault['msg']}".removeprefix(": ")) from None


def _polygon(path: Path) -> object:
    """Read a geometry, or that of the one feature of a file."""
    import json

    from geo.errors import SourceUnreadable

    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise SourceUnreadable("the shape cannot be read as GeoJSON") from None
    if isinstance(read, dict) and read.get("type") == "FeatureCollection" and len(read.get("features") or ()) == 1:
        read = read["features"][0]
    return read.get("geometry") if isinstance(read, dict) and read.get("type") == "Feature" else read


@app.command()
def sheet(
    turf: Annotated[UUID, typer.Argument(metavar="ID", help="The turf's id.")],
    *,
    out: Annotated[Path, typer.Option(help="The PDF to write.")],
    paper: Annotated[Paper, typer.Option(help="The size of the paper.")] = Paper.A4,
) -> None:
    """Print a turf: a map, then a row with boxes and a code for each door."""
    from geo.interchange.walk_sheet import write_walk_sheet
    from geo.store.turfs import get_turf

    from api.sheets import find_fonts, make_sheet

    with open_store(load_settings()) as store, store.sessions() as session:
        made = make_sheet(session, get_turf(session, turf), Audience.ORGANIZER)
        out.write_bytes(write_walk_sheet(made, paper=paper, fonts=find_fonts()))
    put(str(out))
