"""What the map says of questions drawn at random, beside what the service and the database say of the same ones.

Six always; ``BARNRAISER_FULL=1`` asks fifty.
"""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

import h3
import pytest
from shapely.geometry import Point, shape
from sqlalchemy import text

from geo.domain.hours import Window
from geo.domain.words import Category, Mode
from geo.store.coverage import Question
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.worst_gaps import Among, list_worst

from api.settings import TravelSettings
from api.travel import TravelChoice
from dashboard.opening import SLOTS, next_start
from dashboard.sentences import ON, amount, headline
from dashboard.views.question import STANDARDS
from tests.browser.looking import PATIENT_MS, be_idle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from playwright.sync_api import Page
    from sqlalchemy import Engine

    from geo.store.worst_gaps import WorstGaps

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]
    Json = dict[str, Any]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MANY = 50 if os.environ.get("BARNRAISER_FULL") == "1" else 6
SEED = 9
ROWS = 20
PARTS = ("located", "approximate", "needs_review", "no_location", "withheld", "closed")
# what waits for a place, and what has one, told without the code that tells it to the page
BALANCE = """
SELECT count(*) AS received,
       count(*) FILTER (WHERE shown AND location_state IN ('located', 'confirmed')) AS located,
       count(*) FILTER (WHERE shown AND location_state = 'approximate') AS approximate,
       count(*) FILTER (WHERE shown AND location_state IN ('needs_review', 'pending')) AS needs_review,
       count(*) FILTER (WHERE shown AND location_state = 'none') AS no_location,
       count(*) FILTER (WHERE is_open AND withheld) AS withheld,
       count(*) FILTER (WHERE NOT is_open) AS closed
FROM (SELECT *, is_open AND NOT withheld AS shown
      FROM (SELECT *, status IN ('open', 'in_progress') AS is_open FROM need) AS known) AS told
WHERE CAST(:category AS text) IS NULL OR category = :category"""
DEMAND = """
SELECT cell, count(*) AS many FROM need
WHERE status IN ('open', 'in_progress') AND NOT withheld
  AND location_state IN ('located', 'confirmed', 'approximate')
  AND (CAST(:category AS text) IS NULL OR category = :category)
GROUP BY cell"""


@dataclass(frozen=True)
class Asked:
    """One question, by the names the address and the service have for its parts."""

    kind: tuple[str, str] | None
    area: Json | None
    minutes: int
    mode: str
    slot: str

    def address(self) -> str:
        """The map's address of it."""
        word = "under a minute" if self.minutes < 1 else f"within {self.minutes} minutes"
        said = {"minutes": word, "mode": ON[self.mode].capitalize()}
        said |= {"need": self.kind[1]} if self.kind else {}
        said |= {"area": self.area["name"]} if self.area else {}
        said |= {"open": self.slot} if self.slot else {}
        return "/dash/map?" + urlencode(said)

    @property
    def category(self) -> str | None:
        return self.kind[0] if self.kind else None


class Truth:
    """The database, and the travel model of the installation."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.engine: Engine = make_engine(environment["BARNRAISER_DATABASE_URL"])
        self.sessions = make_sessions(self.engine)
        self.travel = TravelChoice(Path(environment["BARNRAISER_HOME"]), TravelSettings())

    def close(self) -> None:
        self.travel.close()
        self.engine.dispose()

    def balance(self, asked: Asked) -> Json:
        with transaction(self.sessions) as session:
            return dict(session.execute(text(BALANCE), {"category": asked.category}).mappings().one())

    def demand(self, asked: Asked) -> int:
        """How many needs ask for help in the cells whose middle is in the area."""
        outline = shape(asked.area["geometry"]) if asked.area else None
        with transaction(self.sessions) as session:
            rows = session.execute(text(DEMAND), {"category": asked.category}).all()
        return sum(many for cell, many in rows if outline is None or outline.intersects(_middle(cell)))

    def worst(self, asked: Asked, start: datetime | None) -> WorstGaps:
        """Everything worked out anew from the rows of the database."""
        window = Window(start, start + timedelta(hours=1)) if start else None
        question = Question(self.travel.model(), float(asked.minutes), Mode(asked.mode), window=window)
        among = Among(
            Category(asked.category) if asked.category else None, UUID(asked.area["id"]) if asked.area else None
        )
        with transaction(self.sessions) as session:
            return list_worst(session, question, among, offset=0, limit=ROWS)


def _middle(cell: str) -> Point:
    lat, lon = h3.cell_to_latlng(cell)
    return Point(lon, lat)


@pytest.fixture(scope="module")
def truth(environment: dict[str, str]) -> Iterator[Truth]:
    told = Truth(environment)
    yield told
    told.close()


def draw(site: httpx.Client) -> list[Asked]:
    """Draw questions, the same in each run."""
    chance = random.Random(SEED)  # noqa: S311 - nothing here is a secret
    meta, areas = site.get("/v1/meta").json(), site.get("/v1/areas", params={"limit": 100}).json()["items"]
    kinds = [(one["value"], one["label"]) for one in meta["categories"]]
    # a part of town is asked by its name, and two may share one
    named = [area for area in areas if sum(area["name"] == one["name"] for one in areas) == 1]
    return [
        Asked(
            chance.choice([None, *kinds]),
            chance.choice([None, *chance.sample(named, 3)]),
            chance.choice(STANDARDS),
            chance.choice(list(ON)),
            chance.choice(["", *chance.sample(SLOTS, 2)]),
        )
        for _ in range(MANY)
    ]


def ask_service(site: httpx.Client, asked: Asked, start: datetime | None) -> Json:
    """Ask for every row, and keep those of the area."""
    query = {"standard_min": asked.minutes, "mode": asked.mode}
    query |= {"category": asked.category} if asked.category else {}
    query |= {"open_at": start.isoformat()} if start else {}
    answer = site.get("/v1/coverage", params=query, timeout=60).json()
    outline = shape(asked.area["geometry"]) if asked.area else None
    rows = [row for row in answer["rows"] if outline is None or outline.intersects(_middle(row["key"]))]
    return dict(answer) | {"rows": rows}


def numbers(told: str) -> list[int]:
    return [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", told)]


def shown_rows(page: Page) -> list[list[str]]:
    # as they stand on paper; on the screen they stand on a canvas
    rows = "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    return list(page.locator(".br-paper tbody tr").evaluate_all(rows))


def test_every_figure_is_the_services_and_the_databases(look: Look, site: httpx.Client, truth: Truth) -> None:
    seen = look()
    page = seen.page
    labels = {one["value"]: one["label"] for one in site.get("/v1/meta").json()["categories"]}
    zone = site.get("/v1/meta").json()["time_zone"]
    told = set()
    for asked in draw(site):
        seen.open(asked.address())
        page.locator(".br-balance").wait_for(timeout=PATIENT_MS)
        be_idle(page)
        start = next_start(asked.slot, zone, datetime.now(UTC)) if asked.slot else None
        service, worst = ask_service(site, asked, start), truth.worst(asked, start)
        gap, demand = (sum(getattr(one, name) for one in worst.chosen.totals.values()) for name in ("gap", "demand"))
        assert sum(row["gap"] for row in service["rows"]) == gap, asked
        assert sum(row["demand"] for row in service["rows"]) == demand == truth.demand(asked), asked

        when = f" on {asked.slot.replace(' ', ' at ')}" if asked.slot else ""
        kind = f"{asked.kind[1].lower()} " if asked.kind else ""
        sentence = headline(demand, gap, kind=kind, standard_min=asked.minutes, mode=asked.mode, when=when)
        assert page.locator("h1").inner_text() == sentence, asked
        told.add(sentence)

        balance = truth.balance(asked)
        assert service["balance"] == balance == worst.balance.as_dict(), asked
        line = numbers(page.locator(".br-balance").get_attribute("aria-label") or "")
        assert line == [balance[name] for name in ("received", *PARTS)], asked
        assert line[0] == sum(line[1:]), asked

        rows = shown_rows(page)[:ROWS]
        # rows alike in all that orders them may come in another order
        of_service = sorted(service["rows"], key=lambda row: -row["gap"])[: len(rows)]
        assert [numbers(row[2])[0] for row in rows] == [round(row["gap"]) for row in of_service], asked
        of_database = [
            [row.label, labels[row.category], amount(row.totals.gap), amount(row.totals.demand), row.why]
            for row in worst.chosen.rows
        ]
        assert rows == of_database, asked
    # questions that all have one answer would show little
    assert len(told) > MANY / 2
    assert seen.trouble == []
