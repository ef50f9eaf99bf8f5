"""The documents that describe the feeds: where to begin, what is kept of the standards, and what collections hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geo.crs import CRS84
from geo.domain.queryable import NUMBERS, Kind

from api.ogc.forms import HTML, ITEM_FORMS, JSON, OPENAPI, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import Request

    from geo.domain.queryable import Queryable
    from geo.interchange.feature_query import FeaturePage

    from api.ogc.forms import Form
    from api.ogc.sources import Source

ROOT: Final = "/ogc"
_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMS: Final = (
    *(f"{_FEATURES}1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")),
    f"{_FEATURES}2/1.0/conf/crs",
    *(f"{_FEATURES}3/1.0/conf/{name}" for name in ("queryables", "filter", "features-filter")),
    *(
        f"{_CQL2}{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
            "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions",
            "array-functions", "property-property",
        )
    ),
)  # fmt: skip
"""What is kept of OGC API Features and CQL2; each has its tests under ``tests/api/ogc``."""
TILES_CONFORM: Final = (
    *(f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
      for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")),
    *(f"http://www.opengis.net/spec/tms/2.0/conf/{name}" for name in ("tilematrixset", "json-tilematrixset")),
)  # fmt: skip
"""What is kept of OGC API Tiles; see ``tests/api/ogc/test_tiles_conformance.py``."""
_OGC: Final = "http://www.opengis.net/def/rel/ogc/1.0"
_TILED: Final = frozenset({"needs", "assets", "coverage"})
_SCHEMAS: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.FLAG: {"type": "boolean"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.WORDS: {"type": "array", "items": {"type": "string"}},
    Kind.SHAPE: {"format": "geometry-any"},
}


def link(request: Request, path: str, rel: str, form: Form, *, query: str = "", title: str = "") -> dict[str, str]:
    """Write a link to another document of ours."""
    found = {"href": str(request.url.replace(path=path, query=query)), "rel": rel, "type": form.media_type}
    return found | ({"title": title} if title else {})


def self_links(request: Request, form: Form, offered: Iterable[Form]) -> list[dict[str, str]]:
    """Link to the document itself, and to its other forms."""
    bare = request.url.remove_query_params("f")
    onward = f"{bare}{'&' if bare.query else '?'}f="
    found = [
        {"href": f"{onward}{other.word}", "rel": "alternate", "type": other.media_type,
         "title": f"This document {other.title}"}
        for other in offered
        if other.word != form.word
    ]  # fmt: skip
    own = {"href": str(request.url), "rel": "self", "type": form.media_type, "title": "This document"}
    return [own, *found]


def landing(request: Request, title: str, form: Form) -> dict[str, Any]:
    """Say where to begin."""
    return {
        "title": title,
        "description": "Needs, assets, areas and coverage of a mutual-aid network, as far as its agreements allow.",
        "links": [
            *self_links(request, form, (HTML, JSON)),
            {**link(request, f"{ROOT}/api", "service-desc", JSON, title="The interface, as OpenAPI"), "type": OPENAPI},
            link(request, f"{ROOT}/api", "service-doc", HTML, query="f=html", title="The interface, as a page"),
            link(request, f"{ROOT}/conformance", "conformance", JSON, title="The parts of the standards that are kept"),
            link(request, f"{ROOT}/collections", "data", JSON, title="The collections"),
            link(request, f"{ROOT}/tileMatrixSets", f"{_OGC}/tiling-schemes", JSON, title="How tiles are cut"),
        ],
    }


def conformance(request: Request, form: Form) -> dict[str, Any]:
    """Name the parts of the standards that are kept."""
    return {"conformsTo": [*CONFORMS, *TILES_CONFORM], "links": self_links(request, form, (HTML, JSON))}


def collections(
    request: Request, sources: Iterable[Source], box: Sequence[float] | None, offered: Sequence[str], form: Form
) -> dict[str, Any]:
    """List the collections the caller may have."""
    listed = [describe(request, one, box, offered) for one in sources]
    return {"links": self_links(request, form, (HTML, JSON)), "crs": list(offered), "collections": listed}


def describe(request: Request, source: Source, box: Sequence[float] | None, offered: Sequence[str]) -> dict[str, Any]:
    """Describe one collection."""
    path = f"{ROOT}/collections/{source.name}"
    # the whole network's area, never the box around the records: that would tell where the outermost one is
    extent = {} if box is None else {"extent": {"spatial": {"bbox": [list(box)], "crs": CRS84}}}
    items = [
        link(request, f"{path}/items", "items", form, query="" if form.word == "json" else f"f={form.word}",
             title=f"{source.title} {form.title}")
        for form in ITEM_FORMS
    ]  # fmt: skip
    asked = link(request, f"{path}/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", JSON)
    return {
        "id": source.name,
        "title": source.title,
        "description": source.description,
        "itemType": "feature",
        **extent,
        "crs": list(offered),
        "storageCrs": CRS84,
        "links": [
            link(request, path, "alternate", HTML, query="f=html", title="This document as a page"),
            link(request, path, "self", JSON, title="This document"),
            {**asked, "type": SCHEMA, "title": "What it can be asked by"},
            *items,
            *_tiles_link(request, source.name),
        ],
    }


def _tiles_link(request: Request, name: str) -> list[dict[str, str]]:
    path = f"{ROOT}/collections/{name}/tiles"
    return [link(request, path, f"{_OGC}/tilesets-vector", JSON, title="Vector tiles")] if name in _TILED else []


def queryables(request: Request, source: Source) -> dict[str, Any]:
    """Say what a collection can be asked by, as a JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": str(request.url.replace(query="")),
        "type": "object",
        "title": source.title,
        "description": source.description,
        "properties": {one.name: _schema(one) for one in source.queryables},
        "additionalProperties": False,
    }


def _schema(one: Queryable) -> dict[str, Any]:
    schema = dict(_SCHEMAS[one.kind])
    if one.words and one.kind is Kind.WORDS:
        schema["items"] = {"type": "string", "enum": list(one.words)}
    elif one.words:
        schema["enum"] = list(one.words)
    if one.name == "id":
        schema["x-ogc-role"] = "id"
    if one.kind is Kind.SHAPE:
        schema["x-ogc-role"] = "primary-geometry"
    return {"title": one.name.replace("_", " ").capitalize(), **schema}


def is_number(one: Queryable) -> bool:
    """Tell whether a property is a number, which tables set to the right."""
    return one.kind in NUMBERS


def page_links(request: Request, form: Form, following: str | None, offered: Iterable[Form]) -> list[dict[str, str]]:
    """Link a page of features to itself, to its other forms and to what comes next."""
    found = self_links(request, form, offered)
    if following is not None:
        onward = str(request.url.include_query_params(cursor=following))
        found.append({"href": onward, "rel": "next", "type": form.media_type, "title": "What comes next"})
    return found


def page_members(page: FeaturePage, source: Source) -> dict[str, int]:
    """Say how many features a page has, and how many match where that is told."""
    matched = {"numberMatched": page.matched} if source.tells_matched and page.matched is not None else {}
    return {**matched, "numberReturned": len(page.features)}
