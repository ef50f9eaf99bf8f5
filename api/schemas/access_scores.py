"""Scores of access and hot spots as they leave."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.access_scores import AccessMethod, Counting
from geo.domain.words import Category, Mode

from api.schemas.meta import TRAVEL_EXAMPLE, BalanceOut, TravelModelOut

EDGE = "near the edge of the loaded area: help beyond it is not counted"


class ScoreOut(BaseModel):
    """A figure, and what it is at least and at most wherever needs known roughly may be."""

    value: float | None = Field(description="nothing where help is out of reach, for minutes")
    low: float | None
    high: float | None = Field(description="nothing where there is no upper end")


class AccessRowOut(BaseModel):
    """One cell or area: the mean over its needs."""

    key: str
    label: str
    demand: int = Field(description="open needs of the category here")
    weight: float = Field(description="what they count as")
    score: ScoreOut
    out_of_reach: int = Field(description="needs that reach no help from where they are held to be")
    edge: bool = Field(description=EDGE)


class PovertyOut(BaseModel):
    """Access poverty (FGT 0, 1 and 2)."""

    share: float = Field(ge=0, le=1, description="share of needs below the line")
    depth: float = Field(ge=0, le=1, description="how far below it they are on average, as a share of the line")
    severity: float = Field(ge=0, le=1, description="the same, squared before the mean")


class InequalityOut(BaseModel):
    """How unequally access is spread over needs."""

    gini: float | None = Field(description="0 when all have the same; nothing when nobody has any")
    palma: float | None = Field(description="mean access of the best placed tenth over that of the worst two fifths")
    poverty: PovertyOut | None = Field(description="nothing for bfca, of which no amount by itself is enough")
    least: PovertyOut | None = Field(description="if needs known roughly lay as favourably as they can")
    most: PovertyOut | None = Field(description="if they lay as unfavourably as they can")
    line: str | None = Field(description="what counts as enough")


class AccessOut(BaseModel):
    """Scores, the worst placed first, with inequality and the balance line."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "method": "2sfca",
                "unit": "needs a week that help can take, for each in reach of it",
                "category": "food",
                "k": 1,
                "standard_min": 5,
                "mode": "walk",
                "by": "hex",
                "counting": "needs",
                "rows": [
                    {
                        "key": "891126d3303ffff",
                        "label": "Fabianinkatu / Hallituskatu",
                        "demand": 3,
                        "weight": 3,
                        "score": {"value": 0.5, "low": 0.33, "high": 0.5},
                        "out_of_reach": 0,
                        "edge": False,
                    }
                ],
                "row_count": 1,
                "overall": {"value": 0.5, "low": 0.33, "high": 0.5},
                "inequality": {
                    "gini": 0,
                    "palma": 1,
                    "poverty": {"share": 1, "depth": 0.5, "severity": 0.25},
                    "least": {"share": 1, "depth": 0.5, "severity": 0.25},
                    "most": {"share": 1, "depth": 0.67, "severity": 0.45},
                    "line": "room for one need a week",
                },
                "excluded_supply": {},
                "travel_model": TRAVEL_EXAMPLE,
                "balance": {
                    "received": 3, "located": 3, "approximate": 0, "needs_review": 0, "no_location": 0, "withheld": 0,
                    "closed": 0,
                },
            }
        }
    )  # fmt: skip

    method: AccessMethod
    unit: str
    category: Category
    k: int
    standard_min: float
    mode: Mode
    by: Literal["hex", "area"]
    counting: Counting
    rows: list[AccessRowOut]
    row_count: int = Field(description="how many there are, whether shown or cut off by the limit")
    overall: ScoreOut
    inequality: InequalityOut | None = Field(description="nothing when there is no need")
    excluded_supply: dict[str, int] = Field(description="help that does not count, by reason")
    travel_model: TravelModelOut
    balance: BalanceOut


class HotSpotOut(BaseModel):
    """One cell with open needs."""

    cell: str
    label: str
    demand: int
    gap: int = Field(description="needs that no sharing-out of the help within reach can serve")
    z: float | None = Field(description="Gi* in standard deviations; nothing for a cell without neighbours")
    p: float | None = Field(description="the chance of so high a sum around it")
    q: float | None = Field(description="the false discovery rate at which it would be called hot")
    is_hot: bool
    edge: bool = Field(description=EDGE)


class HotSpotsOut(BaseModel):
    """Cells with open needs, the hot ones first, and a sentence that says what was found."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "finding": "found",
                "sentence": "Unmet needs for food within 5 minutes on foot gather in 1 of 61 cells (Fabianinkatu / "
                "Hallituskatu); at most 5% of such findings are chance.",
                "level": 0.05,
                "rings": 1,
                "islands": 0,
                "category": "food",
                "standard_min": 5,
                "mode": "walk",
                "rows": [
                    {
                        "cell": "891126d3303ffff", "label": "Fabianinkatu / Hallituskatu", "demand": 5, "gap": 4,
                        "z": 7.87, "p": 0.0008, "q": 0.024, "is_hot": True, "edge": False,
                    }
                ],
                "row_count": 61,
                "travel_model": TRAVEL_EXAMPLE,
                "balance": {
                    "received": 89, "located": 89, "approximate": 0, "needs_review": 0, "no_location": 0, "withheld": 0,
                    "closed": 0,
                },
            }
        }
    )  # fmt: skip

    finding: Literal["found", "none", "too_few_cells", "all_alike"]
    sentence: str
    level: float = Field(description="the share of findings that may be chance")
    rings: int = Field(description="how many rings of cells around count as neighbours; no distance in metres")
    islands: int = Field(description="cells without a neighbour, which are not tested")
    category: Category | None
    standard_min: float
    mode: Mode
    rows: list[HotSpotOut]
    row_count: int = Field(description="how many there are, whether shown or cut off by the limit")
    travel_model: TravelModelOut
    balance: BalanceOut
