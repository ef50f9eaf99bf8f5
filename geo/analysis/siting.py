"""Where the next places of help should be: four location problems on sparse pairs, with places that are there already.

Demand of weight 0 asks for nothing and is left out. Each answer says how it was found, whether it is proven to be the
best, and how far the best can be at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.analysis import siting_exact, siting_greedy
from geo.analysis.access.pairs import check_amounts
from geo.analysis.siting_exact import Found, Ground, Infeasible, TimeOver
from geo.domain.siting import Problem
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.pairs import CostPairs

MOST_EXACT_PAIRS: Final = 300_000
"""Above this, the most coverage is found step by step alone: a program would find nothing better in its time."""
TIME_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Siting:
    """The places to open.

    Attributes
    ----------
    problem
        What was asked.
    objective
        Covered weight (``mclp``), number of places (``lscp``), weight times cost (``pmedian``) or cost (``pcenter``),
        what the fixed places do counted in.
    sites
        Indices of the places to open, rising; the fixed ones are not among them.
    is_optimal
        Whether nothing better exists, which is proven.
    bound
        No choice of places is better than this.
    method
        ``milp``: a mixed-integer program (HiGHS). ``greedy``: the best next place, ``k`` times.
    uncovered
        Indices of demand that is not reached: beyond the standard (``mclp``, ``lscp``), or out of reach of every
        candidate.
    """

    problem: Problem
    objective: float
    sites: tuple[int, ...]
    is_optimal: bool
    bound: float
    method: str
    uncovered: tuple[int, ...]

    @property
    def gap(self) -> float:
        """How far the bound is from the objective, as a share of the objective."""
        return abs(self.bound - self.objective) / max(abs(self.objective), 1e-12) if not self.is_optimal else 0.0


def choose_sites(
    pairs: CostPairs,
    weight: ArrayLike,
    problem: Problem,
    *,
    k: int | None = None,
    standard: float | None = None,
    fixed: Sequence[int] = (),
    most_exact_pairs: int = MOST_EXACT_PAIRS,
    time_limit_s: float = TIME_LIMIT_S,
) -> Siting:
    """Choose places to open beside the fixed ones.

    Parameters
    ----------
    pairs
        Supply are the candidates, the fixed places among them; a pair that is not there cannot be travelled.
    weight
        Shape ``(demand_count,)``.
    k
        How many to open; for all but ``lscp``.
    standard
        The cost within which demand is covered, for ``mclp`` and ``lscp``.
    fixed
        Indices of places that are open already and do not count towards ``k``.
    most_exact_pairs
        ``mclp`` above so many pairs is solved greedily alone: at least ``1 - 1/e`` of the best (Nemhauser, Wolsey and
        Fisher 1978, doi:10.1007/BF01588971), and no worse than the bound that is given.
    time_limit_s
        For each program. When it is over, the best found so far is given with its bound.

    Raises
    ------
    InvalidInput
        For ``k`` or ``standard`` missing or out of bounds, or when no ``k`` places can reach all demand that any
        candidate reaches (``pmedian``, ``pcenter``).
    GeoError
        When the time was over before anything was found.
    """
    demand = check_amounts(weight, pairs.demand_count, field="weight")
    held = _check_fixed(fixed, pairs.supply_count)
    if problem is not Problem.LSCP:
        k = _check_count(k, int((~held).sum()))
    if problem in (Problem.MCLP, Problem.LSCP):
        if standard is None or not (np.isfinite(standard) and standard >= 0):
            raise InvalidInput("the standard must be a number from 0 on", field="standard")
        pairs = pairs.within(standard)
    ground = Ground.lay(pairs, demand, held, time_limit_s)
    try:
        found, method = _solve(ground, problem, k or 0, most_exact_pairs)
    except Infeasible:
        raise InvalidInput(f"no {k} more places can reach all the demand; give a larger k", field="k") from None
    return Siting(
        problem=problem,
        objective=found.objective,
        sites=tuple(int(j) for j in np.sort(found.opened)),
        is_optimal=found.is_optimal,
        bound=found.objective if found.is_optimal else found.bound,
        method=method,
        uncovered=tuple(int(i) for i in ground.left_out(found.opened)),
    )


def _solve(ground: Ground, problem: Problem, k: int, most_exact_pairs: int) -> tuple[Found, str]:
    if problem is Problem.MCLP:
        return _cover_most(ground, k, most_exact_pairs)
    if problem is Problem.LSCP:
        return siting_exact.cover_all(ground), "milp"
    solve = siting_exact.least_sum if problem is Problem.P_MEDIAN else siting_exact.least_longest
    return solve(ground, k), "milp"


def _cover_most(ground: Ground, k: int, most_exact_pairs: int) -> tuple[Found, str]:
    quick = siting_greedy.cover_most(ground, k)
    if quick.is_optimal or len(ground.row) > most_exact_pairs:
        return quick, "greedy"
    try:
        exact = siting_exact.cover_most(ground, k)
    except TimeOver:
        return quick, "greedy"
    # a program that was stopped may have found less, and proven more or less, than the quick way did
    best, method = (exact, "milp") if exact.objective >= quick.objective else (quick, "greedy")
    bound = max(best.objective, min(exact.bound, quick.bound))
    return Found(best.objective, best.opened, exact.is_optimal or bound <= best.objective, bound), method


def _check_fixed(fixed: Sequence[int], count: int) -> NDArray[np.bool_]:
    held = np.zeros(count, bool)
    index = np.asarray(fixed, np.int64)
    if len(index) and not (index.min() >= 0 and index.max() < count):
        raise InvalidInput("a fixed place is not among the candidates", field="fixed")
    held[index] = True
    return held


def _check_count(k: int | None, free: int) -> int:
    if k is None or k < 0:
        raise InvalidInput("k must be 0 or more", field="k")
    if k > free:
        raise InvalidInput(f"k is {k}, and there are {free} candidates that are not open already", field="k")
    return k
