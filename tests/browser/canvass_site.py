"""A small served installation for the phone pages, and phones that are enrolled with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from tests.browser.conftest import COMMAND, address_of, run_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LIMITS = httpx.Limits(keepalive_expiry=2.0)


@dataclass
class Site:
    """One installation, as an organizer's client and by its address."""

    client: httpx.Client
    base: str
    env: dict[str, str]

    def code(self, label: str = "Turf 3") -> str:
        """The link a new phone scans."""
        return str(self.client.post("/v1/devices", json={"label": label}).json()["link"])

    def token(self, label: str = "Turf 3") -> str:
        """What a phone carries once it is enrolled."""
        code = self.code(label).partition("#")[2]
        answer = httpx.post(f"{self.base}/v1/devices/enrol", headers={"Authorization": f"Bearer {code}"})
        return str(answer.json()["token"])

    def counts(self) -> dict[str, int]:
        """How many entries there are in each state."""
        return dict(self.client.get("/v1/entries", params={"limit": 1}).json()["counts"])

    def wait_until_taken_in(self, *, timeout_s: float = 60) -> None:
        """Wait until nothing that arrived waits any more."""
        until = time.monotonic() + timeout_s
        while self.counts()["received"]:
            assert time.monotonic() < until, "entries are not taken in"
            time.sleep(0.1)

    def entries(self) -> list[dict[str, Any]]:
        """Every entry with what became of it."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            query = {"limit": 100} | ({"after": after} if after else {})
            page = self.client.get("/v1/entries", params=query).json()
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

    def typed(self, entry_id: str) -> dict[str, Any]:
        """What was typed for one entry."""
        return dict(self.client.post(f"/v1/entries/{entry_id}/typed", json={"reason": "to compare"}).json()["typed"])


@contextmanager
def serve_small(admin: Engine, template: str, server_url: URL, home: Path) -> Iterator[Site]:
    """Serve an empty installation, without a town."""
    name = f"barnraiser_canvass_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(4242)"))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
        connection.execute(text("SELECT pg_advisory_unlock(4242)"))
    url = server_url.set(database=name).render_as_string(hide_password=False)
    env = {
        **os.environ,
        "BARNRAISER_DATABASE_URL": url,
        "BARNRAISER_HOME": str(home),
        "BARNRAISER_READS_PER_MIN": "100000",
    }
    try:
        token = run_command(env, "token", "issue", "script")
        with _serving(env, token) as site:
            yield site
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def _serving(env: dict[str, str], token: str) -> Iterator[Site]:
    served = subprocess.Popen([COMMAND, "up", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True)
    try:
        base = address_of(served)
        with httpx.Client(base_url=base, timeout=60, limits=LIMITS) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            yield Site(client, base, env)
    finally:
        served.terminate()
        served.communicate(timeout=20)


def python() -> str:
    """The interpreter that runs the tests."""
    return sys.executable
