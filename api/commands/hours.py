"""``slots`` and ``network``: when help suffices, and in which zone and languages the network lives."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo.domain.slots import WEEKDAYS, GroupBy
from geo.domain.words import Audience, Category, Mode

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json
from api.commands.reaching import travelling

if TYPE_CHECKING:
    from geo.store.network import Network

network_app = typer.Typer(no_args_is_help=True, help="What the network is: its zone of time and its languages.")
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of the week meant; today's when left out.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(slots)
    app.add_typer(network_app, name="network")


def slots(
    *,
    category: Annotated[Category | None, typer.Option(help="Only this category.")] = None,
    group: Annotated[GroupBy, typer.Option(help="Tell groups of people apart.")] = "none",
    mode: Annotated[Mode, typer.Option(help="How households travel.")] = Mode.WALK,
    standard_min: Annotated[float | None, typer.Option(min=1, max=240, help="The service standard in minutes.")] = None,
    day: Day = None,
    as_json: AsJson = False,
) -> None:
    """Work out in which hours of a week, and for whom, the help that is open does not suffice."""
    from geo.store.network import standard_of
    from geo.store.slots import compute_slots

    from api.routers.slots import show_slots

    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        report = compute_slots(
            session,
            model=model,
            standard_min=standard_min or standard_of(session, settings.demo.standard_min),
            mode=mode,
            category=category,
            group_by=group,
            day=None if day is None else day.date(),
        )
    shown = show_slots(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    _put_week(shown)


def _put_week(shown: dict[str, Any]) -> None:
    """Print the gap of each hour as a table, and the worst in sentences."""
    gaps: dict[tuple[int, int], int] = {}
    for row in shown["rows"]:
        spot = row["weekday"], row["hour"]
        gaps[spot] = gaps.get(spot, 0) + row["gap"]
    put(f"Needs without help, week of {shown['week_of']}, {shown['time_zone']}")
    put("hour " + "".join(f"{day[:3]:>5}" for day in WEEKDAYS))
    for hour in range(24):
        put(f"{hour:02d}   " + "".join(f"{gaps.get((day, hour), '-'):>5}" for day in range(len(WEEKDAYS))))
    for gap in shown["worst"]:
        put(gap["sentence"])
    put("not counted: " + (", ".join(f"{n} {why}" for why, n in shown["excluded_supply"].items()) or "none"))
    put("needs: " + ", ".join(f"{count} {name}" for name, count in shown["balance"].items()))
    put(f"travel: {shown['travel_model']['note']}")


@network_app.command()
def show(*, as_json: AsJson = False) -> None:
    """Tell the network's name, zone of time and languages."""
    from geo.store.network import get_network

    with open_store(load_settings()) as store, store.sessions() as session:
        found = get_network(session)
    _put_network(found, as_json=as_json)


@network_app.command("set")
def set_(
    *,
    time_zone: Annotated[str | None, typer.Option(help="A name of the IANA list, such as Europe/Helsinki.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="A code such as fi; may be named several times.")] = None,
    escalate_after_h: Annotated[
        int | None, typer.Option(help="Hours without an answer before the next is asked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say in which zone hours are meant, what is spoken, and after how long without an answer the next is asked."""
    from geo.store.engine import transaction
    from geo.store.network import set_escalation, set_speech

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        found = set_speech(session, time_zone=time_zone, languages=language)
        if escalate_after_h is not None:
            found = set_escalation(session, escalate_after_h)
    _put_network(found, as_json=as_json)


def _put_network(network: Network, *, as_json: bool) -> None:
    if as_json:
        shown = {"name": network.name, "time_zone": network.time_zone, "languages": list(network.languages)}
        put_json(shown | {"escalate_after_h": network.escalate_after_h})
    else:
        spoken, hours = ", ".join(network.languages) or "not stated", network.escalate_after_h
        put(f"{network.name}: {network.time_zone}, languages {spoken}, the next is asked after {hours} hours")
