"""The round of a running server that ends conversations which have been silent for too long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.store.conversations import lapse_one, prune_texts
from geo.store.engine import make_sessions, transaction

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.domain.texts import Texting
    from geo.privacy.keyring import KeyRing

EVERY_S: Final = 60.0
_MOST: Final = 10_000


def lapse_everywhere(
    engine: Engine, keys: KeyRing, texting: Texting, *, now: datetime, stop: Callable[[], bool] = never
) -> int:
    """End what has been silent for too long in every network, one conversation in a transaction; tells how many."""
    ended = 0
    for network in each_network(engine, stop):
        sessions = make_sessions(engine, network=network, keys=keys)
        for _ in range(_MOST):
            if stop():
                break
            with transaction(sessions) as session:
                if not lapse_one(session, texting, now=now):
                    break
            ended += 1
        with transaction(make_sessions(engine, network=network, role=None)) as session:
            prune_texts(session, now=now)
    return ended


def lapsing_texts(
    engine: Engine, keys: KeyRing, texting: Texting, *, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every minute, until the server stops."""

    def work(stop: Callable[[], bool]) -> None:
        lapse_everywhere(engine, keys, texting, now=datetime.now(UTC), stop=stop)

    return going_round(work, every_s=every_s, failed="silent conversations could not be ended")
