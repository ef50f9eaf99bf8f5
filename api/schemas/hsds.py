"""HSDS documents as the HSDS API names their members; the records are open, as the specification has them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class PublisherOut(BaseModel):
    """Who publishes."""

    name: str


class AboutOut(BaseModel):
    """What this API is."""

    version: str = Field(description="of HSDS", examples=["3.1"])
    profile: str
    openapi_url: str
    description: str
    publisher: PublisherOut


class RecordOut(BaseModel):
    """A record of HSDS 3; see docs/hsds.md for the fields that are filled."""

    model_config = ConfigDict(extra="allow")

    id: str


class HsdsPage(BaseModel):
    """A page of records."""

    total_items: int
    total_pages: int
    page_number: int
    size: int = Field(description="how many there are on this page")
    first_page: bool
    last_page: bool
    empty: bool
    contents: list[RecordOut]

    @classmethod
    def of(cls, contents: list[dict[str, Any]], *, total: int, number: int, size: int) -> dict[str, Any]:
        """Make a page of ``size`` at most out of a list that has been cut already."""
        pages = -(-total // size)
        return {
            "total_items": total,
            "total_pages": pages,
            "page_number": number,
            "size": len(contents),
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": not contents,
            "contents": contents,
        }
