"""The forms in which a feed can be had, and which of them a caller wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from geo.interchange.geojson import MEDIA_TYPE

from api.problems import NOT_ACCEPTABLE, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

ItemForm = Literal["json", "html", "geojsonseq", "csv", "fgb", "geoparquet"]
PageForm = Literal["json", "html"]
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its word, its media type, and what it is called in a link."""

    word: str
    media_type: str
    title: str
    ending: str = ""


JSON: Final = Form("json", "application/json", "as JSON")
HTML: Final = Form("html", "text/html", "as a page")
GEOJSON: Final = Form("json", MEDIA_TYPE, "as GeoJSON")
SEQUENCE: Final = Form("geojsonseq", "application/geo+json-seq", "as a GeoJSON text sequence", ".geojsonl")
CSV: Final = Form("csv", "text/csv", "as CSV", ".csv")
FGB: Final = Form("fgb", "application/flatgeobuf", "as FlatGeobuf", ".fgb")
PARQUET: Final = Form("geoparquet", "application/vnd.apache.parquet", "as GeoParquet", ".parquet")
ITEM_FORMS: Final = (HTML, SEQUENCE, CSV, FGB, PARQUET, GEOJSON)
AS_OPENAPI: Final = Form("json", OPENAPI, "as OpenAPI")
AS_SCHEMA: Final = Form("json", SCHEMA, "as JSON Schema")
FEATURE_FORMS: Final = (HTML, GEOJSON)
PAGE_FORMS: Final = (HTML, JSON)
_ALSO: Final[Mapping[str, str]] = {
    "application/json": MEDIA_TYPE,
    "application/vnd.geo+json": MEDIA_TYPE,
    "application/xhtml+xml": "text/html",
    "application/parquet": PARQUET.media_type,
}
_MOST_RANGES: Final = 30


def choose_form(request: Request, word: str | None, offered: Sequence[Form]) -> Form:
    """Choose the form a caller wants: the one named by ``f``, or else the best of its ``Accept``.

    Parameters
    ----------
    request
        For its ``Accept``.
    word
        The parameter ``f``, already one of those offered.
    offered
        What there is; the last is given to whoever does not mind.

    Raises
    ------
    Problem
        406, if none of what is accepted is offered.
    """
    by_word = {form.word: form for form in offered}
    if word is not None:
        if word not in by_word:
            raise Problem(NOT_ACCEPTABLE, f"offered are {', '.join(by_word)}")
        return by_word[word]
    for wanted in _wanted(request.headers.get("accept") or "*/*"):
        found = _fitting(wanted, offered)
        if found is not None:
            return found
    raise Problem(NOT_ACCEPTABLE, f"offered are {', '.join(form.media_type for form in offered)}")


def _wanted(accept: str) -> list[str]:
    """List the ranges of an ``Accept`` (RFC 9110, 12.5.1), the one wanted most first."""
    ranked = []
    for place, part in enumerate(accept.split(",")[:_MOST_RANGES]):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_weight(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        exactness = 0 if kind == "*/*" else 1 if kind.endswith("/*") else 2
        if weight > 0 and kind:
            ranked.append((-weight, -exactness, place, kind))
    return [kind for *_, kind in sorted(ranked)]


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _fitting(wanted: str, offered: Sequence[Form]) -> Form | None:
    if wanted == "*/*":
        return offered[-1]
    # a version after a semicolon is not what is chosen by
    known = {form.media_type.partition(";")[0]: form for form in offered}
    if wanted.endswith("/*"):
        # of JSON in several forms the usual one, which is the last
        fitting = [form for kind, form in known.items() if kind.startswith(wanted[:-1])]
        return offered[-1] if offered[-1] in fitting else fitting[0] if fitting else None
    return known.get(wanted) or known.get(_ALSO.get(wanted, ""))
