"""Travel by streets, as the Valhalla engine finds its way through an OpenStreetMap extract.

The engine itself is somewhere else: in a process of its own (:mod:`geo.analysis.travel.engine`) or on a server
(:mod:`geo.analysis.travel.servers`). Here is what it is asked, and what its answers are taken to mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from shapely import MultiPolygon, linearrings, multipolygons, polygons
from shapely.errors import ShapelyError

from geo.analysis.travel.straight import SPEED_M_PER_MIN, as_points, check_minutes, cut_off
from geo.crs import geodesic_m
from geo.domain.words import Mode
from geo.errors import TravelFailed
from geo.units import SECONDS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from geo.domain.travel import TravelModelInfo

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

NEAR_STREET_M: Final = 250.0
"""A place farther than this from every street somebody of that mode may use is out of reach: it lies at sea, or where
the map has no ways."""
_ON_STREET_M: Final = 2.0
"""A place that was taken to a street must not be taken on to another one, where the way would begin for nothing."""
TOP_CAR_KM_PER_H: Final = 100.0
METRES_SLACK: Final = 0.95
"""The engine measures on a sphere and keeps the length of each piece of street as a whole number of metres."""
SECONDS_SLACK: Final = 1.0
"""It answers in whole seconds."""
_REACHABLE_NODES: Final = 100
_POINTS: Final = 500
_SHORTEST_MIN: Final = 0.1
"""A contour of less time would be a dot."""
_NO_WAY: Final = frozenset({170, 171, 441, 442, 443})
"""The engine's numbers for places that are not connected, or have no street."""
_TIDIER_M: Final = (0.0, 5.0, 20.0)
"""How much a shape is smoothed, in metres; more than nothing only where it would cross itself."""
_KM_PER_H: Final = 0.06
_EVEN_HANDED: Final = {
    # what costs no time must not make a way longer than the quickest
    "alley_factor": 1,
    "driveway_factor": 1,
    "sidewalk_factor": 1,
    "walkway_factor": 1,
    "step_penalty": 0,
    "elevator_penalty": 0,
    "service_penalty": 0,
    "gate_penalty": 0,
}
_NO_FERRY: Final = {"use_ferry": 0, "exclude_ferries": True}
"""When a ferry leaves is not on the map."""
_COSTING: Final[dict[Mode, tuple[str, dict[str, Any]]]] = {
    Mode.WALK: (
        "pedestrian",
        {"type": "foot", "walking_speed": SPEED_M_PER_MIN[Mode.WALK] * _KM_PER_H, **_EVEN_HANDED, **_NO_FERRY},
    ),
    Mode.WHEELCHAIR: (
        "pedestrian",
        {
            "type": "wheelchair",
            "walking_speed": SPEED_M_PER_MIN[Mode.WHEELCHAIR] * _KM_PER_H,
            **_EVEN_HANDED,
            **_NO_FERRY,
        },
    ),
    Mode.BICYCLE: ("bicycle", {"cycling_speed": SPEED_M_PER_MIN[Mode.BICYCLE] * _KM_PER_H, **_NO_FERRY}),
    Mode.CAR: ("auto", {"top_speed": TOP_CAR_KM_PER_H, **_NO_FERRY}),
}
FASTEST_M_PER_MIN: Final = {
    Mode.WALK: SPEED_M_PER_MIN[Mode.WALK],
    Mode.WHEELCHAIR: SPEED_M_PER_MIN[Mode.WHEELCHAIR],
    Mode.BICYCLE: SPEED_M_PER_MIN[Mode.BICYCLE],
    Mode.CAR: TOP_CAR_KM_PER_H / _KM_PER_H,
}
"""Nobody is quicker anywhere; without heights in the graph nobody rolls downhill either."""
TO_STREET_M_PER_MIN: Final = dict.fromkeys(Mode, SPEED_M_PER_MIN[Mode.WALK]) | {
    Mode.WHEELCHAIR: SPEED_M_PER_MIN[Mode.WHEELCHAIR]
}


@dataclass(frozen=True, slots=True)
class Blocks:
    """How much the engine is asked at once: places on each side of a matrix."""

    sources: int
    targets: int


OWN_BLOCKS: Final = Blocks(sources=50, targets=500)
DRAWN: Final = "alone"
"""How shapes are drawn, as a part of the version of those that are kept."""


class Engine(Protocol):
    """Whatever answers the engine's questions."""

    def ask(self, action: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Ask ``locate``, ``sources_to_targets`` or ``isochrone``.

        Returns
        -------
        object
            The answer as JSON knows it; ``error_code`` in it when the engine refuses.

        Raises
        ------
        TravelFailed
            If there is no answer.
        """

    def close(self) -> None:
        """Let go of what answers; asking again takes it up again."""


@dataclass(frozen=True, slots=True)
class ValhallaTravel:
    """Minutes along the streets.

    Parameters
    ----------
    engine
        Where Valhalla answers.
    info
        How this model is named in outputs, with the graph's version.
    fastest_m_per_min
        A speed for each mode that no way surpasses.
    blocks
        What the engine answers at once.

    Notes
    -----
    A way is the walk from the place to the nearest street its mode may use, the engine's quickest way along the
    streets, and the walk from the street to the other place, each walk in a straight line at walking speed. Beyond
    ``NEAR_STREET_M`` from the street a place is out of reach. Of two places that are nearer to each other than to
    their streets the straight walk counts.
    """

    engine: Engine
    info: TravelModelInfo
    fastest_m_per_min: Mapping[Mode, float]
    blocks: Blocks = OWN_BLOCKS

    def close(self) -> None:
        """Let go of the engine; travelling on takes it up again."""
        self.engine.close()

    def minutes(self, straight_m: float, mode: Mode) -> float:
        """Give minutes that no two places this far apart undercut."""
        least = straight_m * METRES_SLACK / self.fastest_m_per_min[mode] - SECONDS_SLACK / SECONDS_PER_MIN
        return max(least, 0.0)

    def reach_m(self, minutes: float, mode: Mode) -> float:
        """Give the straight-line metres beyond which nothing is within so many minutes."""
        return (minutes + SECONDS_SLACK / SECONDS_PER_MIN) * self.fastest_m_per_min[mode] / METRES_SLACK

    def matrix(self, sources: ArrayLike, targets: ArrayLike, mode: Mode, limit_min: float | None = None) -> FloatArray:
        """Measure from every source to every target; see :class:`geo.domain.travel.TravelModel`.

        Raises
        ------
        TravelFailed
            If the engine gives no answer.
        """
        start, end = as_points(sources), as_points(targets)
        out, into = self._to_streets(start, mode, leaving=True), self._to_streets(end, mode, leaving=False)
        found = np.full((len(start), len(end)), np.inf)
        for rows in blocks_of(out.near, self.blocks.sources):
            for columns in blocks_of(into.near, self.blocks.targets):
                found[np.ix_(rows, columns)] = self._along_streets(out.at[rows], into.at[columns], mode)
        if not found.size:
            return found
        walked_m = out.away_m[:, None] + into.away_m[None, :]
        found += walked_m / TO_STREET_M_PER_MIN[mode]
        return cut_off(no_longer_than_across(found, start, end, walked_m, mode), limit_min)

    def isochrones(
        self, points: ArrayLike, minutes: Sequence[float], mode: Mode, *, towards: bool = False
    ) -> list[list[MultiPolygon]]:
        """Draw what is within reach along the streets; see :class:`geo.domain.travel.TravelModel`.

        The shapes are contours of a grid over the streets that are reached, a few metres wide on foot. Each is drawn
        alone: the engine makes its grid as coarse as the longest time asked for needs, and a short one drawn beside it
        would be another shape, by more than half of its ground.

        Raises
        ------
        TravelFailed
            If the engine gives no answer, or a shape that crosses itself however it is smoothed.
        """
        wanted = check_minutes(minutes)
        street = self._to_streets(as_points(points), mode, leaving=not towards)
        walked_min = street.away_m / TO_STREET_M_PER_MIN[mode]
        drawn = []
        for place, spent in zip(street.at, walked_min.tolist(), strict=True):
            left = [each - spent for each in wanted]
            shapes = {
                each: self._contour(place, each, mode, towards=towards) for each in set(left) if each >= _SHORTEST_MIN
            }
            drawn.append([shapes.get(each, MultiPolygon()) for each in left])
        return drawn

    def _to_streets(self, points: FloatArray, mode: Mode, *, leaving: bool) -> _OnStreet:
        """Find the nearest place on a street from which one gets away, or to which one gets."""
        at, away_m = points.copy(), np.full(len(points), np.inf)
        for some in blocks_of(np.arange(len(points)), _POINTS):
            answer = self._ask("locate", {"locations": _locations(points[some], NEAR_STREET_M), "verbose": True}, mode)
            if not isinstance(answer, list) or len(answer) != len(some):
                raise TravelFailed
            for row, one in zip(some.tolist(), answer, strict=True):
                at[row], away_m[row] = _nearest(points[row], one, "outbound_reach" if leaving else "inbound_reach")
        return _OnStreet(at, np.where(away_m <= NEAR_STREET_M, away_m, np.inf))

    def _along_streets(self, start: FloatArray, end: FloatArray, mode: Mode) -> FloatArray:
        # with more sources than targets the engine would search backwards, and reckon turns and rounding another way:
        # then what lies between two places would depend on who else is asked about
        filled = np.vstack([end, np.repeat(end[-1:], max(len(start) - len(end), 0), axis=0)])
        body = {"sources": _locations(start), "targets": _locations(filled), "verbose": False}
        answer = self._ask("sources_to_targets", body, mode)
        if answer is None:
            return np.full((len(start), len(end)), np.inf)
        try:
            seconds = np.array(answer["sources_to_targets"]["durations"], dtype=np.float64)
        except (KeyError, TypeError, ValueError):
            raise TravelFailed from None
        if seconds.shape != (len(start), len(filled)) or (seconds < 0).any():
            raise TravelFailed
        seconds = seconds[:, : len(end)]
        return np.where(np.isnan(seconds), np.inf, seconds / SECONDS_PER_MIN)

    def _contour(self, place: FloatArray, minutes: float, mode: Mode, *, towards: bool) -> MultiPolygon:
        for generalize in _TIDIER_M:
            body = {
                "locations": _locations(place[None, :]),
                "contours": [{"time": minutes}],
                "polygons": True,
                "denoise": 0,
                "generalize": generalize,
                "reverse": towards,
            }
            answer = self._ask("isochrone", body, mode)
            if answer is None:
                return MultiPolygon()
            drawn = _read_contour(answer)
            if drawn.is_valid:
                return drawn
        raise TravelFailed

    def _ask(self, action: str, body: Mapping[str, Any], mode: Mode) -> Any:  # noqa: ANN401 - JSON
        """Ask; nothing where the engine says there is no way at all."""
        costing, options = _COSTING[mode]
        answer = self.engine.ask(action, {**body, "costing": costing, "costing_options": {costing: options}})
        if isinstance(answer, dict) and "error_code" in answer:
            if answer["error_code"] in _NO_WAY:
                return [{} for _ in body["locations"]] if action == "locate" else None
            raise TravelFailed
        return answer


@dataclass(frozen=True, slots=True)
class _OnStreet:
    """Where on a street places are taken to, in degrees, and how far off; infinitely, where no street is near."""

    at: FloatArray
    away_m: FloatArray

    @property
    def near(self) -> IntArray:
        return np.flatnonzero(np.isfinite(self.away_m))


def blocks_of(rows: Any, size: int) -> Iterator[Any]:  # noqa: ANN401 - an array or a list of numbers
    """Part what is to be asked."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _locations(points: FloatArray, within_m: float = _ON_STREET_M) -> list[dict[str, float]]:
    # a place is taken to the nearest street from which the town can be reached, not to a cut-off piece of one
    asked = {"minimum_reachability": _REACHABLE_NODES, "search_cutoff": within_m}
    return [{"lon": lon, "lat": lat, **asked} for lon, lat in points.tolist()]


def _nearest(point: FloatArray, located: Mapping[str, Any], reach: str) -> tuple[FloatArray, float]:
    """Choose of the streets found; one that is a dead end in the wanted direction is no use however near it is."""
    edges = located.get("edges") or []
    if not edges:
        return point, float("inf")
    try:
        told = np.array([(e["correlated_lon"], e["correlated_lat"], e[reach]) for e in edges], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        raise TravelFailed from None
    useful = told[told[:, 2] >= min(_REACHABLE_NODES, told[:, 2].max())]
    away_m = geodesic_m(point[0], point[1], useful[:, 0], useful[:, 1])
    # the two sides of a street are found in no fixed order
    nearest = min(range(len(useful)), key=lambda i: (round(float(away_m[i]), 1), *useful[i, :2]))
    return useful[nearest, :2], float(away_m[nearest])


def no_longer_than_across(
    travel_min: FloatArray, start: FloatArray, end: FloatArray, to_streets_m: FloatArray, mode: Mode
) -> FloatArray:
    """Take the straight walk where two places are nearer to each other than to their streets."""
    straight_m = geodesic_m(start[:, None, 0], start[:, None, 1], end[None, :, 0], end[None, :, 1])
    across_min = np.where(
        np.isfinite(to_streets_m) & (straight_m <= to_streets_m), straight_m / TO_STREET_M_PER_MIN[mode], np.inf
    )
    return np.minimum(travel_min, across_min)


def _read_contour(answer: Any) -> MultiPolygon:  # noqa: ANN401 - JSON
    try:
        parts = [part for feature in answer["features"] for part in _parts_of(feature["geometry"])]
        rings = [np.array(ring, dtype=np.float64) for part in parts for ring in part]
        if not rings:
            return MultiPolygon()
        # all at once: one by one, the making of shapes takes longer than the engine's search
        ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
        part_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        drawn = polygons(linearrings(np.concatenate(rings), indices=ring_of), indices=part_of)
    except (KeyError, TypeError, ValueError, AttributeError, ShapelyError):
        raise TravelFailed from None
    return multipolygons(drawn)


def _parts_of(geometry: Mapping[str, Any]) -> list[Any]:
    """Give the coordinates of each polygon, its shell first."""
    kinds = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    return list(kinds[geometry["type"]])
