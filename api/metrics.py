"""Counts and times of requests, by route template; no path, no query and no person ever becomes a label."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo.store.sending import SendReport

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "barnraiser_http_requests_total", "Requests answered.", (*labels, "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "barnraiser_http_request_seconds", "Seconds to answer.", labels, buckets=_BUCKETS, registry=self.registry
        )
        self.messages = Counter(
            "barnraiser_messages_total", "Messages by what became of them.", ("outcome",), registry=self.registry
        )

    def note(self, scope: Scope, status: int, elapsed_s: float) -> None:
        """Count one answer."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = str(getattr(scope.get("route"), "path", "unmatched"))
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(elapsed_s)

    def note_messages(self, report: SendReport) -> None:
        """Count what became of messages; of nobody's in particular."""
        for outcome, count in report.as_dict().items():
            self.messages.labels(outcome).inc(count)

    def text(self) -> bytes:
        """Write everything as Prometheus reads it."""
        return generate_latest(self.registry)


class MetricsRecorder:
    """Notes each answer as it begins to leave."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it was answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self.metrics.note(scope, status, time.perf_counter() - started)
