"""What a partner is given of needs: whole cells and weeks, and for those referred to it the place itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from geo.domain.place import Point
    from geo.domain.words import Access, Category, Urgency


@dataclass(frozen=True, slots=True)
class PartnerNeed:
    """A need as the coarse tier has it. ``id`` is this partner's own name for it; ``cell`` is what is drawn."""

    id: str
    cell: str
    kind: str
    urgency: str
    week: str


@dataclass(frozen=True, slots=True)
class ReferredNeed:
    """A need handed to one partner with consent, until ``expires_at``; ``point`` is where it is, WGS 84."""

    id: str
    point: Point | None
    uncertainty_m: float | None
    category: Category
    urgency: Urgency
    household_size: int
    languages: tuple[str, ...]
    access: tuple[Access, ...]
    expires_at: datetime
