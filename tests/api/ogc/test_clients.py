"""The programs partners pull with: GDAL's own driver, geopandas and OWSLib, against the service on a socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas
import httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features
from sqlalchemy import text

from geo.domain.principals import Tier
from geo.store.engine import Acting, make_sessions, transaction
from geo.store.keys import register_keys

from tests.api.ogc.conftest import NEAR, fill
from tests.callers import bearing, organizer, partner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory


MANY = 100_000 if os.environ.get("BARNRAISER_FULL") else 3_000
_MAKE = (
    "INSERT INTO asset (id, kind, categories, name, geom) SELECT gen_random_uuid(), "
    "CASE WHEN n % 3 = 0 THEN 'many' ELSE 'other' END, '{food}', 'a' || n, "
    "ST_SetSRID(ST_MakePoint(24.8 + (n % 1000) / 4000.0, 60.1 + (n / 1000) / 2000.0), 4326) "
    "FROM generate_series(1, :count) AS n"
)


@dataclass(frozen=True)
class Served:
    """Where the feeds are served, for whom, and the database behind them."""

    root: str
    header: dict[str, str]
    partner_header: dict[str, str]
    sessions: SessionFactory

    def count(self, condition: str) -> int:
        with transaction(self.sessions, Acting(role=None)) as session:
            return int(session.scalar(text(f"SELECT count(*) FROM asset WHERE {condition}")) or 0)  # noqa: S608


@pytest.fixture
def served(own_db: Engine, tmp_path: Path, keys: KeyRing) -> Iterator[Served]:
    register_keys(own_db, keys)
    sessions = make_sessions(own_db, keys=keys)
    with transaction(sessions) as session:
        fill(session)
    with transaction(make_sessions(own_db, role=None, keys=keys)) as session:
        session.execute(text(_MAKE), {"count": MANY})
    bank = bearing(partner(sessions, NEAR, Tier.COARSE)[1])
    mine = bearing(organizer(sessions))
    url = own_db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.api.ogc.serve_feeds", url, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        port = int(service.stdout.readline())
        yield Served(f"http://127.0.0.1:{port}", mine, bank, sessions)
        service.terminate()


def opened_by_gdal(served: Served, header: dict[str, str]) -> str:
    key = header["Authorization"].removeprefix("Bearer ")
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": key})
    return f"OAPIF:{served.root}/ogc"


@pytest.fixture(autouse=True)
def plain_gdal() -> Iterator[None]:
    yield
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": None, "GDAL_HTTP_BEARER": None})


@pytest.mark.own_db
def test_gdal_reads_pages_filters_and_boxes_as_the_database_counts_them(served: Served) -> None:
    source = opened_by_gdal(served, served.header)
    layers = {str(name) for name, _ in pyogrio.list_layers(source)}
    assert layers == {"needs", "assets", "areas", "coverage", "public"}
    whole = pyogrio.read_dataframe(source, layer="assets")
    assert len(whole) == whole["id"].nunique() == served.count("TRUE")
    assert whole.crs.to_authority() in (("OGC", "CRS84"), ("EPSG", "4326"))
    kind = pyogrio.read_dataframe(source, layer="assets", where="kind = 'many'")
    assert len(kind) == served.count("kind = 'many'")
    box = (24.85, 60.1005, 24.95, 60.1011)
    inside = pyogrio.read_dataframe(source, layer="assets", bbox=box, where="kind = 'many'")
    where = "kind = 'many' AND geom && ST_MakeEnvelope(24.85, 60.1005, 24.95, 60.1011, 4326)"
    assert len(inside) == served.count(where) > 0
    cells = pyogrio.read_dataframe(source, layer="needs")
    assert len(cells) == 6
    assert set(cells.geom_type.dropna()) == {"Polygon"}
    _check_partner(served)


def _check_partner(served: Served) -> None:
    """A partner's GDAL sees what its agreement allows."""
    source = opened_by_gdal(served, served.partner_header)
    needs = pyogrio.read_dataframe(source, layer="needs")
    assert len(needs) == 4
    assert {"cell", "kind", "urgency", "week"} <= set(needs.columns)
    assert "household_size" not in needs.columns
    assert "coverage" not in {str(name) for name, _ in pyogrio.list_layers(source)}


@pytest.mark.own_db
def test_geopandas_and_owslib_read_the_feeds(served: Served) -> None:
    client = Features(f"{served.root}/ogc", headers=served.header)
    assert set(client.feature_collections()) >= {"needs", "assets", "areas", "public"}
    assert any(name.endswith("conf/core") for name in client.conformance()["conformsTo"])
    assert client.api()["openapi"].startswith("3.0")
    found = client.collection_items("assets", limit=5, bbox=[24.8, 60.1, 25.1, 60.3])
    assert found["numberReturned"] == 5
    one = client.collection_item("assets", found["features"][0]["id"])
    assert one["geometry"] == found["features"][0]["geometry"]
    assert set(client.collection_queryables("areas")["properties"]) >= {"name", "population"}
    asked = client.collection_items("areas", filter="name = 'Kallio'")
    assert [area["properties"]["name"] for area in asked["features"]] == ["Kallio"]
    raw = httpx.get(f"{served.root}/ogc/collections/areas/items", headers=served.header).content
    assert set(geopandas.read_file(raw)["name"]) == {"Kallio", "Vallila"}
    _check_megabyte(served)


def _check_megabyte(served: Served) -> None:
    """An address of a megabyte is refused, and the service lives on."""
    host, _, port = served.root.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        head = b"GET /ogc/collections/assets/items?filter=" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        try:
            raw.sendall(head)
            answer = raw.recv(100)
        except ConnectionError:
            # refused before all of it was sent
            answer = b"HTTP/1.1 400"
    assert answer.split()[1] in (b"400", b"414")
    assert httpx.get(f"{served.root}/ogc", headers=served.header).status_code == 200
