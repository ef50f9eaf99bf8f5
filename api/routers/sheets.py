"""Walk sheets: a turf to be printed."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from geo.domain.principals import Permission
from geo.domain.turf import Paper
from geo.interchange.walk_sheet import write_walk_sheet
from geo.store.turfs import get_turf

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.sheets import find_fonts, make_sheet

router = APIRouter(tags=["turfs"])
PDF: Final = "application/pdf"
ENTRY: Final = "/dash/turfs"
"""The page on which the codes are typed."""
_PDF: Final = {"content": {PDF: {}}, "description": "A walk sheet"}


@router.get(
    "/v1/turfs/{turf_id}/sheet.pdf",
    operation_id="get_turf_sheet",
    dependencies=[requires(Permission.MANAGE_TURFS)],
    response_class=Response,
    responses={200: _PDF},
)
def get_sheet(
    request: Request,
    session: SessionDep,
    audience: AudienceDep,
    turf_id: UUID,
    paper: Annotated[Paper, Query(description="the size of the paper")] = Paper.A4,
) -> Response:
    """Print a turf: a map, then a row with boxes and a code for each door."""
    turf = get_turf(session, turf_id)
    link = str(request.url.replace(path=ENTRY, query="code="))
    raw = write_walk_sheet(make_sheet(session, turf, audience, link=link), paper=paper, fonts=find_fonts())
    headers = {
        "Content-Disposition": f'inline; filename="turf-{turf.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(raw, media_type=PDF, headers=headers)
