"""The services that are compared, each in a process of its own: ours, a bare handler, and other projects'.

``python -m bench.feed_servers ours|bare URL FOLDER PORT`` serves a database that is there.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import venv
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI, Response
from sqlalchemy import text
from sqlalchemy.engine import make_url

from geo.privacy.keyring import open_keys
from geo.store.engine import make_engine, make_sessions

from api.app import create_app
from api.settings import DemoSettings, HomeSettings, RateSettings, ServerSettings, Settings
from bench.feed_client import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PEERS: Final[Mapping[str, tuple[str, ...]]] = {
    "tipg": ("tipg", "uvicorn"),
    "pygeoapi": ("pygeoapi", "psycopg2-binary", "sqlalchemy", "geoalchemy2", "gunicorn"),
}
"""Other projects that serve a table by the same standard, and what each is installed with."""
WAIT_S: Final = 300.0
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
    port = _free_port()
    command = [sys.executable, "-m", "bench.feed_servers", name, url, str(folder), str(port)]
    with _running(command, port, "/health/live" if name == "ours" else "/docs", {}) as number:
        yield port, number


@contextmanager
def serve_peer(name: str, url: str, at: Path, folder: Path) -> Iterator[int]:
    """Run another project, installed first where it is not; give its port."""
    programs = _installed(name, at)
    port = _free_port()
    command, ready, told = {"tipg": _tipg, "pygeoapi": _pygeoapi}[name](programs, url, folder, port)
    with _running(command, port, ready, told):
        yield port


def _installed(name: str, at: Path) -> Path:
    home = at / name
    if not (home / "bin" / "python").exists():
        venv.create(home, with_pip=True)
        command = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *PEERS[name]]
        subprocess.run(command, check=True)  # noqa: S603 - names of ours
    return home / "bin"


def _tipg(programs: Path, url: str, _folder: Path, port: int) -> tuple[list[str], str, dict[str, str]]:
    address = make_url(url)
    # a socket's folder stands where a host does, since the settings there want one
    host = quote(str(address.query.get("host") or address.host), safe="")
    who = ":".join(quote(part, safe="") for part in (address.username, address.password) if part)
    where = f"postgresql://{who}@{host}:{address.port or 5432}/{address.database}"
    told = {"DATABASE_URL": where, "TIPG_DB_TABLES": '["public.asset"]'}
    command = [str(programs / "uvicorn"), "tipg.main:app", "--port", str(port), "--log-level", "warning"]
    return command, "/collections/public.asset", told


def _pygeoapi(programs: Path, url: str, folder: Path, port: int) -> tuple[list[str], str, dict[str, str]]:
    config, described = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    config.write_text(json.dumps(_pygeoapi_settings(url, port)), "utf-8")
    told = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
    command = [str(programs / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(described)]
    subprocess.run(command, check=True, env=os.environ | told, capture_output=True)  # noqa: S603 - of ours
    served = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "pygeoapi.flask_app:APP"]
    return [str(programs / "gunicorn"), *served], "/collections/asset?f=json", told


def _pygeoapi_settings(url: str, port: int) -> dict[str, Any]:
    address = make_url(url)
    data = {
        "host": str(address.query.get("host") or address.host), "port": address.port or 5432,
        "dbname": address.database, "user": address.username, "password": address.password or "",
        "search_path": ["public"],
    }  # fmt: skip
    provider = {
        "type": "feature", "name": "PostgreSQL", "data": data, "id_field": "id", "table": "asset", "geom_field": "geom",
        "storage_crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    }  # fmt: skip
    asset = {
        "type": "collection", "title": "Assets", "description": "Assets", "keywords": ["assets"],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}}, "providers": [provider], "links": [],
    }  # fmt: skip
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json", "encoding": "utf-8",
            "languages": ["en-US"], "limits": {"default_items": 1000, "max_items": 1000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Assets", "description": "Assets", "keywords": ["assets"], "keywords_type": "theme",
                "terms_of_service": "", "url": "",
            },
            "license": {"name": "", "url": ""}, "provider": {"name": "", "url": ""}, "contact": {"name": ""},
        },
        "resources": {"asset": asset},
    }  # fmt: skip


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, ready: str, told: Mapping[str, str]) -> Iterator[int]:
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
