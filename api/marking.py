"""The hourly round of a running server that keeps partners' feeds marked, where that was agreed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.store.engine import make_sessions
from geo.store.marking import keep_marked

from api.rounds import each_network, going_round

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

EVERY_S: Final = 3600.0


def marking(engine: Engine, keys: KeyRing, *, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every hour, until the server stops."""

    def work(stop: Callable[[], bool]) -> None:
        for network in each_network(engine, stop):
            keep_marked(make_sessions(engine, network=network, keys=keys), now=datetime.now(UTC))

    return going_round(work, every_s=every_s, failed="partners' feeds could not be marked")
