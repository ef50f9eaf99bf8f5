"""Answers of the feeds: bytes under a tag of their own, in the form and the reference system that were asked for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from shapely.geometry import mapping, shape

from geo.crs import CRS84, is_metric, move_shape
from geo.geometry import DECIMALS
from geo.interchange.geojson import bounds
from geo.store.engine import SessionFactory, transaction
from geo.store.feed_version import Counted, read_feed_version

from api.access import PrincipalDep
from api.deps import SessionsDep, acting_for
from api.etags import Unchanged, is_known
from api.hosts import OWN_PAGE_POLICY
from api.ogc.forms import GEOJSON
from api.ogc.remembered import Answers, name_question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo.domain.principals import Principal

    from api.ogc.forms import Form
    from api.ogc.remembered import Question

VARY: Final = "Accept, Authorization, Cookie"
_METRE_DECIMALS: Final = 2
_PRIVATE: Final = "private, no-cache"


def write_json(content: Mapping[str, Any]) -> bytes:
    """Write JSON in the one way this service does; a number that is not finite is a mistake of ours and raises."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def tag_of(content: bytes) -> str:
    """Name bytes by what they are: a strong ETag, for this reader, form and question alone."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def headers_for(form: Form, *, crs: str | None = None) -> dict[str, str]:
    """Give the headers every answer of the feeds has."""
    found = {"Vary": VARY, "Cache-Control": _PRIVATE}
    if crs is not None:
        found["Content-Crs"] = f"<{crs}>"
    if form.word == "html":
        found["Content-Security-Policy"] = OWN_PAGE_POLICY
    return found


def reply(
    request: Request, content: bytes, form: Form, *, crs: str | None = None, question: Question | None = None
) -> Response:
    """Answer with bytes under their tag, or with 304 to whoever has them already; the tag is remembered."""
    tag = tag_of(content)
    headers = headers_for(form, crs=crs) | {"ETag": tag}
    if question is None:
        has_them = is_known(request, tag)
    else:
        answered = question.note(tag)
        headers |= question.answers.date(answered)
        has_them = question.answers.is_had(request, answered)
    if has_them:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=form.media_type, headers=headers)


async def tell_unchanged(request: Request, sessions: SessionsDep, principal: PrincipalDep) -> None:
    """Look before anything else whether the caller has the answer to this very question, as things stand.

    Raises
    ------
    Unchanged
        If so.
    """
    answers: Answers = request.app.state.answers
    answered = answers.known(name_question(request, principal))
    if answered is None or not answers.is_had(request, answered):
        return
    if await run_in_threadpool(_version, sessions, principal, answered.counted) == answered.version:
        raise Unchanged(headers_for(GEOJSON, crs=CRS84) | {"ETag": answered.tag} | answers.date(answered))


def _version(sessions: SessionFactory, principal: Principal, counted: Counted) -> str:
    with transaction(sessions, acting_for(principal)) as session:
        return read_feed_version(session, counted).word


def has_already(request: Request, content: bytes) -> bool:
    """Tell whether the caller has these bytes, and is given none."""
    return is_known(request, tag_of(content))


def shown(features: Iterable[dict[str, Any]], crs: str, properties: Sequence[str] | None) -> list[dict[str, Any]]:
    """Give features in a reference system, with the properties that were asked for.

    Places are moved as they are disclosed, with five decimals, so that no system tells them more exactly.
    """
    return [one | _told(one, properties) | _placed(one, crs) for one in features]


def _told(one: Mapping[str, Any], properties: Sequence[str] | None) -> dict[str, Any]:
    if properties is None:
        return {}
    return {"properties": {name: one["properties"][name] for name in properties if name in one["properties"]}}


def _placed(one: Mapping[str, Any], crs: str) -> dict[str, Any]:
    if crs == CRS84 or one["geometry"] is None:
        return {}
    moved = mapping(move_shape(shape(one["geometry"]), CRS84, crs))
    decimals = _METRE_DECIMALS if is_metric(crs) else DECIMALS
    return {"geometry": {"type": moved["type"], "coordinates": _rounded(moved["coordinates"], decimals)}}


def _rounded(coordinates: Any, decimals: int) -> Any:  # noqa: ANN401 - lists of lists of numbers
    if isinstance(coordinates, int | float):
        return round(coordinates, decimals)
    return [_rounded(part, decimals) for part in coordinates]


def collection_of_bytes(
    features: bytes, box: Sequence[float] | None, links: Sequence[Mapping[str, str]], members: Mapping[str, Any]
) -> bytes:
    """Put a collection together around features that are written already; the same bytes as :func:`collection`."""
    around = {} if box is None else {"bbox": list(box)}
    head = write_json({"type": "FeatureCollection", **around, **members, "links": list(links)})
    return b"".join((head[:-1], b',"features":[', features, b"]}"))


def collection(
    features: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, str]], members: Mapping[str, Any]
) -> dict[str, Any]:
    """Put a collection together (RFC 7946), with the box around it where anything is drawn."""
    around = bounds(features)
    box = {} if around is None else {"bbox": list(around)}
    return {"type": "FeatureCollection", **box, **members, "links": list(links), "features": list(features)}
