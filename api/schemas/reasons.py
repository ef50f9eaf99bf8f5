"""Reasons as codes with their parts, beside the English sentences made of them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.reasons import ReasonCode


class ReasonOut(BaseModel):
    """One reason, to be said in any language: what it is, and the numbers, names and words in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "help_full",
                "parts": {"count": 2, "demand": 9, "names": ["Corner pantry"], "others": 0},
            }
        }
    )

    code: ReasonCode
    parts: dict[str, int | float | str | list[str] | None] = Field(
        description="by name, always the same for a code; for a code that you do not know there is the sentence"
    )
