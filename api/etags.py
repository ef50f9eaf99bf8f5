"""Versions over HTTP: an ETag with every record, If-Match before every change, 304 where nothing is new."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Header, Request, Response

from api.problems import BAD_REQUEST, PRECONDITION, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAG: Final = re.compile(r'"v([1-9][0-9]{0,8})"')
_WORTH_PACKING: Final = 1_000
"""Bytes below which packing saves nothing."""


def version_tag(version: int) -> str:
    """Write a record's version as a strong ETag."""
    return f'"v{version}"'


def _expected_version(
    if_match: Annotated[
        str | None,
        Header(description="the ETag the record was read with, or * for any version", examples=['"v1"'], max_length=40),
    ] = None,
) -> int | None:
    if if_match is None:
        raise Problem(PRECONDITION, "send If-Match with the ETag the record was read with")
    if if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if not found:
        raise Problem(BAD_REQUEST, 'If-Match must be one ETag such as "v1"')
    return int(found[1])


ExpectedVersion = Annotated[int | None, Depends(_expected_version)]
"""The version a change is meant for; ``None`` when the caller said any."""


def _version_if_given(
    if_match: Annotated[str | None, Header(description="the ETag the record was read with", max_length=40)] = None,
) -> int | None:
    return None if if_match is None else _expected_version(if_match)


VersionIfGiven = Annotated[int | None, Depends(_version_if_given)]
"""The version a change is meant for, where saying so is left to the caller."""


def is_known(request: Request, tag: str) -> bool:
    """Tell whether the caller already has what the tag names."""
    given = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in given.split(",")}
    return tag in tags or "*" in tags


def not_modified(tag: str) -> Response:
    """Say that nothing is new."""
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


class Unchanged(Exception):
    """Ends a request whose answer the caller has, before anything of it is made.

    Parameters
    ----------
    headers
        Of the answer as it would be, its tag among them.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.headers = dict(headers)


def tag_record(response: Response, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put a record's version on the answer that carries it."""
    response.headers["ETag"] = version_tag(int(record["version"]))
    response.headers["Cache-Control"] = "private, no-cache"
    return record


def respond_once(request: Request, content: Mapping[str, Any], *, media_type: str = "application/json") -> Response:
    """Answer with JSON under a tag made of its bytes, or with 304.

    Parameters
    ----------
    request
        For its ``If-None-Match``.
    content
        JSON-ready; a number that is not finite is a mistake of ours and raises.
    media_type
        Of the answer.
    """
    raw = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
    if is_known(request, tag):
        return not_modified(tag)
    return Response(raw, media_type=media_type, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def packed_for(request: Request, response: Response) -> Response:
    """Pack a long answer for whoever takes it packed; phones far out have little of a signal."""
    packs = "gzip" in request.headers.get("accept-encoding", "") and len(response.body) > _WORTH_PACKING
    if packs:
        response.body = gzip.compress(bytes(response.body), 6, mtime=0)
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response
