"""How far an empty network has come, and whether somebody has put the steps away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select, update

from geo.domain.first_steps import FirstSteps
from geo.store import tables
from geo.store.access_tables import device, membership
from geo.store.audit import record
from geo.store.gazetteer_tables import geo_address, geo_street
from geo.store.rows import mine
from geo.store.turf_tables import turf

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.orm import Session

network = tables.network


def get_first_steps(session: Session) -> FirstSteps:
    """Look what is there already; one statement that stops at the first row of each kind."""
    members = select(func.count()).select_from(membership).where(mine(membership)).scalar_subquery()
    found = session.execute(
        select(
            _any(tables.area).label("has_area"),
            or_(_any(geo_address), _any(geo_street)).label("has_gazetteer"),
            _any(tables.asset).label("has_asset"),
            or_(members > 1, _any(device)).label("has_company"),
            _any(turf).label("has_turf"),
            network.c.steps_away.label("is_away"),
        ).where(network.c.id == func.current_network())
    ).mappings()
    return FirstSteps(**found.one())


def put_away(session: Session, *, is_away: bool) -> FirstSteps:
    """Put the steps away for everybody in the network, or take them out again."""
    ours = network.c.id == func.current_network()
    changed = update(network).values(steps_away=is_away).where(ours, network.c.steps_away != is_away)
    if found := session.scalar(changed.returning(network.c.id)):
        record(session, "update", network.name, [found], fields=["steps_away"])
    return get_first_steps(session)


def _any(table: Table) -> ColumnElement[bool]:
    return exists(select(1).where(mine(table)))
