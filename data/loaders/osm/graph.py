"""The street graph for people on foot, kept in two files for the travel engine."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.crs import geodesic_m

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame

_NODE_COLUMNS: Final = ("id", "lon", "lat", "geometry")
_EDGE_COLUMNS: Final = ("u", "v", "length_m", "highway", "name", "surface", "lit", "geometry")


@dataclass(frozen=True, slots=True)
class GraphFiles:
    """Where the graph of a home folder lies: GeoParquet, WGS 84, lengths in true metres."""

    nodes: Path
    edges: Path

    @property
    def exist(self) -> bool:
        """Whether both are there."""
        return self.nodes.is_file() and self.edges.is_file()


def graph_files(home: Path) -> GraphFiles:
    """Say where the walkable graph of a home folder lies."""
    folder = home / "graph"
    return GraphFiles(folder / "walk_nodes.parquet", folder / "walk_edges.parquet")


@contextmanager
def graph_written(network: tuple[GeoDataFrame, GeoDataFrame] | None, files: GraphFiles) -> Iterator[None]:
    """Write the graph aside, and put it in place when the block ends well; otherwise the old one stays.

    Parameters
    ----------
    network
        Nodes and edges as they were read; without any, nothing is written.
    files
        Where they go.
    """
    if network is None:
        yield
        return
    files.nodes.parent.mkdir(parents=True, exist_ok=True)
    aside = [path.with_name(f".{path.name}.{os.getpid()}") for path in (files.nodes, files.edges)]
    try:
        for frame, path in zip((_nodes(network[0]), _edges(*network)), aside, strict=True):
            frame.to_parquet(path, index=False)
        yield
        for path, target in zip(aside, (files.nodes, files.edges), strict=True):
            path.replace(target)
    finally:
        for path in aside:
            path.unlink(missing_ok=True)


def _nodes(nodes: GeoDataFrame) -> GeoDataFrame:
    return nodes[[name for name in _NODE_COLUMNS if name in nodes.columns]]


def _edges(nodes: GeoDataFrame, edges: GeoDataFrame) -> GeoDataFrame:
    at = nodes.set_index("id")[["lon", "lat"]]
    start, end = at.loc[edges["u"]].to_numpy(float), at.loc[edges["v"]].to_numpy(float)
    measured = edges.assign(length_m=geodesic_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1]).round(2))
    return measured[[name for name in _EDGE_COLUMNS if name in measured.columns]]
