"""The public files: a release and the public places as GeoJSON, in canonical bytes that are named after themselves."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from geo.domain.words import AssetStatus, Audience
from geo.geometry import to_geojson
from geo.privacy.cells import cell_polygon
from geo.privacy.disclosure import disclose, may_see
from geo.privacy.release import total_shown
from geo.privacy.rules import KIND_LABELS, PUBLIC_PLACES, PublicKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo.domain.records import Asset
    from geo.privacy.release import ShownCell
    from geo.privacy.rules import ReleaseRules

PLACE_DECIMALS: Final = 4
"""Decimals of a degree for a public place: about 11 metres, enough to find a door."""
_PLACE_FIELDS: Final = ("kind", "name", "categories", "opening_hours", "step_free")
FILE_NAME: Final = re.compile(r"[0-9]{4}-W[0-9]{2}-[0-9a-f]{12}\.geojson|latest\.json|(?:assets|ground)\.geojson")
"""The names a public folder may hold; nothing else is ever served from it."""


def canonical_bytes(content: object) -> bytes:
    """Write JSON in the one way that gives the same bytes for the same content."""
    written = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return written.encode() + b"\n"


def content_hash(content: bytes) -> str:
    """Name bytes by their SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_name(week: str, content: bytes) -> str:
    """Name a release's file by its week and its content."""
    return f"{week}-{content_hash(content)[:12]}.geojson"


def write_release(cells: Sequence[ShownCell], rules: ReleaseRules, week: str, names: Mapping[str, str]) -> bytes:
    """Write a release: one feature for each cell that is shown, with a band for each kind that is.

    Parameters
    ----------
    cells
        What is shown, in the order of cells and kinds.
    rules
        The network's; the file says its grid and its k.
    week
        ISO week of the release, as ``2026-W47``.
    names
        What cells are called, from the streets at their middle.
    """
    by_cell = groupby(cells, key=lambda line: line.cell)
    totals = {t.kind.value: {"at_least": t.at_least, "cells": t.cells} for t in total_shown(cells, rules)}
    return canonical_bytes(
        {
            "type": "FeatureCollection",
            "privacy": {"method": rules.method, "k": rules.k, "released": week},
            "bands": list(rules.bands),
            "kinds": {kind.value: KIND_LABELS[kind] for kind in PublicKind},
            "totals": totals,
            "features": [_cell_feature(cell, list(lines), names.get(cell)) for cell, lines in by_cell],
        }
    )


def write_pointer(network: str, week: str, content: bytes, *, time_zone: str = "UTC") -> bytes:
    """Write the small file that names the network, its newest release, and the zone in which hours are meant."""
    newest = {"file": file_name(week, content), "sha256": content_hash(content)}
    return canonical_bytes({"network": network, "released": week, "time_zone": time_zone, **newest})


def write_places(assets: Iterable[Asset]) -> bytes:
    """Write the places that are open to everybody, in the order of their names."""
    features = [_place_feature(asset) for asset in assets if is_public_place(asset)]
    features.sort(key=canonical_bytes)
    return canonical_bytes({"type": "FeatureCollection", "features": features})


def is_public_place(asset: Asset) -> bool:
    """Tell whether a place may be shown to everybody: active, no private home, and of a kind that is public anyway."""
    active = asset.status is AssetStatus.ACTIVE and asset.point is not None
    return active and asset.kind in PUBLIC_PLACES and may_see(asset, Audience.PUBLIC)


def _cell_feature(cell: str, lines: list[ShownCell], name: str | None) -> dict[str, Any]:
    told = [disclose(line, Audience.PUBLIC) for line in lines]
    return {
        "type": "Feature",
        "id": cell,
        "geometry": to_geojson(cell_polygon(cell)),
        "properties": {"cell": cell, "name": name, "kinds": {line["kind"]: line["band"] for line in told}},
    }


def _place_feature(asset: Asset) -> dict[str, Any]:
    shown = disclose(asset, Audience.PUBLIC)
    position = [round(shown["lon"], PLACE_DECIMALS), round(shown["lat"], PLACE_DECIMALS)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": position},
        "properties": {name: shown[name] for name in _PLACE_FIELDS},
    }
