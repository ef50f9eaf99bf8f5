"""How far an empty network has come."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field

from api.schemas.common import Body

STEPS_EXAMPLES: Final[dict[str, Any]] = {"away": {"value": {"is_away": True}}, "back": {"value": {"is_away": False}}}


class FirstStepsIn(Body):
    """Whether the steps are put away."""

    is_away: bool


class FirstStepsOut(BaseModel):
    """What is there already of what a new network needs."""

    has_area: bool = Field(description="a named part of town")
    has_gazetteer: bool = Field(description="streets or addresses to find places by")
    has_asset: bool = Field(description="a place, service or stock that can meet a need")
    has_company: bool = Field(description="another member, or a phone of a canvasser")
    has_turf: bool = Field(description="doors to be walked")
    is_away: bool = Field(description="somebody has put the steps away")
