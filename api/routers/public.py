"""The public files and their page: read from a folder, without any parameter and without the database.

The page is written here from the files and the clock, in each language at a name of its own, so that it needs neither
a script nor a map of anybody else's.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse

from geo.domain.message_texts import choose_language
from geo.domain.principals import Permission
from geo.errors import NotFound
from geo.privacy.public_file import FILE_NAME, content_hash

from api.access import requires
from api.deps import SettingsDep
from api.etags import is_known, packed_for
from api.link_views import language_of
from api.public_view import PublicFiles, all_words, render
from api.publishing import FOLDER, GROUND, LATEST, PLACES

if TYPE_CHECKING:
    from api.settings import Settings

PAGE_FOLDER: Final = Path(__file__).resolve().parent.parent / "public"
_PAGE_FILES: Final = {"page.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_HTML: Final = "text/html; charset=utf-8"
_NO_GROUND: Final = b'{"features":[]}'
_DATA_TYPES: Final = {".geojson": "application/geo+json", ".json": "application/json"}
_SLUG: Final = re.compile(r"[a-z0-9-]{1,60}")
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"

router = APIRouter(tags=["public"], dependencies=[requires(Permission.OPEN)])
Network = Annotated[str, InPath(max_length=60, description="the network's short name", examples=["demo"])]
FileName = Annotated[str, InPath(max_length=60, description="a file's name", examples=[LATEST])]


@router.get("/public", include_in_schema=False)
def go_to_public_page(settings: SettingsDep) -> RedirectResponse:
    """Lead to the page of the one network that publishes here; of several none is the one."""
    found = [path.parent.name for path in (settings.home.home / FOLDER).glob(f"*/{LATEST}")]
    if len(found) != 1:
        raise NotFound
    return RedirectResponse(f"/public/{found[0]}/", 307)


@router.head("/public/{network}/", include_in_schema=False)
@router.get("/public/{network}/", operation_id="get_public_page", response_class=Response)
def get_public_page(network: Network, request: Request, settings: SettingsDep) -> Response:
    """Give the page of a network's newest release and open places, in a language that the browser asks for."""
    wanted = language_of(request.headers.get("accept-language", ""))
    return _page(request, _folder(settings, network), choose_language([wanted]))


@router.head("/public/{network}/{file}", include_in_schema=False)
@router.get("/public/{network}/{file}", operation_id="get_public_file", response_class=Response)
def get_public_file(network: Network, file: FileName, request: Request, settings: SettingsDep) -> Response:
    """Give a public file, for everybody the same.

    ``latest.json``, ``assets.geojson``, ``ground.geojson``, a release by its name, or the page in a language by the
    language's code, such as ``fi.html``.
    """
    folder = _folder(settings, network)
    if file in _PAGE_FILES:
        return _send(request, PAGE_FOLDER / file, _PAGE_FILES[file], _ASK_AGAIN)
    language, _, ending = file.partition(".")
    if ending == "html" and language in all_words():
        return _page(request, folder, language)
    if not FILE_NAME.fullmatch(file):
        raise NotFound
    keep = _FOR_GOOD if file[0].isdigit() else _ASK_AGAIN
    return _send(request, folder / file, _DATA_TYPES[Path(file).suffix], keep)


def _folder(settings: Settings, network: str) -> Path:
    folder = settings.home.home / FOLDER / network
    if not _SLUG.fullmatch(network) or not (folder / LATEST).is_file():
        raise NotFound
    return folder


def _page(request: Request, folder: Path, language: str) -> Response:
    return _tagged(request, render(_read(folder), language, datetime.now(UTC)).encode(), _HTML, _ASK_AGAIN)


def _read(folder: Path) -> PublicFiles:
    """Read what the page is made of; the pointer first, for what it names is there whole."""
    try:
        latest = (folder / LATEST).read_bytes()
        named = str(json.loads(latest)["file"])
        ground = folder / GROUND
        return PublicFiles(
            latest,
            (folder / named).read_bytes(),
            (folder / PLACES).read_bytes(),
            ground.read_bytes() if ground.is_file() else _NO_GROUND,
        )
    except FileNotFoundError:
        raise NotFound from None


def _send(request: Request, path: Path, media_type: str, keep: str) -> Response:
    try:
        return _tagged(request, path.read_bytes(), media_type, keep)
    except FileNotFoundError:
        raise NotFound from None


def _tagged(request: Request, content: bytes, media_type: str, keep: str) -> Response:
    tag = f'"{content_hash(content)[:32]}"'
    headers = {"ETag": tag, "Cache-Control": keep}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    answer = packed_for(request, Response(content, media_type=media_type, headers=headers))
    if media_type == _HTML:
        answer.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return answer
