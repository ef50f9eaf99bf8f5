"""The feeds' own description, as OpenAPI 3.0: one path for each collection the caller may have.

The description of the whole service is OpenAPI 3.1; the class ``oas30`` of OGC API Features asks for 3.0.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from api.ogc.documents import ROOT
from api.ogc.forms import AS_OPENAPI, AS_SCHEMA, FEATURE_FORMS, HTML, ITEM_FORMS, PAGE_FORMS
from api.ogc.tile_paths import tile_paths
from api.params import MAX_LIMIT
from api.problems import MEDIA_TYPE as PROBLEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from api.ogc.forms import Form
    from api.ogc.sources import Source

_TEXT: Final = {"type": "string"}
_PROBLEMS: Final = {
    code: {"description": told, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}}}
    for code, told in (
        ("400", "A parameter is unknown or cannot be used"), ("401", "A key is wanted"),
        ("404", "There is no such thing for you"), ("406", "None of the forms accepted is offered"),
        ("429", "The day's quota is used up, or this was asked too often"), ("500", "Something went wrong here"),
    )
}  # fmt: skip
_SAID: Final[Mapping[str, str]] = {
    "json": "Features as GeoJSON (RFC 7946)", "html": "A page for people", "csv": "Rows",
}  # fmt: skip


def describe_interface(server: str, title: str, sources: Sequence[Source], offered: Sequence[str]) -> dict[str, Any]:
    """Describe the feeds for one caller.

    Parameters
    ----------
    server
        Scheme and host.
    title
        What the network is called.
    sources
        The collections the caller may have.
    offered
        The names of the reference systems offered.
    """
    paths: dict[str, Any] = {
        ROOT: _get("Where to begin", "getLandingPage", PAGE_FORMS),
        f"{ROOT}/api": _get("This description", "getApi", (HTML, AS_OPENAPI)),
        f"{ROOT}/conformance": _get("What is kept of the standards", "getConformance", PAGE_FORMS),
        f"{ROOT}/collections": _get("The collections", "getCollections", PAGE_FORMS),
    }
    for source in sources:
        paths |= _paths_of(source)
        paths |= tile_paths(source.name)
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": version("barnraiser"), "description": "Feeds after OGC API Features."},
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": _components(offered),
    }


def _paths_of(source: Source) -> dict[str, Any]:
    base, name = f"{ROOT}/collections/{source.name}", source.name.capitalize()
    asked = [*_ref("f", "limit", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs")]
    asked += _ref("sortby", "properties", "cursor")
    one = {"name": "featureId", "in": "path", "required": True, "schema": _TEXT, "description": "a feature's id"}
    return {
        base: _get(source.title, f"describe{name}", PAGE_FORMS),
        f"{base}/queryables": _get(f"What {source.name} can be asked by", f"get{name}Queryables", (HTML, AS_SCHEMA)),
        f"{base}/items": _get(source.description, f"get{name}", ITEM_FORMS, parameters=asked),
        f"{base}/items/{{featureId}}": _get(
            f"One feature of {source.name}", f"get{name}Feature", FEATURE_FORMS, parameters=[one, *_ref("f", "crs")]
        ),
    }


def _ref(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _get(
    summary: str, operation: str, forms: Iterable[Form], *, parameters: Sequence[Any] | None = None
) -> dict[str, Any]:
    content = {form.media_type: {"schema": _TEXT if form.word != "json" else {"type": "object"}} for form in forms}
    good: dict[str, Any] = {"description": summary, "content": content}
    return {
        "get": {
            "summary": summary,
            "operationId": operation,
            "parameters": _ref("f") if parameters is None else list(parameters),
            "responses": {"200": good, "304": {"description": "Nothing is new"}, **_PROBLEMS},
        }
    }


def _components(offered: Sequence[str]) -> dict[str, Any]:
    system = {"type": "string", "format": "uri", "enum": list(offered)}
    edges = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100}
    said: dict[str, tuple[dict[str, Any], str]] = {
        "f": ({"type": "string", "enum": sorted({form.word for form in ITEM_FORMS})}, "the form of the answer"),
        "limit": (limit, "how many features at most; more is cut down"),
        "bbox": (edges, "only what meets this box"),
        "bbox-crs": (system, "the reference system of bbox"),
        "crs": (system, "the reference system of the answer"),
        "datetime": (_TEXT, "an instant, a day, or an interval with a stroke; its ends may be open"),
        "filter": (_TEXT, "only what meets this condition, in CQL2"),
        "filter-lang": ({"type": "string", "enum": ["cql2-text", "cql2-json"]}, "how filter is written"),
        "filter-crs": (system, "the reference system of shapes in filter"),
        "sortby": (_TEXT, "up to three properties; a minus before one turns it round"),
        "properties": (_TEXT, "only these properties"),
        "cursor": (_TEXT, "taken from a next link"),
    }
    parameters = {
        name: {"name": name, "in": "query", "required": False, "description": told, "schema": schema}
        | {"style": "form", "explode": False}
        for name, (schema, told) in said.items()
    }
    problem = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    }
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "parameters": parameters,
        "schemas": {"problem": problem},
    }
