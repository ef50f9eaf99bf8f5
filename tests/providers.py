"""Stand-ins for outside address services: a small server on this machine, with each one's shape of answer.

The shapes are written after the services' public descriptions; all places in them are made up.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

LON, LAT = 24.9402, 60.1701

NOMINATIM: Final[list[dict[str, Any]]] = [
    {
        "place_id": 1, "osm_type": "node", "osm_id": 2, "lat": str(LAT), "lon": str(LON), "class": "place",
        "type": "house", "place_rank": 30, "importance": 0.1, "addresstype": "place",
        "display_name": "12, Olematonkatu, Kruununhaka, Helsinki, 00170, Suomi",
        "address": {"house_number": "12", "road": "Olematonkatu", "postcode": "00170"},
        "boundingbox": ["60.1700", "60.1702", "24.9401", "24.9403"],
    },
    {
        "place_id": 3, "osm_type": "way", "osm_id": 4, "lat": "60.1710", "lon": "24.9410", "class": "place",
        "type": "house", "place_rank": 30, "display_name": "12, Olematonkuja, Helsinki",
        "address": {"house_number": "12", "road": "Olematonkuja", "postcode": "00180"},
        "boundingbox": ["60.1709", "60.1711", "24.9409", "24.9411"],
    },
    {
        "place_id": 5, "osm_type": "way", "osm_id": 6, "lat": "60.1720", "lon": "24.9420", "class": "highway",
        "type": "residential", "place_rank": 26, "display_name": "Olematonkatu, Helsinki", "address": {},
        "boundingbox": ["60.1700", "60.1740", "24.9400", "24.9440"],
    },
]  # fmt: skip
PHOTON: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [LON, LAT]},
            "properties": {
                "osm_type": "N", "osm_key": "place", "osm_value": "house", "type": "house", "housenumber": "12",
                "street": "Olematonkatu", "postcode": "00170", "city": "Helsinki", "countrycode": "FI",
            },
        },
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [24.942, 60.172]},
            "properties": {
                "osm_type": "W", "osm_key": "highway", "osm_value": "residential", "type": "street",
                "name": "Olematonkatu", "city": "Helsinki", "extent": [24.940, 60.174, 24.944, 60.170],
            },
        },
    ],
}  # fmt: skip
PELIAS: Final[dict[str, Any]] = {
    "geocoding": {"version": "0.2"},
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [LON, LAT]},
            "properties": {
                "layer": "address", "name": "Olematonkatu 12", "housenumber": "12", "street": "Olematonkatu",
                "postalcode": "00170", "confidence": 1, "match_type": "exact", "accuracy": "point",
                "label": "Olematonkatu 12, Helsinki",
            },
        },
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [24.941, 60.171]},
            "properties": {
                "layer": "address", "name": "Olematonkatu 12", "housenumber": "12", "street": "Olematonkatu",
                "confidence": 0.8, "match_type": "interpolated", "accuracy": "point", "label": "Olematonkatu 12",
            },
        },
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [24.942, 60.172]},
            "properties": {
                "layer": "street", "name": "Olematonkatu", "match_type": "fallback", "accuracy": "centroid",
                "label": "Olematonkatu, Helsinki",
            },
        },
    ],
}  # fmt: skip
CENSUS: Final[dict[str, Any]] = {
    "result": {
        "input": {},
        "addressMatches": [
            {
                "matchedAddress": "12 OLEMATON ST, SPRINGFIELD, MD, 00170",
                "coordinates": {"x": LON, "y": LAT},
                "tigerLine": {"side": "L", "tigerLineId": "1"},
                "addressComponents": {"zip": "00170", "streetName": "OLEMATON", "fromAddress": "2", "toAddress": "98"},
            }
        ],
    }
}
BY_PROVIDER: Final[dict[str, Any]] = {"nominatim": NOMINATIM, "photon": PHOTON, "pelias": PELIAS, "census": CENSUS}
EMPTY: Final[dict[str, Any]] = {
    "nominatim": [],
    "photon": {"type": "FeatureCollection", "features": []},
    "pelias": {"type": "FeatureCollection", "features": []},
    "census": {"result": {"addressMatches": []}},
}


@dataclass
class Provider:
    """A service that is running; ``asked`` holds path and query of each question, ``headers`` what came with it."""

    port: int
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def says(body: Any, *, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with a body: bytes as they are, everything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), "Content-Type": "application/json"}.items():
            handler.send_header(name, value)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], None], *, tls: ssl.SSLContext | None = None
) -> Iterator[Provider]:
    """Run a service for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            provider.asked.append((split.path, parse_qs(split.query)))
            provider.headers.append(dict(self.headers.items()))
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment] # whoever hangs up is no error here
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    provider = Provider(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
