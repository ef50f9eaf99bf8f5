"""Rounds of a running server: something done at once and again every so often, until the server stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from geo.store.network import list_networks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from uuid import UUID

    from sqlalchemy import Engine

    Stop = Callable[[], bool]
    Work = Callable[[Stop], object]

PATIENCE_S: Final = 5.0
"""A database that hangs must not keep the server from stopping for longer."""
log = logging.getLogger(__name__)


@asynccontextmanager
async def going_round(work: Work, *, every_s: float, failed: str) -> AsyncIterator[None]:
    """Work in a thread, at once and then every so often, for as long as the block runs.

    Parameters
    ----------
    work
        Given a function that tells whether to stop, to be asked between two parts of long work.
    every_s
        Seconds between two rounds.
    failed
        What to say in the log when one fails; the next is gone all the same.
    """
    stop, wake = threading.Event(), asyncio.Event()
    task = asyncio.create_task(_go(work, every_s, failed, stop, wake))
    try:
        yield
    finally:
        stop.set()
        wake.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, PATIENCE_S)


def each_network(engine: Engine, stop: Stop) -> Iterator[UUID]:
    """Name one network of the installation after the other, and no more once it is time to stop.

    Yields
    ------
    uuid.UUID
        The network's id.
    """
    with engine.connect() as connection:
        networks = list_networks(connection)
    for network in networks:
        if stop():
            return
        yield network


def never() -> bool:
    """Say that nobody wants to stop, where work is done by hand."""
    return False


async def _go(work: Work, every_s: float, failed: str, stop: threading.Event, wake: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(work, stop.is_set)
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the rounds
            # the kind alone, because an error's text may hold what somebody wrote
            log.warning("%s; it is tried again: %s", failed, type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), every_s)
