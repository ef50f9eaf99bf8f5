"""What every travel model must answer, and how it names itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from geo.domain.reasons import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry import MultiPolygon

    from geo.domain.reasons import Reason
    from geo.domain.words import Mode


@dataclass(frozen=True, slots=True)
class TravelModelInfo:
    """The name every output carries, what it means, and by which version it can be told apart.

    What was worked out with one ``version`` is good as long as the model still has it.
    """

    name: str
    how: tuple[Reason, ...]
    version: str = ""

    @property
    def note(self) -> str:
        """What it means, in English."""
        return in_words(self.how, " ")

    def as_dict(self) -> dict[str, Any]:
        """Give what every output carries."""
        return {"name": self.name, "note": self.note, "how": [reason.as_dict() for reason in self.how]}


class TravelModel(Protocol):
    """Turns places and a mode into minutes.

    ``minutes`` and ``reach_m`` are bounds that hold for every pair of places, so that a search by distance may stop;
    what really lies between two places is what ``matrix`` says. For the straight line the two are the same.
    """

    @property
    def info(self) -> TravelModelInfo:
        """How this model is named in outputs."""

    def minutes(self, straight_m: float, mode: Mode) -> float:
        """Give minutes that no two places this far apart (metres) undercut."""

    def reach_m(self, minutes: float, mode: Mode) -> float:
        """Give the straight-line metres beyond which nothing is within so many minutes."""

    def matrix(
        self, sources: ArrayLike, targets: ArrayLike, mode: Mode, limit_min: float | None = None
    ) -> NDArray[float64]:
        """Measure from every source to every target.

        Parameters
        ----------
        sources, targets
            Shape ``(n, 2)`` and ``(m, 2)``: longitude and latitude, WGS 84.
        mode
            How somebody travels.
        limit_min
            Longer ways are of no interest and count as unreachable.

        Returns
        -------
        numpy.ndarray
            Shape ``(n, m)``: minutes, infinite where there is no way.

        Raises
        ------
        TravelFailed
            If the engine gives no answer.
        """

    def isochrones(
        self, points: ArrayLike, minutes: Sequence[float], mode: Mode, *, towards: bool = False
    ) -> list[list[MultiPolygon]]:
        """Draw what is within reach.

        Parameters
        ----------
        points
            Shape ``(n, 2)``: longitude and latitude, WGS 84.
        minutes
            The times to draw, each above zero.
        mode
            How somebody travels.
        towards
            If true, from where the point can be reached; otherwise what can be reached from it.

        Returns
        -------
        list
            For each point one valid shape (WGS 84) for each of the times; empty where the point is off all streets.

        Raises
        ------
        TravelFailed
            If the engine gives no answer, or none that can be used.
        """
