"""The most coverage, one place after the other: for sizes at which a mixed-integer program takes too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geo.analysis.siting_exact import Found

if TYPE_CHECKING:
    from geo.analysis.siting_exact import Ground


def cover_most(ground: Ground, k: int) -> Found:
    """Open the place that adds the most, ``k`` times.

    Returns
    -------
    Found
        The value is at least ``1 - 1/e`` of the best beyond what the fixed places cover. The bound is the least, over
        all steps, of the value so far and the ``k`` largest gains then left: coverage never gains from a place more
        later than earlier. Time grows with the number of pairs and ``k`` times the number of candidates.
    """
    shape = (len(ground.weight), len(ground.held))
    by_demand = sparse.csr_array((np.ones(len(ground.row)), (ground.row, ground.column)), shape=shape)
    by_place = by_demand.tocsc()
    done = ground.reached(ground.held)
    gain = np.asarray(by_demand.T @ np.where(done, 0.0, ground.weight))
    gain[ground.held] = -1.0
    value = float(ground.weight[done].sum())
    bound, opened = np.inf, []
    for _ in range(k):
        bound = min(bound, value + float(np.sort(np.maximum(gain, 0.0))[-k:].sum()))
        place = int(gain.argmax())
        opened.append(place)
        rows = by_place.indices[by_place.indptr[place] : by_place.indptr[place + 1]]
        fresh = rows[~done[rows]]
        done[fresh] = True
        value += float(ground.weight[fresh].sum())
        gain -= by_demand[fresh].T @ ground.weight[fresh]
        gain[place] = -1.0
    left = float(np.sort(np.maximum(gain, 0.0))[-k:].sum()) if k else 0.0
    bound = max(value, min(bound, value + left))
    return Found(value, np.array(opened, np.int64), bool(bound <= value * (1 + 1e-12)), bound)
