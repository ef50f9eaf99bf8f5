"""The same recognizable people, looked for behind every door of partners: tiles, changes, every form, HSDS, sheets."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas
import h3
import pytest
from pypdf import PdfReader

from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.words import Audience
from geo.privacy.cells import cell_of
from geo.store.dwellings import replace_dwellings
from geo.store.tile_counts import fold_changes
from geo.store.tile_sheets import draw_tiles, list_sheets, list_tiles, public_coverage_sheet
from geo.store.tiles import BUFFER, EXTENT

from api.ogc.forms import FGB, ITEM_FORMS, PARQUET
from api.tile_sets import TILES_TYPE
from tests.api.conftest import SERVICE_AREA, carrying
from tests.api.test_canaries import Canary, headers_of, leaks, off_the_corners, plant
from tests.callers import partner
from tests.factories import add_asset
from tests.geo.store.test_tiles import tile_at
from tests.rights import operator, serve_area
from tests.tiles import by_tippecanoe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geo.domain.tiles import TileAddress
    from geo.store.engine import SessionFactory

    from tests.api.conftest import TestClient

COLLECTIONS = ("needs", "assets", "areas", "coverage", "public")
TILED = ("needs", "assets", "coverage")
SET = "WebMercatorQuad"
APART = "0.000"
BEACON = Point(24.930123, 60.173217)
HOMES = 4
HSDS = ("", "services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms", "package.zip")
HOSTILE = (
    "contact = 'canary0001contact'",
    "address_typed LIKE 'canary%'",
    "name LIKE '%canary0001home%'",
    "lon = 24.931517 AND lat = 60.165713",
    "S_INTERSECTS(geometry, POINT(24.931517 60.165713))",
    "S_WITHIN(location_exact, POINT(24.931517 60.165713))",
    "phone IS NOT NULL",
    "category = (SELECT name FROM contact)",
)


@dataclass
class Town:
    """People and homes that must not be told, and agreements with partners around them."""

    canaries: list[Canary]
    readers: dict[str, TestClient]
    agreements: list[str]

    @property
    def staff(self) -> TestClient:
        return self.readers["organizer"]


def plant_homes(session: Session) -> list[Canary]:
    """Add places at homes, with words in what is typed of them and a place that only their hexagon may tell."""
    found = []
    for number in range(HOMES):
        one = Canary(
            9000 + number, off_the_corners(Point(24.942113 + number * 0.000157, 60.171357 - number * 0.000139))
        )
        words = {"address": f"canary{one.number}home street", "description": f"canary{one.number}home bell"}
        add_asset(session, one.point, is_private=True, name=f"canary{one.number}home", **words)
        found.append(one)
    add_asset(session, BEACON, name="Beacon hall")
    return found


@pytest.fixture
def town(
    session: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory, demo_instant: datetime
) -> Town:
    serve_area(session, SERVICE_AREA)
    canaries = [*plant(session, demo_instant), *plant_homes(session)]
    near = {str(cell) for one in canaries for cell in h3.grid_disk(cell_of(one.point), 1)}
    with operator(session):
        replace_dwellings(session, dict.fromkeys(near, 90))
    session.commit()
    readers, agreements = {"organizer": client}, []
    for tier in Tier:
        made, key = partner(sessions, frozenset(near), tier, tier.value, quota_per_day=100_000)
        readers[tier.value] = carrying(anonymous, key)
        agreements.append(str(made))
    return Town(canaries, readers, agreements)


def text_of(answer: Any, at: TileAddress | None = None) -> str:
    """All words and numbers of an answer, whatever form they are in."""
    kind = answer.headers.get("content-type", "").split(";")[0]
    if kind == TILES_TYPE and at is not None:
        return f"{answer.content.decode('latin-1')} {without_cuts(by_tippecanoe(answer.content, at), at)}"
    if kind == FGB.media_type:
        return str(geopandas.read_file(io.BytesIO(answer.content)).to_csv())
    if kind == PARQUET.media_type:
        return str(geopandas.read_parquet(io.BytesIO(answer.content)).to_csv())
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            return "\n".join(package.read(name).decode() for name in package.namelist())
    if kind == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return str(answer.text)


def without_cuts(layers: Any, at: TileAddress) -> str:
    """A tile's words and places but for where its own edge cuts a hexagon, which is the tile's place and nobody's."""
    west, _, east, _ = at.bounds
    wider = (east - west) * BUFFER / EXTENT
    cuts = {f"{edge:.4f}" for edge in (west - wider, east + wider)}
    # a number between two corners, so that the latitude of one and the longitude of the next are no place
    return re.sub(
        r"\[(\d+\.\d+), \d+\.\d+\]", lambda m: "" if f"{float(m[1]):.4f}" in cuts else f"{m[0]} {APART}", str(layers)
    )


def tiles(town: Town) -> list[TileAddress]:
    around = [BEACON, *(town.canaries[n].point for n in (0, len(town.canaries) // 2, -1))]
    return sorted({tile_at(point, z) for point in around for z in (0, 10, 14, 16)}, key=lambda at: (at.z, at.y, at.x))


def drawn(reader: TestClient, town: Town) -> Iterator[tuple[str, str]]:
    for collection in TILED:
        base = f"/ogc/collections/{collection}/tiles"
        for path in (base, f"{base}/{SET}", f"{base}/{SET}/tilejson.json"):
            yield path, shown(reader.get(path))
        for at in tiles(town):
            path = f"{base}/{SET}/{at.z}/{at.y}/{at.x}"
            yield path, shown(reader.get(path), at)


def shown(answer: Any, at: TileAddress | None = None) -> str:
    assert answer.status_code < 500, answer.text
    return f"{text_of(answer, at)}\n{headers_of(answer)}"


def followed(reader: TestClient) -> Iterator[tuple[str, str]]:
    for collection in ("needs", "assets"):
        asked: dict[str, Any] = {"collection": collection, "limit": 1000}
        for _ in range(3):
            answer = reader.get("/v1/changes", params=asked)
            yield f"changes of {collection}", shown(answer)
            asked["cursor"] = answer.json()["next"]


def listed(reader: TestClient) -> Iterator[tuple[str, str]]:
    for collection in COLLECTIONS:
        path = f"/ogc/collections/{collection}/items"
        for form in ITEM_FORMS:
            yield f"{path} as {form.word}", shown(reader.get(path, params={"f": form.word, "limit": 1000}))
    for collection in ("needs", "assets"):
        for condition in HOSTILE:
            answer = reader.get(f"/ogc/collections/{collection}/items", params={"filter": condition})
            # a refusal never says again what was asked; the links of a page have to
            assert answer.status_code == 200 or "canary" not in answer.text
            yield condition, json.dumps(answer.json().get("features", []))
    for path in HSDS:
        yield f"/hsds/{path}", shown(reader.get(f"/hsds/{path}"))
    yield "/hsds search", shown(reader.get("/hsds/services", params={"search": "canary9000home"}))
    yield "own referrals", shown(reader.get("/v1/partner/referrals"))


def managed(town: Town) -> Iterator[tuple[str, str]]:
    """What staff is shown of partners; a preview is what the partner itself would have."""
    for agreement in town.agreements:
        for what in ("use", "preview", "preview?collection=assets", "sheet.pdf", "sheet.pdf?language=fi"):
            yield what, shown(town.staff.get(f"/v1/agreements/{agreement}/{what}"))
    for path in ("/v1/agreements", "/v1/webhooks", "/v1/referrals", "/partner"):
        yield path, shown(town.staff.get(path))


@pytest.mark.slow
def test_nothing_of_anybody_leaves_by_a_door_of_partners(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    found, scanned = list[str](), 0
    for name, reader in town.readers.items():
        for where, content in (*drawn(reader, town), *followed(reader), *listed(reader)):
            scanned += 1
            found += [f"{name} {where}: {leak}" for leak in leaks(content, town.canaries, addresses=False)]
            if name != "organizer":
                found += [f"{name} {where}: {leak}" for leak in re.findall(r"canary\d{4}home", content)]
    for where, content in managed(town):
        found += [f"staff {where}: {leak}" for leak in leaks(content, town.canaries, addresses=False)]
        found += [f"staff {where}: {leak}" for leak in re.findall(r"canary\d{4}home", content)]
    assert scanned > 200
    assert found == []
    assert leaks(caplog.text, town.canaries, addresses=False) == []


def test_the_scan_reads_every_form(town: Town) -> None:
    """The control: what may be told is found in each form, and so would be what may not."""
    at = tile_at(BEACON, 14)
    for name in ("organizer", Tier.COARSE.value):
        reader = town.readers[name]
        tile = reader.get(f"/ogc/collections/assets/tiles/{SET}/{at.z}/{at.y}/{at.x}")
        forms = [reader.get("/ogc/collections/assets/items", params={"f": form.word}) for form in ITEM_FORMS]
        others = [reader.get(f"/hsds/{path}") for path in ("services", "package.zip")]
        others.append(reader.get("/v1/changes", params={"collection": "assets"}))
        told = [text_of(tile, at), *map(text_of, (*forms, *others))]
        assert ["Beacon hall" in one for one in told] == [True] * len(told)
        beacon = [Canary(0, BEACON)]
        placed = [bool(leaks(one, beacon, addresses=False)) for one in told]
        # a page shows its places on a map alone
        assert placed == [True, *(form.word != "html" for form in ITEM_FORMS), False, True, True], placed
    sheet = town.staff.get(f"/v1/agreements/{town.agreements[0]}/sheet.pdf")
    assert "aggregate" in text_of(sheet)


@pytest.mark.parametrize("audience", [one for one in Audience if one is not Audience.ASKER])
def test_no_file_of_tiles_holds_anybody(session: Session, demo_instant: datetime, audience: Audience) -> None:
    canaries = [*plant(session, demo_instant), *plant_homes(session)]
    fold_changes(session)
    sheets = [*list_sheets(session, audience), public_coverage_sheet(session, audience, standard_min=15)]
    theirs = {tile_at(point, z) for point in (BEACON, *(one.point for one in canaries)) for z in (0, 11, 14)}
    addresses = [at for at in list_tiles(sheets, 14) if at in theirs]
    told = [
        by_tippecanoe(tile.content, at)
        for at, tile in zip(addresses, draw_tiles(session, sheets, addresses), strict=True)
    ]
    assert "Beacon hall" in str(told)
    assert leaks(str(told), canaries, addresses=False) == []
    assert re.findall(r"canary\d{4}home", str(told)) == []
