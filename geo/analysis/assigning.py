"""Who is asked about what: the most needs first, then what is left out least gravely and travelled least.

Each helper is laid out as slots, one for each need that may still be taken, every further one dearer than the one
before: so load spreads, and by how much is bounded. Each need also has a way of being left out, at a cost of its own.
What results is an assignment problem on sparse pairs, solved by shortest augmenting paths (Jonker and Volgenant 1987,
doi:10.1007/BF02278710), and certified by prices of the dual, which are worked out from the answer and never taken from
the solver: whatever they are, they bound how good any answer can be (Bertsekas 1991, Linear Network Optimization, 1.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from geo.analysis.access.pairs import check_amounts
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.pairs import CostPairs

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]

MOST_SLOTS: Final = 10
MOST_ROUNDS: Final = 5_000
"""Rounds of repricing; when they do not suffice, the bound holds all the same and is less close."""
_CLOSE: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Assigned:
    """Pairs of need and helper, and how good any other choice could be.

    Attributes
    ----------
    need, helper
        Shape ``(matched,)``, in the order of the needs.
    objective
        Costs of the pairs, of their slots and of what is left out; among all choices that serve as many needs.
    bound
        No such choice costs less.
    pays
        Shape ``(needs,)``: what each need pays by the prices, its own share of the bound.
    slot
        Shape ``(helpers,)``: what the cheapest slot of each helper comes to by the prices; infinite without any.
    """

    need: IndexArray
    helper: IndexArray
    objective: float
    bound: float
    pays: FloatArray
    slot: FloatArray

    def bound_with(self, least: FloatArray) -> float:
        """Give the bound if there are pairs besides.

        Parameters
        ----------
        least
            Shape ``(needs,)``: what any further pair of a need costs at least, the slot by the prices included;
            infinite where there is none.
        """
        return self.bound - float((self.pays - np.minimum(least, self.pays)).sum())

    @property
    def is_optimal(self) -> bool:
        """Whether the bound proves that there is none better."""
        return self.gap <= _CLOSE

    @property
    def gap(self) -> float:
        """How far the bound is from the objective, as a share of it."""
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1.0)


def assign(pairs: CostPairs, slots: ArrayLike, left_out: ArrayLike, *, slot_cost: ArrayLike, spread: float) -> Assigned:
    """Assign needs to helpers: as many as can be, and of all such ways the one that costs least.

    Parameters
    ----------
    pairs
        Demand are the needs, supply the helpers.
    slots
        Shape ``(helpers,)``, whole, ``MOST_SLOTS`` at most: how many needs each may take now.
    left_out
        Shape ``(needs,)``: what it costs to leave each need out, in the unit of the costs.
    slot_cost
        Shape ``(helpers,)``: what each helper's first slot costs.
    spread
        How much dearer each further slot of a helper is.

    Raises
    ------
    InvalidInput
        For numbers that are negative, not finite or not whole where they must be.
    """
    room = check_amounts(slots, pairs.supply_count, field="slots")
    if (room != np.floor(room)).any() or (room > MOST_SLOTS).any():
        raise InvalidInput(f"slots must be whole and at most {MOST_SLOTS}", field="slots")
    left = check_amounts(left_out, pairs.demand_count, field="left_out")
    first = check_amounts(slot_cost, pairs.supply_count, field="slot_cost")
    table = _Table.lay(pairs, room.astype(np.int64), left, first, spread)
    taken = table.solve()
    own = np.flatnonzero(table.helper[taken] >= 0)
    # as dear as leaving out was made only for counting, it is no part of what is told
    base = table.base * float(len(taken) - len(own))
    pays, price = table.price(taken)
    bound = float(pays.sum()) - float(price.sum()) - base
    slot = _cheapest_slot(room.astype(np.int64), first, spread, price)
    return Assigned(own, table.helper[taken[own]], float(table.cost[taken].sum()) - base, bound, pays, slot)


def _cheapest_slot(room: IndexArray, first: FloatArray, spread: float, price: FloatArray) -> FloatArray:
    cheapest, of = np.full(len(room), np.inf), np.repeat(np.arange(len(room)), room)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(room) - room, room)
    np.minimum.at(cheapest, of, first[of] + spread * nth + price[: len(of)])
    return cheapest


@dataclass(frozen=True, slots=True)
class _Table:
    """Entries of need, column and cost; ``helper`` is whose slot the column is, -1 where the need is left out."""

    need: IndexArray
    column: IndexArray
    cost: FloatArray
    helper: IndexArray
    shape: tuple[int, int]
    base: float

    @classmethod
    def lay(cls, pairs: CostPairs, room: IndexArray, left: FloatArray, first: FloatArray, spread: float) -> _Table:
        begins, each = np.cumsum(room) - room, np.arange(pairs.demand_count)
        times = room[pairs.supply]
        of = np.repeat(np.arange(len(pairs.cost)), times)
        nth = np.arange(len(of)) - np.repeat(np.cumsum(times) - times, times)
        supply = pairs.supply[of]
        own = pairs.cost[of] + first[supply] + spread * nth
        # leaving one need out more is dearer than anything that could be saved by it
        base = float(left.sum() + len(left) * (own.max() if len(own) else 0.0) + 1.0)
        total = int(room.sum())
        return cls(
            np.concatenate([pairs.demand[of], each]),
            np.concatenate([begins[supply] + nth, total + each]),
            np.concatenate([own, left + base]),
            np.concatenate([supply, np.full(len(each), -1)]),
            (pairs.demand_count, total + pairs.demand_count),
            base,
        )

    def solve(self) -> IndexArray:
        """Give the entry of each need that is taken, shape ``(needs,)``."""
        if not self.shape[0]:
            return np.empty(0, np.int64)
        # a cost of nothing would be no entry at all
        table = csr_array((self.cost + 1.0, (self.need, self.column)), shape=self.shape)
        rows, columns = min_weight_full_bipartite_matching(table)
        key, wanted = self.need * self.shape[1] + self.column, rows * np.int64(self.shape[1]) + columns
        order = np.argsort(key)
        return np.asarray(order[np.searchsorted(key, wanted, sorter=order)], np.int64)

    def price(self, taken: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Price the columns so that every need prefers its own: what each then pays, and the prices.

        Whatever the prices are, what all pay less their sum is a lower bound.
        """
        if not len(taken):
            return np.empty(0), np.zeros(self.shape[1])
        price, order = np.zeros(self.shape[1]), np.argsort(self.column, kind="stable")
        column, need, cost = self.column[order], self.need[order], self.cost[order]
        starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
        priced, own, paid = column[starts], self.column[taken], self.cost[taken]
        for _ in range(MOST_ROUNDS):
            asked = np.maximum.reduceat((price[own] + paid)[need] - cost, starts)
            if (asked <= price[priced] + _CLOSE).all():
                break
            price[priced] = np.maximum(price[priced], asked)
        cheapest = np.full(self.shape[0], np.inf)
        np.minimum.at(cheapest, need, cost + price[column])
        return cheapest, price
