"""Turfs, who carries them and what was met at their doors: as they are sent and as they leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from geo.domain.door_codes import LENGTH
from geo.domain.turf import MAX_DOORS, MAX_NUMBER, CodeState, Outcome, Side, TypedCode, VisitDraft
from geo.store.turfs import MAX_TURFS

from api.schemas.areas import Shape
from api.schemas.common import Body, Change, ClientId, Instant, Page, Version, count

MAX_VISITS: Final = 500
MAX_SEED: Final = 2**32 - 1
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
TurfNote = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"),
    Field(description="what whoever walks is to know of the campaign; nothing about a person"),
]
EndsOn = Annotated[date, Field(description="the last day, by the network's clock; 90 days from now at most")]
Position = Annotated[int, count(1, MAX_DOORS)]
Outcomes = dict[str, int]


class Ground(Body):
    """Which ground: a shape that is drawn, or an area that is stored."""

    geometry: Shape | None = None
    area_id: UUID | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.geometry is None) == (self.area_id is None):
            raise ValueError("give a geometry or an area_id, and not both")
        return self


class TurfIn(Ground):
    """A turf to be made of all doors of its ground."""

    id: ClientId | None = None
    name: Name
    note: TurfNote | None = None
    ends_on: EndsOn | None = None


class CutIn(Ground):
    """Ground to be cut into turfs: so many, or of about so many doors each."""

    name: Name
    note: TurfNote | None = None
    ends_on: EndsOn | None = None
    doors_each: Annotated[int, count(5, MAX_DOORS)] | None = None
    turfs: Annotated[int, count(1, MAX_TURFS)] | None = None
    seed: Annotated[int, count(0, MAX_SEED)] = 0

    @model_validator(mode="after")
    def _how_many(self) -> Self:
        if (self.doors_each is None) == (self.turfs is None):
            raise ValueError("give doors_each or turfs, and not both")
        return self


class TurfChange(Change):
    """What may be changed about a turf; its doors stay as they were cut."""

    nullable = frozenset({"note"})

    name: Name | None = None
    note: TurfNote | None = None
    ends_on: EndsOn | None = None


class TurfOut(BaseModel):
    """A turf with its shape (RFC 7946). ``number`` is what its codes begin with."""

    id: UUID
    number: Annotated[int, Field(ge=1, le=MAX_NUMBER)]
    cut_id: UUID
    name: str
    note: str | None
    geometry: dict[str, Any]
    doors: int
    ends_on: date
    closed_at: AwareDatetime | None
    created_at: Instant
    updated_at: Instant
    version: Version


class ProgressOut(BaseModel):
    """How far a turf has been walked: ``doors`` are ``left`` and the sum of ``outcomes``."""

    turf_id: UUID
    doors: int
    left: int
    outcomes: Outcomes


class TurfRow(TurfOut):
    """A turf in a list."""

    progress: ProgressOut


class TurfPage(Page):
    """A page of turfs."""

    items: list[TurfRow]


class CutOut(BaseModel):
    """The turfs that were made at once, in the order of the walk."""

    cut_id: UUID
    items: list[TurfOut]


class StreetOut(BaseModel):
    """One street of a turf."""

    street: str
    doors: int
    outcomes: Outcomes


class TurfProgressOut(ProgressOut):
    """The same by street, in walking order."""

    streets: list[StreetOut]


class DoorFeature(BaseModel):
    """A door with what was met there last; ``outcome`` is null where nobody has been."""

    type: Literal["Feature"]
    id: int
    geometry: dict[str, Any]
    properties: dict[str, Any]


class ProgressMap(BaseModel):
    """The doors of a turf as GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[DoorFeature]


class AssignmentIn(Body):
    """A phone that is to carry a turf; from today until the turf ends where no days are given."""

    device_id: UUID
    from_on: date | None = None
    until_on: date | None = None


class AssignmentOut(BaseModel):
    """A phone that carries a turf, on the days from one to the other, both counted."""

    id: UUID
    turf_id: UUID
    device_id: UUID
    device_label: str
    from_on: date
    until_on: date


class AssignmentPage(Page):
    """The phones that carry a turf."""

    items: list[AssignmentOut]


class CarriedOut(BaseModel):
    """A turf that the phone carries today."""

    id: UUID
    name: str
    note: str | None
    doors: int
    from_on: date
    until_on: date
    version: Version
    geometry: dict[str, Any]


class CarriedPage(Page):
    """The turfs that the phone carries today."""

    items: list[CarriedOut]


class DoorOut(BaseModel):
    """A door to go to; ``position`` is its place in the walk."""

    position: int
    street: str
    number: str
    side: Side
    lon: float
    lat: float
    postcode: str | None
    locality: str | None


class WalkOut(BaseModel):
    """A turf to take along: its doors in walking order, and its streets in the order they are come to."""

    turf: CarriedOut
    streets: list[str]
    doors: list[DoorOut]


class GroundOut(BaseModel):
    """The ground of a turf, packed: everything in steps of ``step_deg`` degrees.

    A line is ``[x, y, dx, dy, …]``: its first corner from the origin, each other from the one before; a shape is its
    rings, and its edge the first of them.
    """

    turf_id: UUID
    version: Version
    attribution: str
    origin_lon: float
    origin_lat: float
    step_deg: float
    width: int
    height: int
    door_m: Annotated[float, Field(description="within so many metres of its point a door is")]
    outline: list[list[list[int]]]
    streets: Annotated[list[tuple[str, list[list[int]]]], Field(description="a name, and its lines")]
    paths: Annotated[list[list[int]], Field(description="ways that have no name")]
    water: list[list[list[int]]]
    green: list[list[list[int]]]
    buildings: list[list[list[int]]]
    addresses: Annotated[
        list[tuple[list[str], str | None, list[tuple[str, int, int]]]],
        Field(description="the names of a street, its town, and its doors: number, steps east and north of the origin"),
    ]


class VisitIn(Body):
    """What was met at a door, under the id the client gave it."""

    id: ClientId
    turf_id: UUID
    position: Position
    outcome: Outcome
    device_at: Instant | None = None

    def to_draft(self, sent_at: AwareDatetime | None) -> VisitDraft:
        """Make the draft the store takes."""
        return VisitDraft(self.id, self.turf_id, self.position, self.outcome, self.device_at, sent_at)


class VisitsIn(Body):
    """Visits that were noted on the way; they are judged one by one."""

    sent_at: Annotated[
        Instant | None,
        Field(description="now, by the clock that wrote `device_at`; a clock that is wrong does no harm"),
    ] = None
    visits: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_VISITS)]


class VisitFault(BaseModel):
    """A value that cannot be used."""

    pointer: str
    reason: str


class VisitOut(BaseModel):
    """What became of a visit. ``id`` is null when it named none that can be used."""

    id: UUID | None
    status: Literal["created", "already_received", "rejected"]
    code: int = Field(description="as an HTTP status: 201, 200, 404, 409 or 422")
    errors: list[VisitFault] | None = None


class VisitsOut(BaseModel):
    """One result for each visit, in the order they were sent."""

    results: list[VisitOut]


class TypedIn(Body):
    """A code as it stands on the sheet, with what is ticked beside it."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=3 * LENGTH)]
    outcome: Outcome


class CodesIn(Body):
    """Rows of sheets that came back."""

    visited_on: Annotated[date | None, Field(description="the day of the walk; today when left out")] = None
    rows: Annotated[list[TypedIn], Field(min_length=1, max_length=MAX_DOORS)]

    def to_typed(self) -> list[TypedCode]:
        """Give the rows as the store takes them."""
        return [TypedCode(row.code, row.outcome) for row in self.rows]


class EnteredOut(BaseModel):
    """What became of a row; ``meant`` has the rows of this turf's sheet that a slip may have meant."""

    line: int
    state: CodeState
    code: str
    position: int | None
    label: str | None
    outcome: Outcome | None
    meant: list[str]
    reason: str | None


class CodesOut(BaseModel):
    """One result for each row, and how far the turf now is."""

    results: list[EnteredOut]
    progress: ProgressOut


_SHAPE: Final = {
    "type": "Polygon",
    "coordinates": [[[24.94, 60.165], [24.95, 60.165], [24.95, 60.17], [24.94, 60.17], [24.94, 60.165]]],
}
TURF_EXAMPLES: Final = {
    "drawn": {
        "summary": "A shape that was drawn",
        "value": {"name": "Harbour, north", "note": "Ask about the heating of the last winter.", "geometry": _SHAPE},
    }
}
CUT_EXAMPLES: Final = {
    "about_fifty": {
        "summary": "Turfs of about fifty doors",
        "value": {"name": "Harbour", "geometry": _SHAPE, "doors_each": 50},
    }
}
TURF_CHANGE_EXAMPLES: Final = {"note": {"value": {"note": "The bell of number 12 is broken."}}}
ASSIGNMENT_EXAMPLES: Final = {
    "phone": {"summary": "From today until it ends", "value": {"device_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"}}
}
VISITS_EXAMPLES: Final = {
    "walk": {
        "summary": "Two doors",
        "value": {
            "sent_at": "2026-05-04T18:00:00+03:00",
            "visits": [
                {
                    "id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c51",
                    "turf_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
                    "position": 1,
                    "outcome": "nobody_home",
                    "device_at": "2026-05-04T15:20:00+03:00",
                },
                {
                    "id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c52",
                    "turf_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
                    "position": 2,
                    "outcome": "visited",
                },
            ],
        },
    }
}
CODES_EXAMPLES: Final = {
    "sheet": {
        "summary": "Two rows of a sheet",
        "value": {"rows": [{"code": "H5C TTN", "outcome": "visited"}, {"code": "WKH N37", "outcome": "come_back"}]},
    }
}
