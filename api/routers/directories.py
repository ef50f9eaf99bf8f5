"""Directories of services taken in over HTTP: looked at first, taken in whole, and taken back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request

from geo.domain.directory import HsdsReport, Wishes, read_same, read_terms
from geo.domain.principals import Permission
from geo.interchange.hsds_directory import read_directory
from geo.interchange.hsds_package import Sizes
from geo.privacy.disclosure import disclose
from geo.store.directories import list_directories, undo_directory
from geo.store.directory_intake import take_directory

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.problems import VALIDATION, Problem
from api.schemas.directories import DirectoriesOut, DirectoryReportOut, DirectoryUndoneOut

router = APIRouter(tags=["directories"])
PATH: Final = "/v1/directories"
ZIP: Final = "application/zip"
SIZES: Final = Sizes(unpacked=16 * 1024 * 1024, rows=20_000)
MOST: Final = 2_000
"""Services in one request at most; it is one transaction, and somebody waits for it."""
_IMPORTS: Final = [requires(Permission.IMPORT)]
_SERVICE: Final = {"id": "1", "name": "Pantry", "status": "active", "attributes": [{"taxonomy_term": {"name": "Food"}}]}
_DOCS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            ZIP: {"schema": {"type": "string", "format": "binary"}, "example": "a tabular data package"},
            "application/json": {"schema": {"type": "object"}, "example": {"contents": [_SERVICE]}},
        },
    }
}
Answer = Mapping[str, Any]
Source = Annotated[
    str,
    Query(pattern="^[a-z0-9][a-z0-9-]{0,29}$", description="what the directory is called here", examples=["town-211"]),
]
Pairs = Annotated[str, Query(pattern=r"^[^\x00-\x1f]{0,4000}$")]
DryRun = Annotated[bool, Query(description="look at everything and store nothing")]


def _wishes(
    source: Source,
    *,
    dry_run: DryRun = True,
    terms: Annotated[Pairs, Query(description="what terms mean: `BD-1800=food,Diaper Banks=hygiene`")] = "",
    same: Annotated[Pairs, Query(description="rows that are assets of ours: `REF=ASSET_ID`")] = "",
    add_twins: Annotated[bool, Query(description="take in what looks like an asset of ours")] = False,
    retire: Annotated[bool, Query(description="mark what is not named any more as defunct")] = False,
) -> Wishes:
    plain = Wishes(source, add_twins=add_twins, retire=retire, dry_run=dry_run, most=MOST)
    return replace(plain, terms=read_terms(terms), same=read_same(same))


async def _handed_in(request: Request) -> io.BytesIO:
    raw = await request.body()
    is_zip = request.headers.get("content-type", "").partition(";")[0].strip().lower() == ZIP
    if not raw or is_zip != raw.startswith(b"PK"):
        raise Problem(VALIDATION, f"send a package as {ZIP}, or services as application/json")
    return io.BytesIO(raw)


class _OnlyLooked(Exception):
    """Takes back what a dry run has done."""


@router.get(PATH, operation_id="list_directories", dependencies=_IMPORTS, response_model=DirectoriesOut)
def get_directories(session: SessionDep, audience: AudienceDep) -> Answer:
    """List the directories whose services are here."""
    return {"items": [disclose(one, audience) for one in list_directories(session)]}


@router.post(
    PATH, operation_id="bring_directory", dependencies=_IMPORTS, response_model=DirectoryReportOut, openapi_extra=_DOCS
)
def post_directory(
    session: SessionDep,
    audience: AudienceDep,
    wishes: Annotated[Wishes, Depends(_wishes)],
    handed_in: Annotated[io.BytesIO, Depends(_handed_in)],
) -> Answer:
    """Take in a package or JSON of HSDS, all of it or nothing; unless told otherwise it is only looked at."""
    report = HsdsReport(wishes.slug, wishes.dry_run)
    services, report.unknown_tables = read_directory(handed_in, SIZES)
    with suppress(_OnlyLooked), session.begin_nested():
        take_directory(session, services, wishes, report)
        if wishes.dry_run:
            raise _OnlyLooked
    return report.as_dict() | {"rows": [disclose(row, audience) for row in report.told]}


@router.delete(PATH, operation_id="undo_directory", dependencies=_IMPORTS, response_model=DirectoryUndoneOut)
def delete_directory(session: SessionDep, audience: AudienceDep, source: Source, *, dry_run: DryRun = True) -> Answer:
    """Take back what a directory has brought and nobody has changed; unless told otherwise it is only looked at."""
    wishes = Wishes(source, dry_run=dry_run)
    with suppress(_OnlyLooked), session.begin_nested():
        undone = undo_directory(session, wishes)
        if dry_run:
            raise _OnlyLooked
    return disclose(undone, audience)
