"""``review``: the queue of addresses that wait for a person, decided from the command line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from geo.domain.words import Audience, ReviewState
from geo.errors import InvalidInput

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session

    from geo.domain.records import Need

app = typer.Typer(no_args_is_help=True, help="Addresses that wait for a person.")
NeedId = Annotated[UUID, typer.Argument(metavar="ID", help="The need.")]
Limit = Annotated[int, typer.Option(min=1, max=50, help="How many at most.")]
Only = Annotated[bool, typer.Option("--this-need-only", help="Do not place the same address there again.")]
# a longitude in the west begins with a minus and is no option
_NUMBERS: Final = {"ignore_unknown_options": True}


@contextmanager
def _open() -> Iterator[Session]:
    from geo.store.engine import transaction

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        yield session


@app.command("list")
def list_queue(
    *,
    state: Annotated[ReviewState | None, typer.Option(help="One list; what waits and what to ask otherwise.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List needs whose address waits, the most urgent first; each look at what was typed is noted."""
    from geo.privacy.disclosure import disclose
    from geo.store.reveals import note_review
    from geo.store.review import count_review, list_decided, list_review

    with _open() as session:
        decided = state is ReviewState.DECIDED
        found = list_decided(session, limit=limit) if decided else list_review(session, state=state, limit=limit)
        note_review(session, found)
        total = count_review(session, state)
        shown = [disclose(item, Audience.ADMIN) for item in found]
    if as_json:
        put_json({"items": shown, "count": total})
        return
    for item in shown:
        put(_line(item))
    say(f"{len(shown)} decided in the last two weeks" if decided else f"{len(shown)} of {total}")


def _line(item: Mapping[str, Any]) -> str:
    need = item["need"]
    what = item.get("kind") or item["state"]
    note = f"  (to ask: {item['note']})" if item["note"] else ""
    return f"{need['id']}  {need['urgency']:<8}  {what:<12}  {item['address_typed'] or 'nothing typed'}{note}"


@app.command()
def show(need_id: NeedId, *, as_json: AsJson = False) -> None:
    """Show one need with what was typed and what it may mean; the look is noted."""
    from geo.privacy.disclosure import disclose
    from geo.store.reveals import note_review
    from geo.store.review import get_review

    with _open() as session:
        found = get_review(session, need_id)
        note_review(session, [found])
        item = disclose(found, Audience.ADMIN)
    if as_json:
        put_json(item)
        return
    put(_line(item))
    for offer in item["candidates"]:
        faults = f"  but: {', '.join(offer['faults'])}" if offer["faults"] else ""
        sure = f"{offer['match_quality']}, give or take {offer['uncertainty_m']} m"
        put(f"  {offer['index'] + 1}. {offer['label']}  ({sure}){faults}")


@app.command()
def choose(
    need_id: NeedId,
    number: Annotated[int, typer.Argument(metavar="N", min=1, max=99, help="As `review show` numbers them.")],
    *,
    this_need_only: Only = False,
    as_json: AsJson = False,
) -> None:
    """Place a need at one of the places that are offered."""
    from geo.store.deciding import choose_candidate

    with _open() as session:
        found = choose_candidate(session, need_id, number - 1, remember=not this_need_only)
    _done(found, as_json=as_json)


@app.command(context_settings=_NUMBERS)
def pin(
    need_id: NeedId,
    lon: Annotated[float, typer.Argument(metavar="LON", help="Degrees east.")],
    lat: Annotated[float, typer.Argument(metavar="LAT", help="Degrees north.")],
    *,
    uncertainty_m: Annotated[float | None, typer.Option(min=0, max=100_000, help="How far off it may be.")] = None,
    this_need_only: Only = False,
    as_json: AsJson = False,
) -> None:
    """Place a need at a point, WGS 84."""
    from geo.domain.place import Point
    from geo.store.deciding import PIN_UNCERTAINTY_M, set_pin

    point = Point(lon, lat)
    off_m = PIN_UNCERTAINTY_M if uncertainty_m is None else uncertainty_m
    with _open() as session:
        found = set_pin(session, need_id, point, uncertainty_m=off_m, remember=not this_need_only)
    _done(found, as_json=as_json)


@app.command()
def ask(
    need_id: NeedId,
    *,
    note: Annotated[str | None, typer.Option(help="What is to be asked; kept sealed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say that somebody must be asked; the need stays in the queue, behind what waits."""
    from geo.store.deciding import ask_again

    if note is not None and any(ord(char) < ord(" ") for char in note):
        raise InvalidInput("must be one line", field="note")
    with _open() as session:
        found = ask_again(session, need_id, note=(note or "").strip() or None)
    _done(found, as_json=as_json)


@app.command()
def outside(need_id: NeedId, *, as_json: AsJson = False) -> None:
    """Say that a need lies outside the area served; it stays counted, on a list of its own."""
    from geo.store.deciding import mark_outside

    with _open() as session:
        found = mark_outside(session, need_id)
    _done(found, as_json=as_json)


@app.command()
def undo(need_id: NeedId, *, as_json: AsJson = False) -> None:
    """Take back the last decision about a need."""
    from geo.store.deciding import undo_decision

    with _open() as session:
        found = undo_decision(session, need_id)
    _done(found, as_json=as_json)


def _done(need: Need, *, as_json: bool) -> None:
    from geo.privacy.disclosure import disclose

    if as_json:
        put_json(disclose(need, Audience.ADMIN))
        return
    mark = f", {need.review_mark.value}" if need.review_mark else ""
    put(f"{need.id}  {need.location_state.value} ({need.match_quality.value}{mark})")


@app.command()
def aliases(*, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the decisions that are remembered for the same address, without the address."""
    from geo.privacy.disclosure import disclose
    from geo.store.aliases import list_aliases, note_labels

    with _open() as session:
        found = list_aliases(session, limit=limit)
        note_labels(session, found)
        shown = [disclose(one, Audience.ADMIN) for one in found]
    if as_json:
        put_json({"items": shown})
        return
    for one in shown:
        put(f"{one['id']}  {one['learned_at'][:10]}  {one['match_quality']:<12}  {one['label'] or one['cell']}")


@app.command()
def forget(alias_id: Annotated[UUID, typer.Argument(metavar="ALIAS", help="As `review aliases` lists it.")]) -> None:
    """Forget what is remembered for an address; needs stay where they were placed."""
    from geo.store.aliases import forget_alias

    with _open() as session:
        forget_alias(session, alias_id)
    say("this is no longer remembered")
