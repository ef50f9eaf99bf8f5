"""Records with believable defaults, so that a test names only what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo.domain.drafts import AssetDraft, HelperDraft, NeedDraft
from geo.domain.place import Location, Point
from geo.domain.words import Category, LocationState, MatchQuality, Vehicle
from geo.store.assets import create_asset
from geo.store.helpers import create_helper
from geo.store.needs import create_need

from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.records import Asset, Helper, Need


def located(point: Point = HELSINKI, *, uncertainty_m: float = 0.0) -> Location:
    return Location(LocationState.LOCATED, MatchQuality.ROOFTOP, point, uncertainty_m, "Testikatu 1")


def waiting(address: str = "Olematonkatu 1", **values: Any) -> Location:
    return Location(LocationState.NEEDS_REVIEW, address_typed=address, **values)


def nowhere() -> Location:
    return Location(LocationState.NONE)


def add_need(session: Session, at: Point | Location | None = HELSINKI, **values: Any) -> Need:
    location = nowhere() if at is None else located(at) if isinstance(at, Point) else at
    return create_need(session, NeedDraft(**({"category": Category.FOOD} | values)), location)


def add_helper(session: Session, at: Point | None = HELSINKI, **values: Any) -> Helper:
    defaults = {"public_name": "Aino K.", "categories": (Category.FOOD,), "languages": ("fi",), "vehicle": Vehicle.NONE}
    return create_helper(session, HelperDraft(**(defaults | values)), at)


def add_asset(session: Session, at: Point | None = HELSINKI, **values: Any) -> Asset:
    defaults = {"kind": "food_bank", "categories": (Category.FOOD,), "name": "Corner pantry", "capacity_per_week": 1}
    return create_asset(session, AssetDraft(**(defaults | {"point": at} | values)))
