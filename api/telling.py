"""The round of a running server that tells targets that something has changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions
from geo.store.telling_hooks import Telling, tell_due

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.geocode.remote.news_reach import HookReach
    from geo.privacy.keyring import KeyRing

EVERY_S: Final = 30.0


def telling(
    engine: Engine, keys: KeyRing, reach: HookReach, *, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then twice a minute, until the server stops; without named hosts nobody is told."""

    def work(stop: Callable[[], bool]) -> int:
        return tell_everywhere(engine, keys, reach, stop=stop)

    return going_round(work, every_s=every_s, failed="targets of news could not be told")


def tell_everywhere(engine: Engine, keys: KeyRing, reach: HookReach, *, stop: Callable[[], bool] = never) -> int:
    """Tell what is due in every network, each with a request's few rights."""
    if not (reach.hosts or reach.loopback):
        return 0
    networks = each_network(engine, stop)
    now = datetime.now(UTC)
    return sum(tell_due(make_sessions(engine, network=each, keys=keys), Telling(reach), now=now) for each in networks)
