"""The box a network serves: what was loaded, and a little more."""

from __future__ import annotations

from typing import Final

import numpy as np

from geo.crs import metric_crs, to_degrees, to_metres

Bbox = tuple[float, float, float, float]
MARGIN_M: Final = 500.0
"""How far beyond the outermost address or street a network still serves."""


def with_margin(box: Bbox) -> Bbox:
    """Widen a box by ``MARGIN_M`` true metres on every side.

    Parameters
    ----------
    box
        West, south, east, north in degrees.

    Raises
    ------
    InvalidGeometry
        If the box is wider than one local metric system can serve.
    """
    lons, lats = [box[0], box[2]], [box[1], box[3]]
    crs = metric_crs(lons, lats)
    corners = to_metres(lons, lats, crs) + np.array([[-MARGIN_M], [MARGIN_M]])
    (west, south), (east, north) = to_degrees(corners, crs).tolist()
    return west, south, east, north
