"""The round of a running server that draws reach anew once a place or the streets have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.store.catchments import CatchmentReport, refresh_catchments
from geo.store.engine import make_sessions
from geo.store.reaching import STRAIGHT

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel

EVERY_S: Final = 60.0


def catching_up(
    engine: Engine, choose: Callable[[], TravelModel], *, every_s: float = EVERY_S
) -> AbstractAsyncContextManager[None]:
    """Go on the round at once and then every minute, until the server stops.

    Parameters
    ----------
    choose
        Gives the travel model of the moment; where it is the straight line, nothing has to be drawn.
    """

    def work(stop: Callable[[], bool]) -> CatchmentReport:
        return catch_up(engine, choose(), stop=stop)

    return going_round(work, every_s=every_s, failed="what is within reach is not up to date")


def catch_up(engine: Engine, model: TravelModel, *, stop: Callable[[], bool] = never) -> CatchmentReport:
    """Draw what is missing in every network, each with a request's few rights."""
    total = CatchmentReport()
    if model.info.name == STRAIGHT:
        return total
    for network in each_network(engine, stop):
        total += refresh_catchments(make_sessions(engine, network=network), model, stop=stop)
    return total
