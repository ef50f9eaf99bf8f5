"""Contacts: how to reach the person who asked, read for one need at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from geo.domain.drafts import Contact
from geo.store import tables
from geo.store.rows import mine

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

contact = tables.contact
COLUMNS = [contact.c[name] for name in ("name", "phone", "email", "preferred_channel", "note", "consent_at")]


def find_contact(session: Session, *, need_id: UUID) -> Contact | None:
    """Find how to reach the person behind a need, if they said so."""
    row = session.execute(select(*COLUMNS).where(contact.c.need_id == need_id, mine(contact))).mappings().one_or_none()
    return None if row is None else Contact(**row)
