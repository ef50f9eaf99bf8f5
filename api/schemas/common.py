"""What all bodies share: nothing unknown, nothing coerced, everything bounded."""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.fields import FieldInfo

from geo.analysis.schedule import read_schedule
from geo.domain.hours import MAX_HOURS
from geo.domain.place import MAX_LAT, MAX_LON, MAX_UNCERTAINTY_M
from geo.domain.words import Category
from geo.errors import InvalidInput

from api.params import tidy_zero

_UUID_CHARS = 36
_NO_ID = (UUID(int=0), UUID(int=(1 << 128) - 1))
_YEARS = range(2000, 2101)
_WRITTEN_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}", re.ASCII)


class Body(BaseModel):
    """A body somebody sends: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(Body):
    """A partial change (RFC 7396): what is absent stays, and null empties only what may be empty."""

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _check_members(cls, data: object) -> object:
        if isinstance(data, dict):
            if not data:
                raise ValueError("name at least one member to change")
            empty = [name for name in cls.model_fields if name in data and data[name] is None]
            refused = sorted(set(empty) - cls.nullable)
            if refused:
                raise ValueError(f"null is not accepted for: {', '.join(refused)}")
        return data

    def changes(self, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Give the members that were sent, words as plain text."""
        sent = self.model_fields_set - without
        return {name: plain(getattr(self, name)) for name in sorted(sent)}


def plain(value: object) -> object:
    """Turn a word of a vocabulary, or several, into plain text."""
    if isinstance(value, Enum):
        return value.value
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _uuid_text(value: object) -> object:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or len(value) != _UUID_CHARS:
        raise ValueError("must be a UUID of 36 characters")
    return value


def _real_uuid(value: UUID) -> UUID:
    if value in _NO_ID:
        raise ValueError("must not be the empty or the full UUID")
    return value


def _instant_text(value: object) -> object:
    if isinstance(value, int | float) or (isinstance(value, str) and not _WRITTEN_INSTANT.match(value)):
        raise ValueError("must be a time as RFC 3339 writes it")
    return value


def _plus_again(value: object) -> object:
    # a plus sign that was not escaped arrives as a space
    return value.replace(" ", "+") if isinstance(value, str) else value


def _believable(value: AwareDatetime) -> AwareDatetime:
    if value.year not in _YEARS:
        raise ValueError("must lie between 2000 and 2100")
    return value


def _only_yes(value: bool) -> bool:  # noqa: FBT001 - a validator takes the value alone
    if not value:
        raise ValueError("must be true")
    return value


def _one_line(value: str) -> str:
    if any(ord(char) < ord(" ") or ord(char) == 127 for char in value):  # noqa: PLR2004 - DEL
        raise ValueError("must not hold control characters")
    return value


def _schedule(value: str) -> str:
    try:
        read_schedule(value, ZoneInfo("UTC"))
    except InvalidInput as error:
        raise ValueError(str(error)) from None
    return value


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("must not name the same thing twice")
    return values


ClientId = Annotated[
    UUID,
    BeforeValidator(_uuid_text),
    AfterValidator(_real_uuid),
    Field(
        description="made by the client, so that a retry is known", examples=["0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"]
    ),
]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant_text), AfterValidator(_believable)]
At = Annotated[Instant, BeforeValidator(_plus_again)]
"""An instant in a query."""
BodyLon = Annotated[
    float,
    Field(strict=True, ge=-MAX_LON, le=MAX_LON, allow_inf_nan=False, examples=[24.9414]),
    AfterValidator(tidy_zero),
]
BodyLat = Annotated[
    float,
    Field(strict=True, ge=-MAX_LAT, le=MAX_LAT, allow_inf_nan=False, examples=[60.1719]),
    AfterValidator(tidy_zero),
]
Uncertainty = Annotated[
    float,
    Field(strict=True, ge=0, le=MAX_UNCERTAINTY_M, allow_inf_nan=False, examples=[15.0]),
    AfterValidator(tidy_zero),
]
Flag = Annotated[bool, Field(strict=True)]
Yes = Annotated[bool, Field(strict=True), AfterValidator(_only_yes)]
Version = Annotated[int, Field(ge=1, examples=[1])]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
Languages = Annotated[tuple[Language, ...], Field(max_length=20), AfterValidator(_unique)]
Categories = Annotated[tuple[Category, ...], Field(min_length=1, max_length=10), AfterValidator(_unique)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
ShortLine = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(_one_line)
]
AddressLine = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_one_line)
]
Schedule = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_HOURS),
    AfterValidator(_schedule),
    Field(
        description="lines of RFC 5545: DTSTART, DTEND or DURATION, RRULE, RDATE, EXDATE; each DTSTART begins another "
        "event; times without a zone are the network's",
        examples=["DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU,WE"],
    ),
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


def count(least: int, most: int) -> FieldInfo:
    """Bound a whole number; text, fractions and true or false are not numbers."""
    return cast("FieldInfo", Field(strict=True, ge=least, le=most))


class PointIn(Body):
    """A place, WGS 84 degrees."""

    lon: BodyLon
    lat: BodyLat


class Page(BaseModel):
    """What every list has."""

    next: str | None = Field(description="marker of the next page; null on the last")
