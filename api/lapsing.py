"""The round of a running server that lets proposals and claims lapse, and takes last week's help off helpers' loads."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions
from geo.store.match_steps import lapse_due, let_go, list_due
from geo.store.network import get_network
from geo.store.supply import week_began

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

EVERY_S: Final = 60.0


def lapsing(engine: Engine, *, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every minute, until the server stops."""
    return going_round(partial(lapse, engine), every_s=every_s, failed="what has lapsed is not written down yet")


def lapse(engine: Engine, stop: Callable[[], bool] = never, *, now: datetime | None = None) -> int:
    """Write down what has lapsed in every network, each need in a transaction of its own; and count it."""
    moment = now or datetime.now(UTC)
    networks = each_network(engine, stop)
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
