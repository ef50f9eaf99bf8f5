"""What sets of tiles there are: OGC API Tiles, TileJSON and the matrix set, as documents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from geo.domain.records import Asset
from geo.domain.tiles import (
    HALF_WORLD_M,
    MATRIX_SET,
    MAX_ZOOM,
    POINTS_FROM_ZOOM,
    AgreedInCell,
    AssetsInCell,
    CoverageInCell,
    HomesInCell,
    NeedsInCell,
)
from geo.privacy.disclosure import fields_shown, may_have
from geo.privacy.public_coverage import PublicCoverageRow
from geo.store.tiles import POINT_WORDS

from api.statics import BASEMAP_URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.words import Audience

TiledCollection = Literal["needs", "assets", "coverage"]
TILED: Final[tuple[TiledCollection, ...]] = get_args(TiledCollection)
TILES_TYPE: Final = "application/vnd.mapbox-vector-tile"
_TITLES: Final[Mapping[TiledCollection, tuple[str, str]]] = {
    "needs": ("Needs", "Open needs, counted by H3 hexagon."),
    "assets": ("Assets", "Active places: points near by, counted by H3 hexagon farther out; those at homes always so."),
    "coverage": ("Coverage", "Needs, those surely served and the gap, by H3 hexagon."),
}
_LAYERS: Final[Mapping[str, tuple[tuple[str, type, int, int], ...]]] = {
    "needs": (("needs", NeedsInCell, 0, MAX_ZOOM), ("needs", AgreedInCell, 0, MAX_ZOOM)),
    "assets": (
        ("assets", AssetsInCell, 0, POINTS_FROM_ZOOM - 1),
        ("places", Asset, POINTS_FROM_ZOOM, MAX_ZOOM),
        ("homes", HomesInCell, 0, MAX_ZOOM),
    ),
    "coverage": (("coverage", CoverageInCell, 0, MAX_ZOOM),),
}
_TEXTS: Final = frozenset({"cell", "kind", "band", "travel_model", *POINT_WORDS})
_RELEASED: Final = "Hexagons of the newest weekly release, with the public places within reach of their middle."
_CRS: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
_URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"
_SCALES: Final = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"
_TILESETS_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_PIXEL_M: Final = 0.00028
"""The side of a pixel that scales are reckoned with (OGC 17-083r4)."""
_JSON: Final = "application/json"
Box = tuple[float, ...]


def _path(collection: TiledCollection) -> str:
    return f"/ogc/collections/{collection}/tiles"


def tile_sets(origin: str, collection: TiledCollection) -> dict[str, Any]:
    """List the one set of tiles of a collection."""
    return {"links": _own(f"{origin}{_path(collection)}"), "tilesets": [_tile_set(origin, collection)]}


def _own(address: str) -> list[dict[str, Any]]:
    page = {"href": f"{address}?f=html", "rel": "alternate", "type": "text/html", "title": "This document as a page"}
    return [{"href": address, "rel": "self", "type": _JSON}, page]


def _tile_set(origin: str, collection: TiledCollection) -> dict[str, Any]:
    own = f"{origin}{_path(collection)}/{MATRIX_SET}"
    template = f"{own}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    links = [
        *_own(own),
        {"href": template, "rel": "item", "type": TILES_TYPE, "templated": True},
        {"href": f"{own}/tilejson.json", "rel": "describedby", "type": _JSON, "title": "TileJSON"},
        {"href": f"{origin}/ogc/tileMatrixSets/{MATRIX_SET}", "rel": _TILESETS_REL, "type": _JSON},
        {
            "href": f"{origin}{BASEMAP_URL}",
            "rel": "related",
            "type": "application/vnd.pmtiles",
            "title": "Streets, parks and water to draw below, as PMTiles",
        },
    ]
    return {"title": _TITLES[collection][0], "crs": _CRS, "tileMatrixSetURI": _URI, "links": links}


def tile_set(origin: str, collection: TiledCollection, audience: Audience, box: Box | None) -> dict[str, Any]:
    """Describe a set of tiles to who may see it; its limits are those of the whole network."""
    layers = [{"id": name, "description": _TITLES[collection][1]} for name, *_ in _layers(collection, audience)]
    limits = {} if box is None else {"tileMatrixSetLimits": [_limits(box, z) for z in range(MAX_ZOOM + 1)]}
    return _tile_set(origin, collection) | limits | {"layers": layers}


def _layers(collection: TiledCollection, audience: Audience) -> list[tuple[str, type, int, int]]:
    return [layer for layer in _LAYERS[collection] if may_have(layer[1], audience)]


def _limits(box: Box, z: int) -> dict[str, Any]:
    west, south, east, north = box
    rows, columns = (_row(north, z), _row(south, z)), (_column(west, z), _column(east, z))
    named = zip(("minTileRow", "maxTileRow", "minTileCol", "maxTileCol"), (*rows, *columns), strict=True)
    return {"tileMatrix": str(z), **dict(named)}


def _row(lat: float, z: int) -> int:
    n = 1 << z
    return min(n - 1, max(0, int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)))


def _column(lon: float, z: int) -> int:
    n = 1 << z
    return min(n - 1, max(0, int((lon + 180) / 360 * n)))


def tile_json(origin: str, collection: TiledCollection, audience: Audience, box: Box | None) -> dict[str, Any]:
    """Describe a set of tiles as TileJSON 3.0.0, with the words that this reader is given."""
    title, description = _TITLES[collection]
    layers = [_vector_layer(layer, description, audience) for layer in _layers(collection, audience)]
    return {
        "name": title,
        "description": description,
        "tiles": [f"{origin}{_path(collection)}/{MATRIX_SET}/{{z}}/{{y}}/{{x}}"],
        "maxzoom": MAX_ZOOM,
        "bounds": None if box is None else list(box),
        "vector_layers": layers,
    }


def archive_layers(audience: Audience, max_zoom: int, *, agreed: bool) -> list[dict[str, Any]]:
    """Describe every layer that one file of all tiles has for an audience, with an agreement or without."""
    found = [
        _vector_layer(layer, description, audience)
        for collection, (_, description) in _TITLES.items()
        for layer in _layers(collection, audience)
        if agreed or layer[1] is not AgreedInCell
    ]
    if not may_have(CoverageInCell, audience):
        found.append(_vector_layer(("coverage", PublicCoverageRow, 0, MAX_ZOOM), _RELEASED, audience))
    return [one | {"maxzoom": min(one["maxzoom"], max_zoom)} for one in found if one["minzoom"] <= max_zoom]


def _vector_layer(layer: tuple[str, type, int, int], description: str, audience: Audience) -> dict[str, Any]:
    name, kind, least, most = layer
    words = fields_shown(kind, audience)
    said = [word for word in POINT_WORDS if word in words] if kind is Asset else words
    fields = {word: "String" if word in _TEXTS else "Number" for word in said}
    return {"id": name, "description": description, "minzoom": least, "maxzoom": most, "fields": fields}


def matrix_sets(origin: str) -> dict[str, Any]:
    """List the one matrix set there is."""
    links = _own(f"{origin}/ogc/tileMatrixSets/{MATRIX_SET}")
    return {"tileMatrixSets": [{"id": MATRIX_SET, "title": MATRIX_SET, "uri": _URI, "links": links}]}


def matrix_set() -> dict[str, Any]:
    """Describe the matrix set, as far as there are tiles."""
    return {
        "id": MATRIX_SET,
        "title": MATRIX_SET,
        "uri": _URI,
        "crs": _CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": _SCALES,
        "tileMatrices": [_matrix(z) for z in range(MAX_ZOOM + 1)],
    }


def _matrix(z: int) -> dict[str, Any]:
    cell_m = 2 * HALF_WORLD_M / 256 / (1 << z)
    return {
        "id": str(z),
        "scaleDenominator": cell_m / _PIXEL_M,
        "cellSize": cell_m,
        "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
        "matrixWidth": 1 << z,
        "matrixHeight": 1 << z,
    }
