from __future__ import annotations

import numpy as np
import pytest

from geo.analysis import pairs as pairs_module
from geo.analysis.pairs import find_pairs


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equals_brute_force_with_radii_of_every_size(seed: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs_module, "FEW", few)
    monkeypatch.setattr(pairs_module, "AT_ONCE", 7)
    rng = np.random.default_rng(seed)
    here, there = np.round(rng.uniform(0, 500, (60, 2))), np.round(rng.uniform(0, 500, (40, 2)))
    here[:5] = there[:5]
    radius = np.concatenate([np.zeros(10), rng.uniform(0, 2, 10), 10 ** rng.uniform(0, 5, 40)])
    pairs = find_pairs(here, radius, there)
    found = set(zip(pairs.row.tolist(), pairs.column.tolist(), strict=True))
    metres = np.linalg.norm(here[:, None] - there[None], axis=2)
    assert pairs.distance_m.tolist() == pytest.approx(metres[pairs.row, pairs.column].tolist(), abs=1e-9)
    expected = set(zip(*(part.tolist() for part in np.nonzero(metres <= radius[:, None])), strict=True))
    assert found == expected
    assert {(i, i) for i in range(5)} <= found


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_both_may_have_a_radius(seed: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs_module, "FEW", few)
    monkeypatch.setattr(pairs_module, "AT_ONCE", 7)
    rng = np.random.default_rng(seed)
    here, there = np.round(rng.uniform(0, 500, (60, 2))), np.round(rng.uniform(0, 500, (40, 2)))
    radius, more = np.concatenate([np.zeros(10), 10 ** rng.uniform(0, 3, 50)]), rng.choice([0.0, 3.0, 40.0, 400.0], 40)
    pairs = find_pairs(here, radius, there, more)
    metres = np.linalg.norm(here[:, None] - there[None], axis=2)
    expected = [part.tolist() for part in np.nonzero(metres <= radius[:, None] + more)]
    assert sorted(zip(pairs.row.tolist(), pairs.column.tolist(), strict=True)) == list(zip(*expected, strict=True))


def test_nobody_reaches_nothing() -> None:
    pairs = find_pairs(np.empty((0, 2)), np.empty(0), np.zeros((1, 2)))
    assert pairs.row.size == pairs.column.size == 0
