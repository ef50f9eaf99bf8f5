"""A town in which one thing changes after the other, and figures that are kept beside those worked out anew."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import insert

from geo.analysis.travel import StraightLineTravel
from geo.domain.drafts import AreaDraft
from geo.domain.ids import new_id
from geo.domain.place import Location, Point
from geo.domain.words import Access, Category, LocationState, MatchQuality, Mode, StepFree, Vehicle
from geo.store.areas import create_area
from geo.store.assets import delete_asset, update_asset
from geo.store.coverage import Question, work_out
from geo.store.helpers import update_helper
from geo.store.needs import delete_need, place_need, update_need
from geo.store.supply import list_supply
from geo.store.tables import match

from tests.factories import add_asset, add_helper, add_need, located
from tests.grid import HELSINKI
from tests.streets import grid_town

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel
    from geo.store.live_coverage import LiveCoverages

MODEL = StraightLineTravel()
SPOKEN: list[tuple[str, ...]] = [(), ("fi",), ("ar",), ("ar", "fi")]
TOWN = grid_town(HELSINKI.lon, HELSINKI.lat)


def ask_of(model: TravelModel) -> list[Question]:
    return [Question(model, 5.0, Mode.WALK, "hex"), Question(model, 8.0, Mode.BICYCLE, "area")]


QUESTIONS, ALONG_STREETS = ask_of(MODEL), ask_of(TOWN)
EACH_WAY = pytest.mark.parametrize("questions", [QUESTIONS, ALONG_STREETS], ids=["crow", "streets"])


def near(rng: random.Random) -> Point:
    return Point(HELSINKI.lon + rng.gauss(0, 0.01), HELSINKI.lat + rng.gauss(0, 0.005))


def same(session: Session, live: LiveCoverages, questions: Sequence[Question] = QUESTIONS) -> None:
    for question in questions:
        kept, anew = live.find(session, question), work_out(session, question, list_supply(session))
        rows, totals = (kept.rows, kept.totals) if kept else ((), {})
        assert list(rows) == list(anew.rows)
        assert totals == anew.totals


def make_areas(session: Session) -> None:
    for slug, wide in (("district", 0.01), ("block", 0.003)):
        shape = MultiPolygon([box(HELSINKI.lon - wide, HELSINKI.lat - wide, HELSINKI.lon + wide, HELSINKI.lat + wide)])
        create_area(session, AreaDraft(slug, slug.title(), "manual", shape))


class Town:
    """Somebody who changes one thing after the other."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a town, no secret
        self.needs: list[Any] = []
        self.assets: list[Any] = []
        self.helpers: list[Any] = []

    def step(self, session: Session) -> None:
        steps: list[Callable[[Session], None]] = [
            self.ask, self.ask, self.ask, self.offer, self.offer, self.help_out, self.change_need, self.move_need,
            self.change_asset, self.change_helper, self.drop_need, self.drop_asset, self.take_room,
        ]  # fmt: skip
        self.rng.choice(steps)(session)

    def ask(self, session: Session) -> None:
        about_m = self.rng.choice([0.0, 0.0, 60.0, 700.0])
        state = LocationState.APPROXIMATE if about_m > 100 else LocationState.LOCATED
        location = Location(state, MatchQuality.STREET, near(self.rng), about_m)
        values: dict[str, Any] = {"category": self.rng.choice([Category.FOOD, Category.WATER])}
        values["access"] = (Access.WHEELCHAIR,) if self.rng.random() < 0.2 else ()
        values["languages"] = self.rng.choice(SPOKEN)
        self.needs.append(add_need(session, location, **values).id)

    def offer(self, session: Session) -> None:
        categories = self.rng.choice([(Category.FOOD,), (Category.WATER,), (Category.FOOD, Category.WATER)])
        values = {"capacity_per_week": self.rng.randint(0, 4), "name": self.rng.choice("ABC"), "categories": categories}
        values["source_ref"] = str(self.rng.random())
        values |= {"languages": self.rng.choice(SPOKEN), "step_free": self.rng.choice(list(StepFree))}
        self.assets.append(add_asset(session, near(self.rng), **values).id)

    def help_out(self, session: Session) -> None:
        values = {"capacity_per_week": self.rng.randint(1, 3), "languages": self.rng.choice(SPOKEN)}
        values |= {"vehicle": self.rng.choice(list(Vehicle)), "max_travel_min": self.rng.choice([1, 4, 30])}
        self.helpers.append(add_helper(session, near(self.rng), **values).id)

    def change_need(self, session: Session) -> None:
        if self.needs:
            changes = self.rng.choice(
                [{"urgency": "critical"}, {"status": "met"}, {"status": "open"}, {"withheld": True}]
            )
            update_need(session, self.rng.choice(self.needs), changes)

    def move_need(self, session: Session) -> None:
        if self.needs:
            place_need(session, self.rng.choice(self.needs), located(near(self.rng)))

    def change_asset(self, session: Session) -> None:
        if self.assets:
            changes = self.rng.choice(
                [
                    {"capacity_per_week": self.rng.randint(0, 5)},
                    {"point": near(self.rng)},
                    {"name": "Z"},
                    {"status": "inactive"},
                    {"status": "active"},
                ]
            )
            update_asset(session, self.rng.choice(self.assets), changes)

    def take_room(self, session: Session) -> None:
        if self.needs and self.assets:
            taken = {"need_id": self.rng.choice(self.needs), "asset_id": self.rng.choice(self.assets)}
            session.execute(insert(match).values(id=new_id(), status=self.rng.choice(["done", "failed"]), **taken))

    def change_helper(self, session: Session) -> None:
        if self.helpers:
            changes = self.rng.choice([{"load": self.rng.randint(0, 3)}, {"max_travel_min": self.rng.randint(1, 9)}])
            update_helper(session, self.rng.choice(self.helpers), changes)

    def drop_need(self, session: Session) -> None:
        if self.needs:
            delete_need(session, self.needs.pop(self.rng.randrange(len(self.needs))))

    def drop_asset(self, session: Session) -> None:
        if self.assets:
            delete_asset(session, self.assets.pop(self.rng.randrange(len(self.assets))))
