"""Travel by a routing server that somebody else runs: Valhalla, or OSRM. It is told where people are, so it is opt-in.

How a server is reached is the caller's choice: `fetch` sends a question and is what keeps to an address, a time and a
size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from geo.analysis.travel.grid import draw_by_matrix
from geo.analysis.travel.straight import StraightLineTravel, as_points, check_minutes, cut_off
from geo.analysis.travel.streets import (
    DRAWN,
    FASTEST_M_PER_MIN,
    METRES_SLACK,
    NEAR_STREET_M,
    SECONDS_SLACK,
    TO_STREET_M_PER_MIN,
    Blocks,
    ValhallaTravel,
    blocks_of,
    no_longer_than_across,
)
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.travel import TravelModelInfo
from geo.domain.words import Mode
from geo.errors import OutsideFailed, TravelFailed
from geo.units import SECONDS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry import MultiPolygon

    FloatArray = NDArray[np.float64]

_DOWNHILL: Final = 2.2
"""How much quicker than on the flat Valhalla lets a bicycle be at most, where a server's graph has heights."""
_SERVER_BLOCKS: Final = Blocks(sources=50, targets=50)
"""What a server with the limits it comes with answers at once."""
_OSRM_BLOCKS: Final = Blocks(sources=25, targets=75)
OSRM_PROFILES: Final = {Mode.WALK: "foot", Mode.BICYCLE: "bike", Mode.CAR: "car"}
OSRM_FASTEST_M_PER_MIN: Final = {Mode.WALK: 125.0, Mode.BICYCLE: 500.0, Mode.CAR: 2_500.0}
"""Above what the profiles that OSRM comes with reach on any street: 7.5, 30 and 150 km/h."""


class Fetch(Protocol):
    """Sends one question to the server."""

    def __call__(self, target: str, body: bytes | None) -> bytes:
        """Get, or post where there is a body; the answer is read for a refusal (400) too.

        Raises
        ------
        OutsideFailed
            If there is no answer that can be used.
        """


@dataclass(frozen=True, slots=True)
class ValhallaServer:
    """A Valhalla server as an engine; see :class:`geo.analysis.travel.streets.Engine`."""

    fetch: Fetch

    def ask(self, action: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Ask one question.

        Raises
        ------
        TravelFailed
            If the server gives no answer that can be used.
        """
        return _fetch(self.fetch, f"/{action}", json.dumps(body).encode())

    def close(self) -> None:
        """Nothing is held: each question has a connection of its own."""


def travel_by_valhalla_server(fetch: Fetch, name: str) -> ValhallaTravel:
    """Make the model that asks a Valhalla server; ``name`` is its address, which no output tells."""
    how = Reason(ReasonCode.VALHALLA_SERVER, {"near_street_m": NEAR_STREET_M})
    fastest = FASTEST_M_PER_MIN | {Mode.BICYCLE: FASTEST_M_PER_MIN[Mode.BICYCLE] * _DOWNHILL}
    info = TravelModelInfo("valhalla_server", (how,), f"valhalla-server-{name}-{DRAWN}")
    return ValhallaTravel(ValhallaServer(fetch), info, fastest, _SERVER_BLOCKS)


@dataclass(frozen=True, slots=True)
class OsrmServer:
    """Minutes from the tables of an OSRM server.

    Parameters
    ----------
    fetch
        How it is asked.
    name
        Its address, which no output tells.
    modes
        For which modes it has streets; a server of OSRM has one profile, and answers with it whatever is asked. All
        other modes, the wheelchair among them, travel in a straight line, and ``info`` says so.

    Notes
    -----
    OSRM draws no isochrones; they are drawn around the points of a grid that its table says are within reach.
    """

    fetch: Fetch
    name: str
    modes: Collection[Mode]
    straight: StraightLineTravel = field(default_factory=StraightLineTravel)

    @property
    def info(self) -> TravelModelInfo:
        """How this model is named in outputs."""
        streets = [mode.value for mode in Mode if self._knows(mode)]
        others = [mode.value for mode in Mode if not self._knows(mode)]
        how = [Reason(ReasonCode.OSRM_SERVER, {"modes": streets})]
        if others:
            how.append(Reason(ReasonCode.STRAIGHT_LINE_FOR, {"modes": others, **self.straight.parts}))
        return TravelModelInfo("osrm_server", tuple(how), f"osrm-server-{'-'.join(streets)}-{self.name}")

    def minutes(self, straight_m: float, mode: Mode) -> float:
        """Give minutes that no two places this far apart undercut."""
        if not self._knows(mode):
            return self.straight.minutes(straight_m, mode)
        least = straight_m * METRES_SLACK / OSRM_FASTEST_M_PER_MIN[mode] - SECONDS_SLACK / SECONDS_PER_MIN
        return max(least, 0.0)

    def reach_m(self, minutes: float, mode: Mode) -> float:
        """Give the straight-line metres beyond which nothing is within so many minutes."""
        if not self._knows(mode):
            return self.straight.reach_m(minutes, mode)
        return (minutes + SECONDS_SLACK / SECONDS_PER_MIN) * OSRM_FASTEST_M_PER_MIN[mode] / METRES_SLACK

    def matrix(self, sources: ArrayLike, targets: ArrayLike, mode: Mode, limit_min: float | None = None) -> FloatArray:
        """Measure from every source to every target; see :class:`geo.domain.travel.TravelModel`.

        Raises
        ------
        TravelFailed
            If the server gives no answer that can be used.
        """
        if not self._knows(mode):
            return self.straight.matrix(sources, targets, mode, limit_min)
        start, end = as_points(sources), as_points(targets)
        found = np.full((len(start), len(end)), np.inf)
        for rows in blocks_of(np.arange(len(start)), _OSRM_BLOCKS.sources):
            for columns in blocks_of(np.arange(len(end)), _OSRM_BLOCKS.targets):
                found[np.ix_(rows, columns)] = self._table(start[rows], end[columns], mode)
        return cut_off(found, limit_min)

    def isochrones(
        self, points: ArrayLike, minutes: Sequence[float], mode: Mode, *, towards: bool = False
    ) -> list[list[MultiPolygon]]:
        """Draw what is within reach, square by square of a grid; see :class:`geo.domain.travel.TravelModel`.

        Raises
        ------
        TravelFailed
            If the server gives no answer that can be used.
        """
        if not self._knows(mode):
            return self.straight.isochrones(points, minutes, mode, towards=towards)
        wanted = check_minutes(minutes)
        return [draw_by_matrix(self, lon, lat, wanted, mode, towards=towards) for lon, lat in as_points(points)]

    def _knows(self, mode: Mode) -> bool:
        return mode in self.modes and mode in OSRM_PROFILES

    def _table(self, start: FloatArray, end: FloatArray, mode: Mode) -> FloatArray:
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in [*start.tolist(), *end.tolist()])
        first, last = range(len(start)), range(len(start), len(start) + len(end))
        query = f"sources={';'.join(map(str, first))}&destinations={';'.join(map(str, last))}&annotations=duration"
        answer = _fetch(self.fetch, f"/table/v1/{OSRM_PROFILES[mode]}/{places}?{query}", None)
        try:
            if answer["code"] == "NoSegment":
                return np.full((len(start), len(end)), np.inf)
            seconds = np.array(answer["durations"], dtype=np.float64)
            walked = [np.array([p["distance"] for p in answer[x]], np.float64) for x in ("sources", "destinations")]
        except (KeyError, TypeError, ValueError):
            raise TravelFailed from None
        if seconds.shape != (len(start), len(end)) or [len(x) for x in walked] != [len(start), len(end)]:
            raise TravelFailed
        away = [np.where(x <= NEAR_STREET_M, x, np.inf) for x in walked]
        both_m = away[0][:, None] + away[1][None, :]
        found = np.where(np.isnan(seconds), np.inf, seconds / SECONDS_PER_MIN) + both_m / TO_STREET_M_PER_MIN[mode]
        return no_longer_than_across(found, start, end, both_m, mode)


def _fetch(fetch: Fetch, target: str, body: bytes | None) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(fetch(target, body))
    except OutsideFailed:
        raise TravelFailed("the routing server gave no answer that can be used") from None
    except (ValueError, RecursionError):
        raise TravelFailed("the routing server's answer cannot be read") from None
