"""``notify``: messages to people are sent, once or for as long as it runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.jobs import BAD_INPUT, OK, PROBLEMS, AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from geo.store.sending import SendReport

    from api.commands.jobs import Store
    from api.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(notify)


def notify(
    *,
    once: Annotated[bool, typer.Option("--once", help="Send what is due and end.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send the messages that are due; ends with 1 when some failed for good. A running server does so by itself."""
    if once == watch:
        say("barnraiser: say either --once or --watch")
        raise typer.Exit(BAD_INPUT)
    from api.notifying import EVERY_S

    settings = load_settings()
    with open_store(settings) as store:
        report = _send(store, settings)
        while watch:
            if any(report.as_dict().values()):
                _show(store, report, as_json=as_json)
            time.sleep(EVERY_S)
            report = _send(store, settings)
        _show(store, report, as_json=as_json)
    raise typer.Exit(PROBLEMS if report.failed else OK)


def _send(store: Store, settings: Settings) -> SendReport:
    from api.notifying import make_sender, send_everywhere

    keep = timedelta(days=settings.notify.notify_keep_days)
    return send_everywhere(store.engine, store.keys, make_sender(settings.notify), keep=keep)


def _show(store: Store, report: SendReport, *, as_json: bool) -> None:
    from geo.store.messages import count_messages

    with store.sessions() as session:
        counts = count_messages(session, now=datetime.now(UTC))
    if as_json:
        put_json(report.as_dict() | dict(counts.as_dict()))
    else:
        put(
            f"{report.sent} sent, {report.left} left to be passed on, {report.put_off + report.again} later, "
            f"{report.dropped} dropped, {report.failed} failed; {counts.waiting} waiting"
        )
