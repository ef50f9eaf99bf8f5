"""One small town with something in each collection."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import h3
import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import insert, text

from geo.domain.drafts import AreaDraft
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.words import AssetStatus, Category, StepFree, Urgency
from geo.privacy.cells import cell_of
from geo.privacy.rules import PublicKind
from geo.store.areas import create_area
from geo.store.dwellings import replace_dwellings
from geo.store.release_tables import release, release_cell

from tests.api.conftest import SERVICE_AREA, TestClient
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

COLLECTIONS = ("needs", "assets", "areas", "coverage", "public")
ITEMS = "/ogc/collections/{}/items"
CELL = cell_of(HELSINKI)
NEAR = frozenset(h3.grid_disk(CELL, 3))


def fill(session: Session) -> None:
    """Five needs, six assets of which one is at a home, two areas, and a release of three hexagons."""
    serve_area(session, SERVICE_AREA)
    with operator(session):
        replace_dwellings(session, dict.fromkeys(h3.grid_disk(CELL, 9), 80))
    for number in range(4):
        urgency = (Urgency.CRITICAL, Urgency.NORMAL)[number % 2]
        add_need(session, Point(24.94 + number / 200, 60.17), urgency=urgency, languages=("fi", "sv")[: number % 3])
    add_need(session, None, category=Category.WATER)
    add_need(session, Point(24.97, 60.18), withheld=True, category=Category.WATER)
    for number in range(5):
        add_asset(
            session,
            Point(24.93 + number / 100, 60.165 + number / 500),
            name=("Älg & <b>Bread</b>", "Corner pantry", "corner shop", "Zeta's 100%", "Näkki_hall")[number],
            kind=("pantry", "food_bank", "shop", "hall", "hall")[number],
            categories=((Category.FOOD,), (Category.FOOD, Category.WATER), (Category.WATER,))[number % 3],
            status=(AssetStatus.ACTIVE, AssetStatus.DEFUNCT)[number // 4],
            step_free=(StepFree.YES, StepFree.UNKNOWN)[number % 2],
            capacity_per_week=None if number == 3 else number * 10,
            description=None if number % 2 else f"Number {number}",
            assured_on=None if number > 2 else date(2026, 2, 1 + number),
        )
    add_asset(session, HELSINKI, name="Somebody's garage", is_private=True, capacity_per_week=7, address="Salakuja 5")
    for name, west in (("Kallio", 24.93), ("Vallila", 24.96)):
        shape = MultiPolygon([box(west, 60.16, west + 0.02, 60.18)])
        create_area(session, AreaDraft(slug=name.lower(), name=name, kind="district", geometry=shape, population=5000))
    made = new_id()
    with operator(session):
        values = {"id": made, "week": "2026-W09", "content": b"{}", "resolution": 8, "k": 5}
        session.execute(insert(release).values(**values))
        coarse = [str(h3.cell_to_parent(cell, 8)) for cell in (CELL, cell_of(Point(25.0, 60.2)))]
        rows = [(coarse[0], PublicKind.FOOD), (coarse[0], PublicKind.WATER), (coarse[1], PublicKind.FOOD)]
        session.execute(
            insert(release_cell),
            [{"release_id": made, "cell": cell, "kind": kind.value, "band": "5-9"} for cell, kind in rows],
        )
        # whole instants of the past, one for each row, so that intervals part them
        for table in ("need", "asset"):
            ids = session.scalars(
                text({"need": "SELECT id FROM need ORDER BY id", "asset": "SELECT id FROM asset ORDER BY id"}[table])
            ).all()
            for day, row_id in enumerate(ids, start=1):
                at = {"at": datetime(2026, 3, day, 12, 0, 0, 250_000, UTC), "id": row_id}
                statement = {
                    "need": "UPDATE need SET received_at = :at, updated_at = :at WHERE id = :id",
                    "asset": "UPDATE asset SET updated_at = :at WHERE id = :id",
                }[table]
                session.execute(text(statement), at)
    session.commit()


@pytest.fixture
def town(session: Session) -> Session:
    fill(session)
    return session


@pytest.fixture
def feed(client: TestClient, town: Session) -> TestClient:
    """An organizer of a town with something in each collection."""
    assert town
    return client


def features(client: TestClient, collection: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(
        ITEMS.format(collection), params={name.replace("_", "-"): value for name, value in query.items()}
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["features"])


def names(client: TestClient, collection: str = "assets", **query: Any) -> list[str]:
    return [one["properties"]["name"] for one in features(client, collection, **query)]
