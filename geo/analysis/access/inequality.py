"""How unequally access is spread over people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.analysis.access.pairs import check_amounts
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]


def gini(access: ArrayLike, people: ArrayLike) -> float:
    """Give the Gini coefficient of access over people.

    Twice the area between the Lorenz curve, people in order of access, and the line of equality (Gini 1912).

    Parameters
    ----------
    access, people
        Shape ``(n,)``, none below 0.

    Returns
    -------
    float
        0 when all have the same, towards 1 when one has all; not a number when nobody has any.
    """
    value, weight = _pair(access, people)
    order = np.argsort(value, kind="stable")
    value, weight = value[order], weight[order]
    whole = float(value @ weight)
    if whole == 0:
        return float("nan")
    shares = np.concatenate([[0.0], np.cumsum(value * weight) / whole])
    return float(1 - (weight / weight.sum()) @ (shares[1:] + shares[:-1]))


def palma(access: ArrayLike, people: ArrayLike, income: ArrayLike) -> float:
    """Give the mean access of the richest tenth over that of the poorest two fifths.

    Palma 2011 (doi:10.1111/j.1467-7660.2011.01694.x) for incomes, here for access.

    Parameters
    ----------
    access, people, income
        Shape ``(n,)``, none below 0; ``income`` per head. Rows that have no income are to be left out first.

    Returns
    -------
    float
        1 for equal access, above 1 when the rich have more. Not a number when the poorest reach nothing.
    """
    value, weight = _pair(access, people)
    rank = check_amounts(income, len(value), field="income")
    rich = rank > weighted_quantile(rank, weight, 0.9)
    poor = rank <= weighted_quantile(rank, weight, 0.4)
    most, least = _mean(value[rich], weight[rich]), _mean(value[poor], weight[poor])
    return most / least if least > 0 else float("nan")


def poverty(access: ArrayLike, people: ArrayLike, line: float) -> tuple[float, float, float]:
    """Give the measures FGT 0, 1 and 2 of access poverty.

    Foster, Greer and Thorbecke 1984 (doi:10.2307/1913475): the share of people below the line, how far they are below
    it on average, and the same with the farthest below counting most.

    Parameters
    ----------
    line
        Access below which somebody is poor, above 0, in the unit of access.
    """
    value, weight = _pair(access, people)
    if not (np.isfinite(line) and line > 0):
        raise InvalidInput("the line of poverty must be a number above 0", field="line")
    lack = np.where(value < line, (line - value) / line, 0.0)
    whole = weight.sum()
    return float(weight[value < line].sum() / whole), float(weight @ lack / whole), float(weight @ lack**2 / whole)


def weighted_quantile(value: FloatArray, weight: FloatArray, share: float) -> float:
    """Give a quantile where each value stands ``weight`` times, between neighbours along a straight line.

    The seventh definition of Hyndman and Fan 1996 (doi:10.2307/2684934) carried over to frequency weights.
    """
    kept = weight > 0
    value, weight = value[kept], weight[kept]
    order = np.argsort(value, kind="stable")
    value, last = value[order], np.cumsum(weight[order])
    position = 1 + (last[-1] - 1) * share
    low, high = np.floor(position), min(np.floor(position) + 1, last[-1])
    below, above = value[np.searchsorted(last, [low, high], side="left")]
    return float(below + (position - low) * (above - below))


def _pair(access: ArrayLike, people: ArrayLike) -> tuple[FloatArray, FloatArray]:
    value = np.asarray(access, np.float64)
    value = check_amounts(value, len(value), field="access")
    weight = check_amounts(people, len(value), field="people")
    if not weight.sum() > 0:
        raise InvalidInput("nobody lives here", field="people")
    return value, weight


def _mean(value: FloatArray, weight: FloatArray) -> float:
    whole = weight.sum()
    return float(value @ weight / whole) if whole > 0 else float("nan")
