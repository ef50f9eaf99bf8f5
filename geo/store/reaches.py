"""Telephone numbers of requests under keyed hashes: two requests of one telephone are found, and none is opened.

The key is derived for each network from the root of the installation's keys, which a rotation does not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import func, select, update

from geo.privacy.phone_numbers import reach_fingerprint, region_of
from geo.store import tables
from geo.store.engine import keys_of
from geo.store.rows import mine
from geo.store.sealing import unseal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

contact, network = tables.contact, tables.network


def reach_of(session: Session, phone: str) -> bytes | None:
    """Hash a number, read as one of the network's own country where it names none; nothing for what is no number.

    Raises
    ------
    KeysUnavailable
        If the session has no keys.
    """
    key, region = _key_and_region(session)
    return reach_fingerprint(key, phone, region=region)


def _key_and_region(session: Session) -> tuple[bytes, str | None]:
    row = session.execute(select(network.c.id, network.c.time_zone).where(network.c.id == func.current_network())).one()
    return keys_of(session).derive(f"phone-numbers:{row.id}"), region_of(cast("str", row.time_zone))


def fill_in(session: Session, need_ids: Sequence[UUID]) -> None:
    """Hash the numbers of contacts that were sealed before numbers were hashed; without keys nothing is done."""
    if session.info.get("keys") is None:
        return
    old = select(contact.c.need_id, contact.c.sealed).where(
        contact.c.need_id == func.any(list(need_ids)), mine(contact), contact.c.reach.is_(None)
    )
    rows = session.execute(old).all()
    if not rows:
        return
    key, region = _key_and_region(session)
    for row in rows:
        phone = unseal(session, row.need_id, row.sealed).get("phone")
        reach = reach_fingerprint(key, phone, region=region) if phone else None
        if reach is not None:
            session.execute(update(contact).where(contact.c.need_id == row.need_id, mine(contact)).values(reach=reach))
