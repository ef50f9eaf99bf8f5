"""``calendar``: the shifts ahead, calendars taken over from files, and the tokens of feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo.domain.calendar import FeedKind
from geo.domain.words import Audience

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json

if TYPE_CHECKING:
    from geo.domain.calendar import Shift
    from geo.store.calendar_import import CalendarReport

app = typer.Typer(no_args_is_help=True, help="The shared calendar: shifts, files of other calendars, feeds.")
MOST_LISTED = 1000


@app.command("list")
def list_(
    *, days: Annotated[int, typer.Option(min=1, max=366, help="How many days ahead.")] = 28, as_json: AsJson = False
) -> None:
    """List the shifts ahead, the first first, with how many are signed up for each role."""
    from geo.domain.hours import Window
    from geo.privacy.disclosure import disclose
    from geo.store.network import get_network
    from geo.store.shifts import list_shifts

    now = datetime.now(UTC)
    with open_store(load_settings()) as store, store.sessions() as session:
        found = list_shifts(session, Window(now, now + timedelta(days=days)), limit=MOST_LISTED)
        zone = get_network(session).zone
    if as_json:
        put_json({"shifts": [disclose(one, Audience.ORGANIZER) for one in found]})
        return
    for one in found:
        put(f"{one.starts_at.astimezone(zone):%Y-%m-%d %H:%M}  {one.title}  {_roles(one)}")


def _roles(shift: Shift) -> str:
    return ", ".join(f"{name} {shift.taken.get(name, 0)}/{most}" for name, most in sorted(shift.roles.items()))


@app.command()
def extend(*, as_json: AsJson = False) -> None:
    """Lay out the shifts of the year ahead; a running server does so every day."""
    from geo.store.activities import lay_out_all
    from geo.store.engine import transaction

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        made = lay_out_all(session)
    if as_json:
        put_json({"created": made})
    else:
        put(f"{made} shifts are new")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A calendar (.ics).")],
    *,
    role: Annotated[str, typer.Option(help="The role that new activities have.")] = "helper",
    most: Annotated[int, typer.Option(min=1, max=200, help="How many people that role is for.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Take the events of a file over as activities; the same event again adds nothing."""
    from geo.interchange.ics import read_calendar
    from geo.store.calendar_import import import_events
    from geo.store.engine import transaction

    events, bad = read_calendar(_read(file))
    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        report = import_events(session, events, bad, roles={role: most})
    _tell(report, as_json=as_json)
    if report.skipped:
        raise typer.Exit(PROBLEMS)


def _read(file: Path) -> str:
    from geo.errors import SourceUnreadable
    from geo.interchange.ics import MAX_FILE

    try:
        with file.open(encoding="utf-8", newline="") as opened:
            # one more than is taken, so that a longer file is seen to be one
            return opened.read(MAX_FILE + 1)
    except (OSError, UnicodeDecodeError):
        raise SourceUnreadable("the calendar cannot be read as UTF-8") from None


def _tell(report: CalendarReport, *, as_json: bool) -> None:
    if as_json:
        put_json(report.as_dict())
        return
    put(f"{report.created} created, {report.changed} changed, {report.unchanged} as they were")
    for skipped in report.skipped:
        put(f"line {skipped.line}: {skipped.reason}")


@app.command()
def token(
    kind: Annotated[FeedKind, typer.Argument(help="Whose calendar it shows.")],
    *,
    subject: Annotated[UUID | None, typer.Option(help="The id of the helper or the asset.")] = None,
    label: Annotated[str, typer.Option(help="What the feed is called in lists.")] = "",
    as_json: AsJson = False,
) -> None:
    """Open a feed and print the token of its address, which is shown this once."""
    from geo.store.calendar_feeds import issue_feed
    from geo.store.engine import transaction

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        feed, made = issue_feed(session, kind, subject=subject, label=label)
    if as_json:
        put_json({"id": str(feed.id), "kind": feed.kind.value, "token": made, "path": f"/v1/calendar.ics?token={made}"})
    else:
        put(made)


@app.command()
def revoke(feed: Annotated[UUID, typer.Argument(metavar="ID", help="The feed's id.")]) -> None:
    """End a feed: its address answers nobody from now on."""
    from geo.store.calendar_feeds import revoke_feed
    from geo.store.engine import transaction

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        revoke_feed(session, feed)
    put("ended")
