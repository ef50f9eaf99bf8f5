"""Made-up data of a network: whether it is there, and how much came or went."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_LOADED: dict[str, Any] = {
    "needs": 600, "helpers": 60, "assets": 8, "organizations": 8, "activities": 3, "turfs": 2, "areas": 5,
}  # fmt: skip


class MadeUpOut(BaseModel):
    """Whether made-up data is there, and whether it could be."""

    model_config = ConfigDict(json_schema_extra={"example": {"is_there": False, "in_the_way": ["needs"]}})

    is_there: bool
    in_the_way: list[str] = Field(description="kinds of records that are not made up; empty where a town can be loaded")


class LoadedMadeUpOut(BaseModel):
    """How many of each were made up; zeros where they were there already."""

    model_config = ConfigDict(json_schema_extra={"example": _LOADED})

    needs: int
    helpers: int
    assets: int
    organizations: int
    activities: int
    turfs: int
    areas: int = Field(description="of the town that was lent; none where the network has streets of its own")


class RemovedMadeUpOut(LoadedMadeUpOut):
    """How many of each went."""

    model_config = ConfigDict(json_schema_extra={"example": _LOADED | {"kept": 0}})

    kept: int = Field(description="needs that stay, because somebody merged them with others")
