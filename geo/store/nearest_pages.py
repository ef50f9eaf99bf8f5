"""Pages of the nearest who suit, and counts of the nearer who do not: what the search for the nearest reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import text

from geo.analysis.suiting import main_part
from geo.analysis.week_hours import hour_of_week
from geo.domain.nearest import COOL_DOWN_H, MOST_COOL_DOWN_H, PassedOver
from geo.domain.words import Mode, Vehicle
from geo.errors import InvalidInput
from geo.store.sql import load_queries
from geo.store.supply import week_began

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.hours import Window
    from geo.domain.place import Point
    from geo.domain.travel import TravelModel
    from geo.domain.words import Category

Kind = Literal["helper", "asset"]
LOOKED_AT: Final = 5_000
"""So many are looked at in the order of distance before whoever suits is sought by words instead."""
PASSED_OVER_ROWS: Final = 100
_FRAGMENTS: Final = ("why_not_helper", "why_not_asset", "asked")


def statements() -> dict[str, str]:
    """Give the statements with the parts that they share put in."""
    queries = dict(load_queries("nearest"))
    parts = {f"{{{{{name}}}}}": queries.pop(name) for name in _FRAGMENTS}
    for name, query in queries.items():
        whole = query
        for mark, part in parts.items():
            whole = whole.replace(mark, _without_comments(part))
        queries[name] = whole
    return queries


def _without_comments(part: str) -> str:
    return "\n".join(line for line in part.splitlines() if not line.startswith("--"))


QUERIES: Final = {name: text(query) for name, query in statements().items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What help is looked for.

    Attributes
    ----------
    point
        Where the household is, WGS 84.
    category, languages
        For what, and in which languages; any where nothing is said.
    mode
        How the household travels to an asset.
    need_id
        For which need, if it is for one: who was asked about it, or is kept apart from its household, does not suit.
    window
        When; hours do not matter when left out.
    vehicle
        What a helper must come with.
    cool_down_h
        Helpers who were asked in so many hours before ``now`` are left in peace.
    zone
        In which the hours are meant; needed with a window and for assets.
    """

    point: Point
    category: Category | None
    languages: tuple[str, ...] = ()
    mode: Mode = Mode.WALK
    need_id: UUID | None = None
    window: Window | None = None
    vehicle: Vehicle | None = None
    cool_down_h: float = COOL_DOWN_H
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    zone: ZoneInfo | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.cool_down_h <= MOST_COOL_DOWN_H:
            raise InvalidInput(f"cool_down_h must be between 0 and {MOST_COOL_DOWN_H:g}", field="cool_down_h")

    def values(self, kind: Kind, model: TravelModel) -> dict[str, Any]:
        """Give what the statements are told."""
        shared = {
            "lon": self.point.lon,
            "lat": self.point.lat,
            "category": None if self.category is None else self.category.value,
            "languages": speech_words(self.languages),
        }
        return shared | (self._of_helpers(model) if kind == "helper" else self._of_assets())

    def _of_helpers(self, model: TravelModel) -> dict[str, Any]:
        words = ["ready"]
        words += [] if self.category is None else [f"c:{self.category.value}"]
        words += [] if self.vehicle is None else [f"v:{self.vehicle.value}"]
        return {
            "words": words,
            "hours": self._hour_words(),
            "vehicle": None if self.vehicle is None else self.vehicle.value,
            "rested_since": self.now - timedelta(hours=self.cool_down_h) if self.cool_down_h else None,
            "now": self.now,
            "need_id": self.need_id,
            "walk_m": model.reach_m(1, Mode.WALK),
            "bicycle_m": model.reach_m(1, Mode.BICYCLE),
            "car_m": model.reach_m(1, Mode.CAR),
        }

    def _hour_words(self) -> list[str]:
        hour = None if self.window is None or self.zone is None else hour_of_week(self.window.start, self.zone)
        return [] if hour is None else [f"h:{hour}", "h:?"]

    def _of_assets(self) -> dict[str, Any]:
        zone = self.zone or UTC
        return {"wheelchair": self.mode is Mode.WHEELCHAIR, "week_began": week_began(zone, self.now)}


def speech_words(languages: Sequence[str]) -> list[str]:
    """Write the languages of a household as the words of helpers who speak one of them, or any."""
    spoken = sorted({f"l:{main_part(code)}" for code in languages})
    return [*spoken, "l:*"] if spoken else []


def read_page(session: Session, kind: Kind, values: Mapping[str, Any], page: int) -> Sequence[RowMapping]:
    """Read the nearest suitable ones, at most a page.

    Where many suit, the index's order ends early; where hardly anybody does, walking it through costs seconds in a
    large network, so it is given up after ``LOOKED_AT`` and whoever suits is sought by words and sorted.
    """
    bound = {**values, "page": page, "look": LOOKED_AT}
    rows = session.execute(QUERIES[f"nearest_{kind}s_around"], bound).mappings().all()
    if len(rows) == page:
        return rows
    if kind == "helper":
        bound |= session.execute(QUERIES["before_the_words"], bound).mappings().one()
    return session.execute(QUERIES[f"nearest_{kind}s"], bound).mappings().all()


def count_passed_over(
    session: Session, kind: Kind, values: Mapping[str, Any], within_m: float
) -> dict[PassedOver, int]:
    """Count the nearer ones that do not suit, by the first reason; at most ``PASSED_OVER_ROWS`` are looked at."""
    bound = {**values, "within_m": within_m, "page": PASSED_OVER_ROWS}
    rows = session.execute(QUERIES[f"passed_over_{kind}s"], bound)
    return {PassedOver(row.reason): row.total for row in rows}
