"""The phone pages, as files: the same for everybody, and nothing of anybody in them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from geo.errors import NotFound

from api.canvass.pages import build_pages
from api.statics import FOR_PEOPLE

router = APIRouter(tags=["files"])
PATH: Final = "/canvass"


@router.get(PATH, include_in_schema=False, dependencies=FOR_PEOPLE)
def go_to_page() -> RedirectResponse:
    """Lead to the page itself, below which its worker may keep files."""
    return RedirectResponse(f"{PATH}/", 307)


@router.get(PATH + "/enrol", include_in_schema=False, dependencies=FOR_PEOPLE)
def get_enrol(request: Request) -> Response:
    """Give the page to a phone that scans its code; the code stands behind the "#" and is not sent."""
    return get_file(request, "")


@router.get(PATH + "/{name:path}", include_in_schema=False, dependencies=FOR_PEOPLE)
def get_file(request: Request, name: str) -> Response:
    """Give one file of the pages, packed for whoever takes it packed."""
    found = build_pages().get(name)
    if found is None:
        raise NotFound
    headers = {"ETag": found.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    if found.packed is not found.content and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.content, headers=headers, media_type=found.media_type)
