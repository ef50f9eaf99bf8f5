"""Reads the base map that this host serves: the shapes of a box, for maps that are drawn elsewhere."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo.crs import WEB_MERCATOR, shapes_to_degrees, to_metres
from geo.domain.ground import BaseShapes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely import Geometry

log = logging.getLogger(__name__)
MOST_SHAPES: Final = 20_000
"""Of one layer; what comes after is left out."""
ZOOMS: Final = (10, 16)
_TILES_WIDE: Final = 8
_WHOLE_TURN: Final = 360.0


def read_base_map(path: Path, box: tuple[float, float, float, float]) -> BaseShapes:
    """Read what the base map shows within a box.

    Parameters
    ----------
    path
        A PMTiles file as ``data.basemap`` cuts it.
    box
        West, south, east, north in degrees; the wider it is, the less detail is read.

    Returns
    -------
    BaseShapes
        WGS 84; ``paths`` are the ways that have no name. Empty where there is no such file or it cannot be read:
        a map without it is poorer and no less true.
    """
    if not path.is_file():
        return BaseShapes()
    try:
        paths = _read(path, "roads", box, where="name IS NULL")
        water, green, buildings = (_read(path, layer, box) for layer in ("water", "green", "buildings"))
    except (OSError, RuntimeError, ValueError):
        log.warning("the base map cannot be read: maps are drawn without it")
        return BaseShapes()
    return BaseShapes(paths, water, green, buildings)


def zoom_of(box: tuple[float, float, float, float]) -> int:
    """Choose the zoom at which a box is a few tiles wide."""
    span_deg = max(box[2] - box[0], box[3] - box[1], 1e-6)
    return min(max(math.floor(math.log2(_WHOLE_TURN * _TILES_WIDE / span_deg)), ZOOMS[0]), ZOOMS[1])


def _read(
    path: Path, layer: str, box: tuple[float, float, float, float], *, where: str | None = None
) -> tuple[Geometry, ...]:
    from pyogrio import list_layers
    from pyogrio.raw import read

    if layer not in {str(name) for name in list_layers(path)[:, 0]}:
        return ()
    corners = to_metres([box[0], box[2]], [box[1], box[3]], WEB_MERCATOR)
    asked: dict[str, Any] = {"layer": layer, "bbox": tuple(corners.ravel().tolist()), "max_features": MOST_SHAPES}
    raw = read(path, **asked, where=where, columns=[], ZOOM_LEVEL=str(zoom_of(box)))[2]
    shapes: NDArray[np.object_] = shapely.from_wkb(np.asarray(raw, dtype=object))
    return tuple(shapes_to_degrees(shapes, WEB_MERCATOR)) if len(shapes) else ()
