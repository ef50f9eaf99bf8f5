"""Addresses to look up, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from geo.domain.words import Decision, MatchQuality, NearbyKind, SuggestionKind
from geo.interchange.asked import join_parts
from geo.store.suggest import MAX_SUGGESTIONS

from api.schemas.common import Body, PointIn, ShortLine, _one_line

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
        return join_parts(self.street or "", self.number or "", self.postcode or "", self.city or "")


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


class ParsedOut(BaseModel):
    """The parts that were read in an address."""

    number: str | None
    street: str | None
    unit: str | None
    postcode: str | None
    locality: str | None


class GeocodeOut(BaseModel):
    """What to do with the best answer, and the answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "decision": "accept",
                "parsed": {
                    "number": "12",
                    "street": "Liisankatu",
                    "unit": "7",
                    "postcode": "00170",
                    "locality": "Helsinki",
                },
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
    parsed: ParsedOut


class SuggestIn(Body):
    """What was typed so far of an address."""

    q: QueryText
    near: PointIn | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_SUGGESTIONS, strict=True)] = MAX_SUGGESTIONS


class SuggestionOut(BaseModel):
    """One thing that may be meant."""

    label: str
    kind: SuggestionKind
    lon: float
    lat: float


class SuggestOut(BaseModel):
    """What may be meant, the likeliest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "suggestions": [{"label": "Mannerheimintie", "kind": "street", "lon": 24.94081, "lat": 60.16952}]
            }
        }
    )

    suggestions: list[SuggestionOut]


class ReverseOut(BaseModel):
    """What is nearest to a place, and by what it is named."""

    kind: NearbyKind
    address: str | None
    distance_m: float | None
    street: str | None
    area: str | None


GEOCODE_EXAMPLES = {
    "line": {"summary": "In one line", "value": {"q": "Liisankatu 12 B 7, 00170 Helsinki"}},
    "parts": {"summary": "In parts", "value": {"street": "Liisankatu", "number": "12", "city": "Helsinki"}},
}

SUGGEST_EXAMPLES = {
    "street": {"summary": "The beginning of a street", "value": {"q": "mannerh"}},
    "door": {"summary": "A street and the beginning of a number", "value": {"q": "Liisankatu 1", "limit": 5}},
    "near": {
        "summary": "A crossing, near somebody",
        "value": {"q": "Liisankatu / ma", "near": {"lon": 24.9557, "lat": 60.1742}},
    },
}
