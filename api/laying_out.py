"""The calendar's round of a running server: the shifts of the year ahead are laid out as the days go by."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from geo.store.activities import lay_out_all
from geo.store.engine import make_sessions, transaction
from geo.store.network import list_networks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Engine

log = logging.getLogger(__name__)
EVERY_S: Final = 6 * 3600.0
"""Seconds between two looks; a year lies between a shift's being laid out and its beginning."""


def lay_out_everywhere(engine: Engine) -> int:
    """Lay out the year ahead of every network's activities; doing so again changes nothing.

    Returns
    -------
    int
        How many shifts are new.
    """
    with engine.connect() as connection:
        networks = list_networks(connection)
    made = 0
    for network in networks:
        with transaction(make_sessions(engine, network=network)) as session:
            made += lay_out_all(session)
    return made


@asynccontextmanager
async def laying_out(engine: Engine, *, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Lay shifts out until the server stops."""
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
            await asyncio.to_thread(lay_out_everywhere, engine)
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the rounds
            # the kind alone, because an error's text may hold what somebody wrote
            log.warning("shifts could not be laid out, and are tried again: %s", type(error).__name__)
        await asyncio.sleep(every_s)
