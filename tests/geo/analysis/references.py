"""Real places with published answers, read from beside the checkout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from geo.analysis.access.pairs import CostPairs

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference data is not on this machine")


def belo_horizonte() -> tuple[pd.DataFrame, CostPairs]:
    """Read 898 cells and the minutes between them."""
    folder = REFERENCE / "belo-horizonte"
    cells = pd.read_csv(folder / "land_use_data.csv").set_index("id")
    trips = pd.read_parquet(folder / "travel_matrix.parquet")
    cells = cells.loc[trips["from_id"].unique()]  # the order in which answers were printed
    start, end = (cells.index.get_indexer(pd.Index(trips[name])) for name in ("from_id", "to_id"))
    minutes = trips["travel_time"].to_numpy(np.float64)
    return cells, CostPairs.check(start, end, minutes, demand_count=len(cells), supply_count=len(cells))


def chicago(most_m: float) -> tuple[pd.DataFrame, CostPairs]:
    """Read 1,930 tracts, with metres between those no farther apart than ``most_m``."""
    import geopandas

    folder = REFERENCE / "chicago"
    points = geopandas.read_file(folder / "chicago_metro_docs_dentists.geojson").to_crs(2790)
    people = pd.read_csv(folder / "chicago_metro_pop.csv").set_index("geoid")["pop"]
    points["geoid"] = points["geoid"].astype("int64")
    points = points.set_index("geoid")
    tracts = pd.DataFrame(points.drop(columns="geometry")).assign(pop=people)
    xy = np.column_stack([points.geometry.x, points.geometry.y])
    tree = cKDTree(xy)
    near = tree.sparse_distance_matrix(tree, most_m, output_type="ndarray")
    return tracts, CostPairs(near["i"], near["j"], near["v"], len(xy), len(xy))
