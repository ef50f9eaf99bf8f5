"""A page of a thousand assets in a box over HTTP, beside a bare handler that sends what one SQL statement builds.

Both run in one process behind the same server, turn by turn, from the same table, and are asked by the same client. The
floor gives the same columns and has no callers, no policies of rows, no disclosure and no filters: it is what the
database and the server need.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import httpx
import numpy as np
import uvicorn
from fastapi import FastAPI, Response
from sqlalchemy import text

from geo.domain.principals import NetworkRole
from geo.privacy.keyring import open_keys
from geo.store.accounts import invite
from geo.store.engine import AUTH_ROLE, DEFAULT_NETWORK, Acting, make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.signing_in import open_session

from api.app import create_app
from api.settings import DemoSettings, HomeSettings, RateSettings, ServerSettings, Settings
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

CLIENTS: Final = 8
ROUNDS: Final = 10
BATCH: Final = 16
PAGE: Final = 1000
WEST, SOUTH, WIDE, HIGH = 24.0, 60.0, 1.0, 0.5
FILL: Final = text(
    "INSERT INTO asset (id, kind, categories, name, address, geom, cell) SELECT gen_random_uuid(), 'pantry', '{food}', "
    "'Asset ' || n, 'Street ' || n % 1000, ST_SetSRID(ST_MakePoint(24 + random(), 60 + random() / 2), 4326), "
    "'891126d3303ffff' FROM generate_series(1, :size) AS n"
)
BARE: Final = text(
    'SELECT \'{"type":"FeatureCollection","features":[\' '
    "|| coalesce(string_agg(ST_AsGeoJSON(t.*, 'geom', 5), ','), '') || ']}' "
    "FROM (SELECT id, organization_id, kind, categories, name, description, status, address, cell, opening_hours, "
    "schedule, step_free, languages, interpreter, source, source_ref, assured_on, updated_at, version, is_private, "
    "capacity_per_week, geom FROM asset "
    "WHERE ST_Intersects(geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326)) ORDER BY id LIMIT 1000) AS t"
)


def run(
    size: int,
    seed: int,
    open_database: Callable[[], AbstractContextManager[Engine]],
    *,
    home: Path,
    rounds: int = ROUNDS,
) -> Outcome:
    """Measure requests a second of both, and of answers that nothing is new.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database.
    home
        A folder for the service and its keys.

    Raises
    ------
    AssertionError
        If the two do not give the same features.
    """
    keys = open_keys(home / "keys.json", now=datetime.now(UTC), must_exist=False)
    with open_database() as engine:
        register_keys(engine, keys)
        sessions = make_sessions(engine, keys=keys)
        with transaction(make_sessions(engine, role=None)) as session:
            session.execute(FILL, {"size": size})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE asset"))
        header = _signed_in(sessions)
        with _served(_ours(sessions, home)) as ours, _served(_bare(engine)) as bare:
            return asyncio.run(_measure(ours, bare, header, size, seed, rounds))


async def _measure(ours: str, bare: str, header: dict[str, str], size: int, seed: int, rounds: int) -> Outcome:
    rng = np.random.default_rng(seed)
    boxes = [_box(rng, size) for _ in range(BATCH)]
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(headers=header, limits=limits, timeout=60) as client:
        await _check(client, ours, bare, boxes)
        paths = {
            "ours": [
                f"{ours}/ogc/collections/assets/items?limit={PAGE}&bbox={','.join(map(str, box))}" for box in boxes
            ],
            "bare handler": [f"{bare}/?{'&'.join(f'{n}={v}' for n, v in _named(box).items())}" for box in boxes],
        }
        tags = {path: (await client.get(path)).headers["etag"] for path in paths["ours"]}
        seconds: dict[str, list[float]] = {name: [] for name in (*paths, "nothing new")}
        for _ in range(rounds):
            for name, listed in paths.items():
                seconds[name].append(await _batch(client, listed, {}))
            seconds["nothing new"].append(await _batch(client, paths["ours"], tags))
    spreads = {name: spread_of([one / BATCH for one in found]) for name, found in seconds.items()}
    rates = {f"requests a second, {name}": 1 / spread.median for name, spread in spreads.items()}
    ratios = {
        "requests a second, ours / bare handler": spreads["bare handler"].median / spreads["ours"].median,
        "requests a second, nothing new / ours": spreads["ours"].median / spreads["nothing new"].median,
    }
    return Outcome("ogc", size, seed, ratios, spreads, {"clients": CLIENTS, "features in a page": PAGE, **rates})


def _box(rng: np.random.Generator, size: int) -> tuple[float, float, float, float]:
    """Draw a box with about one and a half pages in it."""
    share = min(1.0, (1.5 * PAGE / size) ** 0.5)
    west = round(WEST + float(rng.uniform(0, 1 - share)) * WIDE, 5)
    south = round(SOUTH + float(rng.uniform(0, 1 - share)) * HIGH, 5)
    return west, south, round(west + share * WIDE, 5), round(south + share * HIGH, 5)


def _named(box: tuple[float, float, float, float]) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


async def _check(
    client: httpx.AsyncClient, ours: str, bare: str, boxes: list[tuple[float, float, float, float]]
) -> None:
    for box in boxes[:3]:
        path = f"{ours}/ogc/collections/assets/items"
        one = (await client.get(path, params={"limit": PAGE, "bbox": ",".join(map(str, box))})).json()["features"]
        other = (await client.get(bare, params=_named(box))).json()["features"]
        if [found["id"] for found in one] != [found["properties"]["id"] for found in other]:
            raise AssertionError("the two give different features")


async def _batch(client: httpx.AsyncClient, paths: list[str], tags: dict[str, str]) -> float:
    started = perf_counter()
    calls = (client.get(path, headers={"If-None-Match": tags[path]} if tags else {}) for path in paths)
    answers = await asyncio.gather(*calls)
    if {answer.status_code for answer in answers} != {304 if tags else 200}:
        raise AssertionError("not every request was answered as it should be")
    return perf_counter() - started


def _signed_in(sessions: SessionFactory) -> dict[str, str]:
    with transaction(sessions) as session:
        person, _ = invite(session, "bench", "Bench", NetworkRole.ADMIN)
    with transaction(sessions, Acting(network=None, role=AUTH_ROLE)) as session:
        token = open_session(session, person, network_id=DEFAULT_NETWORK)
    return {"Authorization": f"Bearer {token.text}"}


def _ours(sessions: SessionFactory, home: Path) -> FastAPI:
    rates = RateSettings(reads_per_min=1_000_000, feeds_per_min=1_000_000)
    settings = Settings(
        home=HomeSettings(home=home, database_url=None), server=ServerSettings(), rates=rates, demo=DemoSettings()
    )
    return create_app(settings, sessions=sessions, with_dashboard=False)


def _bare(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def page(west: float, south: float, east: float, north: float) -> Response:
        with engine.connect() as connection:
            box = {"west": west, "south": south, "east": east, "north": north}
            found: Any = connection.scalar(BARE, box)
        return Response(found, media_type="application/geo+json")

    return app


@contextmanager
def _served(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        runs = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        runs.start()
        while not server.started and runs.is_alive():
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        runs.join()
