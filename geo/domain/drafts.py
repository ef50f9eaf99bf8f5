"""What comes in before it is a record: drafts of needs, assets, helpers, organizations and areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.domain.words import Access, AssetStatus, Category, ConsentWay, HelperStatus, StepFree, Urgency, Vehicle

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from shapely.geometry import MultiPolygon

    from geo.domain.place import Point


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """A need as it is asked for. ``household_id`` joins several needs of one home; without it the need stands alone."""

    category: Category
    urgency: Urgency = Urgency.NORMAL
    household_size: int = 1
    household_id: UUID | None = None
    languages: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()
    withheld: bool = False
    source: str = "api"
    received_at: datetime | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person, and what they said; restricted.

    ``consent_at`` says when they agreed to it being kept, ``consent_how`` in which way.
    """

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    preferred_channel: str | None = None
    note: str | None = None
    consent_at: datetime | None = None
    consent_how: ConsentWay = ConsentWay.FORM


@dataclass(frozen=True, slots=True)
class AssetDraft:
    """An asset as it is offered. A private one keeps its point in the restricted tables."""

    kind: str
    categories: tuple[Category, ...]
    name: str
    description: str | None = None
    organization_id: UUID | None = None
    status: AssetStatus = AssetStatus.ACTIVE
    is_private: bool = False
    point: Point | None = None
    address: str | None = None
    capacity_per_week: int | None = None
    opening_hours: str | None = None
    step_free: StepFree = StepFree.UNKNOWN
    languages: tuple[str, ...] = ()
    source: str = "api"
    source_ref: str | None = None
    assured_on: date | None = None
    id: UUID | None = None
    schedule: str | None = None
    interpreter: bool = False


@dataclass(frozen=True, slots=True)
class HelperDraft:
    """A volunteer as they sign up."""

    public_name: str
    categories: tuple[Category, ...]
    languages: tuple[str, ...] = ()
    vehicle: Vehicle = Vehicle.NONE
    status: HelperStatus = HelperStatus.ACTIVE
    capacity_per_week: int = 1
    load: int = 0
    max_travel_min: int = 20
    last_asked_at: datetime | None = None
    id: UUID | None = None
    availability: str | None = None
    interpreter: bool = False


@dataclass(frozen=True, slots=True)
class OrganizationDraft:
    """An organization as it introduces itself."""

    name: str
    description: str | None = None
    url: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """A named polygon; ``geometry`` is WGS 84 and valid."""

    slug: str
    name: str
    kind: str
    geometry: MultiPolygon
    population: int | None = None
    dwellings: int | None = None
    source: str = "api"
    id: UUID | None = None
