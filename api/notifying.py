"""The round of a running server that sends what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions, transaction
from geo.store.messages import prune_messages
from geo.store.sending import NobodySends, SendReport, send_due

from api.apprise_sender import AppriseSender
from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.sending import Sender

    from api.settings import NotifySettings

EVERY_S: Final = 20.0


def make_sender(settings: NotifySettings) -> Sender:
    """Make whoever sends, by the settings: nobody, unless whoever runs the host has named gateways."""
    return AppriseSender(settings.urls) if settings.notify_adapter == "apprise" else NobodySends()


def send_everywhere(
    engine: Engine, keys: KeyRing, sender: Sender, *, keep: timedelta, stop: Callable[[], bool] = never
) -> SendReport:
    """Send what is due in every network, each with a request's few rights, and remove what was kept long enough."""
    total = SendReport()
    for network in each_network(engine, stop):
        total += send_due(make_sessions(engine, network=network, keys=keys), sender, stop=stop)
        with transaction(make_sessions(engine, network=network, role=None)) as session:
            prune_messages(session, now=datetime.now(UTC), keep=keep)
    return total


def notifying(
    engine: Engine,
    keys: KeyRing,
    settings: NotifySettings,
    note: Callable[[SendReport], None],
    *,
    every_s: float = EVERY_S,
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every few seconds, until the server stops.

    Parameters
    ----------
    note
        Told what each round came to.
    """
    sender, keep = make_sender(settings), timedelta(days=settings.notify_keep_days)

    def work(stop: Callable[[], bool]) -> None:
        note(send_everywhere(engine, keys, sender, keep=keep, stop=stop))

    return going_round(work, every_s=every_s, failed="messages could not be sent")
