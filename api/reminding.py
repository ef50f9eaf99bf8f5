"""The round of a running server that reminds of shifts, and of referrals nobody has answered, when it is time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions, transaction
from geo.store.referral_reminders import remind_referrals
from geo.store.reminders import BATCH, remind_due

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

EVERY_S: Final = 60.0


def reminding(
    engine: Engine, keys: KeyRing, origin: str, *, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every minute, until the server stops.

    Parameters
    ----------
    origin
        Scheme and host that links are written with.
    """
    return going_round(partial(remind, engine, keys, origin), every_s=every_s, failed="reminders could not be queued")


def remind(
    engine: Engine, keys: KeyRing, origin: str, stop: Callable[[], bool] = never, *, now: datetime | None = None
) -> int:
    """Queue what is due in every network, some at a time, each some in a transaction of its own; and count it."""
    count = 0
    for network in each_network(engine, stop):
        sessions = make_sessions(engine, network=network, keys=keys)
        for remind_some in (remind_due, remind_referrals):
            settled = BATCH
            while settled == BATCH and not stop():
                with transaction(sessions) as session:
                    settled = remind_some(session, origin=origin, now=now, limit=BATCH)
                count += settled
    return count
