"""The daily round of a running server: the figures of the day are kept, so that later days can be compared with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.words import Mode
from geo.store.coverage import Question
from geo.store.coverage_history import keep_day, prune_days
from geo.store.coverage_log import prune_changes
from geo.store.demand import BYS
from geo.store.engine import make_sessions, transaction
from geo.store.network import list_networks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel
    from geo.store.engine import SessionFactory

log = logging.getLogger(__name__)
EVERY_S: Final = 3600.0
"""Seconds between two looks; figures are kept in the first of a day (UTC)."""


def questions(model: TravelModel, standard_min: float) -> list[Question]:
    """List what is kept of each day: the usual standard on foot, by cell and by area."""
    return [Question(model, standard_min, Mode.WALK, by) for by in BYS]


def keep_today(
    sessions: SessionFactory, standard_min: float, *, model: TravelModel, now: datetime, replace: bool = False
) -> int:
    """Keep the day's figures of the sessions' network, and let go of what was kept long enough.

    Parameters
    ----------
    sessions
        With the operator's rights: a request may read what is kept and not write it.
    standard_min, model
        The service standard in minutes, and how travel is reckoned.
    now
        An instant of the day.
    replace
        Whether figures that are kept of the day already are worked out anew.

    Returns
    -------
    int
        How many rows were written; none if they were there.
    """
    written = 0
    for question in questions(model, standard_min):
        with transaction(sessions) as session:
            written += keep_day(session, question, now=now, replace=replace)
    with transaction(sessions) as session:
        prune_days(session, now=now)
        prune_changes(session, now=now)
    return written


@asynccontextmanager
async def keeping_days(
    engine: Engine, standard_min: float, travel: Callable[[], TravelModel], *, every_s: float = EVERY_S
) -> AsyncIterator[None]:
    """Keep the figures of each day until the server stops; ``travel`` is asked anew each time."""
    task = asyncio.create_task(_go_round(engine, standard_min, travel, every_s))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _go_round(engine: Engine, standard_min: float, travel: Callable[[], TravelModel], every_s: float) -> None:
    while True:
        try:
            await asyncio.to_thread(_keep_everywhere, engine, standard_min, travel())
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the rounds
            # the kind alone, because an error's text may hold what somebody wrote
            log.warning("the figures of the day could not be kept, and are tried again: %s", type(error).__name__)
        await asyncio.sleep(every_s)


def _keep_everywhere(engine: Engine, standard_min: float, model: TravelModel) -> None:
    with engine.connect() as connection:
        networks = list_networks(connection)
    for network in networks:
        keep_today(make_sessions(engine, network=network, role=None), standard_min, model=model, now=datetime.now(UTC))
