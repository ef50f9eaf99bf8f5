"""How much a pair counts, by its cost: 1 beside the door, 0 beyond the catchment."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Decay = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Step:
    """A weight for each band, closed at its upper end: the E2SFCA of Luo and Qi 2009.

    doi:10.1016/j.healthplace.2009.06.002. One band of weight 1 is the cumulative measure and the 2SFCA.

    Attributes
    ----------
    limits
        The upper ends of the bands, rising, in the unit of the costs.
    weights
        One weight for each band, none below 0.
    """

    limits: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.limits or len(self.limits) != len(self.weights):
            raise InvalidInput("give one weight for each band", field="weights")
        if not all(np.isfinite(self.limits)) or self.limits[0] < 0 or not _rises(self.limits):
            raise InvalidInput("the bands must rise from 0", field="standard")
        if not all(np.isfinite(w) and w >= 0 for w in self.weights):
            raise InvalidInput("the weight of a band must be a number from 0 on", field="weights")

    @property
    def reach(self) -> float:
        """The cost beyond which nothing counts."""
        return self.limits[-1]

    def __call__(self, cost: FloatArray) -> FloatArray:
        """Weigh costs, shape kept."""
        band = np.searchsorted(np.asarray(self.limits), cost, side="left")
        return np.append(np.asarray(self.weights, np.float64), 0.0)[band]


@dataclass(frozen=True, slots=True)
class Exponential:
    """``exp(-rate * cost)``: the impedance of the gravity measure, Hansen 1959, doi:10.1080/01944365908978307.

    Attributes
    ----------
    rate
        Per unit of cost, above 0.
    reach
        The cost beyond which nothing counts; infinite when left out.
    """

    rate: float
    reach: float = np.inf

    def __post_init__(self) -> None:
        if not (np.isfinite(self.rate) and self.rate > 0):
            raise InvalidInput("the rate of decay must be a number above 0", field="rate")

    def __call__(self, cost: FloatArray) -> FloatArray:
        """Weigh costs, shape kept."""
        return np.where(cost <= self.reach, np.exp(-self.rate * cost), 0.0)


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The Gaussian of Dai 2010 (doi:10.1016/j.healthplace.2010.06.012): 1 at the door, 0 at the edge of the catchment.

    Attributes
    ----------
    reach
        The catchment, above 0, in the unit of the costs.
    """

    reach: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.reach) and self.reach > 0):
            raise InvalidInput("the catchment must be a number above 0", field="standard")

    def __call__(self, cost: FloatArray) -> FloatArray:
        """Weigh costs, shape kept."""
        edge = np.exp(-0.5)
        weight = (np.exp(-0.5 * (np.minimum(cost, self.reach) / self.reach) ** 2) - edge) / (1 - edge)
        return np.where(cost <= self.reach, weight, 0.0)


def _rises(limits: Sequence[float]) -> bool:
    return all(low < high for low, high in pairwise(limits))
