"""How ODK programs speak (OpenRosa 1.0): the XML they are answered with, and the parts they send."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Request, Response
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile

from geo.errors import InvalidInput

from api.problems import BAD_REQUEST, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import FormData

OPENROSA: Final = "/openrosa"
SUBMISSION: Final = f"{OPENROSA}/submission"
MULTIPART: Final = "multipart/form-data"
XML: Final = "text/xml; charset=utf-8"
NO_FILES: Final = '<manifest xmlns="http://openrosa.org/xforms/xformsManifest"/>'
_SPOKEN: Final = {"X-OpenRosa-Version": "1.0", "Cache-Control": "private, no-cache"}
_FORM: Final = "xml_submission_file"
_INCOMPLETE: Final = "*isIncomplete*"
_MOST_FILES: Final = 50
_MOST_FIELDS: Final = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """One post of a filled-in form: its XML, the files that came with it by name, and whether more are to come."""

    xml: bytes
    files: Mapping[str, bytes]
    is_incomplete: bool


async def _read_parts(request: Request) -> Sent:
    """Read the parts of a post; the wall before has bounded the whole of it.

    Raises
    ------
    InvalidInput
        If the filled-in form is not among them.
    Problem
        If it is no multipart body, or has too many parts.
    """
    try:
        async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS) as parts:
            return await _sort(parts)
    except (FormParserError, UnicodeDecodeError, KeyError):
        raise Problem(BAD_REQUEST, "this is no multipart body that can be read") from None


async def _sort(parts: FormData) -> Sent:
    files: dict[str, bytes] = {}
    xml: bytes | None = None
    for name, part in parts.multi_items():
        content = await part.read() if isinstance(part, UploadFile) else part.encode()
        if name == _FORM:
            xml = content
        elif isinstance(part, UploadFile):
            files[part.filename or name] = content
    if xml is None:
        raise InvalidInput("the filled-in form is not among what was sent", field=_FORM)
    more = parts.get(_INCOMPLETE)
    return Sent(xml, files, isinstance(more, str) and more.strip().lower() == "yes")


SentDep = Annotated[Sent, Depends(_read_parts)]


def answer(xml: str, status: int = 200) -> Response:
    """Answer as OpenRosa wants it."""
    return give(f'<?xml version="1.0" encoding="UTF-8"?>{xml}', status)


def give(xml: str, status: int = 200) -> Response:
    """Answer with XML that is whole."""
    return Response(xml, status, _SPOKEN, XML)


def say(words: str, status: int) -> Response:
    """Answer with a sentence that the program shows."""
    inner = f'<message nature="submit_success">{escape(words)}</message>'
    return answer(f'<OpenRosaResponse xmlns="http://openrosa.org/http/response">{inner}</OpenRosaResponse>', status)


def offer(origin: str, most_bytes: int) -> Response:
    """Tell a program that asks before it sends: where to, and how much at once."""
    told = {"Location": f"{origin}{SUBMISSION}", "X-OpenRosa-Accept-Content-Length": str(most_bytes)}
    return Response(status_code=204, headers=_SPOKEN | told)


def write_list(versions: Sequence[Mapping[str, Any]], origin: str) -> str:
    """Write the list of forms as they were disclosed, each with where it is and by what it is known again."""
    shown = "".join(_write_one(version, f"{origin}{OPENROSA}/forms/{version['id']}") for version in versions)
    return f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{shown}</xforms>'


def _write_one(version: Mapping[str, Any], where: str) -> str:
    told = {
        "formID": version["name"],
        "name": version["title"],
        "version": version["version"],
        "hash": f"md5:{version['hash']}",
        "downloadUrl": where,
        "manifestUrl": f"{where}/manifest",
    }
    return f"<xform>{''.join(f'<{name}>{escape(text)}</{name}>' for name, text in told.items())}</xform>"


def collect_settings(origin: str, user: str, password: str) -> str:
    """Write what ODK Collect is set up with when it scans a code: JSON, packed (zlib), in base64."""
    general = {
        "server_url": f"{origin}{OPENROSA}",
        "username": user,
        "password": password,
        "form_update_mode": "match_exactly",
        "autosend": "wifi_and_cellular",
    }
    told = {"general": general, "admin": {}, "project": {"name": user}}
    return base64.b64encode(zlib.compress(json.dumps(told).encode(), 9)).decode()
