"""What describes the network itself."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from geo.domain.words import Audience, Category

from api.schemas.reasons import ReasonOut

TRAVEL_EXAMPLE: Final[JsonDict] = {
    "name": "straight_line",
    "note": "Straight line times 1.3, at 4.8 km/h on foot; no streets.",
    "how": [{"code": "straight_line", "parts": {"detour": 1.3, "walk_kmh": 4.8}}],
}


class CategoryOut(BaseModel):
    """A category and how it is written for people."""

    value: Category
    label: str


class SourceOut(BaseModel):
    """Where some of the data comes from."""

    name: str
    licence: str
    attribution: str


class TravelModelOut(BaseModel):
    """How travel is reckoned, and what that means."""

    name: str
    note: str = Field(description="in English")
    how: list[ReasonOut] = Field(description="the same as codes with their parts")


class MetaOut(BaseModel):
    """The network."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "network": "Barnraiser",
                "version": "0.1.0",
                "bbox": [24.93, 60.16, 24.96, 60.18],
                "centre": [24.945, 60.17],
                "categories": [{"value": "food", "label": "Food"}],
                "sources": [
                    {"name": "OpenStreetMap", "licence": "ODbL 1.0", "attribution": "© OpenStreetMap contributors"}
                ],
                "travel_model": TRAVEL_EXAMPLE,
                "standard_min": 5,
                "time_zone": "Europe/Helsinki",
                "basemap": "/tiles/base.pmtiles",
                "audience": "organizer",
                "holds_made_up": False,
            }
        }
    )

    network: str
    version: str
    bbox: tuple[float, float, float, float] | None = Field(description="west, south, east, north")
    centre: tuple[float, float] | None = Field(description="longitude, latitude")
    categories: list[CategoryOut]
    sources: list[SourceOut]
    travel_model: TravelModelOut
    standard_min: float
    time_zone: str = Field(description="in which hours are meant, a name of the IANA list")
    basemap: str | None
    audience: Audience
    holds_made_up: bool = Field(description="there are made-up needs or places, for trying things out; told organizers")


class ProblemOut(BaseModel):
    """A kind of problem."""

    slug: str
    status: int
    title: str


class BalanceOut(BaseModel):
    """The balance line: the parts add up to what was received."""

    received: int
    located: int
    approximate: int
    needs_review: int
    no_location: int
    withheld: int
    closed: int
