"""Other ways to put points on a map, served beside ours: folium's clusters, pydeck, and one file of all points."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen

import numpy as np

from bench.installation import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.map_filling import FloatArray

LEAFLET: Final = CHECKOUT / "node_modules" / "leaflet" / "dist"
CLUSTERS: Final = tuple(
    Path("node_modules") / name / "dist" for name in ("leaflet.markercluster", "leaflet.awesome-markers")
)
"""What folium's clusters are drawn by; the quick ones do nothing without the second."""
CLUSTERED: Final = ("MarkerCluster", "FastMarkerCluster")
PATIENCE_S: Final = 300.0
_WHOLE_PAGE: Final = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="leaflet.css">
<style>body{margin:0}#map{height:640px}</style><div id="map"></div><script src="leaflet.js"></script><script>
const map = L.map("map", {preferCanvas: true, minZoom: 3, maxZoom: 19}).setView([LAT, LON], 10);
fetch("points-SIZE.geojson").then((answer) => answer.json()).then((all) => {
  L.geoJSON(all, {pointToLayer: (one, at) => L.circleMarker(at, {radius: 5})}).addTo(map);
  document.documentElement.dataset.loads = 1;
});
</script>
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """Where the other ways are served, and which there are."""

    streamlit: str
    files: str
    clusters: tuple[Path, ...]

    @property
    def ways(self) -> tuple[str, ...]:
        """Those that can be measured: the scripts of clusters are a package of their own."""
        return (*(CLUSTERED if self.clusters else ()), "pydeck", "GeoJSON, whole")

    def address(self, way: str, size: int = 0) -> str:
        """Say where one way is shown."""
        if way == "GeoJSON, whole":
            return f"{self.files}/whole-{size}.html"
        return f"{self.streamlit}/?way={way}&size={size}"


@contextmanager
def serve_peers(lon_lat: FloatArray, sizes: Sequence[int], peers_at: Path | None) -> Iterator[Peers]:
    """Serve pages of the first so many points each way.

    Parameters
    ----------
    lon_lat
        Degrees (WGS 84), shape ``(n, 2)``.
    peers_at
        A folder in which ``npm install leaflet.markercluster leaflet.awesome-markers`` was run; without it folium's
        clusters are left out.
    """
    folder = Path(tempfile.mkdtemp(prefix="brn-peers-"))
    clusters = tuple(peers_at / each for each in CLUSTERS) if peers_at else ()
    if not all(each.is_dir() for each in clusters):
        clusters = ()
    write_pages(folder, lon_lat, sizes)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    port = _free_port()
    streamlit = _start_streamlit(folder, port)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield Peers(f"http://localhost:{port}", f"http://localhost:{server.server_port}", clusters)
    finally:
        server.shutdown()
        server.server_close()
        streamlit.terminate()
        streamlit.wait(PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the name it has there
        """Say nothing of requests."""


def write_pages(folder: Path, lon_lat: FloatArray, sizes: Sequence[int]) -> None:
    """Write all points, and of the first so many a file of each size with a page that draws it."""
    np.save(folder / "points.npy", lon_lat)
    for file in (LEAFLET / "leaflet.js", LEAFLET / "leaflet.css"):
        shutil.copy(file, folder / file.name)
    lon, lat = lon_lat.mean(axis=0).tolist()
    for size in sizes:
        features = [
            {"type": "Feature", "properties": {"name": f"Place {n}"}, "geometry": {"type": "Point", "coordinates": at}}
            for n, at in enumerate(lon_lat[:size].round(6).tolist())
        ]
        whole = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / f"points-{size}.geojson").write_text(whole, "utf-8")
        page = _WHOLE_PAGE.replace("LAT", f"{lat:.5f}").replace("LON", f"{lon:.5f}").replace("SIZE", str(size))
        (folder / f"whole-{size}.html").write_text(page, "utf-8")


def _start_streamlit(folder: Path, port: int) -> subprocess.Popen[bytes]:
    page = Path(__file__).with_name("map_peer_page.py")
    how = ("--server.headless", "true", "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false")
    command = [sys.executable, "-m", "streamlit", "run", str(page), "--server.port", str(port), *how]
    kept = {"BENCH_POINTS": str(folder)}
    with (folder / "streamlit.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env={**os.environ, **kept}, stdout=log, stderr=log)  # noqa: S603 - our own page


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the pages of the others did not come up")
