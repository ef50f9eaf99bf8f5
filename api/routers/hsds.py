"""Assets as the HSDS API has them: what a directory of services reads with the tools it already has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BeforeValidator, StringConstraints

from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.errors import InvalidInput, NotFound
from geo.interchange import hsds
from geo.interchange.hsds_fields import PROFILE, VERSION
from geo.interchange.hsds_package import write_package
from geo.privacy.disclosure import disclose
from geo.store.hsds import (
    Parts,
    ServiceFilter,
    all_services,
    find_postcode,
    get_served,
    get_service,
    is_served,
    page_organizations,
    page_services,
)
from geo.store.network import get_network
from geo.store.organizations import get_organization

from api.access import requires
from api.deps import AudienceDep, FreshDep, OriginDep, SessionDep
from api.etags import respond_once
from api.params import MAX_WITHIN_M, Limit, WholeNumber, plain_number
from api.schemas.hsds import AboutOut, HsdsPage, RecordOut

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

    from sqlalchemy.orm import Session

    from geo.domain.listed import Freshness
    from geo.domain.words import Audience
    from geo.interchange.hsds import Served

router = APIRouter(tags=["hsds"])
_MAY: Final = [requires(Permission.READ_FEEDS)]
PAGE: Final = 50
_PIECE: Final = 64 * 1024
_IN_MEMORY: Final = 1024 * 1024
MAX_SERVICES: Final = 100
"""Services that are nested in one organization at most; the list of services has the others."""
Search = Annotated[
    str | None,
    Query(description="a part of the name or the description"),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
]
PageNumber = Annotated[int, WholeNumber, Query(ge=1, le=100_000, description="the page, counted from 1")]
Form = Annotated[Literal["json"], Query(description="JSON alone; a whole feed comes as the package")]
Full = Annotated[bool, Query(description="nest everything that belongs to each record")]
Since = Annotated[AwareDatetime | None, Query(description="changed at this instant or later, with its offset")]
View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pages:
    """Which page, and how many records at most are on it."""

    number: int
    size: int


def _pages(
    page: PageNumber = 1,
    per_page: Limit = PAGE,
    format: Form = "json",  # noqa: A002, ARG001 - the specification's own name, of which there is one value
) -> Pages:
    return Pages(page, per_page)


def _asked(
    search: Search = None,
    taxonomy_term_id: UUID | None = None,
    taxonomy_id: UUID | None = None,
    organization_id: UUID | None = None,
    modified_after: Since = None,
) -> ServiceFilter | None:
    """Make the filter; nothing where a term or taxonomy is named that is none of ours."""
    terms = {hsds.term_id(category): category for category in Category}
    wanted = None if taxonomy_term_id is None else str(taxonomy_term_id)
    if taxonomy_id is not None and str(taxonomy_id) != hsds.TAXONOMY_ID:
        return None
    if wanted is not None and wanted not in terms and wanted != hsds.KIND_TERM_ID:
        return None
    # every service has a kind
    return ServiceFilter(search, terms.get(wanted or ""), organization_id, modified_after)


Asked = Annotated[ServiceFilter | None, Depends(_asked)]


def _around(
    session: SessionDep,
    asked: Asked,
    postcode: Annotated[
        str | None,
        Query(description="where help is sought; only services that reach there"),
        StringConstraints(strip_whitespace=True, min_length=2, max_length=20),
    ] = None,
    proximity: Annotated[
        float | None,
        BeforeValidator(plain_number),
        Query(gt=0, le=MAX_WITHIN_M, allow_inf_nan=False, description="metres from the middle of the postcode"),
    ] = None,
) -> ServiceFilter | None:
    """Make the filter of services at locations, as the specification has it: every service reaches the area served."""
    placed = None if asked is None else replace(asked, with_place=True)
    if postcode is None:
        if proximity is not None:
            raise InvalidInput("say from the middle of which postcode", field="postcode")
        return placed
    middle = find_postcode(session, postcode)
    if middle is None:
        raise InvalidInput("no such postcode is known here", field="postcode")
    if placed is None or proximity is None:
        return placed if is_served(session, middle) else None
    return replace(placed, near=middle, within_m=proximity)


Around = Annotated[ServiceFilter | None, Depends(_around)]
PagesDep = Annotated[Pages, Depends(_pages)]


def _found(
    session: Session, audience: Audience, where: ServiceFilter | None, pages: Pages, fresh: Freshness
) -> tuple[int, list[Parts]]:
    if where is None:
        return 0, []
    return page_services(session, audience, where, number=pages.number, size=pages.size, fresh=fresh)


@router.get("/hsds/", operation_id="get_hsds", dependencies=_MAY, response_model=AboutOut)
def get_about(session: SessionDep, origin: OriginDep) -> View:
    """Say what this API is, and which HSDS it speaks."""
    return {
        "version": VERSION,
        "profile": PROFILE,
        "openapi_url": f"{origin}/openapi.json",
        "description": "Places where help can be had, as a neighbourhood network lists them.",
        "publisher": {"name": get_network(session).name},
    }


@router.get(
    "/hsds/services",
    operation_id="list_hsds_services",
    dependencies=_MAY,
    response_model=HsdsPage,
    response_class=Response,
)
def get_services(
    request: Request,
    session: SessionDep,
    audience: AudienceDep,
    fresh: FreshDep,
    asked: Asked,
    pages: PagesDep,
    *,
    minimal: Annotated[bool, Query(description="only each id, and when it last changed")] = False,
    full: Full = False,
) -> Response:
    """List services: what stands in their own row, or as ``full`` with all that belongs to them."""
    total, parts = _found(session, audience, asked, pages, fresh)
    served = get_served(session)
    contents = [_service(one, served, minimal=minimal, full=full) for one in parts]
    return respond_once(request, HsdsPage.of(contents, total=total, number=pages.number, size=pages.size))


def _service(parts: Parts, served: Served, *, minimal: bool, full: bool) -> dict[str, Any]:
    if minimal:
        return hsds.minimal(parts.asset)
    return parts.full(served) if full else hsds.service(parts.asset, parts.listing)


@router.get(
    "/hsds/services/{service_id}",
    operation_id="get_hsds_service",
    dependencies=_MAY,
    response_model=RecordOut,
    response_class=Response,
)
def get_one_service(
    request: Request, session: SessionDep, audience: AudienceDep, fresh: FreshDep, service_id: UUID
) -> Response:
    """Read one service with all that belongs to it."""
    return respond_once(request, get_service(session, audience, service_id, fresh=fresh).full(get_served(session)))


@router.get(
    "/hsds/service_at_locations",
    operation_id="list_hsds_service_at_locations",
    dependencies=_MAY,
    response_model=HsdsPage,
    response_class=Response,
)
def get_at_locations(
    request: Request,
    session: SessionDep,
    audience: AudienceDep,
    fresh: FreshDep,
    placed: Around,
    pages: PagesDep,
    *,
    full: Full = False,
) -> Response:
    """List where services are; what is at no public place is not among them."""
    total, parts = _found(session, audience, placed, pages, fresh)
    contents = [_at_location(one, full=full) for one in parts]
    return respond_once(request, HsdsPage.of(contents, total=total, number=pages.number, size=pages.size))


def _at_location(parts: Parts, *, full: bool) -> dict[str, Any]:
    made = hsds.at_location(parts.asset)
    if made is None:
        raise NotFound("there is no such service at a location")
    return made if full else {name: value for name, value in made.items() if name != "location"}


@router.get(
    "/hsds/service_at_locations/{at_id}",
    operation_id="get_hsds_service_at_location",
    dependencies=_MAY,
    response_model=RecordOut,
    response_class=Response,
)
def get_one_at_location(request: Request, session: SessionDep, audience: AudienceDep, at_id: UUID) -> Response:
    """Read where one service is, its location nested."""
    parts = get_service(session, audience, UUID(hsds.at_location_id(str(at_id))))
    return respond_once(request, _at_location(parts, full=True))


@router.get(
    "/hsds/organizations",
    operation_id="list_hsds_organizations",
    dependencies=_MAY,
    response_model=HsdsPage,
    response_class=Response,
)
def get_organizations(
    request: Request, session: SessionDep, audience: AudienceDep, pages: PagesDep, search: Search = None
) -> Response:
    """List who stands behind services."""
    total, found = page_organizations(session, search, number=pages.number, size=pages.size)
    contents = [hsds.organization(disclose(one, audience)) for one in found]
    return respond_once(request, HsdsPage.of(contents, total=total, number=pages.number, size=pages.size))


@router.get(
    "/hsds/organizations/{organization_id}",
    operation_id="get_hsds_organization",
    dependencies=_MAY,
    response_model=RecordOut,
    response_class=Response,
)
def get_one_organization(
    request: Request,
    session: SessionDep,
    audience: AudienceDep,
    fresh: FreshDep,
    organization_id: UUID,
    *,
    full_service: Annotated[bool, Query(description="its services with all that belongs to them")] = False,
) -> Response:
    """Read one organization with its services."""
    made = hsds.organization(disclose(get_organization(session, organization_id), audience))
    theirs = ServiceFilter(organization_id=organization_id)
    _, parts = page_services(session, audience, theirs, number=1, size=MAX_SERVICES, fresh=fresh)
    served = get_served(session)
    services = [_service(one, served, minimal=False, full=full_service) for one in parts]
    return respond_once(request, made | ({"services": services} if services else {}))


@router.get(
    "/hsds/taxonomies",
    operation_id="list_hsds_taxonomies",
    dependencies=_MAY,
    response_model=HsdsPage,
    response_class=Response,
)
def get_taxonomies(request: Request, pages: PagesDep) -> Response:
    """List the taxonomies: there is one."""
    return _of_few(request, [hsds.taxonomy()], pages)


@router.get(
    "/hsds/taxonomies/{taxonomy_id}",
    operation_id="get_hsds_taxonomy",
    dependencies=_MAY,
    response_model=RecordOut,
    response_class=Response,
)
def get_one_taxonomy(request: Request, taxonomy_id: UUID) -> Response:
    """Read the taxonomy."""
    return respond_once(request, _one_of([hsds.taxonomy()], taxonomy_id))


@router.get(
    "/hsds/taxonomy_terms",
    operation_id="list_hsds_taxonomy_terms",
    dependencies=_MAY,
    response_model=HsdsPage,
    response_class=Response,
)
def get_terms(request: Request, pages: PagesDep, taxonomy_id: UUID | None = None) -> Response:
    """List the terms by which services are sorted."""
    is_ours = taxonomy_id is None or str(taxonomy_id) == hsds.TAXONOMY_ID
    return _of_few(request, hsds.taxonomy_terms() if is_ours else [], pages)


@router.get(
    "/hsds/taxonomy_terms/{term_id}",
    operation_id="get_hsds_taxonomy_term",
    dependencies=_MAY,
    response_model=RecordOut,
    response_class=Response,
)
def get_one_term(request: Request, term_id: UUID) -> Response:
    """Read one term."""
    return respond_once(request, _one_of(hsds.taxonomy_terms(), term_id))


def _of_few(request: Request, records: Sequence[dict[str, Any]], pages: Pages) -> Response:
    shown = list(records[(pages.number - 1) * pages.size : pages.number * pages.size])
    return respond_once(request, HsdsPage.of(shown, total=len(records), number=pages.number, size=pages.size))


def _one_of(records: Sequence[dict[str, Any]], wanted: UUID) -> dict[str, Any]:
    found = next((one for one in records if one["id"] == str(wanted)), None)
    if found is None:
        raise NotFound("there is no such record")
    return found


@router.get(
    "/hsds/package.zip",
    operation_id="get_hsds_package",
    dependencies=_MAY,
    response_class=StreamingResponse,
    responses={200: {"description": "A tabular data package of HSDS 3", "content": {"application/zip": {}}}},
)
def get_package(session: SessionDep, audience: AudienceDep, fresh: FreshDep) -> StreamingResponse:
    """Give every service as a tabular data package: CSV files in a zip, with the description of each."""
    # closed when the last piece has been sent
    target = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    write_package(
        cast("BinaryIO", target), all_services(session, audience, fresh=fresh), title=get_network(session).name
    )
    headers = {"Content-Disposition": 'attachment; filename="hsds.zip"', "Cache-Control": "private, no-cache"}
    return StreamingResponse(_pieces(target), media_type="application/zip", headers=headers)


def _pieces(target: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with target:
        target.seek(0)
        while piece := target.read(_PIECE):
            yield piece
