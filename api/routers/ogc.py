"""The feeds: OGC API Features, read with any GIS. Needs are cell polygons, never points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from geo.crs import list_offered
from geo.domain.principals import Permission
from geo.store.network import get_network

from api.access import PrincipalDep, requires
from api.deps import OriginDep, ReckoningDep, SessionDep, SettingsDep
from api.ogc import documents, pages
from api.ogc.answering import reply, write_json
from api.ogc.forms import AS_OPENAPI, AS_SCHEMA, HTML, JSON, PAGE_FORMS, Form, PageForm, choose_form
from api.ogc.openapi import describe_interface
from api.ogc.sources import Source, list_names, open_source
from api.schemas.ogc import CollectionOut, CollectionsOut, ConformanceOut, LandingOut

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

router = APIRouter(tags=["ogc"], dependencies=[requires(Permission.READ_FEEDS)])
FormParameter = Annotated[PageForm | None, Query(description="the form of the answer")]


def read_on(path: str, name: str, **described: Any) -> Callable[[Callable[..., Response]], Callable[..., Response]]:  # noqa: ANN401
    """Offer a path for reading: GET, and HEAD which answers the same without the content."""

    def offer(endpoint: Callable[..., Response]) -> Callable[..., Response]:
        router.head(path, include_in_schema=False)(endpoint)
        return router.get(path, operation_id=name, **described)(endpoint)

    return offer


async def _form(request: Request, f: FormParameter = None) -> Form:
    return choose_form(request, f, PAGE_FORMS)


FormDep = Annotated[Form, Depends(_form)]


async def _source(collection: str, principal: PrincipalDep, settings: SettingsDep, reckoning: ReckoningDep) -> Source:
    return open_source(collection, principal, settings, reckoning)


SourceDep = Annotated[Source, Depends(_source)]


def offered_in(session: Session) -> tuple[str, ...]:
    """List the reference systems in which this network's places are given."""
    return list_offered(get_network(session).bbox)


@read_on("/ogc", "get_ogc_landing", response_model=LandingOut)
def get_landing(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Say what there is and where."""
    document = documents.landing(request, get_network(session).name, form)
    return _send(request, document, form, lambda: pages.landing_page(document))


@read_on("/ogc/conformance", "get_ogc_conformance", response_model=ConformanceOut)
def get_conformance(request: Request, form: FormDep) -> Response:
    """Name the parts of the standards that are kept."""
    document = documents.conformance(request, form)
    return _send(request, document, form, lambda: pages.conformance_page(document))


@read_on("/ogc/api", "get_ogc_api", response_model=dict[str, Any])
def get_api(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    settings: SettingsDep,
    *,
    reckoning: ReckoningDep,
    origin: OriginDep,
    f: FormParameter = None,
) -> Response:
    """Describe the feeds as OpenAPI 3.0."""
    form = choose_form(request, f, (HTML, JSON, AS_OPENAPI))
    network = get_network(session)
    sources = [open_source(name, principal, settings, reckoning) for name in list_names(principal)]
    document = describe_interface(origin, network.name, sources, list_offered(network.bbox))
    if form is HTML:
        links = documents.self_links(request, form, PAGE_FORMS)
        return reply(request, pages.interface_page(document, links), form)
    return reply(request, write_json(document), AS_OPENAPI)


@read_on("/ogc/collections", "list_ogc_collections", response_model=CollectionsOut)
def get_collections(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    settings: SettingsDep,
    *,
    reckoning: ReckoningDep,
    form: FormDep,
) -> Response:
    """List the collections the caller may have."""
    box = get_network(session).bbox
    sources = [open_source(name, principal, settings, reckoning) for name in list_names(principal)]
    document = documents.collections(request, sources, box, list_offered(box), form)
    return _send(request, document, form, lambda: pages.collections_page(document))


@read_on("/ogc/collections/{collection}", "get_ogc_collection", response_model=CollectionOut)
def get_collection(request: Request, session: SessionDep, source: SourceDep, form: FormDep) -> Response:
    """Describe one collection."""
    box = get_network(session).bbox
    document = documents.describe(request, source, box, list_offered(box))
    return _send(request, document, form, lambda: pages.collection_page(document, source))


@read_on("/ogc/collections/{collection}/queryables", "get_ogc_queryables", response_model=dict[str, Any])
def get_queryables(request: Request, source: SourceDep, f: FormParameter = None) -> Response:
    """Say what a collection can be asked by, as a JSON Schema."""
    if choose_form(request, f, (HTML, JSON, AS_SCHEMA)) is HTML:
        links = documents.self_links(request, HTML, (HTML, AS_SCHEMA))
        return reply(request, pages.queryables_page(source, links), HTML)
    return reply(request, write_json(documents.queryables(request, source)), AS_SCHEMA)


def _send(request: Request, document: dict[str, Any], form: Form, page: Callable[[], bytes]) -> Response:
    return reply(request, page() if form is HTML else write_json(document), form)
