"""The street graph of the travel engine, built from the extract beside the one in use and then put in its place."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from geo.analysis.travel.graph import CONFIG, CURRENT, FOLDER, StreetGraph, engine_version, find_graph, version_of
from geo.errors import TravelFailed

from data.loaders.osm.extract import file_checksum
from data.loaders.report import no_progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data.loaders.report import Progress

STEP: Final = "build the street graph"
_BUILDING: Final = ".building-"
_TILES: Final = "tiles"
_SIGNS: Final = (
    "Parsing ways", "Parsing relations", "Parsing nodes", "Creating graph edges", "Building edge shapes", "Building ",
    "Enhancing", "HierarchyBuilder", "ShortcutBuilder", "RestrictionBuilder", "Validating",
)  # fmt: skip
"""What the builder says in this order, each the beginning of a part of its work."""
_LIMITS: Final = {"max_matrix_location_pairs": 100_000, "max_locations": 1_000}
_MODES: Final = ("pedestrian", "bicycle", "auto")
_PROGRAM: Final = "valhalla_build_tiles"


def build_streets(
    extract: Path, home: Path, *, progress: Progress = no_progress, builder: Sequence[str] | None = None
) -> StreetGraph | None:
    """Build the street graph of an extract and use it from now on; one that is there already is kept.

    Parameters
    ----------
    extract
        An OpenStreetMap file in PBF form.
    home
        The folder that keeps the graph, under ``travel/``.
    builder
        What builds it, instead of the installed engine's program; called with ``-c CONFIG EXTRACT``.

    Returns
    -------
    StreetGraph
        None where the engine is not installed (it has no wheel for Python 3.11).

    Raises
    ------
    TravelFailed
        If the builder fails or is killed. The graph from before stays in use.
    """
    engine = engine_version() if builder is None else (engine_version() or "0")
    if engine is None:
        return None
    checksum = file_checksum(extract)
    name, folder, found = version_of(checksum, engine), home / FOLDER, find_graph(home)
    if found is not None and found.version == name and found.has_tiles:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    _clear_away(folder, keep={name, found.version if found else name})
    aside = folder / f"{_BUILDING}{os.getpid()}"
    graph = StreetGraph(name, checksum, engine, folder / name)
    try:
        aside.mkdir()
        _run_builder([*(builder or _installed_builder())], extract, aside, progress)
        _write_config(aside, tiles=graph.folder / _TILES)
        _put_in_place(aside, graph)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    progress(STEP, len(_SIGNS), len(_SIGNS))
    return graph


def _installed_builder() -> list[str]:
    program = Path(sys.executable).with_name(_PROGRAM)
    import valhalla

    # the package's own program; the script beside the interpreter looks for it on a PATH that need not have it
    inside = Path(valhalla.PYVALHALLA_DIR) / "bin" / _PROGRAM
    return [str(inside if inside.is_file() else program)]


def _run_builder(command: list[str], extract: Path, aside: Path, progress: Progress) -> None:
    tiles = aside / _TILES
    tiles.mkdir()
    _write_config(aside, tiles=tiles)
    progress(STEP, 0, len(_SIGNS))
    try:
        running = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "-c", str(aside / CONFIG), str(extract.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": os.defpath},
        )
        with running, _ended(running):
            _follow(running.stdout, progress)
    except OSError:
        raise TravelFailed("the program that builds the street graph cannot be run") from None
    if running.returncode or not any(tiles.rglob("*.gph")):
        raise TravelFailed("the street graph could not be built; the one from before stays in use")


@contextlib.contextmanager
def _ended(running: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever happens to us, the builder does not go on alone."""
    try:
        yield
    except BaseException:
        running.kill()
        raise


def _follow(said: IO[bytes] | None, progress: Progress) -> None:
    reached = 0
    for line in said or ():
        text = line.decode("utf-8", "replace")
        if reached < len(_SIGNS) and _SIGNS[reached] in text:
            reached += 1
            progress(STEP, reached, len(_SIGNS))


def _write_config(folder: Path, *, tiles: Path) -> None:
    (folder / CONFIG).write_text(json.dumps(_config(tiles), indent=1, sort_keys=True), "utf-8")


def _config(tiles: Path) -> dict[str, Any]:
    """Write the engine's settings; the limits of a public server are raised, for we ask in blocks."""
    if engine_version() is None:
        return {"mjolnir": {"tile_dir": str(tiles)}}
    from valhalla.config import get_config

    config: dict[str, Any] = json.loads(json.dumps(get_config(tile_extract="", tile_dir="")))
    config["logging"] = {"type": "std_out", "color": False}
    absent = ("admin", "timezone", "landmarks", "traffic_extract", "transit_dir", "transit_feeds_dir")
    config["mjolnir"] |= {"tile_dir": str(tiles), "concurrency": 2, **dict.fromkeys(absent, "")}
    config["additional_data"]["elevation"] = ""
    # one search from each source; the other way takes each pair by itself and is ten times slower on blocks
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    limits = config["service_limits"]
    for mode in _MODES:
        limits[mode] |= _LIMITS
    limits["isochrone"] |= {"max_contours": 10, "max_time_contour": 240}
    limits["allow_hard_exclusions"] = True
    return config


def _put_in_place(aside: Path, graph: StreetGraph) -> None:
    shutil.rmtree(graph.folder, ignore_errors=True)
    aside.rename(graph.folder)
    told = {"version": graph.version, "extract": graph.extract, "engine": graph.engine}
    part = graph.folder.parent / f".{CURRENT}.{os.getpid()}"
    part.write_text(json.dumps(told), "utf-8")
    part.replace(graph.folder.parent / CURRENT)


def _clear_away(folder: Path, *, keep: set[str]) -> None:
    """Remove what killed builds left, and graphs older than the one in use, which a running server may be reading."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in keep and not _is_being_built(path):
            shutil.rmtree(path, ignore_errors=True)


def _is_being_built(path: Path) -> bool:
    if not path.name.startswith(_BUILDING):
        return False
    try:
        os.kill(int(path.name.removeprefix(_BUILDING)), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True
