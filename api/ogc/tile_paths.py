"""Tiles in the feeds' own description, as OpenAPI 3.0: what the class ``oas30`` of OGC API Tiles asks for."""

from __future__ import annotations

from typing import Any, Final

from geo.domain.tiles import MATRIX_SET, MAX_ZOOM

from api.tile_sets import TILED, TILES_TYPE

_JSON: Final = "application/json"


def tile_paths(collection: str) -> dict[str, Any]:
    """Describe a collection's tiles; nothing if it has none."""
    if collection not in TILED:
        return {}
    base, name = f"/ogc/collections/{collection}/tiles", collection.capitalize()
    one = f"{base}/{MATRIX_SET}"
    tile = _get(f"A tile of {collection}", f"collection.vector.getTile{name}", TILES_TYPE, "binary")
    tile["get"]["parameters"] = [_place(word) for word in ("tileMatrix", "tileRow", "tileCol")]
    tile["get"]["responses"]["204"] = {"description": "Nothing lies in this tile"}
    return {
        base: _document(f"Sets of tiles of {collection}", f"collection.vector.getTileSetsList{name}"),
        one: _document(f"A set of tiles of {collection}", f"collection.vector.getTileSet{name}"),
        f"{one}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": tile,
    }


def _place(word: str) -> dict[str, Any]:
    most = MAX_ZOOM if word == "tileMatrix" else (1 << MAX_ZOOM) - 1
    schema = {"type": "integer", "minimum": 0, "maximum": most}
    return {"name": word, "in": "path", "required": True, "schema": schema}


def _document(summary: str, operation: str) -> dict[str, Any]:
    found = _get(summary, operation, _JSON)
    found["get"]["parameters"] = [{"$ref": "#/components/parameters/f"}]
    found["get"]["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}
    return found


def _get(summary: str, operation: str, media_type: str, form: str | None = None) -> dict[str, Any]:
    schema = {"type": "object"} if form is None else {"type": "string", "format": form}
    good = {"description": summary, "content": {media_type: {"schema": schema}}}
    problem = {"description": "There is no such tile for you, or the address cannot be used"}
    responses = {"200": good, "400": problem, "404": problem}
    return {"get": {"summary": summary, "operationId": operation, "parameters": [], "responses": responses}}
