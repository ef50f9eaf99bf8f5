"""Where the next places of help should be: four location problems on sparse pairs, with places that are there already.

With capacities, a place serves no more than it can take, and demand may be split among places. Demand of weight 0 asks
for nothing and is left out. Each answer says how it was found, whether it X
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.analysis import siting_capacity, siting_exact, siting_greedy, siting_growth
from geo.analysis.access.pairs import check_amounts
from geo.analysis.siting_exact import Found, Ground, Infeasible, TimeOver
from geo.analysis.siting_room import Room
from geo.domain.siting import Problem
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.pairs import CostPairs

    FloatArray = NDArray[np.float64]

MOST_EXACT_PAIRS: Final = 300_000
"""Above this, the most coverage is found step by step alone: a program would find nothing better in its time."""
TIME_LIMIT_S: Final = 60.0
_WITHIN: Final = (Problem.MCLP, Problem.LSCP)


@dataclass(frozen=True, slots=True)
class Siting:
    """The places to open.

    Attributes
    ----------
    problem
        What was asked.
    objective
        Covered weight times priority (``mclp``), number of places (``lscp``), weight times priority times cost
        (``pmedian``) or cost (``pcenter``), what the fixed places do counted in.
    sites
        Indices of the places to open, rising; the fixed ones are not among them.
    is_optimal
        Whether nothing better exists, which is proven.
    bound
        No choice of places is better than this.
    bound_by
        What the bound rests on: ``proof`` (it is reached), ``relaxation`` (the program that was stopped) or ``gains``
        (no place can add more than it could to what is open).
    method
        ``milp``: a mixed-integer program (HiGHS). ``greedy``: the best next place, ``k`` times.
    was_cut
        Whether the search was stopped at a limit before its end: there may be better, up to the bound.
    uncovered
        Indices of demand that is not reached: beyond the standard (``mclp``, ``lscp``), or out of reach of every
        candidate. With capacities, of demand that one best allocation does not serve whole (``mclp``, ``lscp``).
    """

    problem: Problem
    objective: float
    sites: tuple[int, ...]
    is_optimal: bool
    bound: float
    bound_by: str
    method: str
    was_cut: bool
    uncovered: tuple[int, ...]

    @property
    def gap(self) -> float:
        """How far the bound is from the objective, as a share of the objective."""
        return abs(self.bound - self.objective) / max(abs(self.objective), 1e-12) if not self.is_optimal else 0.0


def choose_sites(  # noqa: PLR0913 - one for each part of the question
    pairs: CostPairs,
    weight: ArrayLike,
    problem: Problem,
    *,
    k: int | None = None,
    standard: float | None = None,
    fixed: Sequence[int] = (),
    capacity: ArrayLike | None = None,
    priority: ArrayLike | None = None,
    most_exact_pairs: int = MOST_EXACT_PAIRS,
    most_work: int = siting_growth.MOST_WORK,
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
    capacity
        Shape ``(supply_count,)``, in the unit of the weight: what each place can take; infinite for no limit. Without
        it, nothing is ever full. ``lscp`` then serves as much as all candidates together could.
    priority
        Shape ``(demand_count,)``: how much one unit of demand counts beside the others, 1 when left out (for equity in
        location see Marsh and Schilling 1994, doi:10.1016/0377-2217(94)90200-3). It takes no more capacity than any
        other unit. ``lscp`` and ``pcenter`` look only at whether it is above 0.
    most_exact_pairs
        ``mclp`` above so many pairs is solved greedily alone: what it adds is at least ``1 - 1/e`` of the best
        (Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971), with capacities too, and the bound is given.
    most_work
        So many pairs are gone through by the greedy way with capacities before it is cut.
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
    value = _check_priority(priority, pairs.demand_count)
    room = _check_capacity(capacity, pairs.supply_count)
    held = _check_fixed(fixed, pairs.supply_count)
    if problem is not Problem.LSCP:
        k = _check_count(k, int((~held).sum()))
    if problem in _WITHIN:
        if standard is None or not (np.isfinite(standard) and standard >= 0):
            raise InvalidInput("the standard must be a number from 0 on", field="standard")
        pairs = pairs.within(standard)
    try:
        if room is None:
            return _choose(Ground.lay(pairs, demand * value, held, time_limit_s), problem, k or 0, most_exact_pairs)
        ground = Ground.lay(pairs, demand, held, time_limit_s)
        return _choose_within(Room.lay(ground, value, room), problem, k or 0, most_exact_pairs, most_work)
    except Infeasible:
        raise InvalidInput(f"no {k} more places can serve all the demand; give a larger k", field="k") from None


def order_sites(
    pairs: CostPairs,
    sites: Sequence[int],
    *,
    fixed: Sequence[int],
    capacity: ArrayLike,
    priority: ArrayLike,
    most_work: int = siting_growth.MOST_WORK,
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Put chosen places in the order in which each adds most, and tell how much is served.

    Parameters
    ----------
    pairs
        Demand of one unit each; every pair counts, whatever it costs.
    sites
        The places chosen, in any order.
    fixed, capacity, priority, most_work
        As for :func:`choose_sites`.

    Returns
    -------
    tuple of tuple
        The sites by falling gain, weighed by priority; and the units of demand served by the fixed places alone, then
        with the first of the sites, with the first two, and so on.
    """
    held = _check_fixed(fixed, pairs.supply_count)
    value = _check_priority(priority, pairs.demand_count)
    ground = Ground.lay(pairs, np.ones(pairs.demand_count), held, TIME_LIMIT_S)
    chosen = held.copy()
    chosen[list(sites)] = True
    room = Room.lay(ground, value, np.asarray(capacity, np.float64))
    room = room.kept(chosen[room.ground.column])
    ordered = siting_growth.serve_most(room, len(sites), only=chosen, most_work=most_work)
    counted = Room.lay(ground, np.ones(pairs.demand_count), np.asarray(capacity, np.float64))
    steps = [ground.with_(ordered.opened[:count]) for count in range(len(sites) + 1)]
    return tuple(map(int, ordered.opened)), tuple(counted.serve(open_).served for open_ in steps)


def _choose(ground: Ground, problem: Problem, k: int, most_exact_pairs: int) -> Siting:
    if problem is Problem.MCLP:
        size = len(ground.row)
        solvers = (lambda: siting_greedy.cover_most(ground, k), lambda: siting_exact.cover_most(ground, k))
        found, method, bound_by = _find_most(*solvers, is_small=size <= most_exact_pairs)
    else:
        found, method, bound_by = _solve_exactly(siting_exact, ground, problem, k)
    return _tell(problem, found, method, bound_by, ground.left_out(found.opened))


def _choose_within(room: Room, problem: Problem, k: int, most_exact_pairs: int, most_work: int) -> Siting:
    ground = room.ground
    if problem is Problem.MCLP:
        greedily = functools.partial(siting_growth.serve_most, room, k, most_work=most_work)
        solvers = (greedily, lambda: siting_capacity.serve_most(room, k))
        found, method, bound_by = _find_most(*solvers, is_small=len(ground.row) <= most_exact_pairs)
    else:
        found, method, bound_by = _solve_exactly(siting_capacity, room, problem, k)
    if problem in _WITHIN:
        return _tell(problem, found, method, bound_by, room.left(ground.with_(found.opened)))
    alone = room.asked & ~ground.reached(np.ones(len(ground.held), bool))
    return _tell(problem, found, method, bound_by, np.flatnonzero(alone))


def _tell(problem: Problem, found: Found, method: str, bound_by: str, uncovered: NDArray[np.int64]) -> Siting:
    return Siting(
        problem=problem,
        objective=found.objective,
        sites=tuple(int(j) for j in np.sort(found.opened)),
        is_optimal=found.is_optimal,
        bound=found.objective if found.is_optimal else found.bound,
        bound_by="proof" if found.is_optimal else bound_by,
        method=method,
        was_cut=found.was_cut and not found.is_optimal,
        uncovered=tuple(int(i) for i in uncovered),
    )


def _solve_exactly(
    solver: Any,  # noqa: ANN401 - one of two modules with the same three functions
    ground: Ground | Room,
    problem: Problem,
    k: int,
) -> tuple[Found, str, str]:
    if problem is Problem.LSCP:
        cover = solver.cover_all if isinstance(ground, Ground) else solver.serve_all
        return cover(ground), "milp", "relaxation"
    solve = solver.least_sum if problem is Problem.P_MEDIAN else solver.least_longest
    return solve(ground, k), "milp", "relaxation"


def _find_most(
    greedily: Callable[[], Found], exactly: Callable[[], Found], *, is_small: bool
) -> tuple[Found, str, str]:
    quick = greedily()
    if quick.is_optimal or not is_small:
        return quick, "greedy", "gains"
    try:
        exact = exactly()
    except TimeOver:
        return replace(quick, was_cut=True), "greedy", "gains"
    # a program that was stopped may have found less, and proven more or less, than the quick way did
    best, method = (exact, "milp") if exact.objective >= quick.objective else (quick, "greedy")
    bound, bound_by = min((exact.bound, "relaxation"), (quick.bound, "gains"))
    bound = max(best.objective, bound)
    proven = exact.is_optimal or bound <= best.objective
    return Found(best.objective, best.opened, proven, bound, exact.was_cut), method, bound_by


def _check_priority(priority: ArrayLike | None, count: int) -> FloatArray:
    return np.ones(count) if priority is None else check_amounts(priority, count, field="priority")


def _check_capacity(capacity: ArrayLike | None, count: int) -> FloatArray | None:
    if capacity is None:
        return None
    given = np.asarray(capacity, np.float64)
    limited = np.where(np.isposinf(given), 0.0, given)
    check_amounts(limited, count, field="capacity")
    return given


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
