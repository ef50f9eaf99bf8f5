"""The round of a running server that lets proposals and claims lapse, asks the next, and takes last week's help off.

What has lapsed is told, proposals nobody answered are escalated, and help of the week before leaves helpers' loads.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.analysis.travel import StraightLineTravel
from geo.store.engine import make_sessions, transaction
from geo.store.escalation import escalate
from geo.store.match_steps import lapse_due, let_go, list_due
from geo.store.network import get_network
from geo.store.referrals import lapse_referrals
from geo.store.supply import week_began
from geo.store.telling import tell_lapsed

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel
    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

EVERY_S: Final = 60.0
_HERE: Final = "http://localhost"


def lapsing(
    engine: Engine,
    *,
    keys: KeyRing | None = None,
    choose: Callable[[], TravelModel] = StraightLineTravel,
    origin: str = _HERE,
    every_s: float = EVERY_S,
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every minute, until the server stops.

    Parameters
    ----------
    keys
        Make links; without them nobody is told and nothing is escalated.
    choose
        Gives the travel model of the moment.
    origin
        Scheme and host that links are written with.
    """

    def work(stop: Callable[[], bool]) -> int:
        count = lapse(engine, stop, keys=keys, origin=origin)
        if keys is not None:
            escalate_everywhere(engine, keys, choose, origin, stop)
        return count

    return going_round(work, every_s=every_s, failed="what has lapsed is not written down yet")


def lapse(
    engine: Engine,
    stop: Callable[[], bool] = never,
    *,
    keys: KeyRing | None = None,
    origin: str = _HERE,
    now: datetime | None = None,
) -> int:
    """Write down what has lapsed in every network, each need in a transaction of its own; and count it."""
    moment = now or datetime.now(UTC)
    networks = each_network(engine, stop)
    tell = partial(tell_lapsed, at=moment, origin=origin)
    return sum(_lapse_network(make_sessions(engine, network=one, keys=keys), moment, tell) for one in networks)


def _lapse_network(sessions: SessionFactory, moment: datetime, tell: Callable[..., None]) -> int:
    with sessions.begin() as session:
        due = list_due(session, now=moment)
        since = week_began(get_network(session).zone, moment)
    count = 0
    for need_id in due:
        with sessions.begin() as session:
            count += lapse_due(session, need_id, now=moment)
            tell(session, need_id)
    with sessions.begin() as session:
        count += lapse_referrals(session)
    with sessions.begin() as session:
        let_go(session, since)
    return count


def escalate_everywhere(
    engine: Engine,
    keys: KeyRing,
    choose: Callable[[], TravelModel],
    origin: str,
    stop: Callable[[], bool] = never,
    *,
    now: datetime | None = None,
) -> int:
    """Look after what nobody answered in every network, each in a transaction of its own; and count it."""
    count = 0
    for network in each_network(engine, stop):
        with transaction(make_sessions(engine, network=network, keys=keys)) as session:
            count += escalate(session, model=choose(), origin=origin, now=now).unanswered
    return count
