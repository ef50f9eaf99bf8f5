"""The street graph of an installation: where it lies, which version it is, and the model that travels by it.

``travel/current.json`` in the home folder names the folder of the version in use. It is replaced in one step, so that
whoever reads finds the old graph or the new one, whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from geo.analysis.travel.engine import EnginePool
from geo.analysis.travel.streets import DRAWN, FASTEST_M_PER_MIN, NEAR_STREET_M, ValhallaTravel
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.travel import TravelModelInfo

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = "pyvalhalla"
FOLDER: Final = "travel"
CURRENT: Final = "current.json"
CONFIG: Final = "valhalla.json"
OWN_STREETS: Final = "valhalla"
RECIPE: Final = "1"
"""Changes when the same extract and engine are built or asked in another way."""


@dataclass(frozen=True, slots=True)
class StreetGraph:
    """A graph that was built: from which extract (SHA-256), for which engine, and where it lies."""

    version: str
    extract: str
    engine: str
    folder: Path

    @property
    def config(self) -> Path:
        """The engine's settings for it."""
        return self.folder / CONFIG

    @property
    def has_tiles(self) -> bool:
        """Whether there is anything to travel on; an engine without tiles would say that nothing is within reach."""
        return next(self.folder.rglob("*.gph"), None) is not None


def engine_version() -> str | None:
    """Tell which engine is installed; none on a Python that it has no wheel for."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def version_of(extract: str, engine: str) -> str:
    """Name the graph of an extract (SHA-256) and an engine."""
    return sha256(f"{extract} {engine} {RECIPE}".encode()).hexdigest()[:16]


def find_graph(home: Path) -> StreetGraph | None:
    """Find the graph in use; none before one was built, or when what is named is not there."""
    try:
        told = json.loads((home / FOLDER / CURRENT).read_text("utf-8"))
        graph = StreetGraph(told["version"], told["extract"], told["engine"], home / FOLDER / told["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return graph if graph.config.is_file() else None


def open_streets(home: Path, *, processes: int = 2, timeout_s: float = 60.0) -> ValhallaTravel | None:
    """Open the model that travels by the graph in use.

    Returns
    -------
    ValhallaTravel
        None where there is no graph, or no engine of the version it was built for: travel is then a straight line.
    """
    graph = find_graph(home)
    if graph is None or graph.engine != engine_version() or not graph.has_tiles:
        return None
    return ValhallaTravel(
        EnginePool(graph.config, processes=processes, timeout_s=timeout_s), streets_info(graph), FASTEST_M_PER_MIN
    )


def streets_info(graph: StreetGraph) -> TravelModelInfo:
    """Say what the model is."""
    how = Reason(ReasonCode.OWN_STREETS, {"engine": graph.engine, "near_street_m": NEAR_STREET_M})
    return TravelModelInfo(OWN_STREETS, (how,), f"valhalla-{graph.version}-{DRAWN}")
