"""OGC API documents, with the members the standard names."""

from __future__ import annotations

from pydantic import BaseModel


class LinkOut(BaseModel):
    """A link."""

    href: str
    rel: str
    type: str
    title: str | None = None


class LandingOut(BaseModel):
    """Where a client begins."""

    title: str
    description: str
    links: list[LinkOut]


class ConformanceOut(BaseModel):
    """The parts of the standard that are kept."""

    conformsTo: list[str]  # noqa: N815 - the standard's own spelling
    links: list[LinkOut]


class SpatialOut(BaseModel):
    """Boxes: west, south, east, north."""

    bbox: list[list[float]]
    crs: str


class ExtentOut(BaseModel):
    """Where the records of a collection can lie."""

    spatial: SpatialOut


class CollectionOut(BaseModel):
    """One collection."""

    id: str
    title: str
    description: str
    itemType: str  # noqa: N815 - the standard's own spelling
    extent: ExtentOut | None = None
    crs: list[str]
    storageCrs: str  # noqa: N815 - likewise
    links: list[LinkOut]


class CollectionsOut(BaseModel):
    """All collections."""

    links: list[LinkOut]
    crs: list[str]
    collections: list[CollectionOut]
