"""How an agreement is used: what was drawn of its quota, which keys were seen, and which places were looked at."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from geo.domain.words import Category


@dataclass(frozen=True, slots=True)
class DayUse:
    """How many records a partner drew on one day (UTC)."""

    day: date
    records: int


@dataclass(frozen=True, slots=True)
class AgreementUse:
    """What a partner has done with its agreement.

    ``looks`` counts the exact places it was shown in thirty days, ``referrals_running`` the needs it has now,
    ``canaries`` the made-up needs in its feed. ``can_undo`` says that its last change can be taken back.
    """

    agreement_id: UUID
    quota_per_day: int
    used_today: int
    last_seen_at: datetime | None
    live_keys: int
    looks: int
    referrals_running: int
    canaries: int = 0
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """What is to be changed of an agreement; what is ``None`` stays. Its name, tier and organization stay as they are.

    ``cells`` are H3 cells of resolution 9, snapped from the new area once.
    """

    cells: frozenset[str] | None = None
    categories: frozenset[Category] | None = None
    fields: tuple[str, ...] | None = None
    purpose: str | None = None
    quota_per_day: int | None = None
    expires_at: datetime | None = None
    is_marked: bool | None = None

    def given(self) -> dict[str, Any]:
        """Give what is to be changed, by name."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


@dataclass(frozen=True, slots=True)
class AgreementDifference:
    """What a change would make of an agreement, and of the needs that its partner sees.

    The needs of the coarse tier are counted, made-up ones not among them; ``None`` where none is seen one by one.
    """

    agreement_id: UUID
    changed: tuple[str, ...]
    cells_before: int
    cells_after: int
    cells_added: int
    cells_removed: int
    categories_added: tuple[Category, ...]
    categories_removed: tuple[Category, ...]
    fields_added: tuple[str, ...]
    fields_removed: tuple[str, ...]
    expires_before: datetime
    expires_after: datetime
    quota_before: int
    quota_after: int
    needs_before: int | None
    needs_after: int | None
    needs_added: int | None
    needs_removed: int | None
