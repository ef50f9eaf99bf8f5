"""The round of a running server that lets proposals and claims lapse, and takes last week's help off helpers' loads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions
from geo.store.matches import lapse_due, let_go, list_due
from geo.store.network import get_network, list_networks
from geo.store.supply import week_began

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

log = logging.getLogger(__name__)
EVERY_S: Final = 60.0


@asynccontextmanager
async def lapsing(engine: Engine, *, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Go on the round at once and then every minute, until the server stops."""
    task = asyncio.create_task(_go_round(engine, every_s))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _go_round(engine: Engine, every_s: float) -> None:
    while True:
        try:
            await asyncio.to_thread(lapse, engine)
        except Exception as error:  # noqa: BLE001 - a database that is away must not end the rounds
            log.warning("what has lapsed is not written down yet; it is tried again: %s", type(error).__name__)
        await asyncio.sleep(every_s)


def lapse(engine: Engine, *, now: datetime | None = None) -> int:
    """Write down what has lapsed in every network, each need in a transaction of its own; and count it."""
    moment = now or datetime.now(UTC)
    with engine.connect() as connection:
        networks = list_networks(connection)
    return sum(_lapse_network(make_sessions(engine, network=network), moment) for network in networks)


def _lapse_network(sessions: SessionFactory, moment: datetime) -> int:
    with sessions.begin() as session:
        due = list_due(session, now=moment)
        since = week_began(get_network(session).zone, moment)
    count = 0
    for need_id in due:
        with sessions.begin() as session:
            count += lapse_due(session, need_id, now=moment)
    with sessions.begin() as session:
        let_go(session, since)
    return count
