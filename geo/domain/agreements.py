"""How an agreement is used: what was drawn of its quota, which keys were seen, and which places were looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class DayUse:
    """How many records a partner drew on one day (UTC)."""

    day: date
    records: int


@dataclass(frozen=True, slots=True)
class AgreementUse:
    """What a partner has done with its agreement.

    ``looks`` counts the exact places it was shown in thirty days, ``referrals_running`` the needs it has now,
    ``canaries`` the made-up needs in its feed.
    """

    agreement_id: UUID
    quota_per_day: int
    used_today: int
    last_seen_at: datetime | None
    live_keys: int
    looks: int
    referrals_running: int
    canaries: int = 0
