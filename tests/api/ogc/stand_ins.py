"""Stand-ins for GDAL's own programs, QGIS and R where they are not installed: ``python -m … PROGRAM ARGUMENTS``.

Each takes a command as the page for pullers writes it, refuses what it does not know, and reads the same source with
the same driver of GDAL that the program itself would use.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyogrio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas

_ST_READ: Final = re.compile(r'st_read\(source, "(\w+)"')
_KEY_IN_R: Final = (
    'writeLines(paste("Authorization: Bearer", Sys.getenv("KEY")), header)\nSys.setenv(GDAL_HTTP_HEADER_FILE = header)'
)
_SOURCE_IN_R: Final = 'source <- paste0("OAPIF:", Sys.getenv("SITE"), "/ogc")'


def ogrinfo(arguments: Sequence[str]) -> None:
    """Say how many features a layer has."""
    parser = argparse.ArgumentParser(prog="ogrinfo", allow_abbrev=False)
    parser.add_argument("-ro", action="store_true", required=True)
    parser.add_argument("-so", action="store_true", required=True)
    parser.add_argument("source")
    parser.add_argument("layer")
    asked = parser.parse_args(arguments)
    told = pyogrio.read_info(asked.source, layer=asked.layer, force_feature_count=True)
    sys.stdout.write(f"Layer name: {asked.layer}\nFeature Count: {told['features']}\n")


def ogr2ogr(arguments: Sequence[str]) -> None:
    """Copy what a condition and a box leave of a layer into a file."""
    parser = argparse.ArgumentParser(prog="ogr2ogr", allow_abbrev=False)
    parser.add_argument("-f", dest="form", choices=["GPKG", "GeoJSON"], required=True)
    parser.add_argument("target")
    parser.add_argument("source")
    parser.add_argument("layer")
    parser.add_argument("-where")
    parser.add_argument("-spat", nargs=4, type=float)
    asked = parser.parse_args(arguments)
    box = None if asked.spat is None else tuple(asked.spat)
    found = pyogrio.read_dataframe(asked.source, layer=asked.layer, where=asked.where, bbox=box)
    pyogrio.write_dataframe(_writable(found), asked.target, driver=asked.form)


def qgis_process(arguments: Sequence[str]) -> None:
    """Write the middle of each feature of a layer."""
    run, algorithm, *given = arguments
    parser = argparse.ArgumentParser(prog="qgis_process run native:centroids", allow_abbrev=False)
    parser.add_argument("--INPUT", required=True)
    parser.add_argument("--OUTPUT", required=True)
    asked = parser.parse_args(given)
    if (run, algorithm) != ("run", "native:centroids"):
        parser.error("only native:centroids is known")
    found = pyogrio.read_dataframe(asked.INPUT)
    pyogrio.write_dataframe(found.set_geometry(found.to_crs(3857).centroid.to_crs(found.crs)), asked.OUTPUT)


def rscript(arguments: Sequence[str]) -> None:
    """Count what a script reads with ``st_read``; its source and key are those of the page."""
    (path,) = arguments
    script = Path(path).read_text("utf-8")
    if _KEY_IN_R not in script or _SOURCE_IN_R not in script or not _ST_READ.search(script):
        sys.exit("Rscript: this script is not understood")
    source = f"OAPIF:{os.environ['SITE']}/ogc"
    with tempfile.NamedTemporaryFile("w", suffix=".header") as header:
        header.write(f"Authorization: Bearer {os.environ['KEY']}\n")
        header.flush()
        pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADER_FILE": header.name})
        counts = [(layer, len(pyogrio.read_dataframe(source, layer=layer))) for layer in _ST_READ.findall(script)]
    sys.stdout.write(", ".join(f"{count} {layer}" for layer, count in counts) + "\n")


def _writable(found: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Write lists as texts, as ``ogr2ogr`` does where a form has no lists."""
    lists = [name for name in found.columns if name != "geometry" and found[name].map(_is_list).any()]
    return found.assign(**{name: found[name].map(str) for name in lists})


def _is_list(value: object) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str)


PROGRAMS: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "ogrinfo": ogrinfo,
    "ogr2ogr": ogr2ogr,
    "qgis_process": qgis_process,
    "Rscript": rscript,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](sys.argv[2:])
