"""Every error as RFC 9457 ``application/problem+json``: one table from class to status, word and title.

A detail is a sentence of ours. It never repeats what was sent, so it carries no address, name or coordinate.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import JSONResponse

from geo.errors import (
    AskedLately,
    ClusterBusy,
    ClusterError,
    CodeNeeded,
    Conflict,
    Erased,
    FormRefused,
    GeoError,
    IdempotencyClash,
    InvalidGeometry,
    InvalidInput,
    KeysUnavailable,
    NotFound,
    NotMadeUp,
    NotPermitted,
    OutsideFailed,
    OutsideNotAllowed,
    OutsideServiceArea,
    OutsideTooSoon,
    PositionForgotten,
    PostgisMissing,
    ProofNeeded,
    SignInNeeded,
    SignInRefused,
    SourceUnreadable,
    StaleVersion,
    StillReckoning,
    TravelFailed,
    UnsupportedCrs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
DOCS: Final = "/problems#"
RETRY_AFTER_S: Final = 2


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: its HTTP status, the word it is known by, and its title."""

    status: int
    slug: str
    title: str


DOMAIN_PROBLEMS: Final[dict[type[GeoError], ProblemType]] = {
    GeoError: ProblemType(500, "internal", "Something went wrong here"),
    NotFound: ProblemType(404, "not-found", "There is no such record"),
    PositionForgotten: ProblemType(410, "position-forgotten", "What has happened since is no longer kept"),
    Conflict: ProblemType(409, "conflict", "The request contradicts what is stored"),
    AskedLately: ProblemType(409, "asked-lately", "This helper was asked a short time ago"),
    StaleVersion: ProblemType(412, "stale-version", "The record has changed since it was read"),
    Erased: ProblemType(410, "erased", "This record was erased, and is not taken in again"),
    NotMadeUp: ProblemType(409, "not-made-up", "This network holds records that are not made up"),
    OutsideNotAllowed: ProblemType(409, "outside-not-allowed", "No outside service may be asked about this"),
    OutsideTooSoon: ProblemType(429, "outside-too-soon", "The outside service may not be asked again yet"),
    OutsideFailed: ProblemType(502, "outside-failed", "The outside service gave no answer that can be used"),
    TravelFailed: ProblemType(503, "travel-failed", "The travel engine gave no answer"),
    StillReckoning: ProblemType(503, "busy", "The service is busy"),
    IdempotencyClash: ProblemType(409, "idempotency-clash", "This key was used with another body"),
    InvalidInput: ProblemType(422, "invalid-input", "A value cannot be used"),
    InvalidGeometry: ProblemType(422, "invalid-geometry", "This shape cannot be used"),
    FormRefused: ProblemType(422, "form-refused", "Cells of this form cannot be used"),
    OutsideServiceArea: ProblemType(422, "outside-service-area", "This place lies outside the area served"),
    UnsupportedCrs: ProblemType(422, "unsupported-crs", "Coordinates must be WGS 84 longitude and latitude"),
    NotPermitted: ProblemType(404, "not-found", "There is no such record"),
    SignInNeeded: ProblemType(401, "sign-in-needed", "Sign in first"),
    SignInRefused: ProblemType(401, "sign-in-refused", "Signing in did not work"),
    CodeNeeded: ProblemType(401, "code-needed", "A one-time code is wanted too"),
    ProofNeeded: ProblemType(401, "proof-needed", "This wants your password again"),
    SourceUnreadable: ProblemType(422, "source-unreadable", "The file cannot be read"),
    KeysUnavailable: ProblemType(503, "keys-unavailable", "What is sealed cannot be opened"),
    ClusterError: ProblemType(503, "database-unavailable", "The database does not answer"),
    PostgisMissing: ProblemType(503, "database-unavailable", "The database does not answer"),
    ClusterBusy: ProblemType(503, "database-unavailable", "The database does not answer"),
}
"""One row for each error the library raises. What may not be seen is answered like what is not there."""

BAD_REQUEST: Final = ProblemType(400, "bad-request", "The request cannot be read")
BAD_CURSOR: Final = ProblemType(400, "bad-cursor", "This page marker is not one of ours")
FORBIDDEN_ORIGIN: Final = ProblemType(403, "forbidden-origin", "This request comes from another site")
NOT_ACCEPTABLE: Final = ProblemType(406, "not-acceptable", "This is not given in any of the forms asked for")
TIMEOUT: Final = ProblemType(408, "request-timeout", "The request took too long to arrive")
TOO_LARGE: Final = ProblemType(413, "too-large", "The body is too large")
MEDIA: Final = ProblemType(415, "unsupported-media-type", "This content type is not accepted")
MISDIRECTED: Final = ProblemType(421, "unknown-host", "This server does not answer to that name")
VALIDATION: Final = ProblemType(422, "validation", "The request has values that cannot be used")
TOO_MANY: Final = ProblemType(429, "too-many-requests", "Too many requests")
PRECONDITION: Final = ProblemType(428, "precondition-required", "Say which version this change is meant for")
QUOTA: Final = ProblemType(429, "quota-used-up", "The day's quota of this agreement is used up")
DATABASE: Final = ProblemType(503, "database-unavailable", "The database does not answer")
BUSY: Final = ProblemType(503, "busy", "The service is busy")
INTERNAL: Final = DOMAIN_PROBLEMS[GeoError]
OTHER_PROBLEMS: Final = (
    BAD_REQUEST,
    BAD_CURSOR,
    FORBIDDEN_ORIGIN,
    NOT_ACCEPTABLE,
    TIMEOUT,
    TOO_LARGE,
    MEDIA,
    MISDIRECTED,
    VALIDATION,
    PRECONDITION,
    QUOTA,
    TOO_MANY,
    DATABASE,
    BUSY,
    ProblemType(404, "not-found", "There is no such page"),
    ProblemType(405, "method-not-allowed", "This method is not offered here"),
)


class Problem(Exception):
    """An HTTP answer that is a problem, raised by the web layer itself."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind.title)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers


def lookup(error: GeoError) -> ProblemType:
    """Find the row for an error, or for the nearest class above it."""
    for cls in type(error).__mro__:
        if cls in DOMAIN_PROBLEMS:
            return DOMAIN_PROBLEMS[cls]
    return INTERNAL


def for_status(status: int) -> ProblemType:
    """Find the row for a bare HTTP status."""
    known = next((kind for kind in OTHER_PROBLEMS if kind.status == status and kind.slug != "bad-cursor"), None)
    if known:
        return known
    phrase = HTTPStatus(status).phrase
    return ProblemType(status, phrase.lower().replace(" ", "-"), phrase)


def body(
    kind: ProblemType, detail: str | None, instance: str, errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """Put the members of a problem together."""
    found: dict[str, Any] = {
        "type": f"{DOCS}{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.title,
        "instance": instance,
    }
    if errors:
        found["errors"] = [dict(error) for error in errors]
    return found


def _as_expected_at(path: str, kind: ProblemType) -> ProblemType:
    """Answer 400 under OGC API to what is 422 elsewhere: that standard says so for whatever a parameter cannot be."""
    unusable = kind.status == HTTPStatus.UNPROCESSABLE_ENTITY
    return replace(kind, status=400) if unusable and f"{path}/".startswith("/ogc/") else kind


def respond(
    kind: ProblemType,
    instance: str,
    *,
    detail: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Answer with a problem.

    Parameters
    ----------
    kind
        The row of the table.
    instance
        The path that was asked for, without its query.
    detail
        A sentence of ours; never what was sent.
    errors
        ``pointer`` (RFC 6901) and ``reason`` for each value that cannot be used.
    headers
        Headers to add, such as ``Allow``.
    extra
        Further members.
    """
    given = dict(headers or {})
    kind = _as_expected_at(instance, kind)
    if kind.status == HTTPStatus.UNAUTHORIZED:
        given.setdefault("WWW-Authenticate", 'Bearer realm="barnraiser"')
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        given.setdefault("Retry-After", str(RETRY_AFTER_S))
    content = body(kind, detail, instance, errors) | dict(extra or {})
    return JSONResponse(content, kind.status, given, MEDIA_TYPE)
