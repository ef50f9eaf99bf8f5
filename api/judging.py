"""The round of a running server that looks whether requests that were written lately are one with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions, transaction
from geo.store.judging import judge_some

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

EVERY_S: Final = 30.0


def judging(engine: Engine, keys: KeyRing | None, *, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every half minute, until the server stops.

    Parameters
    ----------
    keys
        Hash numbers that were sealed before numbers were hashed.
    """

    def work(stop: Callable[[], bool]) -> int:
        return judge_everywhere(engine, keys, stop)

    return going_round(work, every_s=every_s, failed="requests have not been compared yet")


def judge_everywhere(engine: Engine, keys: KeyRing | None, stop: Callable[[], bool] = never) -> int:
    """Judge what waits in every network, in transactions of one batch each; and count it."""
    count = 0
    for network in each_network(engine, stop):
        sessions, judged = make_sessions(engine, network=network, keys=keys), 1
        while judged and not stop():
            with transaction(sessions) as session:
                judged = judge_some(session)
            count += judged
    return count
