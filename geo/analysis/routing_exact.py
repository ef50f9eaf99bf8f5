"""The best routes of a few stops, proven: every set of stops for every driver, then every way to share them out.

The first part is the dynamic programme of Held and Karp (1962, doi:10.1137/0110015) over sets of stops and the last one
driven to, with time windows: of two ways to the same last stop one is dropped only when the other is neither later nor
longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geo.analysis.routing_legs import Legs

    Order = tuple[int, ...]
    Label = tuple[int, int, Order]

EXACT_UP_TO: Final = 8
"""Stops; the work grows about fourfold with each more."""


def route_exactly(legs: Legs) -> list[Order]:
    """Find the orders that serve the most weight, and of those the ones with the least travel.

    Returns
    -------
    list of tuple of int
        For each driver the stops in order.
    """
    everything = 1 << legs.stop_count
    # (travel, which of this driver, the rest) by the set of stops served so far
    best: dict[int, tuple[int, tuple[Order, ...]]] = {0: (0, ())}
    for driver in range(legs.driver_count):
        alone = _orders_of(legs, driver)
        joined: dict[int, tuple[int, tuple[Order, ...]]] = {}
        for served, (travel_s, orders) in best.items():
            rest = (everything - 1) & ~served
            part = rest
            while True:
                found = alone.get(part)
                if found is not None:
                    total = travel_s + found[0]
                    known = joined.get(served | part)
                    if known is None or total < known[0]:
                        joined[served | part] = (total, (*orders, found[1]))
                if part == 0:
                    break
                part = (part - 1) & rest
        best = joined
    weight = [sum(int(legs.weight[i]) for i in range(legs.stop_count) if served >> i & 1) for served in best]
    chosen = min(zip(weight, best.values(), strict=True), key=lambda one: (-one[0], one[1][0]))
    return list(chosen[1][1])


def _orders_of(legs: Legs, driver: int) -> dict[int, tuple[int, Order]]:
    """Find, for each set of stops that one driver can serve, the order with the least travel."""
    n, way = legs.stop_count, legs.legs_s[driver].tolist()
    service, earliest, latest = legs.service_s.tolist(), legs.earliest_s.tolist(), legs.latest_s.tolist()
    until, capacity, demand = int(legs.until_s[driver]), int(legs.capacity[driver]), legs.demand.tolist()
    found: dict[int, tuple[int, Order]] = {0: (0, ())}
    # when one is free again, travel so far, the order; by the set and the last stop
    labels: dict[tuple[int, int], list[Label]] = {(0, n): [(int(legs.from_s[driver]), 0, ())]}
    for _ in range(n):
        following: dict[tuple[int, int], list[Label]] = {}
        for (served, at), known in labels.items():
            room = capacity - sum(demand[i] for i in range(n) if served >> i & 1)
            for stop in range(n):
                if served >> stop & 1 or demand[stop] > room:
                    continue
                for clock, travel, order in known:
                    begin = max(clock + way[at][stop], earliest[stop])
                    free = begin + service[stop]
                    if begin > latest[stop] or free > until:
                        continue
                    label = (free, travel + way[at][stop], (*order, stop))
                    _keep(following.setdefault((served | 1 << stop, stop), []), label)
        for (served, at), known in following.items():
            for free, travel, order in known:
                total = travel + way[at][n + 1]
                if free + way[at][n + 1] <= until and (served not in found or total < found[served][0]):
                    found[served] = (total, order)
        labels = following
    return found


def _keep(known: list[Label], label: Label) -> None:
    if any(one[0] <= label[0] and one[1] <= label[1] for one in known):
        return
    known[:] = [one for one in known if one[0] < label[0] or one[1] < label[1]]
    known.append(label)
