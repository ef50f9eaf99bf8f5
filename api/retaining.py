"""The hourly round of a running server: what has been kept long enough is removed, and who was erased stays erased."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.store.credentials import forget_old
from geo.store.engine import make_sessions, transaction
from geo.store.erasure import replay_erasures
from geo.store.outbox import prune
from geo.store.retention import retain_everywhere

from api.rounds import each_network, going_round

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.erasure_log import ErasureLog

EVERY_S: Final = 3600.0


def retaining(
    engine: Engine, erased: ErasureLog, *, keys: KeyRing | None = None, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every hour, until the server stops."""
    return going_round(partial(_tidy, engine, erased, keys), every_s=every_s, failed="retention could not be applied")


def _tidy(engine: Engine, erased: ErasureLog, keys: KeyRing | None, stop: Callable[[], bool]) -> None:
    # a backup may have been put back without a restart
    replay_erasures(erased, lambda network: make_sessions(engine, network=network))
    now = datetime.now(UTC)
    retain_everywhere(engine, now, keys=keys, stop=stop)
    for network in each_network(engine, stop):
        with transaction(make_sessions(engine, network=network, role=None)) as session:
            prune(session, now=now)
            forget_old(session, now=now)
