"""Addresses looked up in this host's own gazetteer, one at a time or row for row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from geo.domain.principals import Permission
from geo.store.engine import Acting, transaction
from geo.store.gazetteer import LocalGeocoder
from geo.store.geocoding import HouseGeocoder

from api import strict_json
from api.access import PrincipalDep, requires
from api.deps import SessionDep, SessionsDep, acting_for
from api.handlers import errors_of
from api.params import Place
from api.problems import BAD_REQUEST, VALIDATION, Problem
from api.schemas.geocode import GEOCODE_EXAMPLES, GeocodeIn, GeocodeOut, ReverseOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo.domain.place import Candidate, GeocodeResult
    from geo.store.engine import SessionFactory

router = APIRouter(tags=["geocoding"])
JSON_LINES: Final = "application/x-ndjson"
CSV: Final = "text/csv"
_CHUNK: Final = 200
_BATCH_DOCS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            CSV: {"schema": {"type": "string"}, "example": "q\nLiisankatu 12\n"},
            JSON_LINES: {"schema": {"type": "string"}, "example": '{"q": "Liisankatu 12"}\n'},
        },
    }
}
_BATCH_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One JSON object a line, in the order of the rows, failures included",
        "content": {JSON_LINES: {"example": '{"row": 1, "decision": "accept", "candidates": []}\n'}},
    }
}


@router.post(
    "/v1/geocode", operation_id="geocode", dependencies=[requires(Permission.GEOCODE)], response_model=GeocodeOut
)
def post_geocode(
    session: SessionDep, principal: PrincipalDep, sent: Annotated[GeocodeIn, Body(openapi_examples=GEOCODE_EXAMPLES)]
) -> Mapping[str, Any]:
    """Look one address up; nothing leaves this host. Reviewers are shown what was decided for the same text."""
    if not principal.may(Permission.REVIEW):
        # what was decided for a text tells where somebody lives
        return show_result(LocalGeocoder(session).geocode(sent.text))
    house = HouseGeocoder(session)
    result = house.geocode(sent.text)
    house.note_reveals()
    return show_result(result)


@router.get(
    "/v1/reverse", operation_id="reverse", dependencies=[requires(Permission.GEOCODE)], response_model=ReverseOut
)
def get_reverse(session: SessionDep, place: Place) -> Mapping[str, Any]:
    """Name the nearest address, street and area of a place."""
    found = LocalGeocoder(session).reverse(place)
    distance_m = None if found.distance_m is None else round(found.distance_m, 1)
    return {"address": found.address, "distance_m": distance_m, "street": found.street, "area": found.area}


async def _rows(request: Request) -> Sequence[GeocodeIn | list[dict[str, str]]]:
    """Read the rows of a batch; a row that cannot be used becomes its list of faults."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    if kind == CSV:
        return [_row(row) for row in _csv_rows(raw)]
    if kind == JSON_LINES:
        return [_json_row(line) for line in raw.splitlines() if line.strip()]
    raise Problem(VALIDATION, f"send {CSV} or {JSON_LINES}")


def _csv_rows(raw: bytes) -> Iterator[dict[str, str]]:
    try:
        text = raw.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if "q" not in (reader.fieldnames or []):
            raise Problem(VALIDATION, "the first line must name a column q")
        yield from ({"q": row["q"] or ""} for row in reader)
    except UnicodeDecodeError:
        raise Problem(BAD_REQUEST, "the body must be UTF-8") from None
    except csv.Error:
        raise Problem(BAD_REQUEST, "the body is not CSV") from None


def _json_row(line: bytes) -> GeocodeIn | list[dict[str, str]]:
    try:
        return _row(strict_json.loads(line))
    except strict_json.Unreadable as error:
        return [{"pointer": "", "reason": str(error)}]
    except strict_json.BadText as error:
        return [{"pointer": error.pointer.removeprefix("/body"), "reason": error.reason}]


def _row(row: object) -> GeocodeIn | list[dict[str, str]]:
    try:
        strict_json.check_texts(row)
        return GeocodeIn.model_validate(row)
    except strict_json.BadText as error:
        return [{"pointer": error.pointer.removeprefix("/body"), "reason": error.reason}]
    except ValidationError as error:
        return errors_of(error.errors())


@router.post(
    "/v1/geocode/batch",
    operation_id="geocode_batch",
    dependencies=[requires(Permission.GEOCODE)],
    response_class=StreamingResponse,
    openapi_extra=_BATCH_DOCS,
    responses=_BATCH_ANSWER,
)
def post_geocode_batch(
    sessions: SessionsDep, principal: PrincipalDep, rows: Annotated[list[Any], Depends(_rows)]
) -> StreamingResponse:
    """Look many addresses up, row for row; a row that fails says why and stops nothing."""
    return StreamingResponse(_lines(sessions, acting_for(principal), rows), media_type=JSON_LINES)


def _lines(sessions: SessionFactory, acting: Acting, rows: Sequence[GeocodeIn | list[dict[str, str]]]) -> Iterator[str]:
    numbered = enumerate(rows, start=1)
    while chunk := list(islice(numbered, _CHUNK)):
        # a transaction for each chunk, so that a slow reader holds none open
        with transaction(sessions, acting) as session:
            texts = [row.text for _, row in chunk if isinstance(row, GeocodeIn)]
            results = iter(LocalGeocoder(session).geocode_many(texts))
            answers = [_answer(number, row, results) for number, row in chunk]
        yield "".join(answers)


def _answer(number: int, row: GeocodeIn | list[dict[str, str]], results: Iterator[GeocodeResult]) -> str:
    if isinstance(row, GeocodeIn):
        shown: dict[str, Any] = show_result(next(results))
    else:
        shown = {"decision": "none", "candidates": [], "errors": row}
    return json.dumps({"row": number, **shown}, ensure_ascii=False, allow_nan=False) + "\n"


def show_result(result: GeocodeResult) -> dict[str, Any]:
    """Write a geocoder's answer."""
    return {"decision": result.decision.value, "candidates": [_candidate(found) for found in result.candidates]}


def _candidate(found: Candidate) -> dict[str, Any]:
    return {
        "label": found.label,
        "lon": round(found.point.lon, 6),
        "lat": round(found.point.lat, 6),
        "match_quality": found.match_quality.value,
        "uncertainty_m": round(found.uncertainty_m, 1),
        "score": found.score,
        "confidence": round(found.score / 100, 2),
        "faults": [fault.name for fault in found.faults],
        "source": found.source,
    }
