"""Organizations: who stands behind assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from geo.domain.ids import new_id
from geo.domain.records import Organization
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.audit import record
from geo.store.contacts import delete_contact, store_contact
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine, update_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.drafts import Contact, OrganizationDraft

organization = tables.organization
COLUMNS = [organization.c[name] for name in ("id", "name", "description", "url", "updated_at", "version")]
CHANGEABLE = frozenset({"name", "description", "url"})


def create_organization(session: Session, draft: OrganizationDraft) -> Organization:
    """Store an organization.

    Raises
    ------
    Conflict
        If its id or name is taken.
    """
    organization_id = draft.id or new_id()
    values = {"id": organization_id, "name": draft.name, "description": draft.description, "url": draft.url}
    insert_row(session, organization, values)
    return get_organization(session, organization_id)


def get_organization(session: Session, organization_id: UUID) -> Organization:
    """Read one organization.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return Organization(**get_row(session, select(*COLUMNS), organization, organization_id))


def find_organization(session: Session, organization_id: UUID, name: str) -> Organization | None:
    """Find an organization by its id, or else by its name."""
    either = or_(organization.c.id == organization_id, organization.c.name == name)
    by_id_first = organization.c.id != organization_id
    query = select(*COLUMNS).where(mine(organization), either).order_by(by_id_first).limit(1)
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else Organization(**row)


def set_organization_contact(session: Session, organization_id: UUID, given: Contact) -> None:
    """Keep how to reach an organization, sealed, in place of what was kept before.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    InvalidInput
        If nothing says that they agreed, or a field is too long.
    KeysUnavailable
        If the session has no keys.
    """
    get_organization(session, organization_id)
    if given.consent_at is None:
        raise InvalidInput("they must have agreed to be reached", field="consent")
    delete_contact(session, "organization_id", organization_id)
    store_contact(session, "organization_id", organization_id, given)
    record(session, "set_contact", organization.name, [organization_id], ("contact",))


def remove_organization_contact(session: Session, organization_id: UUID) -> None:
    """Forget how to reach an organization; where nothing is kept, nothing changes.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    get_organization(session, organization_id)
    delete_contact(session, "organization_id", organization_id)
    record(session, "remove_contact", organization.name, [organization_id], ("contact",))


def list_organizations(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Organization]:
    """List organizations in the order of their ids; ``after`` is the last id of the page before."""
    rows = list_rows(session, select(*COLUMNS), organization, after=after, limit=limit)
    return [Organization(**row) for row in rows]


def update_organization(
    session: Session, organization_id: UUID, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Organization:
    """Change an organization.

    Raises
    ------
    NotFound, StaleVersion, Conflict
        As their names say.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    update_row(session, organization, organization_id, values, expected_version=expected_version)
    return get_organization(session, organization_id)


def delete_organization(session: Session, organization_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove an organization; its assets stay."""
    delete_row(session, organization, organization_id, expected_version=expected_version)
