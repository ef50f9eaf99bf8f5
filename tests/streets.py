"""A town of streets a hundred metres apart, answering like the travel engine, so that every Python can travel by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from shapely.geometry import Polygon, mapping

from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.crs import metric_crs, to_degrees, to_metres
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.travel import TravelModelInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

BLOCK_M, EXTENT_M = 100.0, 2_000.0
PACE = {"pedestrian": 80.0, "bicycle": 240.0, "auto": 400.0}
HOW = (Reason(ReasonCode.OWN_STREETS, {"engine": "grid", "near_street_m": 200.0}),)
INFO = TravelModelInfo("grid_town", HOW, "grid-town-1")


class GridTown:
    """An engine; ``asked`` counts its questions, by what was asked."""

    def __init__(self, lon: float, lat: float) -> None:
        self._crs = metric_crs([lon], [lat])
        self._middle = to_metres([lon], [lat], self._crs)[0]
        self.asked: dict[str, int] = {}
        self.pace = PACE

    def ask(self, action: str, body: Mapping[str, Any]) -> Any:
        self.asked[action] = self.asked.get(action, 0) + 1
        pace = self.pace[body["costing"]]
        if body["costing_options"][body["costing"]].get("type") == "wheelchair":
            pace = 55.0
        if action == "locate":
            return [self._locate(one) for one in body["locations"]]
        if action == "sources_to_targets":
            start, end = self._metres(body["sources"]), self._metres(body["targets"])
            ways = [[way_m(a, b) for b in end] for a in start]
            return {"sources_to_targets": {"durations": [[round(w / pace * 60) for w in row] for row in ways]}}
        middle = self._metres(body["locations"])[0]
        return {"features": [self._draw(middle, each["time"], pace) for each in body["contours"]]}

    def close(self) -> None:
        return

    def _metres(self, locations: list[dict[str, float]]) -> FloatArray:
        lon, lat = ([one[name] for one in locations] for name in ("lon", "lat"))
        return to_metres(lon, lat, self._crs) - self._middle

    def _degrees(self, xy: FloatArray) -> FloatArray:
        return to_degrees(xy + self._middle, self._crs)

    def _locate(self, location: dict[str, float]) -> dict[str, Any]:
        xy = self._metres([location])[0]
        street = to_street(xy)
        if np.hypot(*(street - xy)) > location["search_cutoff"]:
            return {"edges": None}
        lon, lat = self._degrees(street[None, :])[0].tolist()
        edge = {"correlated_lon": lon, "correlated_lat": lat, "outbound_reach": 100, "inbound_reach": 100}
        return {"edges": [edge]}

    def _draw(self, middle: FloatArray, minutes: float, pace: float) -> dict[str, Any]:
        reach = minutes * pace
        corners = middle + np.array([[reach, 0], [0, reach], [-reach, 0], [0, -reach]])
        return {"properties": {"contour": minutes}, "geometry": mapping(Polygon(self._degrees(corners)))}


def to_street(xy: FloatArray) -> FloatArray:
    """Go to the nearest street, within the town."""
    inside = np.clip(xy, -EXTENT_M, EXTENT_M)
    across = np.round(inside / BLOCK_M) * BLOCK_M
    nearest = int(np.argmin(np.abs(across - inside)))
    street = inside.copy()
    street[nearest] = across[nearest]
    return street


def way_m(a: FloatArray, b: FloatArray) -> float:
    """Measure along the streets: over the crossings at either end of the blocks that two places lie in."""
    if any(abs(a[i] - b[i]) < 0.01 and _on_line(a[i]) for i in (0, 1)):
        return float(np.abs(a - b).sum())
    return min(
        np.abs(a - c).sum() + np.abs(c - d).sum() + np.abs(d - b).sum() for c in _crossings(a) for d in _crossings(b)
    )


def _on_line(value: float) -> bool:
    return abs(value - round(value / BLOCK_M) * BLOCK_M) < 0.01


def _crossings(xy: FloatArray) -> list[FloatArray]:
    ends = [{np.floor(v / BLOCK_M + 1e-6) * BLOCK_M, np.ceil(v / BLOCK_M - 1e-6) * BLOCK_M} for v in xy]
    return [np.array([x, y]) for x in ends[0] for y in ends[1]]


def grid_town(lon: float, lat: float) -> ValhallaTravel:
    """Make the model that travels in the town around a place."""
    return ValhallaTravel(GridTown(lon, lat), INFO, FASTEST_M_PER_MIN)
