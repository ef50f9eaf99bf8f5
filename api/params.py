"""The parameters every route shares: numbers that must be finite, boxes, page markers, and no others than declared."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BeforeValidator, Field

from geo.domain.place import MAX_LAT, MAX_LON, Point
from geo.errors import InvalidInput

from api.problems import BAD_CURSOR, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant

_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,20})?")
_PLAIN_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")
_KEY: Final = re.compile(r"8[0-9a-f]{14}\.[a-z]{1,20}")
_CELL: Final = r"^8[0-9a-f]{14}$"
_TINY_DEG: Final = 1e-12
MAX_LIMIT: Final = 1000
MAX_BBOX_DEG: Final = 20.0


def plain_number(value: object) -> object:
    """Accept digits as people write them: no exponent, no underscore, no other script's digits, no NaN."""
    if isinstance(value, str) and not _PLAIN_NUMBER.fullmatch(value):
        raise ValueError("must be a plain decimal number")
    return value


def _plain_integer(value: object) -> object:
    if isinstance(value, str) and not _PLAIN_INTEGER.fullmatch(value):
        raise ValueError("must be a whole number")
    return value


def clamp_limit(value: object) -> object:
    """Cut a page size that is too large down; one too small is a mistake and stays one."""
    plain = _plain_integer(value)
    return min(int(plain), MAX_LIMIT) if isinstance(plain, str) else plain


def tidy_zero(value: float) -> float:
    """Make minus zero and numbers too small to mean anything on a map plain zero."""
    return 0.0 if abs(value) < _TINY_DEG else value


Finite = Annotated[float, BeforeValidator(plain_number), Field(allow_inf_nan=False)]
Lon = Annotated[
    float,
    BeforeValidator(plain_number),
    Field(ge=-MAX_LON, le=MAX_LON, allow_inf_nan=False, description="degrees east, WGS 84", examples=[24.9414]),
    AfterValidator(tidy_zero),
]
Lat = Annotated[
    float,
    BeforeValidator(plain_number),
    Field(ge=-MAX_LAT, le=MAX_LAT, allow_inf_nan=False, description="degrees north, WGS 84", examples=[60.1719]),
    AfterValidator(tidy_zero),
]


def _place(lon: Annotated[Lon, Query()], lat: Annotated[Lat, Query()]) -> Point:
    return Point(lon, lat)


Place = Annotated[Point, Depends(_place)]
MAX_WITHIN_M: Final = 50_000.0


@dataclass(frozen=True, slots=True)
class Circle:
    """What is within so many metres of a place."""

    point: Point
    within_m: float


def _near(
    lon: Annotated[Lon | None, Query()] = None,
    lat: Annotated[Lat | None, Query()] = None,
    within_m: Annotated[
        float | None,
        BeforeValidator(plain_number),
        Query(gt=0, le=MAX_WITHIN_M, allow_inf_nan=False, description="metres from `lon`, `lat`", examples=[1000]),
    ] = None,
) -> Circle | None:
    if lon is None and lat is None and within_m is None:
        return None
    if lon is None or lat is None or within_m is None:
        raise InvalidInput("give lon, lat and within_m together, or none of them", field="within_m")
    return Circle(Point(lon, lat), within_m)


Near = Annotated[Circle | None, Depends(_near)]
Limit = Annotated[
    int,
    BeforeValidator(clamp_limit),
    Query(ge=1, description=f"how many at most; more than {MAX_LIMIT} is cut down to {MAX_LIMIT}", examples=[100]),
]
WholeNumber = BeforeValidator(_plain_integer)
ShortLimit = Annotated[
    int, BeforeValidator(_plain_integer), Query(ge=1, le=50, description="how many at most", examples=[5])
]
StandardMin = Annotated[
    float | None,
    BeforeValidator(plain_number),
    Query(gt=0, le=240, allow_inf_nan=False, description="service standard in minutes", examples=[5]),
]
Since = Annotated[date, Query(description="compare with this day", examples=["2026-03-01"])]
Cell = Annotated[str, Query(pattern=_CELL, description="H3 cell, resolution 9", examples=["891126d3303ffff"])]


def encode_cursor(last: UUID) -> str:
    """Write the last id of a page as an opaque marker."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


RawCursor = Annotated[str | None, Query(max_length=100, description="`next` of the page before")]
_NAME: Final = re.compile(r"[a-z2-7]{26}(-referred)?|8[0-9a-f]{14}\.[a-z]{1,20}")


def decode_cursor(cursor: str | None) -> UUID | None:
    """Read the last id of the page before.

    Raises
    ------
    Problem
        If it is not a marker of ours.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = UUID(bytes=raw)
    except (binascii.Error, ValueError):
        raise Problem(BAD_CURSOR) from None
    if encode_cursor(found) != cursor:
        raise Problem(BAD_CURSOR)
    return found


def _after(
    cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
) -> UUID | None:
    return decode_cursor(cursor)


After = Annotated[UUID | None, Depends(_after)]


def encode_text(last: str) -> str:
    """Write the last key of a page as an opaque marker."""
    return base64.urlsafe_b64encode(last.encode()).rstrip(b"=").decode()


def decode_text(cursor: str | None, form: re.Pattern[str] = _NAME) -> str | None:
    """Read the last key of the page before; by itself, the name a partner knows a record by.

    Raises
    ------
    Problem
        If it is not a marker of ours.
    """
    if cursor is None:
        return None
    try:
        found = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        raise Problem(BAD_CURSOR) from None
    if encode_text(found) != cursor or not form.fullmatch(found):
        raise Problem(BAD_CURSOR)
    return found


def _after_text(cursor: RawCursor = None) -> str | None:
    return decode_text(cursor, _KEY)


TextCursor = Annotated[str | None, Depends(_after_text)]


class Bbox(tuple[float, float, float, float]):
    """West, south, east, north in degrees."""

    __slots__ = ()

    def holds(self, west: float, south: float, east: float, north: float) -> bool:
        """Tell whether another box overlaps this one."""
        return west <= self[2] and east >= self[0] and south <= self[3] and north >= self[1]


def parse_bbox(text: str) -> Bbox:
    """Read ``west,south,east,north``.

    Raises
    ------
    InvalidInput
        If it is not four finite numbers in range and in order, or spans more than ``MAX_BBOX_DEG`` degrees.
    """
    parts = text.split(",")
    if len(parts) != 4 or not all(_PLAIN_NUMBER.fullmatch(part) for part in parts):  # noqa: PLR2004 - four edges
        raise InvalidInput("bbox must be west,south,east,north in degrees", field="bbox")
    west, south, east, north = (tidy_zero(float(part)) for part in parts)
    Point(west, south), Point(east, north)
    if west >= east or south >= north:
        raise InvalidInput("bbox must run from west to east and from south to north", field="bbox")
    if east - west > MAX_BBOX_DEG or north - south > MAX_BBOX_DEG:
        raise InvalidInput(f"bbox may span {MAX_BBOX_DEG:g} degrees", field="bbox")
    return Bbox((west, south, east, north))


def _bbox(
    bbox: Annotated[
        str | None,
        Query(max_length=200, description="west,south,east,north in degrees", examples=["24.93,60.16,24.96,60.18"]),
    ] = None,
) -> Bbox | None:
    return None if bbox is None else parse_bbox(bbox)


Box = Annotated[Bbox | None, Depends(_bbox)]


async def any_query() -> None:
    """Mark a page for people: links to it get parameters added by others on their way, which say nothing to us."""


async def only_declared(request: Request) -> None:
    """Refuse query parameters the route does not name, parameters given twice, and NUL; pages for people take any.

    Raises
    ------
    RequestValidationError
        Naming the parameters that are known; never what was sent.
    """
    route = request.scope.get("route")
    names = _declared(route) if isinstance(route, APIRoute) else frozenset()
    if names is None:
        return
    seen: set[str] = set()
    faults: list[dict[str, Any]] = []
    for name, value in request.query_params.multi_items():
        if name not in names:
            known = ", ".join(sorted(names)) or "none"
            faults.append({"type": "unknown", "loc": ("query",), "msg": f"an unknown parameter; known: {known}"})
        elif name in seen:
            faults.append({"type": "repeated", "loc": ("query", name), "msg": "given more than once"})
        elif "\0" in value:
            faults.append({"type": "nul", "loc": ("query", name), "msg": "text must not hold the NUL character"})
        seen.add(name)
    if faults:
        raise RequestValidationError(faults)


def _declared(route: APIRoute) -> frozenset[str] | None:
    """Give the names a route knows; none for a page that takes any."""
    if not hasattr(route, "declared_query"):
        takes_any = any(inner.call is any_query for inner in route.dependant.dependencies)
        # worked out once for each route
        route.declared_query = None if takes_any else frozenset(_query_names(route.dependant))  # type: ignore[attr-defined]
    known: frozenset[str] | None = route.declared_query  # type: ignore[attr-defined]
    return known


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (str(field.alias) for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)
