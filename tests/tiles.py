"""Tiles read back by two programs that know nothing of ours: GDAL, and what tippecanoe brings."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio

if TYPE_CHECKING:
    from geo.domain.tiles import TileAddress

Layers = dict[str, list[dict[str, Any]]]


def by_gdal(content: bytes, at: TileAddress) -> Layers:
    """Read each layer's attributes; GDAL names what lies in a tile by its place in the file's path."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / str(at.z) / str(at.x) / f"{at.y}.pbf"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [name for name, _ in pyogrio.list_layers(path)] if content else []
            # unless told so it leaves out what lies on the tile's edge or beyond
            frames = {name: pyogrio.read_dataframe(path, layer=name, CLIP="NO") for name in names}
    return {name: [_said(row) for row in frame.to_dict("records")] for name, frame in frames.items()}


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """Keep what a feature says: a column that only others have is read as NaN or as nothing."""
    ours = {name: value for name, value in row.items() if name not in ("geometry", "mvt_id")}
    return {name: value for name, value in ours.items() if not pd.isna(value)}


def by_tippecanoe(content: bytes, at: TileAddress) -> dict[str, list[dict[str, Any]]]:
    """Read each layer's features as GeoJSON in degrees."""
    program = Path(sys.executable).with_name("tippecanoe-decode")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tile.pbf"
        path.write_bytes(content)
        where = [str(at.z), str(at.x), str(at.y)]
        answer = subprocess.run([str(program), str(path), *where], capture_output=True, text=True, check=True)
    layers = json.loads(answer.stdout)["features"] if content else []
    return {layer["properties"]["layer"]: layer["features"] for layer in layers}
