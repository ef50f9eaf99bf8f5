"""The benchmark of siting checks its two ways against each other; its times are nobody's test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bench import sites

if TYPE_CHECKING:
    from geo.analysis.siting_exact import Found


def test_both_ways_are_within_each_other_s_bound() -> None:
    outcome = sites.run(400, 0, candidates=20, opened=3)
    assert outcome.facts["program proven the best"] == "yes"
    assert 1 - 1 / 2.7 <= outcome.ratios["worth added, step by step over the program"] <= 1 + 1e-9
    assert outcome.facts["opened"] == 3


def test_a_bound_that_is_passed_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sites.siting_capacity.serve_most

    def humble(*given: Any) -> Found:
        return replace(real(*given), bound=1.0)

    monkeypatch.setattr(sites.siting_capacity, "serve_most", humble)
    with pytest.raises(RuntimeError, match="more than the other says"):
        sites.run(400, 0, candidates=20, opened=3)
