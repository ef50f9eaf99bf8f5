"""The public files and their page: read from a folder, without any parameter and without the database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath

from geo.domain.principals import Permission
from geo.errors import NotFound
from geo.privacy.public_file import FILE_NAME, content_hash

from api.access import requires
from api.deps import SettingsDep
from api.etags import is_known
from api.publishing import FOLDER, LATEST

if TYPE_CHECKING:
    from api.settings import Settings

PAGE_FOLDER: Final = Path(__file__).resolve().parent.parent / "public"
PAGE: Final = "index.html"
_PAGE_FILES: Final = {
    PAGE: "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_DATA_TYPES: Final = {".geojson": "application/geo+json", ".json": "application/json"}
_SLUG: Final = re.compile(r"[a-z0-9-]{1,60}")
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"

router = APIRouter(tags=["public"], dependencies=[requires(Permission.OPEN)])
Network = Annotated[str, InPath(max_length=60, description="the network's short name", examples=["demo"])]
FileName = Annotated[str, InPath(max_length=60, description="a file's name", examples=[LATEST])]


@router.head("/public/{network}/", include_in_schema=False)
@router.get("/public/{network}/", operation_id="get_public_page", response_class=Response)
def get_public_page(network: Network, request: Request, settings: SettingsDep) -> Response:
    """Give the page that shows a network's newest release."""
    _folder(settings, network)
    return _send(request, PAGE_FOLDER / PAGE, _PAGE_FILES[PAGE], _ASK_AGAIN)


@router.head("/public/{network}/{file}", include_in_schema=False)
@router.get("/public/{network}/{file}", operation_id="get_public_file", response_class=Response)
def get_public_file(network: Network, file: FileName, request: Request, settings: SettingsDep) -> Response:
    """Give a public file: ``latest.json``, ``assets.geojson`` or a release by its name, for everybody the same."""
    folder = _folder(settings, network)
    if file in _PAGE_FILES:
        return _send(request, PAGE_FOLDER / file, _PAGE_FILES[file], _ASK_AGAIN)
    if not FILE_NAME.fullmatch(file):
        raise NotFound
    keep = _FOR_GOOD if file[0].isdigit() else _ASK_AGAIN
    return _send(request, folder / file, _DATA_TYPES[Path(file).suffix], keep)


def _folder(settings: Settings, network: str) -> Path:
    folder = settings.home.home / FOLDER / network
    if not _SLUG.fullmatch(network) or not (folder / LATEST).is_file():
        raise NotFound
    return folder


def _send(request: Request, path: Path, media_type: str, keep: str) -> Response:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    tag = f'"{content_hash(content)[:32]}"'
    headers = {"ETag": tag, "Cache-Control": keep}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
