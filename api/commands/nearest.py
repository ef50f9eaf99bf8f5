"""``nearest``: the nearest who may be asked, and why nearer ones are not named."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import typer

from geo.domain.nearest import COOL_DOWN_H, MOST_COOL_DOWN_H
from geo.domain.words import Audience, Category, Mode, Vehicle
from geo.errors import InvalidInput

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json
from api.commands.reaching import travelling

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.coverage import NearestReport
    from geo.domain.travel import TravelModel


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(nearest)


def nearest(  # noqa: PLR0913 - each is a filter of its own
    *,
    need: Annotated[UUID | None, typer.Option(help="For this need.")] = None,
    lon: Annotated[float | None, typer.Option(help="For a place: degrees east.")] = None,
    lat: Annotated[float | None, typer.Option(help="For a place: degrees north.")] = None,
    kind: Annotated[Literal["helper", "asset"], typer.Option(help="Whom to look for.")] = "helper",
    category: Annotated[Category | None, typer.Option(help="For a place: who helps with this.")] = None,
    language: Annotated[str | None, typer.Option(help="For a place: who shares this language.")] = None,
    mode: Annotated[Mode | None, typer.Option(help="How the household travels to an asset.")] = None,
    vehicle: Annotated[Vehicle | None, typer.Option(help="Only helpers with this.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Free or open for an hour from then, by the network's clock.")] = (
        None
    ),
    cool_down_h: Annotated[
        float, typer.Option(min=0, max=MOST_COOL_DOWN_H, help="Hours for which whoever was asked is left in peace.")
    ] = COOL_DOWN_H,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many at most.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Name the nearest suitable help for a need or a place, why, and why nearer help was passed over."""
    from geo.store.network import hour_from

    from api.routers.nearest import show_nearest

    options: dict[str, Any] = {"kind": kind, "vehicle": vehicle, "cool_down_h": cool_down_h, "limit": limit}
    of_place = {"category": category, "languages": () if language is None else (language,)}
    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        options["window"] = None if at is None else hour_from(session, at)
        report = _ask(session, model, need, (lon, lat), mode, options, of_place)
    shown = show_nearest(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    for one in shown["results"]:
        put(f"{one['name']}: {one['reason']}")
    for why, count in shown["passed_over"].items():
        put(f"{count:>5} nearer, {why}")
    put(f"travel: {shown['travel_model']['note']}")


def _ask(
    session: Session, model: TravelModel, need: UUID | None, where: tuple[float | None, float | None],
    mode: Mode | None, options: dict[str, Any], of_place: dict[str, Any],
) -> NearestReport:  # fmt: skip
    from geo.domain.place import Point
    from geo.store.nearest import find_nearest, find_nearest_to_point

    lon, lat = where
    if need is not None and lon is None and lat is None and not any(of_place.values()):
        return find_nearest(session, need, mode=mode, model=model, **options)
    if need is not None or lon is None or lat is None:
        raise InvalidInput("name a need; or a place by lon and lat, with a category and a language if you like")
    place = Point(lon, lat)
    return find_nearest_to_point(session, place, mode=mode or Mode.WALK, model=model, **options, **of_place)
