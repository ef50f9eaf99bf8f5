"""Imports: a table brought, its columns told, its rows checked, taken in, reported one by one, and taken back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Body, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from geo.domain.imports import ImportState, RowOutcome, TableFile
from geo.domain.principals import Permission
from geo.domain.words import EntryKind
from geo.errors import SourceUnreadable
from geo.interchange.column_map import FIELDS, NEEDED, check_map, guess_columns
from geo.interchange.table import TableKind
from geo.privacy.disclosure import disclose
from geo.store.import_rows import iterate_rows, list_import_rows
from geo.store.import_undo import undo_import
from geo.store.imports import add_import, begin, delete_import, find_mapping, get_import, list_imports, set_mapping

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep, SessionsDep
from api.importing.going_on import go_on
from api.importing.report import column_of, field_of, write_report
from api.importing.tables import describe
from api.params import After, Limit
from api.problems import VALIDATION, Problem
from api.routers.paging import page
from api.schemas.imports import MAPPING_EXAMPLES, FieldsOut, ImportOut, ImportPage, ImportRowPage, MappingIn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.imports import ImportFile, ImportRow
    from geo.domain.words import Audience

router = APIRouter(tags=["imports"])
PATH: Final = "/v1/imports"
ONE: Final = PATH + "/{import_id}"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final = {"text/csv": TableKind.CSV, "application/x-ndjson": TableKind.JSON_LINES, XLSX: TableKind.XLSX}
_IMPORTS: Final = [requires(Permission.IMPORT)]
_DOCS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": "category,address\nfood,Liisankatu 12\n"},
            "application/x-ndjson": {"schema": {"type": "string"}, "example": '{"category": "food"}\n'},
            XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "a workbook"},
        },
    }
}
Answer = Mapping[str, Any]
Name = Annotated[str, Query(min_length=1, max_length=200, description="the name of the file", examples=["list.csv"])]
Source = Annotated[
    str | None,
    Query(min_length=1, max_length=100, description="what its rows are known under; the file's name when left out"),
]
SheetName = Annotated[str | None, Query(min_length=1, max_length=100, description="the sheet of a workbook")]
Encoding = Annotated[str, Query(pattern=r"^[a-z0-9-]{3,20}$", description="how a text is written")]
AfterRow = Annotated[int | None, Query(ge=0, le=10_000_000, description="`next` of the page before")]


async def _brought(
    request: Request,
    kind: EntryKind = EntryKind.NEED,
    name: Name = "table",
    source: Source = None,
    sheet: SheetName = None,
    encoding: Encoding = "utf-8",
) -> tuple[TableFile, bytes]:
    """Read what a table is, and its bytes."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent not in FORMS:
        raise Problem(VALIDATION, f"send {', '.join(FORMS)}")
    raw = await request.body()
    read = partial(describe, io.BytesIO(raw), kind, FORMS[sent], name, source=source, encoding=encoding, sheet=sheet)
    try:
        return await run_in_threadpool(read), raw
    except SourceUnreadable as error:
        raise Problem(VALIDATION, str(error)) from None


def _shown(file: ImportFile, audience: Audience) -> dict[str, Any]:
    return disclose(file, audience)


@router.post(
    PATH,
    status_code=201,
    operation_id="bring_import",
    dependencies=_IMPORTS,
    response_model=FieldsOut,
    openapi_extra=_DOCS,
)
def post_import(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    brought: Annotated[tuple[TableFile, bytes], Depends(_brought)],
) -> Answer:
    """Bring a table. Nothing is taken in yet: its columns are guessed, and the rows are checked when asked for."""
    told, raw = brought
    mapping = find_mapping(session, told.kind, told.columns) or guess_columns(told.kind, told.columns)
    file = add_import(session, told, mapping, raw)
    response.headers["Location"] = f"{PATH}/{file.id}"
    return _with_fields(file, audience)


def _with_fields(file: ImportFile, audience: Audience) -> dict[str, Any]:
    return _shown(file, audience) | {"fields": list(FIELDS[file.kind]), "needed": list(NEEDED[file.kind])}


@router.get(PATH, operation_id="list_imports", dependencies=_IMPORTS, response_model=ImportPage)
def get_imports(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List imports, the newest first."""
    return page(list_imports(session, before=after, limit=limit), limit=limit, audience=audience)


@router.get(ONE, operation_id="get_import", dependencies=_IMPORTS, response_model=FieldsOut)
def get_one(session: SessionDep, audience: AudienceDep, import_id: UUID) -> Answer:
    """Tell how far an import is, and what became of its rows."""
    return _with_fields(get_import(session, import_id), audience)


@router.put(ONE + "/mapping", operation_id="map_import", dependencies=_IMPORTS, response_model=ImportOut)
def put_mapping(
    session: SessionDep,
    audience: AudienceDep,
    import_id: UUID,
    sent: Annotated[MappingIn, Body(openapi_examples=MAPPING_EXAMPLES)],
) -> Answer:
    """Say which column means what; it is offered again for the next file with the same columns."""
    file = get_import(session, import_id)
    check_map(sent.to_map(), file.kind, file.columns)
    return _shown(set_mapping(session, import_id, sent.to_map()), audience)


@router.post(
    ONE + "/check", status_code=202, operation_id="check_import", dependencies=_IMPORTS, response_model=ImportOut
)
def post_check(
    session: SessionDep,
    sessions: SessionsDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    later: BackgroundTasks,
    import_id: UUID,
) -> Answer:
    """Find out what would become of each row: all that a run does is done, and taken back."""
    begun = _begin(session, import_id, ImportState.CHECKING)
    _later(later, sessions, principal.network, import_id)
    return _shown(begun, audience)


@router.post(ONE + "/run", status_code=202, operation_id="run_import", dependencies=_IMPORTS, response_model=ImportOut)
def post_run(
    session: SessionDep,
    sessions: SessionsDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    later: BackgroundTasks,
    import_id: UUID,
) -> Answer:
    """Take the rows in, batch by batch; what cannot be used is held as an entry, to be corrected."""
    begun = _begin(session, import_id, ImportState.RUNNING)
    _later(later, sessions, principal.network, import_id)
    return _shown(begun, audience)


def _begin(session: Session, import_id: UUID, state: ImportState) -> ImportFile:
    file = get_import(session, import_id)
    check_map(file.mapping, file.kind, file.columns)
    return begin(session, import_id, state)


def _later(later: BackgroundTasks, sessions: SessionsDep, network: UUID | None, import_id: UUID) -> None:
    if network is not None:
        # the caller has its answer by then, and what is not gone through now is so by the next round
        later.add_task(run_in_threadpool, go_on, sessions, network, import_id)


@router.post(ONE + "/undo", operation_id="undo_import", dependencies=_IMPORTS, response_model=ImportOut)
def post_undo(session: SessionDep, audience: AudienceDep, import_id: UUID) -> Answer:
    """Take back all an import has made, as long as nothing has been done with any of it."""
    return _shown(undo_import(session, import_id), audience)


@router.delete(ONE, status_code=204, operation_id="forget_import", dependencies=_IMPORTS)
def delete_one(session: SessionDep, import_id: UUID) -> None:
    """Forget a table of which nothing was taken in."""
    delete_import(session, import_id)


@router.get(ONE + "/rows", operation_id="list_import_rows", dependencies=_IMPORTS, response_model=ImportRowPage)
def get_rows(
    session: SessionDep,
    audience: AudienceDep,
    import_id: UUID,
    after: AfterRow = None,
    limit: Limit = 100,
    outcome: RowOutcome | None = None,
) -> Answer:
    """List what became of each row, or would, with what is wrong by field and column."""
    file = get_import(session, import_id)
    rows = list_import_rows(session, import_id, outcome=outcome, after=after, limit=limit)
    following = rows[-1].row if len(rows) == limit else None
    return {"items": [_row(file, row, audience) for row in rows], "next": following}


def _row(file: ImportFile, row: ImportRow, audience: Audience) -> dict[str, Any]:
    columns = [column_of(file, field_of(file, fault.pointer)) for fault in row.faults]
    return disclose(row, audience) | {"columns": columns}


@router.get(
    ONE + "/report.csv",
    operation_id="get_import_report",
    dependencies=_IMPORTS,
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_report(session: SessionDep, import_id: UUID) -> Response:
    """Give the report of an import as CSV: one line for each thing that is to be said of a row."""
    file = get_import(session, import_id)
    written = io.StringIO(newline="")
    write_report(written, file, iterate_rows(session, import_id))
    name = f"import-{import_id}.csv"
    return Response(
        written.getvalue().encode("utf-8-sig"),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
