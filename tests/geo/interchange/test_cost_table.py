"""Planners' tables: whatever is in the file, it is read or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InvalidInput, SourceUnreadable
from geo.interchange.cost_table import read_amounts, read_ids, read_pairs

if TYPE_CHECKING:
    from pathlib import Path

CELLS = st.sampled_from(
    ["", "1", "01", "x", "2.5", "-1", "1e999", "nan", "\x00", '"', "a,b", "é", "\n", " 3 ", "1_0", "٣"]
)
BROKEN = st.one_of(
    st.binary(max_size=200),
    st.lists(st.lists(CELLS, max_size=4), max_size=6).map(
        lambda rows: ("demand,supply,cost\n" + "\n".join(",".join(row) for row in rows)).encode()
    ),
)


@given(BROKEN)
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "costs.csv"
    path.write_bytes(content)
    try:
        ids = read_ids(path, key="demand"), read_ids(path, key="supply")
        costs = read_pairs(path, *ids)
    except (InvalidInput, SourceUnreadable):
        return
    assert len(costs.demand) == len(costs.supply) == len(costs.cost)
    assert (np.isfinite(costs.cost) & (costs.cost >= 0)).all()
    assert len(set(zip(costs.demand.tolist(), costs.supply.tolist(), strict=True))) == len(costs.cost)


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "demand.csv"
    path.write_text("\ufeffdemand , weight\n007,1\n7,2.5\n NA ,3\n\n", encoding="utf-8")
    read = read_amounts(path, key="demand", amount="weight")
    assert read.ids == ("007", "7", "NA")
    assert read.amount.tolist() == [1.0, 2.5, 3.0]


@pytest.mark.parametrize("text", ["", "\n", "weight\n1\n", "demand,weight,demand \n1,1,1\n"])
def test_a_table_without_its_columns_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demand.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput):
        read_amounts(path, key="demand", amount="weight")


@pytest.mark.parametrize("row", ["1,2,3", "1,2\n1,2,3", '1,"2'])
def test_a_row_of_another_length_is_not_cut_off(tmp_path: Path, row: str) -> None:
    path = tmp_path / "demand.csv"
    path.write_text(f"demand,weight\n{row}\n", encoding="utf-8")
    with pytest.raises(SourceUnreadable):
        read_amounts(path, key="demand", amount="weight")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable):
        read_ids(tmp_path / "none.csv", key="supply")
