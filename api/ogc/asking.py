"""What a request asks of a collection, read parameter by parameter (OGC 17-069r4, 18-058r1, 19-079r2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import Depends, Query
from pydantic import BeforeValidator

from geo.crs import CRS84
from geo.domain.queryable import GEOMETRY, Kind, SortKey
from geo.errors import InvalidInput
from geo.interchange.cql2.reading import MAX_CHARS, read_json, read_text
from geo.interchange.cql2.shapes import read_box
from geo.interchange.cql2.times import read_interval
from geo.interchange.feature_query import FeatureQuery

from api.ogc.forms import ItemForm
from api.params import MAX_LIMIT, clamp_limit, plain_number, tidy_zero
from api.problems import BAD_CURSOR, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from geo.domain.queryable import Queryable
    from geo.interchange.cql2.expression import Condition
    from geo.interchange.feature_query import Key

    from api.ogc.sources import Source

    Offered = Callable[[], Sequence[str]]

DEFAULT_LIMIT: Final = 100
MOST_CURSOR: Final = 12_000
_NAME: Final = r"[A-Za-z_]{1,40}"
_CRS: Final = r"^[a-z]{3,5}:[A-Za-z0-9:/._-]{1,150}$"
_EDGES: Final = (4, 6)
_ID: Final = re.compile(r"[0-9a-z.-]{1,80}")

FilterLang = Literal["cql2-text", "cql2-json"]
CrsName = Annotated[str | None, Query(pattern=_CRS, description="the URI of a reference system", examples=[CRS84])]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters as they were sent."""

    bbox: str | None
    bbox_crs: str | None
    crs: str | None
    datetime: str | None
    filter: str | None
    filter_lang: FilterLang | None
    filter_crs: str | None
    sortby: str | None
    properties: str | None
    limit: int | None
    cursor: str | None
    f: ItemForm | None


async def _parameters(  # noqa: PLR0913 - one for each parameter of the standards
    *,
    bbox: Annotated[
        str | None, Query(max_length=300, description="four or six numbers", examples=["24,60,25,61"])
    ] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", pattern=_CRS, description="the system of bbox")] = None,
    crs: CrsName = None,
    datetime: Annotated[
        str | None, Query(max_length=100, description="an instant, a day or an interval", examples=["2026-03-01/.."])
    ] = None,
    filter: Annotated[  # noqa: A002 - the standard's own name
        str | None, Query(max_length=MAX_CHARS, description="CQL2", examples=["name LIKE 'A%'"])
    ] = None,
    filter_lang: Annotated[FilterLang | None, Query(alias="filter-lang", description="how filter is written")] = None,
    filter_crs: Annotated[
        str | None, Query(alias="filter-crs", pattern=_CRS, description="the system of filter")
    ] = None,
    sortby: Annotated[
        str | None,
        Query(pattern=rf"^[+ -]?{_NAME}(,[+ -]?{_NAME}){{0,2}}$", description="names, - before one turns it"),
    ] = None,
    properties: Annotated[
        str | None, Query(pattern=rf"^{_NAME}(,{_NAME}){{0,60}}$", description="only these properties")
    ] = None,
    limit: Annotated[
        int | None, BeforeValidator(clamp_limit), Query(ge=1, description=f"more than {MAX_LIMIT} is cut down to it")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=MOST_CURSOR, description="taken from a next link")] = None,
    f: Annotated[ItemForm | None, Query(description="the form of the answer")] = None,
) -> Parameters:
    return Parameters(
        bbox, bbox_crs, crs, datetime, filter, filter_lang, filter_crs, sortby, properties, limit, cursor, f
    )


ParametersDep = Annotated[Parameters, Depends(_parameters)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the query, the system of the answer, and the properties wanted, all of them when not named.

    ``mark`` names the query, so that a marker of another one is not taken for one of this.
    """

    query: FeatureQuery
    crs: str
    properties: tuple[str, ...] | None
    mark: str
    is_limited: bool


def read_asked(source: Source, sent: Parameters, offered: Offered) -> Asked:
    """Read what is asked of a collection.

    Parameters
    ----------
    source
        The collection, with what it may be asked by.
    sent
        The parameters.
    offered
        Gives the names of the systems places can be given in; asked for only where another than the usual is named.

    Raises
    ------
    InvalidInput, Problem
        If a parameter cannot be used; never saying what was sent.
    """
    crs = choose_system(sent.crs, offered, "crs")
    where = _condition(source, sent, offered)
    order = _order(source.queryables, sent.sortby)
    mark = _mark(source, sent)
    query = FeatureQuery(
        box=_box(sent, offered),
        during=None if sent.datetime is None else read_interval(sent.datetime),
        when=source.when,
        where=where,
        order=order,
        after=_after(sent.cursor, mark, order),
        limit=sent.limit or DEFAULT_LIMIT,
    )
    return Asked(query, crs, _selected(source.queryables, sent.properties), mark, sent.limit is not None)


def choose_system(name: str | None, offered: Offered, field: str) -> str:
    """Take the reference system that is named, or WGS 84 with longitude first.

    Raises
    ------
    InvalidInput
        If it is not offered.
    """
    if name in (None, CRS84):
        return CRS84
    known = offered()
    if name not in known:
        raise InvalidInput(f"offered are {', '.join(known)}", field=field)
    return name


def _box(sent: Parameters, offered: Offered) -> BaseGeometry | None:
    crs = choose_system(sent.bbox_crs, offered, "bbox-crs")
    if sent.bbox is None:
        return None
    parts = sent.bbox.split(",")
    if len(parts) not in _EDGES:
        raise InvalidInput("bbox has four or six numbers", field="bbox")
    try:
        numbers = [tidy_zero(float(str(plain_number(part)))) for part in parts]
    except ValueError:
        raise InvalidInput("bbox has four or six plain decimal numbers", field="bbox") from None
    half = len(numbers) // 2
    return read_box([*numbers[:2], *numbers[half : half + 2]], crs, field="bbox")


def _condition(source: Source, sent: Parameters, offered: Offered) -> Condition | None:
    crs = choose_system(sent.filter_crs, offered, "filter-crs")
    if sent.filter is None:
        if sent.filter_lang is not None:
            raise InvalidInput("filter-lang goes with filter", field="filter-lang")
        return None
    if sent.filter_lang == "cql2-json":
        return read_json(sent.filter, source.queryables, crs=crs)
    return read_text(sent.filter, source.queryables, crs=crs)


def _order(known: Iterable[Queryable], sortby: str | None) -> tuple[SortKey, ...]:
    """Read ``sortby``; a plus in an address arrives as a blank."""
    if sortby is None:
        return ()
    by_name = {one.name: one for one in known if one.is_sortable}
    keys: list[SortKey] = []
    for part in sortby.split(","):
        name = part.lstrip("+- ")
        if name not in by_name or any(key.property.name == name for key in keys):
            raise InvalidInput("sortby names a property that cannot be sorted by, or one twice", field="sortby")
        keys.append(SortKey(by_name[name], part.startswith("-")))
    return tuple(keys)


def _selected(known: Iterable[Queryable], properties: str | None) -> tuple[str, ...] | None:
    if properties is None:
        return None
    wanted, names = properties.split(","), [one.name for one in known]
    if not set(wanted) <= set(names):
        raise InvalidInput("properties names one that is not shown", field="properties")
    return tuple(name for name in names if name in wanted and name not in ("id", GEOMETRY))


def _mark(source: Source, sent: Parameters) -> str:
    """Name the query; a marker is of one collection and one order."""
    told = json.dumps([source.name, sent.sortby])
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def write_cursor(key: Key, mark: str) -> str:
    """Write where a page ended as an opaque marker; it holds nothing but what its last feature shows."""
    raw = json.dumps([mark, *key], ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _after(cursor: str | None, mark: str, order: Sequence[SortKey]) -> Key | None:
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        raise Problem(BAD_CURSOR) from None
    if not isinstance(found, list) or len(found) != len(order) + 2 or found[0] != mark:
        raise Problem(BAD_CURSOR)
    *values, last = found[1:]
    fits = all(_fits(value, key.property.kind) for value, key in zip(values, order, strict=True))
    if not fits or not isinstance(last, str) or not _ID.fullmatch(last):
        raise Problem(BAD_CURSOR)
    return (*values, last)


def _fits(value: Any, kind: Kind) -> bool:  # noqa: ANN401 - whatever JSON knows
    if value is None:
        return True
    if kind in (Kind.WHOLE, Kind.NUMBER):
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300  # noqa: PLR2004
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
        _READS.get(kind, str)(value)
    except ValueError:
        return False
    return kind is not Kind.INSTANT or datetime.fromisoformat(value).tzinfo is not None


_READS: Final = {Kind.DAY: date.fromisoformat, Kind.INSTANT: datetime.fromisoformat}
