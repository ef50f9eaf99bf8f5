"""Coverage and nearest help as they leave."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from geo.domain.nearest import PassedOver
from geo.domain.words import Category, Mode

from api.schemas.common import Instant
from api.schemas.meta import BalanceOut, TravelModelOut
from api.schemas.reasons import ReasonOut


class TotalsOut(BaseModel):
    """Needs of one category: demand is covered plus gap."""

    demand: int
    covered: int
    gap: int
    coverage: float = Field(ge=0, le=1, description="share of demand within the standard, capacity counted")


class CoverageRowOut(TotalsOut):
    """One cell or area and one category."""

    key: str
    label: str
    category: Category
    coverage_best: float = Field(ge=0, le=1, description="the share if every uncertain place lay favourably")
    supply: int
    out_of_reach: int
    why: str = Field(description="why the gap is where it is, in English")
    because: list[ReasonOut] = Field(description="the same as codes with their parts")
    edge: bool = Field(description="near the edge of the loaded area: help beyond it is not counted")


class CoverageOut(BaseModel):
    """All rows, the widest gap first, with totals and the balance line."""

    travel_model: TravelModelOut
    standard_min: float
    mode: Mode
    by: Literal["hex", "area"]
    rows: list[CoverageRowOut]
    totals: dict[Category, TotalsOut]
    excluded_supply: dict[str, int] = Field(description="help that does not count, by reason")
    unsuited: dict[Category, dict[str, int]] = Field(
        description="needs for which the network has help and none that suits, by reason; distance aside"
    )
    open_at: Instant | None = Field(description="when help had to be open for an hour, if that was asked")
    balance: BalanceOut


class WorstGapsOut(BaseModel):
    """A page of rows, the widest gap first, and what all rows asked for add up to."""

    count: int = Field(description="how many rows there are in all")
    widest: int = Field(description="needs without help in the cell that has most of them, all its categories together")
    rows: list[CoverageRowOut]
    totals: dict[Category, TotalsOut]
    balance: BalanceOut


class ChangedOut(BaseModel):
    """Demand and gap on a day that was kept, and now."""

    key: str
    label: str
    category: Category
    demand_then: int
    gap_then: int
    demand: int
    gap: int
    gap_change: int = Field(description="how many more cannot be served; below zero, how many fewer")


class CoverageChangesOut(BaseModel):
    """What has changed since a day, the gap that widened most first; at most 1000 rows."""

    since: date | None = Field(description="the day compared with: the last one kept, up to the one asked for")
    travel_model: TravelModelOut
    rows: list[ChangedOut]
    totals: dict[Category, ChangedOut]


class NearestOut(BaseModel):
    """A helper or asset that can meet the need."""

    kind: Literal["helper", "asset"]
    id: UUID
    name: str
    cell: str | None
    travel_min: int
    mode: Mode
    reasons: list[str] = Field(description="why it is named, in English")
    reason_codes: list[str] = Field(description="what each of the reasons is, in the same order")
    reason: str = Field(description="all of them in one line")
    because: list[ReasonOut] = Field(description="the same as codes with their parts")


class NearestListOut(BaseModel):
    """The nearest suitable help, quickest first, and why nearer ones were passed over."""

    travel_model: TravelModelOut
    results: list[NearestOut]
    passed_over: dict[str, int] = Field(description="nearer help that is not named, by the first reason, in words")
    passed_over_codes: dict[PassedOver, int] = Field(description="the same by codes")
