"""The page on which a partner without a program answers: it holds nothing of anybody, and asks the API with a key."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.statics import FOR_PEOPLE, PAGES

PARTNER: Final = "/partner"
router = APIRouter(tags=["files"])


@router.get(PARTNER, include_in_schema=False, dependencies=FOR_PEOPLE)
def get_page() -> FileResponse:
    """Give the page."""
    return FileResponse(PAGES / "partner.html", headers={"Cache-Control": "no-cache"})
