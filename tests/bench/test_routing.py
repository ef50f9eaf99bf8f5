"""The benchmark of routes checks that both ways serve everybody; its times are nobody's test."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from geo.analysis.routing_legs import measure
from geo.analysis.travel import StraightLineTravel
from geo.domain.routing import Unserved

from bench import routing

if TYPE_CHECKING:
    from geo.domain.routing import Routing


def test_ours_is_no_longer_than_what_is_done_by_hand() -> None:
    outcome = routing.run(24, 0)
    assert outcome.facts["drivers"] == 5
    assert 0 < outcome.ratios["travel over nearest and uncrossed"] <= 1 + 1e-9
    assert set(outcome.spreads) == {"ours", "floor"}


def test_a_stop_left_out_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    real = routing.route

    def lazy(*given: Any, **also: Any) -> Routing:
        return replace(real(*given, **also), unserved={0: Unserved.NO_TIME})

    monkeypatch.setattr(routing, "route", lazy)
    with pytest.raises(RuntimeError, match="left out"):
        routing.run(12, 0)


def test_the_floor_uncrosses_a_route() -> None:
    asked = routing.make_town(6, 0)
    asked = replace(asked, drivers=(replace(asked.drivers[0], capacity=None),))
    legs = measure(asked, StraightLineTravel())
    least = min(legs.travel_s(0, order) for order in permutations(range(6)))
    found = routing.by_hand_s(legs)
    assert found is not None
    assert least <= found <= 1.2 * least
