"""Looking at an entry as it was typed, and making one that waits into the record it should be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo.domain.entries import TypedEntry
from geo.domain.words import EntryState
from geo.errors import Conflict, InvalidInput
from geo.store.engine import transaction
from geo.store.entries import find_opened, get_entry
from geo.store.entry_deciding import note_corrected, release, reveal_box, reveal_entry
from geo.store.network import get_network

from api.canvass.taking_in import look_into, make_record, take_in

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.entries import EntryStatus
    from geo.store.engine import SessionFactory

    from api.schemas.entries import CorrectionIn


def look_at(session: Session, network: UUID, entry_id: UUID, reason: str) -> TypedEntry:
    """Read what was typed, in quarantine too; that somebody looked is noted, and why.

    Raises
    ------
    NotFound
        If there is no such entry, or nothing in it that can be read.
    """
    box = reveal_box(session, entry_id, reason=reason)
    if box is None:
        return reveal_entry(session, entry_id, reason=reason)
    opened = look_into(session, network, box)
    return TypedEntry(entry_id, box.kind, opened.typed, None, opened.photo)


def correct_entry(session: Session, entry_id: UUID, sent: CorrectionIn | None) -> EntryStatus:
    """Make an entry that is held into a record, as it was typed or as it should have been; or hold it again, with why.

    Parameters
    ----------
    sent
        What it should have said; none tries again with what was typed.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If it is not held, or does not open.
    InvalidInput
        If the correction is of another kind.
    """
    opened = find_opened(session, entry_id, lock=True)
    status = get_entry(session, entry_id)
    if status.state is not EntryState.HELD or opened is None:
        raise Conflict("only an entry that is held can be corrected")
    if sent is not None and sent.kind is not status.kind:
        raise InvalidInput("this entry is of another kind", field=sent.kind)
    corrected = opened.corrected if sent is None else sent.as_typed()
    make_record(session, entry_id, status.kind, replace(opened, faults=(), corrected=corrected))
    if get_entry(session, entry_id).state is EntryState.MADE:
        note_corrected(session, entry_id)
    return get_entry(session, entry_id)


def let_in(sessions: SessionFactory, entry_id: UUID, sent: CorrectionIn | None = None) -> None:
    """Take an entry in wherever it waits: out of quarantine, then as typed, then corrected where it is still held.

    Raises
    ------
    NotFound, Conflict, InvalidInput
        As :func:`correct_entry`.
    """
    with transaction(sessions) as session:
        network, state = get_network(session).id, get_entry(session, entry_id).state
        if state is EntryState.QUARANTINED:
            release(session, entry_id)
    if state in (EntryState.QUARANTINED, EntryState.RECEIVED):
        take_in(sessions, network, among=[entry_id])
        with transaction(sessions) as session:
            if sent is None or get_entry(session, entry_id).state is not EntryState.HELD:
                return
    with transaction(sessions) as session:
        correct_entry(session, entry_id, sent)
