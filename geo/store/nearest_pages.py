"""Pages of the nearest who suit, and counts of the nearer who do not: what the search for the nearest reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import text

from geo.analysis.suiting import main_part
from geo.analysis.week_hours import hour_of_week
from geo.crs import SPHERE_SLACK
from geo.domain.hours import get_zone
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
MODE_OF_VEHICLE: Final = {Vehicle.NONE: Mode.WALK, Vehicle.BICYCLE: Mode.BICYCLE, Vehicle.CAR: Mode.CAR}
LOOKED_AT: Final = 500
"""So many of each way of travelling are looked at in the order of distance at first."""
LOOKED_AGAIN: Final = 8
"""Where some suit, so many times as many are looked at before whoever suits is sought by words instead."""
PASSED_OVER_ROWS: Final = 100
_WAY_WORDS: Final = {1: "v:none", 2: "v:bicycle", 3: "v:car"}
_FRAGMENTS: Final = ("why_not_helper", "why_not_asset", "asked", "ways")
WAYS: Final = {Mode.WALK: 1, Mode.BICYCLE: 2, Mode.CAR: 3}
"""How the database numbers the ways in which helpers travel."""


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
        zone = self.zone or get_zone("UTC")
        return {"wheelchair": self.mode is Mode.WHEELCHAIR, "week_began": week_began(zone, self.now)}


def speech_words(languages: Sequence[str]) -> list[str]:
    """Write the languages of a household as the words of helpers who speak one of them, or any."""
    spoken = sorted({f"l:{main_part(code)}" for code in languages})
    return [*spoken, "l:*"] if spoken else []


def read_assets(session: Session, values: Mapping[str, Any], page: int) -> Sequence[RowMapping]:
    """Read the nearest suitable assets, at most a page.

    Where many suit, the index's order ends early; where hardly any does, walking it through costs seconds in a large
    network, so it is given up and all that suit are sorted instead.
    """
    bound = {**values, "page": page, "look": LOOKED_AT * LOOKED_AGAIN}
    rows = session.execute(QUERIES["nearest_assets_around"], bound).mappings().all()
    return rows if len(rows) == page else session.execute(QUERIES["nearest_assets"], bound).mappings().all()


def read_helpers(
    session: Session, values: Mapping[str, Any], ways: Sequence[int], page: int
) -> dict[int, list[RowMapping]]:
    """Read the nearest suitable helpers of each way of travelling, at most a page of each.

    A few are looked at in the order of distance. Where some of them suit, and not enough, more are looked at; where
    none does, and in the end, whoever suits is sought by words and sorted. Nobody is sought beyond what the most
    willing of that way would travel.
    """
    found: dict[int, list[RowMapping]] = {way: [] for way in ways}
    short: list[int] = list(ways)
    for look in (LOOKED_AT, LOOKED_AT * LOOKED_AGAIN):
        pages = _walk(session, values, short, page, look)
        found |= {way: rows for way, (rows, _) in pages.items()}
        rare = {way: last for way, (rows, last) in pages.items() if last and (look > LOOKED_AT or not rows)}
        for way, last in rare.items():
            found[way] = _seek(session, values, way, page, last)
        short = [way for way, (_, last) in pages.items() if last and way not in rare]
        if not short:
            break
    return found


def _walk(
    session: Session, values: Mapping[str, Any], ways: Sequence[int], page: int, look: int
) -> dict[int, tuple[list[RowMapping], RowMapping | None]]:
    """Look at so many of each way; with the rows of each comes the last one looked at, where more may follow."""
    bound = {**values, "page": page, "look": look, "ways": list(ways)}
    rows: dict[int, list[RowMapping]] = {way: [] for way in ways}
    last: dict[int, RowMapping | None] = dict.fromkeys(ways)
    for row in session.execute(QUERIES["nearest_helpers_around"], bound).mappings():
        way = row["way"]
        if row["id"] is not None:
            rows[way].append(row)
        if row["place"] == look and row["sphere_m"] * SPHERE_SLACK <= row["farthest_m"] + 1.0:
            last[way] = row
    return {way: (rows[way], last[way] if len(rows[way]) < page else None) for way in ways}


def _seek(session: Session, values: Mapping[str, Any], way: int, page: int, last: RowMapping) -> list[RowMapping]:
    spoken = [*values["languages"], *last["unstated"]] if values["languages"] else []
    words = [*values["words"], _WAY_WORDS[way]]
    bound = {**values, "page": page, "way": way, "spoken": spoken, "words": words}
    return list(session.execute(QUERIES["nearest_helpers"], bound).mappings())


def count_passed_over(
    session: Session, kind: Kind, values: Mapping[str, Any], within_m: float
) -> dict[PassedOver, int]:
    """Count the nearer ones that do not suit, by the first reason; at most ``PASSED_OVER_ROWS`` are looked at."""
    bound = {**values, "within_m": within_m, "page": PASSED_OVER_ROWS}
    rows = session.execute(QUERIES[f"passed_over_{kind}s"], bound)
    return {PassedOver(row.reason): row.total for row in rows}
