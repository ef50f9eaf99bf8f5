"""Areas as they are sent and as they leave."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from geo.domain.drafts import AreaDraft
from geo.geometry import parse_area

from api.schemas.common import Body, Change, ClientId, Instant, Line, Page, Version, count

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
People = Annotated[int, count(0, 100_000_000)]
Shape = Annotated[dict[str, Any], Field(description="GeoJSON Polygon or MultiPolygon, WGS 84, at most 500 vertices")]


class AreaIn(Body):
    """A named polygon."""

    id: ClientId | None = None
    slug: Slug
    name: Line
    kind: Kind
    population: People | None = None
    dwellings: People | None = None
    geometry: Shape

    def to_draft(self) -> AreaDraft:
        """Make the draft the store takes.

        Raises
        ------
        InvalidGeometry
            If the shape is not a valid polygon.
        """
        plain = {name: getattr(self, name) for name in type(self).model_fields if name != "geometry"}
        return AreaDraft(**plain, geometry=parse_area(self.geometry))


class AreaChange(Change):
    """What may be changed about an area."""

    nullable = frozenset({"population", "dwellings"})

    slug: Slug | None = None
    name: Line | None = None
    kind: Kind | None = None
    population: People | None = None
    dwellings: People | None = None
    geometry: Shape | None = None


class AreaOut(BaseModel):
    """An area with its shape (RFC 7946)."""

    id: UUID
    slug: str
    name: str
    kind: str
    population: int | None
    dwellings: int | None
    source: str
    geometry: dict[str, Any]
    updated_at: Instant
    version: Version


class AreaPage(Page):
    """A page of areas."""

    items: list[AreaOut]


AREA_EXAMPLES = {
    "quarter": {
        "summary": "A quarter",
        "value": {
            "slug": "north-shore",
            "name": "North Shore",
            "kind": "neighbourhood",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[24.94, 60.17], [24.95, 60.17], [24.95, 60.175], [24.94, 60.175], [24.94, 60.17]]],
            },
        },
    }
}
