"""The map to keep, print or send on: a PDF, a PNG, and the table under it as CSV."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from threading import BoundedSemaphore
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Query, Request, Response

from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.interchange.gap_table import write_gap_table
from geo.interchange.map_picture import MapPicture, PictureSize, write_pdf, write_png
from geo.interchange.picture_layers import keep_within
from geo.privacy.disclosure import disclose
from geo.store.areas import get_area
from geo.store.coverage import compute_coverage
from geo.store.network import get_network

from api.access import requires
from api.deps import AudienceDep, ReckoningDep, SessionDep, SettingsDep
from api.etags import is_known, not_modified
from api.params import Box
from api.picturing import LAYERS, AskedPicture, Drawing, make_picture, parse_layers
from api.problems import BUSY, Problem
from api.questions import QuestionDep, WithinArea
from api.routers.map_layers import CountingDep, row_features
from api.sheets import find_fonts
from api.statics import BASEMAP

router = APIRouter(tags=["map"])
WAIT_S: Final = 5.0
"""Seconds; whoever waits holds no connection to the database meanwhile."""
_DRAWING: Final = {"image/png": "png", "application/pdf": "pdf"}
LayerNames = Annotated[
    str | None,
    Query(max_length=60, description=f"layers with commas between: {', '.join(LAYERS)}", examples=["coverage,needs"]),
]


def _asked(
    question: QuestionDep,
    bbox: Box,
    layers: LayerNames = None,
    category: Category | None = None,
    area: WithinArea = None,
    size: Annotated[PictureSize, Query(description="the paper, or a phone's screen")] = PictureSize.A4,
) -> AskedPicture:
    return AskedPicture(question, bbox, parse_layers(layers), category, area, size)


AskedDep = Annotated[AskedPicture, Depends(_asked)]


def _place(request: Request) -> Iterator[None]:
    """Keep one of the places in which pictures are drawn.

    Raises
    ------
    Problem
        503 when none is free for too long.
    """
    places = cast("BoundedSemaphore", request.app.state.drawing)
    if not places.acquire(timeout=WAIT_S):
        raise Problem(BUSY)
    try:
        yield
    finally:
        places.release()


PlaceDep = Annotated[None, Depends(_place, scope="function")]


def _drawing(
    session: SessionDep, settings: SettingsDep, reckoning: ReckoningDep, counting: CountingDep, audience: AudienceDep
) -> Drawing:
    return Drawing(session, reckoning.live, counting, audience, settings.home.tiles / BASEMAP)


DrawingDep = Annotated[Drawing, Depends(_drawing)]


@router.get(
    "/v1/map/picture.png",
    operation_id="get_map_png",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The map as a picture"}},
)
def get_png(request: Request, _: PlaceDep, drawing: DrawingDep, asked: AskedDep) -> Response:
    """Draw the map as a PNG, with its legend, scale, sources and date."""
    picture = make_picture(drawing, asked)
    return _answer(request, picture, write_png(picture, asked.size, find_fonts()), "image/png")


@router.get(
    "/v1/map/picture.pdf",
    operation_id="get_map_pdf",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The map on one page"}},
)
def get_pdf(request: Request, _: PlaceDep, drawing: DrawingDep, asked: AskedDep) -> Response:
    """Draw the map as a PDF of one page, with its legend, scale, sources and date."""
    picture = make_picture(drawing, asked)
    return _answer(request, picture, write_pdf(picture, asked.size, find_fonts()), "application/pdf")


@router.get(
    "/v1/coverage.csv",
    operation_id="get_coverage_table",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The table"}},
)
def get_table(
    session: SessionDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    question: QuestionDep,
    category: Category | None = None,
    area: WithinArea = None,
) -> Response:
    """Give the rows of coverage as a table: one for each cell and category, the widest gap first."""
    report = compute_coverage(session, question, category=category, live=reckoning.live)
    outline = None
    if area is not None:
        found = get_area(session, area)
        disclose(found, audience)
        outline = found.geometry
    rows = keep_within(row_features(report.rows, audience), outline)
    written = io.StringIO(newline="")
    write_gap_table(written, [one["properties"] for one in rows])
    today = datetime.now(get_network(session).zone).date()
    return _file(written.getvalue().encode("utf-8-sig"), "text/csv", f"gaps-{today}.csv")


def _answer(request: Request, picture: MapPicture, raw: bytes, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
    if is_known(request, tag):
        return not_modified(tag)
    response = _file(raw, media_type, f"map-{picture.made_at:%Y-%m-%d}.{_DRAWING[media_type]}")
    response.headers["ETag"] = tag
    return response


def _file(raw: bytes, media_type: str, name: str) -> Response:
    headers: dict[str, Any] = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-cache",
    }
    return Response(raw, media_type=media_type, headers=headers)
