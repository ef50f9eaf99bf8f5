"""Saved views as they are sent and as they leave."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, JsonValue, StringConstraints

from geo.domain.saved_views import MAX_NAME, ViewPage

from api.schemas.common import Body, Change, ClientId, Flag, Instant, Version, _one_line

VIEW_EXAMPLES: Final[dict[str, Any]] = {
    "board": {
        "summary": "Urgent first: food that nobody brings yet",
        "value": {"page": "board", "name": "Food, waiting", "words": {"lane": "waiting", "kind": "food"}},
    },
    "map": {
        "summary": "A map for everybody in the network",
        "value": {
            "page": "map", "name": "Ten minutes on wheels", "is_shared": True,
            "words": {"minutes": 10, "mode": "wheelchair", "layers": ["coverage", "assets"]},
        },
    },
}  # fmt: skip
ViewName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    AfterValidator(_one_line),
    Field(description="what it shows; not the name of a person"),
]
Words = Annotated[
    dict[Annotated[str, StringConstraints(max_length=20)], JsonValue],
    Field(max_length=10, description="filters of the page by their own words; what was typed is none of them"),
]


class ViewIn(Body):
    """Filters to be kept."""

    id: ClientId | None = None
    page: ViewPage
    name: ViewName
    words: Words
    is_shared: Flag = False


class ViewChange(Change):
    """What may be changed about a view."""

    name: ViewName | None = None
    words: Words | None = None
    is_shared: Flag | None = None


class ViewOut(BaseModel):
    """A view."""

    id: UUID
    page: ViewPage
    name: str
    words: dict[str, JsonValue]
    is_shared: bool = Field(description="everybody in the network has it")
    is_mine: bool
    updated_at: Instant
    version: Version


class ViewsOut(BaseModel):
    """One's own views and the network's, by name."""

    items: list[ViewOut]
