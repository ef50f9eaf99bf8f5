"""``entries``: what has come in and became no record yet, looked at and decided from the command line."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from geo.domain.audit import MAX_REASON
from geo.domain.entries import TO_DECIDE
from geo.domain.words import Audience, EntryChannel, EntryKind, EntryRefusal, EntryState
from geo.errors import InvalidInput

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geo.domain.entries import EntryStatus

    from api.schemas.entries import CorrectionIn

app = typer.Typer(no_args_is_help=True, help="What has come in, and what waits for a decision.")
EntryId = Annotated[UUID, typer.Argument(metavar="ID", help="The entry.")]
LONGEST_FILE = 100_000
SHORTEST_REASON = 3


@contextmanager
def _open() -> Iterator[Session]:
    from geo.store.engine import transaction

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        yield session


@app.command("list")
def list_all(
    *,
    state: Annotated[EntryState | None, typer.Option(help="Only these; what waits for a decision otherwise.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Whatever their state.")] = False,
    kind: Annotated[EntryKind | None, typer.Option(help="Only about these.")] = None,
    channel: Annotated[EntryChannel | None, typer.Option(help="Only those that came this way.")] = None,
    after: Annotated[UUID | None, typer.Option(help="The last entry of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List entries, the newest first, without what was typed."""
    from geo.privacy.disclosure import disclose
    from geo.store.entries import EntryFilter, count_entries, list_entries

    states = (state,) if state else () if everything else TO_DECIDE
    where = EntryFilter(states, kind, channel)
    with _open() as session:
        found = list_entries(session, where=where, after=after, limit=limit, newest_first=True)
        counts = {name.value: count for name, count in count_entries(session).items()}
    if as_json:
        put_json({"items": [disclose(one, Audience.ADMIN) for one in found], "counts": counts})
        return
    for one in found:
        put(_line(one))
    say(f"{len(found)} listed; " + ", ".join(f"{count} {name}" for name, count in counts.items()))


def _line(one: EntryStatus) -> str:
    why = "; ".join(f"{fault.pointer or 'entry'}: {fault.reason}" for fault in one.faults)
    because = one.refused_because.value if one.refused_because else why
    told = f"{one.id}  {one.state.value:<11}  {one.kind.value:<6}  {one.channel.value:<8}"
    return f"{told}  {one.received_at:%Y-%m-%d %H:%M}" + (f"  ({because})" if because else "")


@app.command()
def show(
    entry_id: EntryId,
    *,
    reason: Annotated[str | None, typer.Option(help="Show what was typed too; why is noted in the audit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what became of an entry; with a reason, what was typed as well."""
    from geo.privacy.disclosure import disclose
    from geo.store.entries import get_entry

    with _open() as session:
        status = get_entry(session, entry_id)
        told: dict[str, Any] = dict(disclose(status, Audience.ADMIN))
        if reason is not None:
            told["typed"] = _typed(session, entry_id, _reason(reason))
    if as_json:
        put_json(told)
        return
    put(_line(status))
    if reason is not None:
        put_json(told["typed"])


def _reason(given: str) -> str:
    reason = given.strip()
    if not SHORTEST_REASON <= len(reason) <= MAX_REASON or not reason.isprintable():
        raise InvalidInput(f"give a reason of one line, {SHORTEST_REASON} to {MAX_REASON} characters", field="reason")
    return reason


def _typed(session: Session, entry_id: UUID, reason: str) -> dict[str, Any]:
    from geo.privacy.disclosure import disclose
    from geo.store.network import get_network

    from api.canvass.correcting import look_at

    return dict(disclose(look_at(session, get_network(session).id, entry_id, reason), Audience.ADMIN))


@app.command("take-in")
def take_in_entry(
    entry_id: EntryId,
    *,
    corrected: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help='A file: {"need": {…}}, {"asset": {…}} or {"helper": {…}}.'),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an entry that is held or in quarantine into the record it should be: as it was typed, or corrected."""
    from geo.store.engine import transaction
    from geo.store.entries import get_entry

    from api.canvass.correcting import let_in

    sent = None if corrected is None else _read(corrected)
    with open_store(load_settings()) as store:
        let_in(store.sessions, entry_id, sent)
        with transaction(store.sessions) as session:
            found = get_entry(session, entry_id)
    _done(found, as_json=as_json)
    if found.state is not EntryState.MADE:
        raise typer.Exit(PROBLEMS)


def _read(path: Path) -> CorrectionIn:
    from pydantic import ValidationError

    from geo.errors import SourceUnreadable

    from api import strict_json
    from api.handlers import errors_of
    from api.schemas.entries import CorrectionIn

    if path.stat().st_size > LONGEST_FILE:
        raise SourceUnreadable("the file is too large for one entry")
    try:
        return CorrectionIn.model_validate(strict_json.loads(path.read_bytes()))
    except (OSError, strict_json.Unreadable, strict_json.BadText):
        raise SourceUnreadable("the file cannot be read as JSON") from None
    except ValidationError as error:
        first = errors_of(error.errors())[0]
        raise InvalidInput(f"{first['pointer'].strip('/')}: {first['reason']}") from None


@app.command()
def refuse(
    entry_id: EntryId,
    because: Annotated[EntryRefusal, typer.Argument(metavar="REASON", help="As `GET /v1/entries` names it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say that an entry is not to become a record, and why; it can be had back for 14 days."""
    from geo.store import entry_deciding

    with _open() as session:
        found = entry_deciding.refuse(session, entry_id, because)
    _done(found, as_json=as_json)


@app.command()
def undo(entry_id: EntryId, *, as_json: AsJson = False) -> None:
    """Take back the last decision about an entry: a refusal while it is kept, a correction within 15 minutes."""
    from geo.store.entry_deciding import undo_decision

    with _open() as session:
        found = undo_decision(session, entry_id)
    _done(found, as_json=as_json)


def _done(found: EntryStatus, *, as_json: bool) -> None:
    from geo.privacy.disclosure import disclose

    if as_json:
        put_json(disclose(found, Audience.ADMIN))
        return
    put(_line(found))
