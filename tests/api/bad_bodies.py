"""Bodies that must be refused everywhere: as raw bytes, since most of them cannot be written by a JSON library."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

NUL, HALF = "\\u0000", "\\ud800"


def _raw(value: Any) -> bytes:
    return json.dumps(value).encode()


@cache
def everywhere() -> dict[str, bytes]:
    """Give bodies that no route may take."""
    deep = 100_000
    return {
        "empty": b"",
        "open brace": b"{",
        "a list": b"[1]",
        "a number": b"7",
        "null": b"null",
        "a text": b'"food"',
        "single quotes": b"{'category': 'food'}",
        "a comment": b'{"category": "food"} // all',
        "trailing garbage": b'{"category": "food"}}',
        "NaN": b'{"category": "food", "x": NaN}',
        "Infinity": b'{"category": "food", "x": Infinity}',
        "1e400": b'{"category": "food", "x": 1e400}',
        "a number of 5,000 digits": b'{"household_size": ' + b"9" * 5000 + b"}",
        "the same key twice": b'{"category": "food", "category": "water"}',
        "a NUL": b'{"category": "food", "name": "a' + NUL.encode() + b'b"}',
        "a NUL as key": b'{"' + NUL.encode() + b'": 1}',
        "half a surrogate pair": b'{"name": "' + HALF.encode() + b'"}',
        "arrays 100,000 deep": b"[" * deep + b"]" * deep,
        "objects 100,000 deep": b'{"a":' * deep + b"1" + b"}" * deep,
        "objects 900 deep": b'{"a":' * 900 + b"1" + b"}" * 900,
        "20 MB": b'{"name": "' + b"x" * 20_000_000 + b'"}',
        "no UTF-8": b'{"name": "\xc3\x28"}',
        "Latin-1": '{"name": "ä"}'.encode("latin-1"),
        "UTF-16": '{"category": "food"}'.encode("utf-16"),
        "UTF-16 without mark": '{"category": "food"}'.encode("utf-16-le"),
        "a byte order mark": b'\xef\xbb\xbf{"category": "food"}',
        "100,000 unknown keys": _raw({f"k{n}": 1 for n in range(60_000)}),
        "an unknown member": b'{"owner": "me"}',
        "a proto": b'{"__proto__": {"admin": true}}',
        "raw NUL bytes": b"\x00" * 100,
        "a gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        "a form": b"category=food",
        "EWKT": b"SRID=3857;POINT(1 1)",
    }


def star(vertices: int) -> list[list[float]]:
    """Draw a closed ring that crosses itself nearly everywhere."""
    ring = []
    for n in range(vertices - 1):
        angle = math.pi * 2 * n * (vertices // 2) / (vertices - 1)
        ring.append([24.94 + math.cos(angle) / 100, 60.17 + math.sin(angle) / 100])
    return [*ring, ring[0]]


def points() -> dict[str, Any]:
    """Give ordinates no place has; each stands for ``lon`` and ``lat``."""
    return {
        "latitude 95": (24.9, 95),
        "longitude 181": (181, 60.1),
        "swapped": (60.17, 24.94),
        "null island": (0, 0),
        "nearly null island": (1e-7, 1e-7),
        "denormal": (1e-320, 1e-320),
        "Web Mercator metres": (2776000, 8437000),
        "UTM": (385000, 6672000),
        "true": (True, True),
        "text": ("24.94", "60.17"),
        "nan as text": ("nan", "nan"),
        "inf as text": ("inf", "inf"),
        "null": (None, None),
        "a list": ([24.94], [60.17]),
        "decimal comma": ("24,94", "60,17"),
        "degrees and minutes": ("24°56'E", "60°10'N"),
        "other digits": ("٢٤", "٦٠"),
        "minus the world": (-24.94, -60.17),
    }


@cache
def shapes() -> dict[str, Any]:
    """Give geometries that are no area."""
    ring = [[24.94, 60.17], [24.95, 60.17], [24.95, 60.18], [24.94, 60.17]]

    def polygon(*rings: Any) -> dict[str, Any]:
        return {"type": "Polygon", "coordinates": list(rings)}

    box = [[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.2], [24.9, 60.1]]
    comb = [[24.0 + n / 100_000, 60.0 + n % 2 / 1000] for n in range(20_000)]
    return {
        "null": None,
        "a text": "POLYGON((0 0,1 0,1 1,0 0))",
        "hexadecimal WKB": "0103000020E6100000",
        "a point": {"type": "Point", "coordinates": [24.94, 60.17]},
        "a line": {"type": "LineString", "coordinates": ring},
        "lower case": {"type": "polygon", "coordinates": [ring]},
        "unknown type": {"type": "Circle", "coordinates": [ring]},
        "no type": {"coordinates": [ring]},
        "a feature": {"type": "Feature", "geometry": polygon(ring), "properties": {}},
        "a collection": {"type": "GeometryCollection", "geometries": []},
        "empty": {"type": "Polygon", "coordinates": []},
        "empty ring": polygon([]),
        "unclosed": polygon([*ring[:-1], [24.96, 60.19]]),
        "two points": polygon([ring[0], ring[0]]),
        "three points": polygon([ring[0], ring[1], ring[0]]),
        "one place four times": polygon([ring[0]] * 4),
        "a line and back": polygon([ring[0], ring[1], ring[0], ring[0]]),
        "bow tie": polygon([[24.9, 60.1], [25, 60.2], [25, 60.1], [24.9, 60.2], [24.9, 60.1]]),
        "star of 41": polygon(star(41)),
        "star of 401": polygon(star(401)),
        "star of 4,001": polygon(star(4001)),
        "hole outside": polygon(box, [[30, 60], [30.1, 60], [30.1, 60.1], [30, 60]]),
        "hole like the shell": polygon(box, box),
        "1,000 holes": polygon(box, *[ring] * 1000),
        "comb of 20,000": polygon([*comb, comb[0]]),
        "1,000 polygons": {"type": "MultiPolygon", "coordinates": [[ring]] * 1000},
        "overlapping polygons": {"type": "MultiPolygon", "coordinates": [[box], [box]]},
        "the whole world": polygon([[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]),
        "across the date line": polygon([[179, 60], [-179, 60], [-179, 61], [179, 61], [179, 60]]),
        "out of range": polygon([[24, 95], [25, 95], [25, 96], [24, 95]]),
        "metres": polygon([[385000, 6672000], [386000, 6672000], [386000, 6673000], [385000, 6672000]]),
        "five ordinates": polygon([[*p, 1, 2, 3] for p in ring]),
        "one ordinate": polygon([[24.9]] * 4),
        "text ordinates": polygon([["24.9", "60.1"]] * 4),
        "true ordinates": polygon([[True, True], [True, False], [False, False], [True, True]]),
        "null ordinates": polygon([[24.9, None], [25, None], [25, None], [24.9, None]]),
        "a crs of its own": polygon(ring) | {"crs": {"type": "name", "properties": {"name": "EPSG:32635"}}},
        "a linked crs": polygon(ring) | {"crs": {"type": "link", "properties": {"href": "http://169.254.169.254/"}}},
        "a foreign member": polygon(ring) | {"srid": 3857},
        "nested lists": {"type": "Polygon", "coordinates": [[[[[24.9, 60.1]]]]]},
        "an object": {"type": "Polygon", "coordinates": {"0": ring}},
    }


def values() -> dict[str, dict[str, Any]]:
    """Give members of a need that cannot be used."""
    return {
        "count of 2^31": {"household_size": 2**31},
        "count of 2^63": {"household_size": 2**63},
        "count of 10^300": {"household_size": 10**300},
        "count as text": {"household_size": "2"},
        "count as fraction": {"household_size": 2.5},
        "count as true": {"household_size": True},
        "no people": {"household_size": 0},
        "unknown category": {"category": "gold"},
        "category in capitals": {"category": "FOOD"},
        "language as SQL": {"languages": ["' OR 1=1--"]},
        "language twice": {"languages": ["fi", "fi"]},
        "100 languages": {"languages": [f"x{chr(97 + n % 26)}" for n in range(100)]},
        "languages as text": {"languages": "fi"},
        "withheld as text": {"withheld": "yes"},
        "withheld as number": {"withheld": 1},
        "id of 9 KB": {"id": "a" * 9000},
        "nil id": {"id": "00000000-0000-0000-0000-000000000000"},
        "full id": {"id": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
        "id in braces": {"id": "{0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41}"},
        "id as number": {"id": 7},
        "version": {"version": 7},
        "network": {"network_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"},
        "received_at": {"received_at": "2026-01-01T00:00:00Z"},
        "cell": {"cell": "891126d3303ffff"},
        "empty location": {"location": {}},
        "address and point": {"location": {"address": "x", "lon": 24.9, "lat": 60.1, "method": "gps"}},
        "address of 301": {"location": {"address": "x" * 301}},
        "blank address": {"location": {"address": "   "}},
        "two lines of address": {"location": {"address": "a\r\nb"}},
        "accuracy below zero": {"location": {"lon": 24.9, "lat": 60.1, "method": "gps", "accuracy_m": -1}},
        "accuracy of 1e9": {"location": {"lon": 24.9, "lat": 60.1, "method": "gps", "accuracy_m": 1e9}},
        "own method": {"location": {"lon": 24.9, "lat": 60.1, "method": "rooftop"}},
        "GeoJSON as location": {"location": {"type": "Point", "coordinates": [24.9, 60.1]}},
        "contact without consent": {"contact": {"name": "x"}},
        "contact of 10,000 letters": {"contact": {"name": "x" * 10_000, "consent": True}},
        "phone in words": {"contact": {"phone": "call me", "consent": True}},
    }
