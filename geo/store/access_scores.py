"""Measures of access for the network's own needs of one category, by cell or area."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import select

from geo.analysis.access.inequality import gini, palma, poverty
from geo.analysis.access.scoring import MOST_K, Scene, Scores, score_access
from geo.analysis.travel import check_standard
from geo.domain.access_scores import (
    TIMES,
    WITHOUT_LINE,
    AccessMethod,
    AccessReport,
    AccessRow,
    Counting,
    Inequality,
    Poverty,
    Score,
)
from geo.domain.words import Mode
from geo.errors import InvalidInput
from geo.store.coverage import label_keys, lay_ground
from geo.store.demand import list_demand
from geo.store.edges import find_edge_keys
from geo.store.needs import IS_OPEN_ON_MAP, count_balance, need
from geo.store.network import get_network
from geo.store.rows import mine
from geo.store.supply import count_excluded, list_supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel
    from geo.domain.words import Category
    from geo.store.demand import Asked, By
    from geo.store.network import Network

    FloatArray = NDArray[np.float64]

_LEAST_MIN: Final = 1.0
"""A way shorter than a minute counts as one where ways are compared by how many fit into an hour."""
ENOUGH: Final = 1.0
"""What counts as enough of a score: room for one need a week."""


@dataclass(frozen=True, slots=True)
class AskedScore:
    """Which measure, and of what."""

    method: AccessMethod
    category: Category
    standard_min: float
    mode: Mode = Mode.WALK
    by: By = "hex"
    k: int = 1
    counting: Counting = Counting.NEEDS
    network: Network | None = None
    """The network as it is now, where it has been read already."""


def compute_access(session: Session, question: AskedScore, *, model: TravelModel) -> AccessReport:
    """Work out a measure of access for every open need of a category, and its mean by cell or area.

    Parameters
    ----------
    question
        Which measure.
    model
        Turns minutes into straight metres and back.

    Returns
    -------
    AccessReport
        Rows with the worst placed first; needs that reach nothing are rows with 0, or without minutes.

    Raises
    ------
    InvalidInput
        For a standard or ``k`` out of bounds, or more pairs of needs and help than can be looked at.
    """
    check_standard(question.standard_min)
    if question.by not in ("hex", "area"):
        raise InvalidInput("group by hex or by area", field="by")
    if not 1 <= question.k <= MOST_K:
        raise InvalidInput(f"k must be from 1 to {MOST_K}", field="k")
    everybody = list_demand(session, by=question.by, mode=question.mode)
    asked = [one for one in everybody if one.category == question.category]
    network = question.network or get_network(session)
    helping = list_supply(session, network=network)
    if asked:
        weight = _weights(session, asked, question.counting)
        ground = lay_ground(asked, helping)
        reach_of = {mode: model.reach_m(question.standard_min, mode) for mode in {a.mode for a in asked}}
        reach_m = np.array([reach_of[a.mode] for a in asked])
        scene = Scene(ground.demand, ground.supply, ground.suits, weight, reach_m, question.standard_min)
        scores = score_access(question.method, scene, k=question.k)
    else:
        weight, scores = np.zeros(0), Scores(*np.zeros((3, 0)))
    return AccessReport(
        method=question.method,
        category=question.category,
        k=question.k,
        standard_min=question.standard_min,
        mode=question.mode,
        by=question.by,
        counting=question.counting,
        rows=tuple(
            _rows(session, question, asked, weight, scores, reach_m=model.reach_m(question.standard_min, question.mode))
        ),
        overall=_mean(scores, weight),
        inequality=_inequality(question, scores, weight) if asked else None,
        balance=count_balance(session, category=question.category),
        excluded_supply=count_excluded(session, network=network),
        travel_model=model.info,
    )


def _weights(session: Session, asked: Sequence[Asked], counting: Counting) -> FloatArray:
    if counting is Counting.NEEDS:
        return np.ones(len(asked))
    rows = session.execute(select(need.c.id, need.c.household_size).where(mine(need), IS_OPEN_ON_MAP))
    sizes = {row.id: row.household_size for row in rows}
    # a household whose size nobody has said is at least one person
    return np.array([float(sizes.get(one.id) or 1) for one in asked])


def _rows(
    session: Session,
    question: AskedScore,
    asked: Sequence[Asked],
    weight: FloatArray,
    scores: Scores,
    *,
    reach_m: float,
) -> list[AccessRow]:
    keys, at = np.unique(np.array([a.key for a in asked], dtype=str), return_inverse=True)
    labels = label_keys(session, keys.tolist(), question.by)
    near = find_edge_keys(session, keys.tolist(), by=question.by, reach_m=reach_m)
    is_time = question.method in TIMES
    missed = ~np.isfinite(scores.value) if is_time else scores.value <= 0
    order = np.argsort(at, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(at, minlength=len(keys)))[:-1]) if len(keys) else []
    rows = [
        AccessRow(
            key=key,
            label=labels.get(key, key),
            demand=len(group),
            weight=float(weight[group].sum()),
            score=_mean(Scores(scores.value[group], scores.low[group], scores.high[group]), weight[group]),
            out_of_reach=int(missed[group].sum()),
            edge=key in near,
        )
        for key, group in zip(keys.tolist(), groups, strict=True)
    ]
    return sorted(rows, key=lambda row: (_badness(row.score.value, is_time=is_time), row.label, row.key))


def _badness(value: float | None, *, is_time: bool) -> float:
    found = math.inf if value is None else value
    return -found if is_time else found


def _mean(scores: Scores, weight: FloatArray) -> Score:
    whole = weight.sum()
    means = [float(part @ weight / whole) if whole else math.nan for part in (scores.value, scores.low, scores.high)]
    return Score(*(one if math.isfinite(one) else None for one in means))


def _inequality(question: AskedScore, scores: Scores, weight: FloatArray) -> Inequality:
    """Compare needs with each other; minutes by how many such ways fit into one minute, so that more is better."""
    if question.method in TIMES:
        value, low, high = (1 / np.maximum(part, _LEAST_MIN) for part in (scores.value, scores.high, scores.low))
        line, words = 1 / question.standard_min, f"{question.standard_min:g} minutes"
    else:
        value, low, high = scores.value, scores.low, np.minimum(scores.high, np.finfo(float).max)
        line, words = ENOUGH, "room for one need a week"
    spread, ratio = (one if math.isfinite(one) else None for one in (gini(value, weight), palma(value, weight, value)))
    if question.method in WITHOUT_LINE:
        return Inequality(spread, ratio, None, None, None, None)
    held, least, most = (Poverty(*poverty(part, weight, line)) for part in (value, high, low))
    return Inequality(spread, ratio, held, least, most, words)
