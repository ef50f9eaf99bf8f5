"""The features of the feeds: page by page with links that lead on, or as a whole in a form for files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from geo.crs import CRS84
from geo.domain.principals import Permission
from geo.domain.queryable import GEOMETRY
from geo.errors import InvalidInput, NotFound
from geo.interchange.feature_streams import write_csv, write_sequence
from geo.interchange.geojson import MEDIA_TYPE, feature_collection
from geo.store.engine import APP_ROLE, Acting, transaction
from geo.store.feed_version import read_feed_version
from geo.store.tile_counts import count_changes

from api.access import PrincipalDep, requires
from api.deps import SessionDep, SessionsDep, acting_for
from api.ogc import documents, pages
from api.ogc.answering import collection as put_together
from api.ogc.answering import collection_of_bytes, has_already, headers_for, reply, shown, tell_unchanged, write_json
from api.ogc.asking import Asked, CrsName, Parameters, ParametersDep, choose_system, read_asked, write_cursor
from api.ogc.forms import (
    CSV,
    FEATURE_FORMS,
    GEOJSON,
    HTML,
    ITEM_FORMS,
    JSON,
    PARQUET,
    SEQUENCE,
    Form,
    PageForm,
    choose_form,
)
from api.ogc.remembered import Question, name_question
from api.params import MAX_LIMIT
from api.routers.ogc import SourceDep, offered_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.orm import Session

    from geo.domain.principals import Principal
    from geo.interchange.feature_query import FeaturePage
    from geo.store.engine import SessionFactory

    from api.ogc.sources import Source

router = APIRouter(tags=["ogc"], dependencies=[requires(Permission.READ_FEEDS)])
UNCHANGED: Final = [Depends(tell_unchanged)]
MOST_STREAMED: Final = 2_000_000
"""Features in one answer at most, whatever there are."""
_CHUNK: Final = 1 << 16
_ITEMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "GeoJSON (RFC 7946), or another form",
        "content": {
            MEDIA_TYPE: {"example": feature_collection([], links=[], numberReturned=0)},
            **{form.media_type: {} for form in ITEM_FORMS if form is not GEOJSON},
        },
    }
}


@router.head("/ogc/collections/{collection}/items", include_in_schema=False, dependencies=UNCHANGED)  # noqa: FAST003 - read by the source
@router.get(
    "/ogc/collections/{collection}/items",
    operation_id="list_ogc_items",
    response_class=Response,
    responses=_ITEMS,
    dependencies=UNCHANGED,
)
def get_items(
    request: Request,
    session: SessionDep,
    sessions: SessionsDep,
    principal: PrincipalDep,
    *,
    source: SourceDep,
    sent: ParametersDep,
    later: BackgroundTasks,
) -> Response:
    """Give the features of a collection that meet what is asked, by id or in the order that is asked for.

    A form that holds links comes in pages; the others hold all that matches, unless ``limit`` says how many.
    """
    question = _ask(request, session, principal, source, sent, partial(later.add_task, _count, sessions, principal))
    form = choose_form(request, sent.f, ITEM_FORMS)
    asked = read_asked(source, sent, partial(offered_in, session))
    if source.write is not None and _is_plain(asked, form):
        return _page_of_bytes(request, session, source, asked, question)
    if form in (GEOJSON, HTML):
        remembered = question if form is GEOJSON else None
        return _page(request, session, source, asked, form=form, question=remembered)
    if asked.crs != CRS84:
        raise InvalidInput("this form is given in CRS84", field="crs")
    return _whole(request, session, sessions, principal, source=source, asked=asked, form=form)


def _ask(
    request: Request, session: Session, principal: Principal, source: Source, sent: Parameters,
    count: Callable[[], None],
) -> Question | None:  # fmt: skip
    """Name what is asked and what its answer is made from; nothing where an answer is always made.

    Systems of reference are offered by what the network is, which has no version.
    """
    if source.counted is None or {sent.crs, sent.bbox_crs, sent.filter_crs} - {None, CRS84}:
        return None
    version = read_feed_version(session, source.counted)
    if version.is_worn:
        count()
    return Question(request.app.state.answers, name_question(request, principal), source.counted, version.word)


def _count(sessions: SessionFactory, principal: Principal) -> None:
    with transaction(sessions, Acting(principal.network, APP_ROLE, None, "tiles")) as session:
        count_changes(session)


def _is_plain(asked: Asked, form: Form) -> bool:
    """Tell whether features are wanted as they are stored: by id, whole, and in the usual system."""
    return form is GEOJSON and asked.crs == CRS84 and asked.properties is None and not asked.query.order


def _page_of_bytes(
    request: Request, session: Session, source: Source, asked: Asked, question: Question | None
) -> Response:
    page = source.write(session, asked.query)  # type: ignore[misc] # whoever calls has looked
    following = None if page.is_last or page.last is None else write_cursor((page.last,), asked.mark)
    links = documents.page_links(request, GEOJSON, following, ITEM_FORMS)
    content = collection_of_bytes(page.content, page.box, links, {"numberReturned": page.count})
    return reply(request, content, GEOJSON, crs=CRS84, question=question)


def _page(
    request: Request, session: Session, source: Source, asked: Asked, *, form: Form, question: Question | None
) -> Response:
    page = source.read(session, asked.query)
    following = None if page.following is None else write_cursor(page.following, asked.mark)
    links = documents.page_links(request, form, following, ITEM_FORMS)
    features = shown(page.features, asked.crs, asked.properties)
    members = documents.page_members(page, source)
    if form is HTML:
        content = pages.items_page(source, features, links, members.get("numberMatched"))
    else:
        content = write_json(put_together(features, links, members))
    if not has_already(request, content):
        source.draw_quota(session, len(features))
    return reply(request, content, form, crs=asked.crs, question=question)


def _whole(
    request: Request,
    session: Session,
    sessions: SessionFactory,
    principal: Principal,
    *,
    source: Source,
    asked: Asked,
    form: Form,
) -> Response:
    """Give all that matches, read as it is written; a partner's view is counted before the first byte."""
    least = asked.query.limit if asked.is_limited else MAX_LIMIT if source.is_stored else MOST_STREAMED
    first = source.read(session, replace(asked.query, limit=least))
    source.draw_quota(session, len(first.features))
    headers = headers_for(form, crs=CRS84)
    headers["Content-Disposition"] = f'attachment; filename="{source.name}{form.ending}"'
    if first.following is not None and asked.is_limited:
        onward = request.url.include_query_params(cursor=write_cursor(first.following, asked.mark))
        headers["Link"] = f'<{onward}>; rel="next"; type="{form.media_type}"'

    def rest() -> Iterator[FeaturePage]:
        return _pages(sessions, principal, source, asked, first)

    drawn = (one for page in rest() for one in shown(page.features, CRS84, asked.properties))
    content: Iterable[bytes] = () if request.method == "HEAD" else _written(form, drawn, _columns(source, asked))
    return StreamingResponse(content, media_type=form.media_type, headers=headers)


def _pages(
    sessions: SessionFactory, principal: Principal, source: Source, asked: Asked, first: FeaturePage
) -> Iterator[FeaturePage]:
    """Read on page by page, each in a transaction of its own, so that none lasts as long as a slow reader."""
    page, given = first, len(first.features)
    yield page
    while page.following is not None and not asked.is_limited and given < MOST_STREAMED:
        with transaction(sessions, acting_for(principal)) as session:
            page = source.read(session, asked.query.following(page.following, MAX_LIMIT))
        given += len(page.features)
        yield page


def _columns(source: Source, asked: Asked) -> tuple[str, ...]:
    named = tuple(one.name for one in source.queryables if one.name not in ("id", GEOMETRY))
    return named if asked.properties is None else asked.properties


def _written(form: Form, features: Iterator[dict[str, Any]], columns: tuple[str, ...]) -> Iterator[bytes]:
    if form is SEQUENCE:
        return write_sequence(features)
    if form is CSV:
        return write_csv(features, columns)
    return _file(form, features)


def _file(form: Form, features: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    with TemporaryDirectory() as folder:
        # the ending tells the writer that one file is wanted, and no folder of files
        path = Path(folder) / f"features{form.ending}"
        _write_file(form, path, features)
        with path.open("rb") as opened:
            while piece := opened.read(_CHUNK):
                yield piece


def _write_file(form: Form, path: Path, features: Iterable[dict[str, Any]]) -> None:
    # these bring 60 MB of libraries along, for forms that few ask for
    from geo.interchange.flatgeobuf import write_flatgeobuf
    from geo.interchange.geoparquet import write_geoparquet

    write = write_geoparquet if form is PARQUET else write_flatgeobuf
    write(path, features)


@router.head("/ogc/collections/{collection}/items/{feature_id}", include_in_schema=False)  # noqa: FAST003
@router.get(
    "/ogc/collections/{collection}/items/{feature_id}",
    operation_id="get_ogc_item",
    response_class=Response,
    responses={200: {"description": "A feature", "content": {MEDIA_TYPE: {}, HTML.media_type: {}}}},
)
def get_item(
    request: Request,
    session: SessionDep,
    source: SourceDep,
    feature_id: str,
    *,
    crs: CrsName = None,
    f: Annotated[PageForm | None, Query(description="the form of the answer")] = None,
) -> Response:
    """Give one feature."""
    form = choose_form(request, f, FEATURE_FORMS)
    system = choose_system(crs, partial(offered_in, session), "crs")
    if "\0" in feature_id:
        raise NotFound
    (one,) = shown([source.find(session, feature_id)], system, None)
    base = f"{documents.ROOT}/collections/{source.name}"
    links = [
        *documents.self_links(request, form, FEATURE_FORMS),
        documents.link(request, base, "collection", JSON, title=source.title),
    ]
    content = pages.feature_page(source, one, links) if form is HTML else write_json({**one, "links": links})
    if not has_already(request, content):
        source.draw_quota(session, 1)
    return reply(request, content, form, crs=system)
