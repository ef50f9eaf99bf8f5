"""Questions for the next places of help and for what would be, and their answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from geo.domain.hours import Window
from geo.domain.place import Point
from geo.domain.siting import CandidateKind, EquityGroup, EquityWeight, Problem, SitesAsked
from geo.domain.what_if import AddedPlace, WhatIf
from geo.domain.words import Category, Mode

from api.schemas.assets import Hours
from api.schemas.common import Body, BodyLat, BodyLon, Categories, ClientId, Instant, PointIn, count
from api.schemas.coverage import TotalsOut
from api.schemas.meta import BalanceOut, TravelModelOut

MOST_POINTS = 2000
Standard = Annotated[
    float | None,
    Field(
        strict=True, gt=0, le=240, allow_inf_nan=False, examples=[5.0],
        description="service standard in minutes; the installation's own when left out",
    ),
]  # fmt: skip
Slug = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Capacity = Annotated[int, count(0, 1_000_000)]


def _number(most: float, description: str) -> Any:  # noqa: ANN401 - pydantic's own
    return Field(strict=True, ge=0, le=most, allow_inf_nan=False, description=description)


class EquityIn(Body):
    """How much the needs of a group weigh beside the others."""

    group: EquityGroup
    value: Annotated[Slug, Field(description="a language tag, a word for access or urgency, or the slug of an area")]
    weight: Annotated[float, _number(1000, "1 for no difference; weights of several groups are multiplied")]


class SitesIn(Body):
    """Where the next places of help should be."""

    category: Category
    problem: Annotated[
        Problem,
        Field(
            description="mclp: serve most needs; lscp: serve all that can be with the fewest places; pmedian, pcenter: "
            "make the ways short in all, or the longest one short"
        ),
    ] = Problem.MCLP
    k: Annotated[int | None, count(0, 50)] = None
    standard_min: Standard = None
    mode: Mode = Mode.WALK
    candidates: Annotated[
        CandidateKind,
        Field(
            description="vacant: public places closed at present, or open without this help; addresses: doors of the "
            "gazetteer, spread evenly; grid: middles of hexagons; points: those given"
        ),
    ] = CandidateKind.GRID
    points: Annotated[tuple[PointIn, ...], Field(max_length=MOST_POINTS)] = ()
    capacity: Annotated[Capacity | None, Field(description="needs a week of each new place; null for no limit")] = None
    equity: Annotated[tuple[EquityIn, ...], Field(max_length=50)] = ()
    worst_first: Annotated[
        float, _number(1000, "a need weighs 1 + this x the share of its area's needs that is without help")
    ] = 0.0
    area: Annotated[Slug | None, Field(description="slug of an area the new places must lie in")] = None
    most_candidates: Annotated[
        int | None, Field(strict=True, ge=1, le=MOST_POINTS, description="500 when left out, or 150 along streets")
    ] = None
    time_limit_s: Annotated[float, Field(strict=True, ge=0.1, le=20, allow_inf_nan=False)] = 8.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.points) != (self.candidates is CandidateKind.POINTS):
            raise ValueError("give points when candidates are points, and only then")
        if self.k is None and self.problem is not Problem.LSCP:
            raise ValueError("say with k how many places")
        return self

    def asked(self, standard_min: float) -> SitesAsked:
        """Turn into the library's own question; ``standard_min`` is used when none was sent."""
        plain = {name: getattr(self, name) for name in (
            "problem", "category", "k", "mode", "candidates", "capacity", "worst_first", "area", "most_candidates",
            "time_limit_s",
        )}  # fmt: skip
        return SitesAsked(
            **plain,
            standard_min=standard_min if self.standard_min is None else self.standard_min,
            points=tuple(Point(one.lon, one.lat) for one in self.points),
            equity=tuple(EquityWeight(one.group, one.value, one.weight) for one in self.equity),
        )


class SiteOut(BaseModel):
    """A place to open: never the place of a need."""

    lon: float
    lat: float
    cell: str
    label: str
    newly_served: int = Field(description="needs served by opening it after those before it")
    cumulative: int = Field(description="needs newly served by all so far")


class SitesOut(BaseModel):
    """The next places in the order in which each serves most, and what they change."""

    problem: Problem
    category: Category
    k: int | None
    standard_min: float
    mode: Mode
    candidates: CandidateKind
    candidate_count: int
    note: str
    sites: list[SiteOut]
    objective: float
    unit: str
    method: Literal["milp", "greedy"]
    optimal: bool
    bound: float = Field(description="no choice of places is better than this")
    bound_by: Literal["proof", "relaxation", "gains"]
    was_cut: bool = Field(description="whether the solver was stopped at its limit before its end")
    optimality_gap: float = Field(ge=0, description="how far the bound is from the objective, as a share of it")
    before: TotalsOut
    after: TotalsOut
    all_before: TotalsOut
    all_after: TotalsOut
    unreached: int = Field(description="needs of the category that neither help nor any candidate reaches")
    travel_model: TravelModelOut
    balance: BalanceOut


class AddIn(Body):
    """A place of help that is not there."""

    lon: BodyLon
    lat: BodyLat
    categories: Categories
    capacity: Capacity


class MoveIn(Body):
    """Where an asset would be."""

    asset_id: ClientId
    lon: BodyLon
    lat: BodyLat


class ResizeIn(Body):
    """How many needs a week an asset would take."""

    asset_id: ClientId
    capacity: Capacity


class ReopenIn(Body):
    """When an asset would be open."""

    asset_id: ClientId
    opening_hours: Hours


class WhatIfIn(Body):
    """Changes to imagine, 50 at most in all."""

    add: Annotated[tuple[AddIn, ...], Field(max_length=50)] = ()
    move: Annotated[tuple[MoveIn, ...], Field(max_length=50)] = ()
    close: Annotated[tuple[ClientId, ...], Field(max_length=50)] = ()
    resize: Annotated[tuple[ResizeIn, ...], Field(max_length=50)] = ()
    reopen: Annotated[tuple[ReopenIn, ...], Field(max_length=50)] = ()
    standard_min: Standard = None
    mode: Mode = Mode.WALK
    by: Literal["hex", "area"] = "area"
    with_cells: Annotated[bool, Field(strict=True, description="give the change of each cell too, for a map")] = False
    group: Annotated[
        Literal["none", "language", "access", "urgency"],
        Field(description="give the change of each group of households too"),
    ] = "none"
    open_at: Annotated[
        Instant | None,
        Field(description="count only help that is open for an hour from then, before and after; new places are"),
    ] = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        named = ([one.asset_id for one in many] for many in (self.move, self.resize, self.reopen))
        for ids in (list(self.close), *named):
            if len(set(ids)) != len(ids):
                raise ValueError("must not name the same asset twice")
        return self

    def asked(self, standard_min: float) -> WhatIf:
        """Turn into the library's own question; ``standard_min`` is used when none was sent."""
        return WhatIf(
            standard_min=standard_min if self.standard_min is None else self.standard_min,
            mode=self.mode,
            by=self.by,
            add=tuple(AddedPlace(Point(a.lon, a.lat), frozenset(a.categories), a.capacity) for a in self.add),
            move={one.asset_id: Point(one.lon, one.lat) for one in self.move},
            close=self.close,
            resize={one.asset_id: one.capacity for one in self.resize},
            reopen={one.asset_id: one.opening_hours for one in self.reopen},
            with_cells=self.with_cells,
            group=self.group,
            window=None if self.open_at is None else Window(self.open_at, self.open_at + timedelta(hours=1)),
        )


class ChangedRowOut(BaseModel):
    """A cell, area or group and a category that would fare otherwise."""

    key: str
    label: str
    category: Category
    demand: int
    gap_before: int
    gap_after: int
    change: int = Field(description="below zero: fewer needs without help")
    newly_within: int = Field(description="needs that would have help within reach and have none now")
    no_longer_within: int = Field(description="needs that have help within reach now and would have none")


class ReachChangeOut(BaseModel):
    """Needs with no help within reach; ``out_after = out_before - newly_within + no_longer_within``."""

    out_before: int
    newly_within: int
    no_longer_within: int
    out_after: int


class WhatIfOut(BaseModel):
    """What would change, the best improvement first; nothing that is stored has."""

    sentence: str
    notes: list[str]
    before: dict[Category, TotalsOut]
    after: dict[Category, TotalsOut]
    reach: dict[Category, ReachChangeOut]
    rows: list[ChangedRowOut]
    cells: list[ChangedRowOut]
    groups: list[ChangedRowOut]
    standard_min: float
    mode: Mode
    by: Literal["hex", "area"]
    open_at: str | None
    travel_model: TravelModelOut
    balance: BalanceOut


SITES_EXAMPLES: dict[str, Any] = {
    "most": {
        "summary": "Three places that serve most",
        "value": {"category": "food", "k": 3, "candidates": "grid", "capacity": 20},
    },
    "equity": {
        "summary": "In public places, with more weight for some and for areas served worst",
        "value": {
            "category": "food", "k": 2, "candidates": "vacant", "capacity": 20, "worst_first": 1.0,
            "equity": [{"group": "language", "value": "ar", "weight": 2.0}],
        },
    },
    "fewest": {
        "summary": "The fewest of these points that serve all that can be",
        "value": {
            "problem": "lscp", "category": "food", "candidates": "points",
            "points": [{"lon": 24.9414, "lat": 60.1719}, {"lon": 24.9557, "lat": 60.1742}],
        },
    },
}  # fmt: skip
WHAT_IF_EXAMPLES: dict[str, Any] = {
    "add": {
        "summary": "A place more",
        "value": {"add": [{"lon": 24.9414, "lat": 60.1719, "categories": ["food"], "capacity": 20}]},
    },
    "close": {"summary": "A place less", "value": {"close": ["0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"]}},
    "reopen": {
        "summary": "Open on Sundays too, judged by one Sunday, with each cell for a map",
        "value": {
            "reopen": [{"asset_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41", "opening_hours": "Mo-Su 10:00-18:00"}],
            "open_at": "2026-03-08T12:00:00Z",
            "with_cells": True,
            "group": "language",
        },
    },
}
