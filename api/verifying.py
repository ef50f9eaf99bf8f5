"""The round of a running server that asks organizations whether what is listed of them is still true."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions, transaction
from geo.store.verifying import BATCH, ask_due

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

EVERY_S: Final = 3600.0


def verifying(
    engine: Engine, keys: KeyRing, origin: str, after_days: int, *, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every hour, until the server stops.

    Parameters
    ----------
    origin
        Scheme and host that links are written with.
    after_days
        How long a confirmation lasts.
    """
    work = partial(verify, engine, keys, origin, after_days)
    return going_round(work, every_s=every_s, failed="organizations could not be asked")


def verify(
    engine: Engine,
    keys: KeyRing,
    origin: str,
    after_days: int,
    stop: Callable[[], bool] = never,
    *,
    now: datetime | None = None,
) -> int:
    """Queue what is due in every network, some at a time, each some in a transaction of its own; and count it."""
    count, after = 0, timedelta(days=after_days)
    for network in each_network(engine, stop):
        sessions = make_sessions(engine, network=network, keys=keys)
        asked = BATCH
        while asked == BATCH and not stop():
            with transaction(sessions) as session:
                asked = ask_due(session, origin=origin, after=after, now=now)
            count += asked
    return count
