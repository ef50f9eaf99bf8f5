"""The services that are compared, each in a process of its own: ours, and a bare handler.

``python -m bench.feed_servers ours|bare URL FOLDER PORT`` serves a database that is there.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from fastapi import FastAPI, Response
from sqlalchemy import text

from geo.privacy.keyring import open_keys
from geo.store.engine import make_engine, make_sessions

from api.app import create_app
from api.settings import DemoSettings, HomeSettings, RateSettings, ServerSettings, Settings
from bench.feed_client import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WAIT_S: Final = 900.0
BARE: Final = (
    'SELECT \'{"type":"FeatureCollection","features":[\' '
    "|| coalesce(string_agg(ST_AsGeoJSON(t.*, 'geom', 5), ','), '') || ']}' "
    "FROM (SELECT id, organization_id, kind, categories, name, description, status, address, cell, opening_hours, "
    "schedule, step_free, languages, interpreter, source, source_ref, assured_on, updated_at, version, is_private, "
    "capacity_per_week, geom FROM asset "
    "WHERE ST_Intersects(geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326)) ORDER BY id LIMIT 1000) AS t"
)


@contextmanager
def serve_own(name: str, url: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Run ours or the bare handler; give its port and the number of its process."""
    port = free_port()
    command = [sys.executable, "-m", "bench.feed_servers", name, url, str(folder), str(port)]
    with running(command, port, "/health/live" if name == "ours" else "/docs", {}) as number:
        yield port, number


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, ready: str, told: Mapping[str, str]) -> Iterator[int]:
    """Run a service until the context is left, once it answers; give the number of its process."""
    with subprocess.Popen(command, env=os.environ | told) as service:  # noqa: S603 - commands of ours
        try:
            _wait(service, port, ready)
            yield service.pid
        finally:
            service.terminate()


def _wait(service: subprocess.Popen[bytes], port: int, ready: str) -> None:
    until = time.monotonic() + WAIT_S
    while service.poll() is None and time.monotonic() < until:
        try:
            fetch(port, ready)
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"a service did not start: {service.args!r}")


def _ours(url: str, folder: Path) -> FastAPI:
    keys = open_keys(folder / "keys.json", now=datetime.now(UTC), must_exist=True)
    rates = RateSettings(reads_per_min=1_000_000, feeds_per_min=1_000_000)
    home = HomeSettings(home=folder, database_url=None)
    settings = Settings(home=home, server=ServerSettings(), rates=rates, demo=DemoSettings())
    return create_app(settings, sessions=make_sessions(make_engine(url), keys=keys), with_dashboard=False)


def _bare(url: str) -> FastAPI:
    app, engine, statement = FastAPI(), make_engine(url), text(BARE)

    @app.get("/")
    def page(west: float, south: float, east: float, north: float) -> Response:
        with engine.connect() as connection:
            found: Any = connection.scalar(statement, {"west": west, "south": south, "east": east, "north": north})
        return Response(found, media_type="application/geo+json")

    return app


def main(name: str, url: str, folder: str, port: str) -> None:
    """Serve until stopped."""
    app = _ours(url, Path(folder)) if name == "ours" else _bare(url)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
