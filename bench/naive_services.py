"""Services that protect badly: the attacks must succeed against them, or a suite that finds nothing proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

K_OF_BOXES: Final = 20
NEAREST_M, FARTHEST_M = 100.0, 500.0

Box = tuple[float, float, float, float]


class ExactBoxes:
    """Counts exact places in any box, and says nothing when they are fewer than k.

    Parameters
    ----------
    xy
        The places, in metres.
    """

    def __init__(self, xy: NDArray[np.float64], *, k: int = K_OF_BOXES) -> None:
        self._xy = xy
        self._k = k
        self.asked = 0

    def count(self, box: Box) -> int | None:
        """Count the places in a box: west, south, east, north in metres; ``None`` below k."""
        self.asked += 1
        x, y = self._xy.T
        west, south, east, north = box
        found = int(((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum())
        return found if found >= self._k else None


class CellBoxes:
    """Answers the same question from a public file: what its bands add up to over the cells whose middle is inside."""

    def __init__(self, middles: NDArray[np.float64], least: NDArray[np.int64]) -> None:
        self._middles = middles
        self._least = least
        self.asked = 0

    def count(self, box: Box) -> int | None:
        """Add up the least of each band."""
        self.asked += 1
        x, y = self._middles.T
        west, south, east, north = box
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        return int(self._least[inside].sum())


def draw_donut(xy: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Move each place by 100 to 500 metres, evenly over the ring's area."""
    radius = np.sqrt(rng.uniform(NEAREST_M**2, FARTHEST_M**2, len(xy)))
    angle = rng.uniform(0, 2 * np.pi, len(xy))
    return np.asarray(xy + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
