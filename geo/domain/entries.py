"""Entries of phones: what has become of each, and what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.words import EntryKind, EntryState

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

    ``device_at`` is when the phone says it was typed, which may be wrong; ``is_kept`` whether what was typed is still
    there to be read.
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
