"""Addresses to look up, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from geo.domain.words import Decision, MatchQuality

from api.schemas.common import Body, ShortLine, _one_line

if TYPE_CHECKING:
    from typing import Self

QueryText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_one_line)
]


class GeocodeIn(Body):
    """An address in one line, or in its parts."""

    q: QueryText | None = None
    street: ShortLine | None = None
    number: ShortLine | None = None
    postcode: ShortLine | None = None
    city: ShortLine | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        parts = (self.street, self.number, self.postcode, self.city)
        if (self.q is not None) == any(part is not None for part in parts):
            raise ValueError("give q, or the parts of an address")
        return self

    @property
    def text(self) -> str:
        """The address in one line."""
        if self.q is not None:
            return self.q
        door = " ".join(part for part in (self.street, self.number) if part)
        place = " ".join(part for part in (self.postcode, self.city) if part)
        return ", ".join(part for part in (door, place) if part)


class CandidateOut(BaseModel):
    """One possible answer."""

    label: str
    lon: float
    lat: float
    match_quality: MatchQuality
    uncertainty_m: float
    score: int
    confidence: float
    faults: list[str]
    source: str


class GeocodeOut(BaseModel):
    """What to do with the best answer, and the answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "decision": "accept",
                "candidates": [
                    {
                        "label": "Liisankatu 12, 00170 Helsinki",
                        "lon": 24.95571,
                        "lat": 60.17421,
                        "match_quality": "rooftop",
                        "uncertainty_m": 15,
                        "score": 100,
                        "confidence": 1.0,
                        "faults": [],
                        "source": "osm",
                    }
                ],
            }
        }
    )

    decision: Decision
    candidates: list[CandidateOut]


class ReverseOut(BaseModel):
    """What is nearest to a place."""

    address: str | None
    distance_m: float | None
    street: str | None
    area: str | None


GEOCODE_EXAMPLES = {
    "line": {"summary": "In one line", "value": {"q": "Liisankatu 12 B 7, 00170 Helsinki"}},
    "parts": {"summary": "In parts", "value": {"street": "Liisankatu", "number": "12", "city": "Helsinki"}},
}
