"""The calendar's round of a running server: the shifts of the year ahead are laid out as the days go by."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from geo.store.activities import lay_out_all
from geo.store.engine import make_sessions, transaction

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

EVERY_S: Final = 6 * 3600.0
"""Seconds between two looks; a year lies between a shift's being laid out and its beginning."""


def lay_out_everywhere(engine: Engine, stop: Callable[[], bool] = never) -> int:
    """Lay out the year ahead of every network's activities; doing so again changes nothing.

    Returns
    -------
    int
        How many shifts are new.
    """
    made = 0
    for network in each_network(engine, stop):
        with transaction(make_sessions(engine, network=network)) as session:
            made += lay_out_all(session)
    return made


def laying_out(engine: Engine, *, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
    """Lay shifts out until the server stops."""
    return going_round(partial(lay_out_everywhere, engine), every_s=every_s, failed="shifts could not be laid out")
