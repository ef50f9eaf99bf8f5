"""Whether the process is up, whether it can serve, and its counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from geo.domain.principals import Permission
from geo.store.readiness import check_ready

from api.access import requires
from api.deps import SessionsDep
from api.problems import DATABASE, respond

if TYPE_CHECKING:
    from api.metrics import Metrics

router = APIRouter(tags=["health"])


@router.get(
    "/health/live",
    operation_id="get_live",
    dependencies=[requires(Permission.OPEN)],
    response_description="The process runs",
)
def get_live() -> dict[str, str]:
    """Say that the process runs; the database is not asked."""
    return {"status": "ok"}


@router.get(
    "/health/ready",
    operation_id="get_ready",
    dependencies=[requires(Permission.OPEN)],
    response_description="Requests can be served",
)
def get_ready(request: Request, sessions: SessionsDep) -> Response:
    """Say whether the database answers and has the expected schema."""
    found = check_ready(sessions)
    if not found.ready:
        detail = "the schema is not the one this version expects" if found.database else None
        return respond(DATABASE, request.url.path, detail=detail)
    return JSONResponse({"status": "ok", "database": True, "migrated": True})


@router.get(
    "/metrics",
    operation_id="get_metrics",
    dependencies=[requires(Permission.READ_METRICS)],
    response_class=Response,
    response_description="Prometheus text",
)
def get_metrics(request: Request) -> Response:
    """Give the counters as Prometheus reads them."""
    metrics = cast("Metrics", request.app.state.metrics)
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
