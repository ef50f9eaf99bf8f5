"""The application: walls first, then routes, then the dashboard on the same origin."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Depends, FastAPI

from geo.domain.links import PAGES as PAGES_OF_LINKS
from geo.errors import ClusterError
from geo.store.engine import keys_of, make_engine, make_sessions
from geo.store.erasure_log import ErasureLog

from api import statics
from api.access import authorize, check_routes
from api.audit_heads import keeping_heads
from api.canary_watch import CanaryWatch
from api.canvass.taking_in import taking_in
from api.catching_up import catching_up
from api.daily import keeping_days
from api.deps import set_state
from api.gate import Gate
from api.handlers import LastResort, install_handlers
from api.hosts import HostWall, page_policies
from api.importing.going_on import going_on
from api.judging import judging
from api.keys import open_installation_keys
from api.lapsing import lapsing
from api.laying_out import laying_out
from api.limits import BodyLimits, BodyWall
from api.marking import marking
from api.metrics import Metrics, MetricsRecorder
from api.notifying import notifying
from api.openrosa import MULTIPART, SUBMISSION
from api.page_guard import PageGuard
from api.pages_apart import PagesApart
from api.params import only_declared
from api.problems import MEDIA_TYPE
from api.publishing import publishing
from api.rates import Limiter, RateWall
from api.reminding import reminding
from api.retaining import retaining
from api.routers import ALL_ROUTERS
from api.routers.forms import PATH as FORMS
from api.signed_texts import FORM, TWILIO_PATH
from api.telling import telling
from api.texting import lapsing_texts
from api.verifying import verifying

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine
    from starlette.routing import BaseRoute
    from streamlit import App

    from geo.store.engine import SessionFactory

    from api.settings import Settings

    Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

PAGES: Final = ("/dash",)
OWN_PAGES: Final = ("/enter", "/partner", "/public/", "/canvass", *PAGES_OF_LINKS.values())
UNGATED: Final = (*PAGES, *OWN_PAGES, statics.HOTLINE, "/static", "/tiles", "/health", "/metrics")
WAIT_S: Final = 10.0
"""Seconds a request waits for its turn before it is told to come back."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN_TYPES: Final = {
    "/v1/geocode/batch": frozenset({"text/csv", "application/x-ndjson", XLSX}),
    "/v1/imports": frozenset({"text/csv", "application/x-ndjson", XLSX}),
    "/v1/directories": frozenset({"application/zip"}),
    TWILIO_PATH: frozenset({FORM}),
    FORMS: frozenset({XLSX}),
    SUBMISSION: frozenset({MULTIPART}),
}
_PROBLEM: Final = {
    "description": "A problem (RFC 9457)",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "instance"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"pointer": {"type": "string"}, "reason": {"type": "string"}},
                        },
                    },
                },
            }
        }
    },
}
WALLS: Final = [Depends(authorize), Depends(only_declared)]
ANY_PROBLEM: Final[dict[int | str, dict[str, Any]]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}


def create_app(
    settings: Settings, *, sessions: SessionFactory | None = None, with_dashboard: bool = True, split: bool = False
) -> FastAPI:
    """Build the whole web application.

    Parameters
    ----------
    settings
        The installation's.
    sessions
        Where sessions come from; made from the settings' database URL when left out.
    with_dashboard
        Whether the pages are mounted; a process can hold one application that has them.
    split
        Whether a process of their own answers for the pages, one that knows no database.

    Raises
    ------
    ClusterError
        If neither sessions nor a database URL is given.
    KeysUnavailable
        If sessions are to be made, and the keys do not fit the database.
    """
    engine = None if sessions is not None else _open(settings)
    dashboard = _make_pages(split=split) if with_dashboard else None
    runs = dashboard.lifespan() if dashboard else None
    app = FastAPI(
        title="Barnraiser",
        version=version("barnraiser"),
        summary="Asset-and-need mapping for a neighbourhood mutual-aid network",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(engine, settings, runs),
        dependencies=WALLS,
        responses=ANY_PROBLEM,
        separate_input_output_schemas=False,
    )
    sessions = sessions or make_sessions(_present(engine), keys=open_installation_keys(settings, _present(engine)))
    set_state(app, settings, sessions)
    _add_walls(app, settings, sessions)
    install_handlers(app)
    app.router.routes.extend(_all_routes())
    statics.mount_files(app)
    if dashboard is not None:
        statics.mount_dashboard(app, dashboard)
    check_routes(app)
    return app


@cache
def _all_routes() -> tuple[BaseRoute, ...]:
    """Read the signature of every route once, each behind the two walls that every request passes."""
    inside = APIRouter(dependencies=WALLS, responses=ANY_PROBLEM)
    for router in ALL_ROUTERS:
        inside.include_router(router)
    return tuple(inside.routes)


def _make_pages(*, split: bool) -> App | PagesApart:
    return PagesApart() if split else statics.make_dashboard()


def _open(settings: Settings) -> Engine:
    if settings.home.database_url is None:
        raise ClusterError("there is no database to serve from")
    server = settings.server
    return make_engine(
        settings.home.database_url, statement_timeout_s=server.statement_timeout_s, pool_size=server.pool_size
    )


def _present(engine: Engine | None) -> Engine:
    if engine is None:
        raise ClusterError("there is no database to serve from")
    return engine


def _add_walls(app: FastAPI, settings: Settings, sessions: SessionFactory) -> None:
    """Stack the walls; the one added last is met first."""
    metrics = Metrics()
    app.state.metrics = metrics
    limits = BodyLimits(settings.server.max_body_bytes, settings.server.read_timeout_s)
    app.add_middleware(LastResort)
    app.add_middleware(CanaryWatch, sessions=sessions)
    app.add_middleware(Gate, at_once=settings.server.pool_size, wait_s=WAIT_S, unguarded=UNGATED)
    app.add_middleware(BodyWall, limits=limits, plain_types=PLAIN_TYPES, unguarded=PAGES)
    app.add_middleware(PageGuard, sessions=sessions, path=PAGES[0])
    app.state.limiter = Limiter(settings.rates)
    app.add_middleware(RateWall, limiter=app.state.limiter, unguarded=UNGATED)
    policies = page_policies(PAGES[0], own=OWN_PAGES, framed=(statics.HOTLINE,), inline=statics.inline_scripts())
    app.add_middleware(HostWall, pages=policies, origin=settings.server.origin)
    app.add_middleware(MetricsRecorder, metrics=metrics)


def _lifespan(engine: Engine | None, settings: Settings, runs: Lifespan | None) -> Lifespan:
    home = settings.home

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(app.state.travel.close)
            if engine is not None:
                stack.callback(engine.dispose)
                # the operator's rights: every network's chain has a head
                await stack.enter_async_context(keeping_heads(make_sessions(engine, role=None), home.home))
                await stack.enter_async_context(publishing(engine, home.home))
                keys, origin = keys_of(app.state.sessions), settings.server.link_to("")
                await stack.enter_async_context(retaining(engine, ErasureLog(home.erased), keys=keys))
                await stack.enter_async_context(laying_out(engine))
                choose = app.state.travel.model
                await stack.enter_async_context(lapsing(engine, keys=keys, choose=choose, origin=origin))
                await stack.enter_async_context(reminding(engine, keys, origin))
                days = settings.verify.verify_after_days
                await stack.enter_async_context(verifying(engine, keys, origin, days))
                await stack.enter_async_context(catching_up(engine, app.state.travel.model))
                await stack.enter_async_context(
                    keeping_days(engine, settings.demo.standard_min, app.state.travel.model)
                )
                note = app.state.metrics.note_messages
                await stack.enter_async_context(notifying(engine, keys, settings.notify, note))
                await stack.enter_async_context(taking_in(engine, keys))
                await stack.enter_async_context(judging(engine, keys))
                await stack.enter_async_context(marking(engine, keys))
                await stack.enter_async_context(going_on(engine, keys))
                await stack.enter_async_context(telling(engine, keys, settings.hooks.reach))
                await stack.enter_async_context(lapsing_texts(engine, keys, settings.texts.texting))
            if runs is not None:
                await stack.enter_async_context(runs(app))
            yield

    return lifespan
