"""``rounds``: which driver stops where, the rounds that are kept, and their sheets to print."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from geo.domain.driver_rounds import RoundEnd, RoundState
from geo.domain.words import Audience, Category

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json, say
from api.commands.reaching import travelling

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from geo.domain.driver_rounds import PlannedRound, RoundDraft

app = typer.Typer(no_args_is_help=True, help="Rounds of drivers: plan them, list them, print their sheets.")
_WHEN = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]


@app.command()
def plan(  # noqa: PLR0913 - one argument for each option
    *,
    helper: Annotated[list[UUID], typer.Option(help="Who could drive; give it once for each driver.")],
    from_at: Annotated[datetime, typer.Option("--from", formats=_WHEN, help="Nobody leaves before.")],
    until_at: Annotated[datetime, typer.Option("--until", formats=_WHEN, help="Everybody is at the end by then.")],
    category: Annotated[Category | None, typer.Option(help="Only needs of this category.")] = None,
    most: Annotated[int, typer.Option(min=1, max=200, help="So many needs at most, the longest waiting first.")] = 100,
    start_asset: Annotated[UUID | None, typer.Option(help="Where rounds begin; at home when left out.")] = None,
    ends: Annotated[RoundEnd, typer.Option(help="Where rounds end.")] = RoundEnd.START,
    capacity: Annotated[int | None, typer.Option(min=0, help="How many stops' units fit into each car.")] = None,
    service_min: Annotated[float, typer.Option(help="Minutes at each stop.")] = 5.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same rounds.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the rounds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Split open needs among drivers and put each one's stops in order; times without a zone are the network's."""
    from geo.domain.driver_rounds import DriverAsked, RoundsAsked, StopDraft
    from geo.store.network import get_network
    from geo.store.round_keeping import keep_round
    from geo.store.round_places import list_to_drive
    from geo.store.round_planning import plan_rounds

    from api.routers.driver_rounds import show_plan

    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions.begin() as session:
        zone = get_network(session).zone
        hours = _instant(from_at, zone), _instant(until_at, zone)
        needs = list_to_drive(session, category=category, limit=most, now=datetime.now(UTC))
        if not needs:
            say("There is no open need to drive to: each has been claimed, is on a round, or has no known place.")
            raise typer.Exit(PROBLEMS)
        drivers = tuple(DriverAsked(one, *hours, None, start_asset, ends, capacity) for one in helper)
        stops = tuple(StopDraft(one, service_min=service_min) for one in needs)
        found = plan_rounds(session, RoundsAsked(stops, drivers, seed), model=model)
        kept = [keep_round(session, _draft(one), model=model).id for one in found.rounds] if keep else []
    shown = show_plan(found, Audience.ORGANIZER) | {"kept": [str(one) for one in kept]}
    if as_json:
        put_json(shown)
        return
    _put_plan(shown, zone)


def _instant(given: datetime, zone: ZoneInfo) -> datetime:
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def _draft(one: PlannedRound) -> RoundDraft:
    from geo.domain.driver_rounds import RoundDraft, StopDraft

    stops = tuple(StopDraft(s.need_id, None, s.demand, s.service_min, s.earliest_at, s.latest_at) for s in one.stops)
    return RoundDraft(one.helper_id, one.from_at, stops, one.mode, one.start_asset_id, one.ends)


def _put_plan(shown: dict[str, Any], zone: ZoneInfo) -> None:
    for one in shown["rounds"]:
        times = f"{_clock(one['leave_at'], zone)} to {_clock(one['end_at'], zone)}"
        put(f"{one['helper_name']}: {len(one['stops'])} stops, {times}, {one['travel_min']} min of travel")
        for stop in one["stops"]:
            put(f"  {_clock(stop['begin_at'], zone)}  need {stop['need_id']}")
    for why, count in sorted(shown["unserved_by_reason"].items()):
        put(f"{count:>5} left out: {why.replace('_', ' ')}")
    proven = (
        "the best there is" if shown["optimal"] else f"at most {shown['gap']:.1%} from the best order of these stops"
    )
    put(f"{shown['travel_min']:.0f} minutes of travel: {proven}")
    put(f"travel: {shown['travel_model']['note']}")
    for kept in shown["kept"]:
        put(f"kept: {kept}")


def _clock(written: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(written).astimezone(zone):%H:%M}"


@app.command("list")
def list_all(
    *,
    state: Annotated[RoundState | None, typer.Option(help="Only those that stand so.")] = None,
    helper: Annotated[UUID | None, typer.Option(help="Only those of this driver.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    after: Annotated[UUID | None, typer.Option(help="The last id of the page before.")] = None,
    as_json: AsJson = False,
) -> None:
    """List rounds in the order in which they were made."""
    from geo.privacy.disclosure import disclose
    from geo.store.driver_rounds import RoundFilter, list_rounds

    with open_store(load_settings()) as store, store.sessions() as session:
        found = list_rounds(session, where=RoundFilter(helper, state), after=after, limit=limit)
    shown = [disclose(one, Audience.ORGANIZER) for one in found]
    if as_json:
        put_json({"items": shown, "next": shown[-1]["id"] if len(shown) == limit else None})
        return
    for one in shown:
        put(f"{one['id']}  {one['state']:<9}  {one['leave_at']}  {one['stop_count']} stops")
    put(f"{len(shown)} rounds")


@app.command()
def sheet(
    round_id: Annotated[UUID, typer.Argument(metavar="ROUND", help="The round's id.")],
    *,
    out: Annotated[Path, typer.Option(dir_okay=False, help="The HTML file to write; only its owner can read it.")],
    contacts: Annotated[bool, typer.Option("--contacts", help="Names and telephone numbers too.")] = False,
    map_codes: Annotated[bool, typer.Option("--map-codes", help="A QR code of each place too.")] = False,
) -> None:
    """Write a driver's sheet to print: exact places, and so noted in the audit as a reveal."""
    from api.routers.driver_rounds import show_sheet

    with open_store(load_settings()) as store, store.sessions.begin() as session:
        content = show_sheet(session, round_id, Audience.ORGANIZER, contacts=contacts, map_codes=map_codes)
    # it holds addresses: nobody else on this machine gets to read it, not even for a moment
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(content)
    put(f"{out}: open it in a browser and print it; remove it afterwards")
