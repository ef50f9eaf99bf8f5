"""Consents: what people agreed to, recorded when they do, and what follows when they take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import delete, func, insert, select, update

from geo.domain.consent import Consent, ConsentDraft
from geo.domain.ids import new_id
from geo.domain.words import ConsentScope, ConsentWay, SubjectKind
from geo.store import tables
from geo.store.audit import record
from geo.store.merges import fade_merges, merged_with
from geo.store.people_tables import consent
from geo.store.remote_cache import forget_answers
from geo.store.rows import get_row, list_rows, mine, refused_as_ours
from geo.store.submissions import forget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

COLUMNS = [column for column in consent.c if column.name != "network_id"]
CONTACT_OWNERS: Final[Mapping[SubjectKind, Literal["need_id", "helper_id"]]] = {
    SubjectKind.NEED: "need_id",
    SubjectKind.HELPER: "helper_id",
}


def record_consent(session: Session, kind: SubjectKind, subject_id: UUID, given: ConsentDraft) -> Consent:
    """Record what a person agreed to; who records it is whoever acts in the session."""
    consent_id = note_consent(session, kind, subject_id, given)
    record(session, "create", consent.name, [consent_id], ("what", "how", "language"))
    return get_consent(session, consent_id)


def note_consent(session: Session, kind: SubjectKind, subject_id: UUID, given: ConsentDraft) -> UUID:
    """Keep it as a part of what else is being stored, without reading it back, which a phone may not; gives its id."""
    consent_id = new_id()
    values = {
        "id": consent_id,
        "subject_kind": kind.value,
        "subject_id": subject_id,
        "what": given.what.value,
        "how": given.how.value,
        "language": given.language,
        "recorded_by": func.current_actor(),
    }
    with refused_as_ours():
        session.execute(
            insert(consent).values(values if given.given_at is None else values | {"given_at": given.given_at})
        )
    return consent_id


def get_consent(session: Session, consent_id: UUID) -> Consent:
    """Read one consent.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return _from_row(get_row(session, select(*COLUMNS), consent, consent_id))


def list_consents(
    session: Session, kind: SubjectKind, subject_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> Sequence[Consent]:
    """List what a person agreed to, in the order it was recorded; withdrawn ones included."""
    about = [consent.c.subject_kind == kind.value, consent.c.subject_id == subject_id]
    return [
        _from_row(row) for row in list_rows(session, select(*COLUMNS), consent, where=about, after=after, limit=limit)
    ]


def find_agreed_at(session: Session, kind: SubjectKind, subject_id: UUID, what: ConsentScope) -> datetime | None:
    """Find since when a person agrees to something; nothing when they do not, or no longer."""
    holds = [
        mine(consent),
        consent.c.subject_kind == kind.value,
        consent.c.subject_id == subject_id,
        consent.c.what == what.value,
        consent.c.withdrawn_at.is_(None),
    ]
    found: datetime | None = session.scalar(select(func.max(consent.c.given_at)).where(*holds))
    return found


def withdraw_consent(session: Session, consent_id: UUID, *, now: datetime) -> Consent:
    """Take a consent back; doing so again changes nothing.

    When it was the consent to keep a contact, the contact goes at once, and with it the entry as it was typed; when it
    was that to share a need with a partner, no partner has it any longer; when it was that to ask an outside address
    service, nobody outside is asked again. Every other consent to the same thing ends as
    well: a person who says no means no.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    found = get_consent(session, consent_id)
    subjects = _subjects(session, found)
    same = [
        consent.c.subject_kind == found.subject_kind.value,
        consent.c.subject_id == func.any(subjects),
        consent.c.what == found.what.value,
        consent.c.withdrawn_at.is_(None),
    ]
    session.execute(update(consent).where(mine(consent), *same).values(withdrawn_at=now))
    record(session, "withdraw", consent.name, [consent_id], (found.what.value,))
    if found.what is ConsentScope.KEEP_CONTACT and found.subject_kind in CONTACT_OWNERS:
        owner = tables.contact.c[CONTACT_OWNERS[found.subject_kind]]
        session.execute(delete(tables.contact).where(owner == func.any(subjects), mine(tables.contact)))
        for subject in subjects:
            forget(session, subject)
        fade_merges(session, subjects)
    if found.what is ConsentScope.REMOTE_GEOCODING:
        # what was answered bears no name of whom it was about; as a cache it can all go
        forget_answers(session)
    if found.what is ConsentScope.SHARE_WITH_PARTNER and found.subject_kind is SubjectKind.NEED:
        # as the database ends them with a need that is taken back
        ended = session.scalars(select(func.access.end_referrals(found.subject_id, "withdrawn", None))).all()
        if ended:
            record(session, "end", "referral", ended)
    return get_consent(session, consent_id)


def _subjects(session: Session, found: Consent) -> list[UUID]:
    """Name whom a no holds for: a request that was merged is known by both, and so is how to reach the person."""
    if found.what is ConsentScope.KEEP_CONTACT and found.subject_kind is SubjectKind.NEED:
        return sorted(merged_with(session, [found.subject_id]))
    return [found.subject_id]


def _from_row(row: RowMapping) -> Consent:
    values = dict(row)
    words = {"subject_kind": SubjectKind, "what": ConsentScope, "how": ConsentWay}
    return Consent(**values | {name: word(values[name]) for name, word in words.items()})
