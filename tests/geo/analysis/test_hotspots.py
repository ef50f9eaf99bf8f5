"""Hot spots against the published formula, another library, enumeration, and chance."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Final

import h3
import libpysal
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats

from geo.analysis.hotspots import (
    LEAST_CELLS,
    Finding,
    choose_permutations,
    false_discovery_rates,
    find_hot_spots,
    find_neighbours,
    star_scores,
)
from geo.errors import InvalidInput

MIDDLE: Final = str(h3.latlng_to_cell(60.17, 24.94, 9))
PENTAGON: Final = str(h3.get_pentagons(9)[0])


def disk(rings: int, around: str = MIDDLE) -> list[str]:
    return sorted(map(str, h3.grid_disk(around, rings)))


def counts(cells: list[str], seed: int, mean: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, len(cells)).astype(float)


def test_gi_star_is_that_of_the_published_formula() -> None:
    cells = disk(5)
    x, near = counts(cells, 0), find_neighbours(cells, 1)
    w = near.toarray() + np.eye(len(cells))
    n, mean = len(cells), x.mean()
    deviation = np.sqrt((x**2).mean() - mean**2)
    whole, squares = w.sum(axis=1), (w**2).sum(axis=1)
    # Ord and Getis 1995, equation 5
    expected = (w @ x - whole * mean) / (deviation * np.sqrt((n * squares - whole**2) / (n - 1)))
    np.testing.assert_allclose(star_scores(near, x), expected, atol=1e-12)


def test_gi_star_is_that_of_the_example_pysal_prints() -> None:
    points = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    near = sparse.csr_array(((apart <= 15) & (apart > 0)).astype(float))
    printed = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    np.testing.assert_allclose(star_scores(near, np.array([2, 3, 3.2, 5, 8, 7])), printed, atol=5e-9)


def test_moran_of_the_counties_around_st_louis_is_the_published_figure() -> None:
    """The figure esda's own page gives, from the data its wheel brings: the libraries are what we take them for."""
    from esda.moran import Moran
    from libpysal.io import open as read_table

    folder = Path(libpysal.__file__).parent / "examples" / "stl"
    weights, table = read_table(str(folder / "stl.gal")), read_table(str(folder / "stl_hom.txt"))
    try:
        found = Moran(np.array(table.by_col["HR8893"]), weights.read(), permutations=0)
    finally:
        weights.close()
        table.close()
    assert round(found.I, 3) == 0.244


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_rates_are_those_of_scipy(p: list[float]) -> None:
    np.testing.assert_allclose(false_discovery_rates(p), stats.false_discovery_control(p), atol=1e-12)


def test_chance_agrees_with_every_possible_arrangement() -> None:
    # a row of cells: the two at its ends have one neighbour, the others two
    line = list(map(str, h3.grid_path_cells(MIDDLE, h3.grid_disk(MIDDLE, 40)[-1])))[:LEAST_CELLS]
    cells = sorted(line)
    near = find_neighbours(cells, 1).toarray().astype(bool)
    x = counts(cells, 3, 2.0)
    found = find_hot_spots(cells, x, permutations=40_000)
    for at in range(len(cells)):
        others = np.delete(x, at)
        sums = [sum(some) for some in combinations(others, int(near[at].sum()))]
        expected = np.mean(np.array(sums) >= x[near[at]].sum())
        assert found.p[at] == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 40_000))


def test_a_planted_cluster_is_found_and_nothing_far_from_it() -> None:
    cells = disk(10)
    hot = disk(1, cells[120])
    x = counts(cells, 0) + 5 * np.isin(cells, hot)
    found = find_hot_spots(cells, x)
    named = {cell for cell, is_hot in zip(cells, found.is_hot, strict=True) if is_hot}
    assert found.finding is Finding.FOUND
    assert cells[120] in named
    assert named <= set(disk(2, cells[120]))
    assert (found.q[found.is_hot] <= 0.05).all()
    assert (found.z[found.is_hot] > 3).all()


def test_chance_alone_is_called_hot_no_more_often_than_the_level() -> None:
    cells, rounds = disk(4), 200
    level = 0.1
    false = sum(
        find_hot_spots(cells, counts(cells, seed, 0.8), level=level, permutations=999, seed=seed).finding
        is Finding.FOUND
        for seed in range(rounds)
    )
    # where nothing is there every finding is false, so the rate is the share of rounds with any
    assert false / rounds <= level + 2 * np.sqrt(level * (1 - level) / rounds)


def test_without_correction_chance_would_be_called_hot_nearly_always() -> None:
    cells = disk(4)
    loose = [(find_hot_spots(cells, counts(cells, seed, 0.8), permutations=999).p <= 0.05).any() for seed in range(20)]
    assert np.mean(loose) > 0.5


def test_the_same_input_gives_the_same_answer_whatever_the_order() -> None:
    cells = disk(5)
    x = counts(cells, 1)
    once, again = find_hot_spots(cells, x, seed=0), find_hot_spots(cells, x, seed=0)
    np.testing.assert_array_equal(once.p, again.p)
    assert (once.p != find_hot_spots(cells, x, seed=1).p).any()
    back = find_hot_spots(cells[::-1], x[::-1])
    np.testing.assert_allclose(back.z[::-1], once.z, atol=1e-12)


def test_a_cell_alone_is_not_tested_and_changes_no_rate_of_the_others() -> None:
    cells = disk(5)
    far = str(h3.latlng_to_cell(61.5, 24.94, 9))
    found = find_hot_spots([*cells, far], [*counts(cells, 0), 50.0])
    assert found.islands == 1
    assert np.isnan([found.z[-1], found.p[-1], found.q[-1]]).all()
    assert not found.is_hot[-1]
    assert not np.isnan(found.q[:-1]).any()


def test_few_cells_and_equal_values_are_told_and_nothing_is_found() -> None:
    few = find_hot_spots(disk(2), [0.0] * 18 + [9.0])
    assert few.finding is Finding.TOO_FEW_CELLS
    assert np.isnan(few.p).all()
    assert not np.isnan(few.z).any()
    alike = find_hot_spots(disk(4), np.full(61, 3.0))
    assert alike.finding is Finding.ALL_ALIKE
    assert np.isnan(alike.z).all()
    assert find_hot_spots([], []).finding is Finding.TOO_FEW_CELLS
    # cells enough, but none beside another
    coarse = h3.grid_disk(h3.cell_to_parent(MIDDLE, 7), 3)
    scattered = [str(h3.cell_to_center_child(cell, 9)) for cell in coarse]
    assert len(scattered) > LEAST_CELLS
    lonely = find_hot_spots(scattered, np.arange(len(scattered)))
    assert lonely.finding is Finding.TOO_FEW_CELLS
    assert lonely.islands == len(scattered)


def test_neighbours_are_mutual_also_around_a_pentagon() -> None:
    cells = disk(2, PENTAGON)
    for rings in (1, 2):
        near = find_neighbours(cells, rings)
        assert (near != near.T).nnz == 0
        assert near.diagonal().sum() == 0
    assert np.diff(find_neighbours(cells, 1).indptr)[cells.index(PENTAGON)] == 5


def test_it_is_permuted_often_enough_to_find_one_cell_among_many() -> None:
    cells = disk(20)
    times = choose_permutations(find_neighbours(cells, 1))
    assert len(cells) / (times + 1) <= 0.05


@pytest.mark.parametrize(
    ("cells", "values", "options"),
    [
        (["nonsense"], [1], {}),
        ([MIDDLE, str(h3.cell_to_parent(MIDDLE, 8))], [1, 2], {}),
        ([MIDDLE, MIDDLE], [1, 2], {}),
        ([MIDDLE], [1, 2], {}),
        ([MIDDLE], [-1], {}),
        ([MIDDLE], [float("nan")], {}),
        ([MIDDLE], [1], {"rings": 0}),
        ([MIDDLE], [1], {"rings": 4}),
        ([MIDDLE], [1], {"level": 0.0}),
        ([MIDDLE], [1], {"permutations": 0}),
    ],
)
def test_refuses_what_makes_no_sense(cells: list[str], values: list[float], options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        find_hot_spots(cells, values, **options)  # type: ignore[arg-type]
