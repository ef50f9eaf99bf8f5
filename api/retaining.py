"""The hourly round of a running server: what has been kept long enough is removed, and who was erased stays erased."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.store.credentials import forget_old
from geo.store.engine import make_sessions, transaction
from geo.store.erasure import replay_erasures
from geo.store.network import list_networks
from geo.store.outbox import prune
from geo.store.retention import retain_everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Engine

    from geo.store.erasure_log import ErasureLog

log = logging.getLogger(__name__)
EVERY_S: Final = 3600.0


@asynccontextmanager
async def retaining(engine: Engine, erased: ErasureLog, *, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Go on the round at once and then every hour, until the server stops."""
    stop = threading.Event()
    task = asyncio.create_task(_go_round(engine, erased, every_s, stop))
    try:
        yield
    finally:
        stop.set()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _go_round(engine: Engine, erased: ErasureLog, every_s: float, stop: threading.Event) -> None:
    while True:
        try:
            await asyncio.to_thread(_tidy, engine, erased, stop)
        except Exception:
            # a database that is away for a while must not end the rounds; what was bound is not logged
            log.exception("retention could not be applied; it is tried again in an hour")
        await asyncio.sleep(every_s)


def _tidy(engine: Engine, erased: ErasureLog, stop: threading.Event) -> None:
    # a backup may have been put back without a restart
    replay_erasures(erased, lambda network: make_sessions(engine, network=network))
    now = datetime.now(UTC)
    retain_everywhere(engine, now, stop=stop.is_set)
    with engine.connect() as connection:
        networks = list_networks(connection)
    for network in networks:
        with transaction(make_sessions(engine, network=network, role=None)) as session:
            prune(session, now=now)
            forget_old(session, now=now)
