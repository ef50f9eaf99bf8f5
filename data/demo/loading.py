"""The made-up town loaded into one network at a press: all of it in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.made_up import LoadedMadeUp
from geo.errors import NotMadeUp
from geo.store.engine import APP_ROLE, transaction, work_as
from geo.store.first_steps import get_first_steps
from geo.store.made_up import find_in_the_way, hold_made_up, holds_made_up
from geo.store.network import get_network

from data.demo.people import BATCH, add_people, place_batch
from data.demo.together import add_calendar, add_matches
from data.demo.town import lend_town
from data.demo.turfs import add_turfs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import Acting, SessionFactory

_SEEDS: Final = 2**32


def load_demo(sessions: SessionFactory, acting: Acting, *, now: datetime | None = None) -> LoadedMadeUp:
    """Make up people in the streets a network has, or in the bundled town where it has none; never a second time.

    Parameters
    ----------
    sessions
        With the installation's keys.
    acting
        For which network, and who asked; with the operator's rights, which are given up once streets are there.
    now
        The instant it is done at; the present when left out.

    Returns
    -------
    LoadedMadeUp
        Nothing where made-up people were there already.

    Raises
    ------
    NotMadeUp
        If the network holds records that are not made up.
    Conflict
        If somebody loads or removes them at this moment.
    InvalidInput
        If the network's own streets have too few addresses.
    """
    with transaction(sessions, acting) as session:
        hold_made_up(session)
        if holds_made_up(session):
            return LoadedMadeUp()
        _refuse_others(session)
        areas = 0 if get_first_steps(session).has_gazetteer else lend_town(session)
        work_as(session, APP_ROLE)
        made = _make_up(session, now or datetime.now(UTC))
        # somebody may have entered something meanwhile
        _refuse_others(session)
        return replace(made, areas=areas)


def _refuse_others(session: Session) -> None:
    if find_in_the_way(session):
        raise NotMadeUp


def _make_up(session: Session, now: datetime) -> LoadedMadeUp:
    # two networks of an installation must not make up the same people: their ids are known to the whole of it
    seed = get_network(session).id.int % _SEEDS
    made = add_people(session, seed=seed)
    turfs = add_turfs(session, seed=seed)
    while place_batch(session) == BATCH:
        pass
    add_matches(session, now)
    activities = add_calendar(session, now)
    return LoadedMadeUp(len(made.needs), len(made.helpers), len(made.assets), len(made.assets), activities, turfs)
