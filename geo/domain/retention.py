"""How long what is known about a person is kept once their need is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

FADED_RESOLUTION: Final = 8
"""H3 resolution of the cell that is left of a place once it has faded (edge about 531 m)."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after closing: first the exact place and the typed address go, then the contact and the raw entry."""

    coarsen_after_days: int = 14
    contact_after_days: int = 30

    def coarsen_before(self, now: datetime) -> datetime:
        """Needs closed at this instant or earlier keep no exact place."""
        return now - timedelta(days=self.coarsen_after_days)

    def contact_before(self, now: datetime) -> datetime:
        """Needs closed at this instant or earlier keep no contact."""
        return now - timedelta(days=self.contact_after_days)


DEFAULT_RETENTION: Final = Retention()
