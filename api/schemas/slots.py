"""Gaps by time slot as they leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from geo.domain.slots import GroupBy
from geo.domain.words import Category, Mode

from api.schemas.coverage import TotalsOut
from api.schemas.meta import BalanceOut, TravelModelOut

Weekday = Annotated[int, Field(ge=0, le=6, description="0 is Monday")]
Hour = Annotated[int, Field(ge=0, le=23)]


class SlotRowOut(TotalsOut):
    """One hour of the week, one category and one group."""

    weekday: Weekday
    hour: Hour
    category: Category
    group: str
    coverage_best: float = Field(ge=0, le=1, description="the share if every uncertain place and hour were favourable")
    out_of_reach: int


class SlotGapOut(BaseModel):
    """A stretch of the week in which a group goes without."""

    category: Category
    group: str
    demand: int
    gap: int
    hours: int
    sentence: str


class SlotsOut(BaseModel):
    """Every hour of one week, and the worst of it from 8 to 22 o'clock."""

    travel_model: TravelModelOut
    standard_min: float
    mode: Mode
    group: GroupBy
    week_of: date = Field(description="the Monday it begins with")
    time_zone: str
    solved: int = Field(description="how many different sets of open places there were")
    worst: list[SlotGapOut] = Field(max_length=20)
    by_day: list[float] = Field(min_length=7, max_length=7, description="mean gap, from 8 to 22 o'clock")
    by_hour: list[float] = Field(min_length=24, max_length=24, description="mean gap")
    rows: list[SlotRowOut]
    excluded_supply: dict[str, int] = Field(description="help that counts in no hour, or at best, by reason")
    balance: BalanceOut
