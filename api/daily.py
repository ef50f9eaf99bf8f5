"""The daily round of a running server: the figures of the day are kept, so that later days can be compared with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.words import Mode
from geo.store.changes import prune_changes as prune_pulled
from geo.store.coverage import Question
from geo.store.coverage_history import keep_day, prune_days
from geo.store.coverage_log import prune_changes
from geo.store.demand import BYS
from geo.store.engine import make_sessions, transaction
from geo.store.network import standard_of
from geo.store.partner_ledger import prune_ledgers
from geo.store.saved_views import prune_views

from api.rounds import each_network, going_round

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel
    from geo.store.engine import SessionFactory

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
        prune_pulled(session, now=now)
        prune_ledgers(session, now=now)
        prune_views(session)
    return written


def keeping_days(
    engine: Engine, standard_min: float, travel: Callable[[], TravelModel], *, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Keep the figures of each day until the server stops; ``travel`` is asked anew each time.

    Each network's are kept by its own standard, or by ``standard_min`` minutes where it has none.
    """

    def work(stop: Callable[[], bool]) -> None:
        for network in each_network(engine, stop):
            sessions = make_sessions(engine, network=network, role=None)
            with transaction(sessions) as session:
                standard = standard_of(session, standard_min)
            keep_today(sessions, standard, model=travel(), now=datetime.now(UTC))

    return going_round(work, every_s=every_s, failed="the figures of the day could not be kept")
