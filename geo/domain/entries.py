"""Entries of phones: what has become of each, and what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from geo.domain.words import EntryChannel, EntryRefusal, EntryState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.words import EntryKind

UNDO_WITHIN: Final = timedelta(minutes=15)
"""So long a record that a decision made can be taken back, and a photo that was taken away."""
TO_DECIDE: Final = (EntryState.QUARANTINED, EntryState.HELD)
"""What waits for an organizer."""
ENTRY_FORM: Final = 1
"""The version of what the phone pages ask and how an entry is written; each entry says which it was made with."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something in an entry could not be used; ``pointer`` (RFC 6901) says what, and the value is not repeated."""

    pointer: str
    reason: str


@dataclass(frozen=True, slots=True)
class EntryStatus:
    """What has become of an entry. ``handed_in_by`` is the phone or person it came from, ``record_id`` what it made.

    Attributes
    ----------
    device_at
        When the phone says it was typed, which may be wrong.
    is_kept
        Whether what was typed is still there to be read.
    channel
        By which way it came in.
    form
        The version of the questions it was typed with, where that is known.
    accuracy_m
        How far off the phone's position may be, where it measured one.
    refused_because, decided_at
        Why and when it was refused, or when it was corrected or let in.
    kept_until, photo_until
        When what was typed, and the photo, goes for good; none where nothing is there, or it goes with its record.
    can_undo
        Whether the last decision can be taken back.
    """

    id: UUID
    kind: EntryKind
    state: EntryState
    record_id: UUID | None
    handed_in_by: UUID | None
    device_at: datetime | None
    received_at: datetime
    is_kept: bool
    faults: tuple[Fault, ...] = ()
    channel: EntryChannel = EntryChannel.DOOR
    form: int | None = None
    accuracy_m: float | None = None
    has_photo: bool = False
    refused_because: EntryRefusal | None = None
    decided_at: datetime | None = None
    kept_until: datetime | None = None
    photo_until: datetime | None = None
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """What was typed at a door, as it was typed, and what an organizer put in its place; opened for a reason alone."""

    id: UUID
    kind: EntryKind
    typed: Mapping[str, Any]
    corrected: Mapping[str, Any] | None = None
    photo: bytes | None = field(default=None, repr=False)

    @property
    def has_photo(self) -> bool:
        """Whether a photo came with it."""
        return self.photo is not None
