"""``catchments``: what is within reach of each place of help, drawn and kept."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json, say, show_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.domain.travel import TravelModel

    from api.settings import Settings
    from api.travel import TravelChoice


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(catchments)


def catchments(*, as_json: AsJson = False) -> None:
    """Draw what is within reach of each place of help along streets; ends with 1 when some could not be drawn."""
    from geo.store.catchments import CatchmentReport, refresh_catchments
    from geo.store.reaching import STRAIGHT

    settings = load_settings()
    report = CatchmentReport()
    with travelling(settings) as model:
        if model.info.name == STRAIGHT:
            say("There are no streets to travel by, so nothing has to be drawn. Run: barnraiser load osm FILE.pbf")
        else:
            with open_store(settings) as store, show_progress() as progress:
                report = refresh_catchments(store.sessions, model, progress=progress)
    if as_json:
        put_json(report.as_dict() | {"travel_model": model.info.as_dict()})
    else:
        put(", ".join(f"{count} {name}" for name, count in report.as_dict().items()))
        put(f"travel: {model.info.note}")
    raise typer.Exit(PROBLEMS if report.failed else 0)


@contextmanager
def travelling(settings: Settings) -> Iterator[TravelModel]:
    """Travel as the server does, and end the engine afterwards."""
    travel = travel_of(settings)
    try:
        yield travel.model()
    finally:
        travel.close()


def travel_of(settings: Settings) -> TravelChoice:
    """Choose the travel model as the server does."""
    from api.travel import TravelChoice

    return TravelChoice(settings.home.home, settings.travel)
