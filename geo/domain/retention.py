"""How long what is known about a person is kept once their need is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from geo.domain.words import EntryState

if TYPE_CHECKING:
    from datetime import datetime

FADED_RESOLUTION: Final = 8
"""H3 resolution of the cell that is left of a place once it has faded (edge about 531 m)."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Days until things go.

    Attributes
    ----------
    coarsen_after_days, contact_after_days
        Days after closing: first the exact place and the typed address go, then the contact and the raw entry. What
        was typed about a place, a helper, or a need that is gone, goes so many days after it came.
    waiting_after_days
        Days an entry that nobody has decided about is kept.
    refused_after_days
        Days after it was refused that an entry can be had back.
    photo_after_days
        Days a photo is kept, unless what was typed goes before.
    """

    coarsen_after_days: int = 14
    contact_after_days: int = 30
    waiting_after_days: int = 90
    refused_after_days: int = 14
    photo_after_days: int = 30

    def coarsen_before(self, now: datetime) -> datetime:
        """Needs closed at this instant or earlier keep no exact place."""
        return now - timedelta(days=self.coarsen_after_days)

    def contact_before(self, now: datetime) -> datetime:
        """Needs closed at this instant or earlier keep no contact."""
        return now - timedelta(days=self.contact_after_days)

    def waiting_before(self, now: datetime) -> datetime:
        """Entries that came at this instant or earlier, and wait for a decision, are given up."""
        return now - timedelta(days=self.waiting_after_days)

    def refused_before(self, now: datetime) -> datetime:
        """Entries refused at this instant or earlier are emptied."""
        return now - timedelta(days=self.refused_after_days)

    def entry_until(self, state: EntryState, received_at: datetime, decided_at: datetime | None) -> datetime | None:
        """Tell when what was typed goes; none for what goes with its record."""
        if state in (EntryState.HELD, EntryState.QUARANTINED):
            return received_at + timedelta(days=self.waiting_after_days)
        if state is EntryState.REFUSED and decided_at is not None:
            return decided_at + timedelta(days=self.refused_after_days)
        return None

    def photo_until(self, received_at: datetime) -> datetime:
        """Tell when a photo goes at the latest."""
        return received_at + timedelta(days=self.photo_after_days)

    def photo_before(self, now: datetime) -> datetime:
        """Photos that came at this instant or earlier are removed."""
        return now - timedelta(days=self.photo_after_days)


DEFAULT_RETENTION: Final = Retention()
