"""Contacts: how to reach a person; sealed, and kept only for as long as that person agrees."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from sqlalchemy import delete, insert, select

from geo.domain.consent import ConsentDraft
from geo.domain.drafts import Contact
from geo.domain.ids import new_id
from geo.domain.words import ConsentScope, ConsentWay, SubjectKind
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.consents import note_consent
from geo.store.reaches import reach_of
from geo.store.rows import mine, refused_as_ours
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

contact = tables.contact
ContactOwner = Literal["need_id", "helper_id", "organization_id"]
SUBJECTS: Final[Mapping[ContactOwner, SubjectKind]] = {"need_id": SubjectKind.NEED, "helper_id": SubjectKind.HELPER}
MAX_LENGTHS: Final = {"name": 200, "phone": 40, "email": 254, "preferred_channel": 20, "note": 4000}
"""Characters each field may have; looked at before sealing, because the database cannot look inside."""
MAX_BYTES: Final = 40_000


def store_contact(session: Session, owner: ContactOwner, owner_id: UUID, given: Contact) -> None:
    """Seal a contact for a need, a helper or an organization, and record the consent it came with.

    A contact that is there already is deleted by the caller first: a phone may add one and not change one.

    Raises
    ------
    Conflict
        If there is one already.
    InvalidInput
        Naming the field that is too long.
    KeysUnavailable
        If the session has no keys.
    """
    put_contact(session, owner, owner_id, given)
    # an organization speaks for itself: what it agreed to stands in what is sealed
    if given.consent_at is not None and owner in SUBJECTS:
        agreed = ConsentDraft(ConsentScope.KEEP_CONTACT, given.consent_how, given_at=given.consent_at)
        note_consent(session, SUBJECTS[owner], owner_id, agreed)


def put_contact(session: Session, owner: ContactOwner, owner_id: UUID, given: Contact) -> None:
    """Seal a contact alone, where the consent is recorded already; see :func:`store_contact`."""
    sealed, key_id = seal(session, owner_id, contact_as_json(given), most=MAX_BYTES)
    reach = reach_of(session, given.phone) if owner == "need_id" and given.phone else None
    values = {"sealed": sealed, "key_id": key_id, "reach": reach}
    with refused_as_ours():
        session.execute(insert(contact).values(id=new_id(), **{owner: owner_id}, **values))


def find_contact(session: Session, owner: ContactOwner, owner_id: UUID) -> Contact | None:
    """Open the contact of a need, a helper or an organization, if one is kept.

    Raises
    ------
    KeysUnavailable
        If the session has no keys, or none that fits.
    """
    sealed = session.scalar(select(contact.c.sealed).where(contact.c[owner] == owner_id, mine(contact)))
    return None if sealed is None else contact_from_json(unseal(session, owner_id, sealed))


def delete_contact(session: Session, owner: ContactOwner, owner_id: UUID) -> bool:
    """Remove a contact; tells whether there was one."""
    statement = delete(contact).where(contact.c[owner] == owner_id, mine(contact))
    return cast("CursorResult[Any]", session.execute(statement)).rowcount > 0


def contact_as_json(given: Contact) -> dict[str, Any]:
    """Write a contact as it is sealed; one with a field that is too long is refused."""
    fields = asdict(given)
    for name, most in MAX_LENGTHS.items():
        if len(fields[name] or "") > most:
            raise InvalidInput(f"must have at most {most} characters", field=name)
    agreed = given.consent_at
    return fields | {"consent_at": agreed and agreed.isoformat(), "consent_how": given.consent_how.value}


def contact_from_json(kept: Mapping[str, Any]) -> Contact:
    """Read a contact back."""
    kept = dict(kept)
    agreed = kept.pop("consent_at", None)
    how = ConsentWay(kept.pop("consent_how", ConsentWay.FORM))
    return Contact(**kept, consent_at=datetime.fromisoformat(agreed) if agreed else None, consent_how=how)
