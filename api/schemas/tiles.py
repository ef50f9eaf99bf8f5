"""OGC API Tiles documents and TileJSON, with the members the standards name."""

from __future__ import annotations

from pydantic import BaseModel


class TileLinkOut(BaseModel):
    """A link; one that is ``templated`` has names in braces."""

    href: str
    rel: str
    type: str
    title: str | None = None
    templated: bool | None = None


class LimitsOut(BaseModel):
    """The rows and columns of one zoom in which there can be anything."""

    tileMatrix: str  # noqa: N815 - the standard's own spelling
    minTileRow: int  # noqa: N815 - likewise
    maxTileRow: int  # noqa: N815 - likewise
    minTileCol: int  # noqa: N815 - likewise
    maxTileCol: int  # noqa: N815 - likewise


class LayerOut(BaseModel):
    """One layer of a tile."""

    id: str
    dataType: str = "vector"  # noqa: N815 - the standard's own spelling
    description: str


class TileSetOut(BaseModel):
    """One set of tiles."""

    title: str
    dataType: str = "vector"  # noqa: N815 - the standard's own spelling
    crs: str
    tileMatrixSetURI: str  # noqa: N815 - the standard's own spelling
    tileMatrixSetLimits: list[LimitsOut] | None = None  # noqa: N815 - likewise
    layers: list[LayerOut] | None = None
    links: list[TileLinkOut]


class TileSetsOut(BaseModel):
    """The sets of tiles of one collection."""

    links: list[TileLinkOut]
    tilesets: list[TileSetOut]


class VectorLayerOut(BaseModel):
    """A layer and the words its features say."""

    id: str
    description: str
    minzoom: int
    maxzoom: int
    fields: dict[str, str]


class TileJsonOut(BaseModel):
    """TileJSON 3.0.0."""

    tilejson: str = "3.0.0"
    name: str
    description: str
    version: str = "1.0.0"
    scheme: str = "xyz"
    tiles: list[str]
    minzoom: int = 0
    maxzoom: int
    bounds: list[float] | None = None
    vector_layers: list[VectorLayerOut]


class MatrixOut(BaseModel):
    """One zoom of a matrix set."""

    id: str
    scaleDenominator: float  # noqa: N815 - the standard's own spelling
    cellSize: float  # noqa: N815 - likewise
    pointOfOrigin: list[float]  # noqa: N815 - likewise
    tileWidth: int = 256  # noqa: N815 - likewise
    tileHeight: int = 256  # noqa: N815 - likewise
    matrixWidth: int  # noqa: N815 - likewise
    matrixHeight: int  # noqa: N815 - likewise


class MatrixSetOut(BaseModel):
    """How the world is cut into tiles (OGC 17-083r4)."""

    id: str
    title: str
    uri: str
    crs: str
    orderedAxes: list[str]  # noqa: N815 - the standard's own spelling
    wellKnownScaleSet: str  # noqa: N815 - likewise
    tileMatrices: list[MatrixOut]  # noqa: N815 - likewise


class MatrixSetNameOut(BaseModel):
    """A matrix set, by name."""

    id: str
    title: str
    uri: str
    links: list[TileLinkOut]


class MatrixSetsOut(BaseModel):
    """The matrix sets that are offered."""

    tileMatrixSets: list[MatrixSetNameOut]  # noqa: N815 - the standard's own spelling
