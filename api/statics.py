"""Files of this host: front-end packages, the base map, and the dashboard itself."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from geo.domain.principals import Permission
from geo.errors import NotFound

from api.access import requires
from api.deps import SettingsDep
from api.params import any_query

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp
    from streamlit import App

DASHBOARD: Final = Path(__file__).resolve().parent.parent / "dashboard"
PAGES: Final = Path(__file__).parent / "pages"
ENTER: Final = "/enter"
HOTLINE: Final = "/hotline"
BASEMAP: Final = "base.pmtiles"
BASEMAP_URL: Final = f"/tiles/{BASEMAP}"
FOR_PEOPLE: Final = [requires(Permission.OPEN), Depends(any_query)]
"""Of pages that anybody may open, whatever their address has got added on its way."""

router = APIRouter(tags=["files"])


class SetUpFiles(StaticFiles):
    """Files that the set-up step copies; where it has not run yet each is simply not there."""

    async def check_config(self) -> None:
        """Skip the check that would make a missing folder an error of the server."""


@router.head(BASEMAP_URL, include_in_schema=False, dependencies=[requires(Permission.OPEN)])
@router.get(
    BASEMAP_URL, operation_id="get_basemap", dependencies=[requires(Permission.OPEN)], response_class=FileResponse
)
def get_basemap(settings: SettingsDep) -> FileResponse:
    """Give the base map's vector tiles; byte ranges are answered."""
    path = settings.home.tiles / BASEMAP
    if not path.is_file():
        raise NotFound
    return FileResponse(path, media_type="application/vnd.pmtiles", headers={"Cache-Control": "public, max-age=3600"})


@router.get(ENTER, include_in_schema=False, dependencies=FOR_PEOPLE)
def get_enter() -> FileResponse:
    """Give the page on which people sign in."""
    return FileResponse(PAGES / "enter.html", headers={"Cache-Control": "no-cache"})


@router.get(HOTLINE, include_in_schema=False, dependencies=FOR_PEOPLE)
def get_hotline() -> FileResponse:
    """Give the page for whoever answers calls; it holds nothing of anybody."""
    return FileResponse(PAGES / "hotline.html", headers={"Cache-Control": "no-cache"})


def mount_files(app: FastAPI) -> None:
    """Serve the files of our own pages, and what the set-up step copied."""
    app.mount(ENTER, StaticFiles(directory=PAGES), name="pages")
    app.mount("/static", SetUpFiles(directory=DASHBOARD / "static", check_dir=False), name="static")


def inline_scripts() -> list[str]:
    """Give the scripts that the dashboard's first document holds as text."""
    package = find_spec("streamlit")
    place = Path(package.origin).parent / "static" / "index.html" if package and package.origin else None
    document = place.read_text("utf-8") if place and place.is_file() else ""
    return re.findall(r"<script>(.*?)</script>", document, re.DOTALL)


def make_dashboard() -> App:
    """Make the dashboard as an application to mount; one for each process."""
    import streamlit

    return streamlit.App(DASHBOARD / "app.py")


def mount_dashboard(app: FastAPI, dashboard: ASGIApp) -> None:
    """Serve the dashboard, and lead there from the root."""

    @app.get("/", include_in_schema=False, dependencies=FOR_PEOPLE)
    def go_to_dashboard() -> RedirectResponse:
        return RedirectResponse("/dash/", 307)

    app.mount("/dash", dashboard, name="dash")
