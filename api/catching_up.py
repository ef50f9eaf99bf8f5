"""The round of a running server that draws reach anew once a place or the streets have changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from geo.store.catchments import CatchmentReport, refresh_catchments
from geo.store.engine import make_sessions
from geo.store.network import list_networks
from geo.store.reaching import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel

log = logging.getLogger(__name__)
EVERY_S: Final = 60.0


@asynccontextmanager
async def catching_up(
    engine: Engine, choose: Callable[[], TravelModel], *, every_s: float = EVERY_S
) -> AsyncIterator[None]:
    """Go on the round at once and then every minute, until the server stops.

    Parameters
    ----------
    choose
        Gives the travel model of the moment; where it is the straight line, nothing has to be drawn.
    """
    stop = threading.Event()
    task = asyncio.create_task(_go_round(engine, choose, every_s, stop))
    try:
        yield
    finally:
        stop.set()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _go_round(engine: Engine, choose: Callable[[], TravelModel], every_s: float, stop: threading.Event) -> None:
    while True:
        try:
            await asyncio.to_thread(catch_up, engine, choose(), stop=stop.is_set)
        except Exception as error:  # noqa: BLE001 - an engine or a database that is away must not end the rounds
            # the kind alone, because an error's text may hold what somebody wrote
            log.warning("what is within reach is not up to date; it is tried again: %s", type(error).__name__)
        await asyncio.sleep(every_s)


def catch_up(engine: Engine, model: TravelModel, *, stop: Callable[[], bool] = lambda: False) -> CatchmentReport:
    """Draw what is missing in every network, each with a request's few rights."""
    total = CatchmentReport()
    if model.info.name == STRAIGHT:
        return total
    with engine.connect() as connection:
        networks = list_networks(connection)
    for network in networks:
        if stop():
            break
        total += refresh_catchments(make_sessions(engine, network=network), model, stop=stop)
    return total
