"""Reading a file of areas that somebody chose on the page: GeoJSON polygons with a name each."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from dashboard.translation import number, tr

MOST: Final = 100
KIND: Final = "district"
_SHAPES: Final = ("Polygon", "MultiPolygon")


def read_area_file(content: bytes) -> list[dict[str, Any]]:
    """Read areas as the API takes them.

    Parameters
    ----------
    content
        A GeoJSON FeatureCollection, UTF-8; each feature a Polygon or MultiPolygon with the property ``name``.

    Raises
    ------
    ValueError
        With a sentence for whoever chose the file, which repeats nothing of it.
    """
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError(tr("This is no GeoJSON file: it cannot be read as JSON.")) from None
    features = read.get("features") if isinstance(read, Mapping) else None
    if not isinstance(features, list) or not features:
        raise ValueError(tr("This is no GeoJSON file: it has no list of features."))
    if len(features) > MOST:
        raise ValueError(tr("The file has more than {n} areas. Use the command below for it.", n=number(MOST)))
    areas = [_read(place, feature) for place, feature in enumerate(features, 1)]
    if len({area["slug"] for area in areas}) < len(areas):
        raise ValueError(tr("Two areas of the file have the same name."))
    return areas


def _read(place: int, feature: object) -> dict[str, Any]:
    about = feature if isinstance(feature, Mapping) else {}
    shape, properties = about.get("geometry"), about.get("properties")
    if not isinstance(shape, Mapping) or shape.get("type") not in _SHAPES:
        raise ValueError(tr("Feature {n} is no polygon.", n=number(place)))
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or not name.strip():
        raise ValueError(tr("Feature {n} has no name.", n=number(place)))
    return {"name": name.strip(), "slug": _slug(name) or f"area-{place}", "kind": KIND, "geometry": dict(shape)}


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-")
