"""Many addresses in one body, answered row for row as a stream."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from geo.domain.principals import Permission
from geo.domain.words import Decision, MatchQuality
from geo.errors import SourceUnreadable
from geo.interchange.answers import count_answers, encode, new_tally
from geo.interchange.asked import PARTS
from geo.interchange.opening import open_table
from geo.interchange.table import TableKind
from geo.store.engine import Acting, transaction
from geo.store.gazetteer import LocalGeocoder

from api import strict_json
from api.access import PrincipalDep, requires
from api.deps import SessionsDep, acting_for
from api.handlers import errors_of
from api.problems import BAD_REQUEST, TOO_LARGE, VALIDATION, Problem
from api.routers.geocode import show_result
from api.schemas.geocode import GeocodeIn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo.domain.place import GeocodeResult
    from geo.interchange.answers import Tally
    from geo.interchange.table import Table
    from geo.store.engine import SessionFactory

router = APIRouter(tags=["geocoding"])
JSON_LINES: Final = "application/x-ndjson"
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BATCH_ROWS: Final = 50_000
MAX_UNPACKED: Final = 50_000_000
"""Bytes a workbook may unpack to; it is read while somebody waits."""
_CHUNK: Final = 500
_COLUMNS: Final = ("q", *PARTS)
_WORDS: Final = ("decision", "match_quality", "faults")
AskedRow: TypeAlias = "str | list[dict[str, str]]"
"""The address of a row in one line, or what is wrong with the row."""
_BATCH_DOCS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            CSV: {"schema": {"type": "string"}, "example": "q\nLiisankatu 12\n"},
            JSON_LINES: {"schema": {"type": "string"}, "example": '{"q": "Liisankatu 12"}\n'},
            XLSX: {
                "schema": {"type": "string", "format": "binary"},
                "example": "a workbook whose first sheet has a column q",
            },
        },
    }
}
_LAST: Final = {
    "summary": {"rows": 1, "errors": 0, "decision": {"accept": 1}, "match_quality": {"rooftop": 1}, "faults": {}}
}
_BATCH_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": (
            "One JSON object a line, in the order of the rows, failures included; the last line is the summary, and "
            "where it is missing the answer was cut off"
        ),
        "content": {
            JSON_LINES: {"example": f'{{"row": 1, "decision": "accept", "candidates": []}}\n{encode(_LAST)}\n'}
        },
    }
}


async def _rows(request: Request) -> Sequence[AskedRow]:
    """Read the rows of a batch; a row that cannot be used becomes its list of faults."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    readers = {CSV: _table_rows, XLSX: _table_rows, JSON_LINES: _json_rows}
    if kind not in readers:
        raise Problem(VALIDATION, f"send {', '.join(readers)}")
    form = TableKind.XLSX if kind == XLSX else TableKind.CSV
    rows = await run_in_threadpool(lambda: list(islice(readers[kind](raw, form), MAX_BATCH_ROWS + 1)))
    if len(rows) > MAX_BATCH_ROWS:
        raise Problem(TOO_LARGE, f"a batch may have {MAX_BATCH_ROWS} rows")
    return rows


def _table_rows(raw: bytes, form: TableKind) -> Iterator[AskedRow]:
    try:
        table = open_table(io.BytesIO(raw), form, max_unpacked=MAX_UNPACKED)
    except SourceUnreadable as error:
        raise Problem(VALIDATION if form is TableKind.CSV else BAD_REQUEST, str(error)) from None
    asked = _asked_columns(table)
    for cells, fault in table.rows:
        if fault is not None:
            raise Problem(BAD_REQUEST, fault)
        sent = {name: cells[name] for name in asked}
        yield _row(sent if sent.keys() == {"q"} else {name: text for name, text in sent.items() if text})


def _asked_columns(table: Table) -> tuple[str, ...]:
    if "q" in table.columns:
        return ("q",)
    asked = tuple(name for name in PARTS if name in table.columns)
    if not {"street", "postcode", "city"} & set(asked):
        raise Problem(VALIDATION, f"the first line must name a column q, or {', '.join(PARTS)}")
    return asked


def _json_rows(raw: bytes, _form: TableKind) -> Iterator[AskedRow]:
    return (_json_row(line) for line in raw.splitlines() if line.strip())


def _json_row(line: bytes) -> AskedRow:
    try:
        return _row(strict_json.loads(line))
    except strict_json.Unreadable as error:
        return [{"pointer": "", "reason": str(error)}]
    except strict_json.BadText as error:
        return [{"pointer": error.pointer.removeprefix("/body"), "reason": error.reason}]


def _row(row: object) -> AskedRow:
    try:
        strict_json.check_texts(row)
        return GeocodeIn.model_validate(row).text
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
    """Look many addresses up, row for row; a row that fails says why and stops nothing. The last line is a summary."""
    return StreamingResponse(_lines(sessions, acting_for(principal), rows), media_type=JSON_LINES)


def _lines(sessions: SessionFactory, acting: Acting, rows: Sequence[AskedRow]) -> Iterator[str]:
    numbered = enumerate(rows, start=1)
    tally = new_tally(_WORDS)
    while chunk := list(islice(numbered, _CHUNK)):
        # a transaction for each chunk, so that a slow reader holds none open
        with transaction(sessions, acting) as session:
            texts = [row for _, row in chunk if isinstance(row, str)]
            results = iter(LocalGeocoder(session).geocode_many(texts))
            answers = [_answer(number, row, results, tally) for number, row in chunk]
        yield "".join(answers)
    yield encode({"summary": _summary(tally)}) + "\n"


def _answer(number: int, row: AskedRow, results: Iterator[GeocodeResult], tally: Tally) -> str:
    if isinstance(row, str):
        result = next(results)
        best = result.best
        quality = MatchQuality.NONE if best is None else best.match_quality
        faults = [] if best is None else [fault.name for fault in best.faults]
        counted: dict[str, Any] = {"decision": result.decision.value, "match_quality": quality.value, "faults": faults}
        shown = show_result(result)
    else:
        counted = {
            "decision": Decision.NONE.value,
            "match_quality": MatchQuality.NONE.value,
            "faults": [],
            "error": row,
        }
        shown = {"decision": Decision.NONE.value, "candidates": [], "errors": row}
    count_answers([counted], tally, _WORDS)
    return encode({"row": number, **shown}) + "\n"


def _summary(tally: Tally) -> dict[str, Any]:
    counted = tally["rows"]
    return {
        "rows": counted["rows"],
        "errors": counted["errors"],
        **{name: dict(tally[name].most_common()) for name in _WORDS},
    }
