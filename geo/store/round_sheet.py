"""A round's sheet for its driver: exact places, and how to reach people when that is asked for; noted as a reveal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from geo.domain.driver_rounds import SheetStop
from geo.domain.words import Access, Category
from geo.store import tables
from geo.store.audit import record
from geo.store.contacts import find_contact
from geo.store.driver_rounds import list_stops
from geo.store.reveals import REVEAL
from geo.store.rows import mine, point_of
from geo.store.supply import ASSET_POINT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.driver_rounds import RoundStop

need, asset, exact = tables.need, tables.asset, tables.location_exact
_SHOWN: Final = ("point", "uncertainty_m", "address_typed")
_LONLAT: Final = (func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"))


def read_sheet(session: Session, round_id: UUID, *, with_contacts: bool, now: datetime) -> list[SheetStop]:
    """Read what the driver of a round has to know, stop by stop; it is in the audit with the same transaction.

    Parameters
    ----------
    with_contacts
        Whether name and telephone number are read too, where they are kept.

    Raises
    ------
    KeysUnavailable
        If contacts are asked for, and the session has no keys.
    """
    stops = list_stops(session, round_id, now)
    needs = [stop.need_id for stop in stops if stop.need_id is not None]
    households, assets = _read_needs(session, needs), _read_assets(session, stops)
    shown = []
    for stop in stops:
        contact = find_contact(session, "need_id", stop.need_id) if with_contacts and stop.need_id else None
        values = households[stop.need_id] if stop.need_id else assets[stop.asset_id] if stop.asset_id else {}
        name, phone = (None, None) if contact is None else (contact.name, contact.phone)
        shown.append(
            SheetStop(
                stop.position, stop.code, stop.begin_at, stop.earliest_at, stop.latest_at, stop.demand, **values,
                name=name, phone=phone, outcome=stop.outcome,
            )
        )  # fmt: skip
    if needs:
        record(
            session, REVEAL, need.name, needs, (*_SHOWN, *(("contact_name", "contact_phone") if with_contacts else ()))
        )
    return shown


def _read_needs(session: Session, ids: list[UUID]) -> dict[UUID, Mapping[str, Any]]:
    columns = (need.c.id, need.c.category, need.c.household_size, need.c.languages, need.c.access)
    query = (
        select(*columns, exact.c.uncertainty_m, exact.c.address_typed, *_LONLAT)
        .outerjoin(exact, exact.c.need_id == need.c.id)
        .where(need.c.id.in_(ids), mine(need))
    )
    return {row["id"]: _of_need(row) for row in session.execute(query).mappings()}


def _of_need(row: RowMapping) -> Mapping[str, Any]:
    return {
        "category": Category(row["category"]), "household_size": row["household_size"],
        "languages": tuple(row["languages"]), "access": tuple(Access(one) for one in row["access"]), "label": None,
        "address_typed": row["address_typed"], "point": point_of(row["lon"], row["lat"]),
        "uncertainty_m": row["uncertainty_m"],
    }  # fmt: skip


def _read_assets(session: Session, stops: list[RoundStop]) -> dict[UUID, Mapping[str, Any]]:
    ids = [stop.asset_id for stop in stops if stop.asset_id is not None]
    at = (func.ST_X(ASSET_POINT).label("lon"), func.ST_Y(ASSET_POINT).label("lat"))
    query = (
        select(asset.c.id, asset.c.name, asset.c.address, *at)
        .outerjoin(exact, exact.c.asset_id == asset.c.id)
        .where(asset.c.id.in_(ids), mine(asset))
    )
    return {row["id"]: _of_asset(row) for row in session.execute(query).mappings()}


def _of_asset(row: RowMapping) -> Mapping[str, Any]:
    return {
        "category": None, "household_size": None, "languages": (), "access": (), "label": row["name"],
        "address_typed": row["address"], "point": point_of(row["lon"], row["lat"]), "uncertainty_m": None,
    }  # fmt: skip
