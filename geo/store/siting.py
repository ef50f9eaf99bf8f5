"""The next places of help for the network's own needs, with the help there is fixed and its capacity counted."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.analysis.access.pairs import CostPairs
from geo.analysis.coverage import total_up
from geo.analysis.siting import Siting, choose_sites, order_sites
from geo.analysis.siting_exact import TimeOver
from geo.analysis.suiting import main_part
from geo.analysis.travel import check_standard
from geo.domain.coverage import Totals
from geo.domain.siting import EquityGroup, Problem, ProposedSite, SitesReport
from geo.errors import InvalidInput
from geo.privacy.cells import cell_of
from geo.store.candidates import NOTES, TAKEN_TO_BE, CandidatePlace, list_candidates
from geo.store.coverage import lay_ground, reach, serve
from geo.store.demand import Asked, list_demand
from geo.store.imagined import imagine_place
from geo.store.needs import count_balance
from geo.store.reaching import MOST_DRAWN, STRAIGHT
from geo.store.reverse import LocalReverse
from geo.store.supply import list_supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geo.analysis.coverage import Outcome
    from geo.domain.siting import EquityWeight, SitesAsked
    from geo.domain.travel import TravelModel
    from geo.domain.words import Category
    from geo.store.supply import Helping

    FloatArray = NDArray[np.float64]

MOST_PAIRS: Final = 3_000_000
"""Above this, there are too many candidates for the needs."""
MOST_MEASURED: Final = 40_000
"""So many ways along streets are measured for one question."""
MOST_STRAIGHT: Final = 500
MOST_ALONG_STREETS: Final = 150
"""So many candidates are looked at unless more are asked for: for each, what is within reach of it is drawn."""
MOST_EXACT_PAIRS: Final = 120_000
"""Above this, the most coverage is found step by step alone."""
MOST_PROGRAM_PAIRS: Final = 300_000
"""Above this, a problem that only a program answers is refused."""
MOST_WORK: Final = 20_000_000
"""So many pairs are gone through before the search step by step is cut; about ten seconds."""
MOST_SITES: Final = 50
UNITS: Final = {
    Problem.MCLP: "weighted needs",
    Problem.LSCP: "places",
    Problem.P_MEDIAN: "weighted minutes",
    Problem.P_CENTER: "minutes",
}
_TOO_MANY: Final = "too many candidates for so many needs; ask for fewer, or for an area"
_HALF: Final = 0.5
_HALVINGS: Final = 18
"""So many programs are needed to halve a list of 300,000 ways down to one."""
_WAYS: Final = (Problem.P_MEDIAN, Problem.P_CENTER)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Needs, the help there is and the candidates after it, and who surely reaches what within the standard."""

    asked: list[Asked]
    helping: list[Helping]
    fresh: list[Helping]
    pairs: CostPairs
    capacity: FloatArray
    priority: FloatArray

    @property
    def fixed(self) -> range:
        return range(len(self.helping))

    def opened(self, sites: Sequence[int]) -> list[Helping]:
        return [self.fresh[at - len(self.helping)] for at in sites]


def propose_sites(session: Session, asked: SitesAsked, *, model: TravelModel) -> SitesReport:
    """Choose where the next places of help should be.

    Every open need with a place is demand, one unit each, of whatever category: help that serves several has its
    capacity only once, and a new place can set it free. New places serve the category asked for alone.

    ``mclp`` and ``lscp`` count the capacity of all places, old and new; ``pmedian`` and ``pcenter`` look at the way
    from each need of the category to the nearest place of its help, old or new, and at no capacity.

    Parameters
    ----------
    asked
        The question.
    model
        Turns minutes into reach, and metres into minutes.

    Returns
    -------
    SitesReport
        Sites in the order in which each serves most, for ``mclp`` without those that would serve nobody; gap and
        coverage as ``compute_coverage`` has them.

    Raises
    ------
    InvalidInput
        For a standard, capacity, weight or ``k`` that cannot be, an unknown area, or too many candidates.
    OutsideServiceArea
        For a point that is given and lies outside.
    """
    _check(asked)
    demand, helping = list_demand(session, by="area", mode=asked.mode), list_supply(session)
    along_streets = model.info.name != STRAIGHT
    places = list_candidates(
        session, asked, asked.most_candidates or (MOST_ALONG_STREETS if along_streets else MOST_STRAIGHT)
    )
    _check_count(asked, len(places))
    counted = functools.partial(serve, session, demand, model=model, standard_min=asked.standard_min)
    before = counted(helping)
    weights = _weigh(asked, demand, before)
    scene = _set_scene(session, asked, demand, helping, places, weights=weights, model=model)
    found = _choose(scene, asked, model)
    # of the places that are open, only the new ones are of interest
    known = float(len(helping)) if asked.problem is Problem.LSCP else 0.0
    order, served = order_sites(
        scene.pairs, found.sites, fixed=scene.fixed, capacity=scene.capacity, priority=scene.priority,
        most_work=MOST_WORK,
    )  # fmt: skip
    if asked.problem is Problem.MCLP:
        # places that serve nobody would be any of the candidates
        order = order[: int(np.searchsorted(served, served[-1] - _HALF))]
    after = counted([*helping, *scene.opened(order)])
    return SitesReport(
        asked=asked,
        sites=_describe(session, [places[at - len(helping)] for at in order], served),
        objective=found.objective - known,
        unit=UNITS[asked.problem],
        method=found.method,
        is_optimal=found.is_optimal,
        bound=found.bound - known,
        bound_by=found.bound_by,
        was_cut=found.was_cut,
        optimality_gap=abs(found.bound - found.objective) / max(abs(found.objective - known), 1e-12),
        before=_totals(before, asked.category),
        after=_totals(after, asked.category),
        all_before=_totals(before),
        all_after=_totals(after),
        unreached=_count_unreached(scene, asked),
        candidate_count=len(places),
        note=NOTES[asked.candidates] + TAKEN_TO_BE,
        travel_model=model.info,
        balance=count_balance(session, category=asked.category),
    )


def _check(asked: SitesAsked) -> None:
    check_standard(asked.standard_min)
    if asked.capacity is not None and asked.capacity < 0:
        raise InvalidInput("a capacity is below zero", field="capacity")
    if asked.capacity is not None and asked.problem in _WAYS:
        raise InvalidInput(f"{asked.problem} looks at the way alone; leave the capacity out", field="capacity")
    if not (np.isfinite(asked.worst_first) and asked.worst_first >= 0):
        raise InvalidInput("worst_first must be a number from 0 on", field="worst_first")
    if any(not (np.isfinite(one.weight) and one.weight >= 0) for one in asked.equity):
        raise InvalidInput("a weight must be a number from 0 on", field="equity")


def _check_count(asked: SitesAsked, candidates: int) -> None:
    if asked.problem is Problem.LSCP:
        return
    if asked.k is None or not 0 <= asked.k <= MOST_SITES:
        raise InvalidInput(f"k must be between 0 and {MOST_SITES}", field="k")
    if asked.k > candidates:
        raise InvalidInput(f"k is {asked.k}, and there are {candidates} candidates", field="k")


def _set_scene(
    session: Session,
    asked: SitesAsked,
    demand: list[Asked],
    helping: list[Helping],
    places: Sequence[CandidatePlace],
    *,
    weights: FloatArray,
    model: TravelModel,
) -> _Scene:
    """Find who reaches what; the one place that knows how needs and candidates become pairs."""
    room = len(demand) if asked.capacity is None else asked.capacity
    offers = frozenset({asked.category})
    fresh = [imagine_place(place.point, offers, room) for place in places]
    if not demand or not (helping or fresh):
        nothing = CostPairs.check([], [], [], demand_count=len(demand), supply_count=len(helping) + len(fresh))
        return _Scene(demand, helping, fresh, nothing, np.zeros(nothing.supply_count), weights)
    ground = lay_ground(demand, [*helping, *fresh])
    most = MOST_DRAWN // len({one.mode for one in demand})
    if model.info.name != STRAIGHT and len(places) > most:
        raise InvalidInput(f"along streets, no more than {most} candidates can be looked at", field="candidates")
    found = reach(session, ground, [*helping, *fresh], model=model, standard_min=asked.standard_min)
    reached = found.sure.tocoo()
    if reached.nnz > MOST_PAIRS:
        raise InvalidInput(_TOO_MANY, field="candidates")
    row, column = (np.asarray(at, np.int64) for at in (reached.row, reached.col))
    pairs = CostPairs(row, column, np.zeros(len(row)), len(demand), len(helping) + len(fresh))
    return _Scene(demand, helping, fresh, pairs, ground.supply.capacity.astype(np.float64), weights)


def _choose(scene: _Scene, asked: SitesAsked, model: TravelModel) -> Siting:
    if asked.problem is Problem.LSCP and len(scene.pairs.cost) > MOST_PROGRAM_PAIRS:
        raise InvalidInput(_TOO_MANY, field="candidates")
    limit = asked.time_limit_s / (_HALVINGS if asked.problem is Problem.P_CENTER else 1)
    shared = functools.partial(choose_sites, fixed=scene.fixed, priority=scene.priority, time_limit_s=limit)
    try:
        if asked.problem in _WAYS:
            weight = [float(one.category is asked.category) for one in scene.asked]
            return shared(_find_ways(scene, asked, model), weight, asked.problem, k=asked.k)
        everybody = np.ones(len(scene.asked))
        within = functools.partial(
            shared, standard=0.0, capacity=scene.capacity, most_exact_pairs=MOST_EXACT_PAIRS, most_work=MOST_WORK
        )
        return within(scene.pairs, everybody, asked.problem, k=asked.k)
    except TimeOver:
        raise InvalidInput("no choice was found in time; ask for fewer candidates", field="candidates") from None


def _find_ways(scene: _Scene, asked: SitesAsked, model: TravelModel) -> CostPairs:
    """Measure the minutes from each need of the category to each place of its help, leaving out ways nobody takes."""
    rows = np.array([at for at, one in enumerate(scene.asked) if one.category is asked.category], np.int64)
    places = [*scene.helping, *scene.fresh]
    columns = np.array([at for at, one in enumerate(places) if asked.category in one.categories], np.int64)
    if len(rows) * len(columns) > (MOST_PAIRS if model.info.name == STRAIGHT else MOST_MEASURED):
        raise InvalidInput(_TOO_MANY, field="candidates")
    size = {"demand_count": len(scene.asked), "supply_count": len(places)}
    if not len(rows) or not len(columns):
        return CostPairs.check([], [], [], **size)
    to = np.array([(places[at].lon, places[at].lat) for at in columns])
    minutes = np.full((len(rows), len(columns)), np.inf)
    for mode in {scene.asked[at].mode for at in rows}:
        some = np.array([scene.asked[at].mode is mode for at in rows])
        here = [(scene.asked[at].lon, scene.asked[at].lat) for at in rows[some]]
        minutes[some] = model.matrix(here, to, mode)
    known = columns < len(scene.helping)
    least = minutes[:, known].min(axis=1, initial=np.inf)
    row, column = np.nonzero((minutes <= least[:, None]) & np.isfinite(minutes))
    if len(row) > MOST_PROGRAM_PAIRS:
        raise InvalidInput(_TOO_MANY, field="candidates")
    return CostPairs.check(rows[row], columns[column], minutes[row, column], **size)


def _weigh(asked: SitesAsked, demand: Sequence[Asked], before: Outcome) -> FloatArray:
    """Give each need its weight: that of its groups, and of how its area is served now."""
    weight = np.ones(len(demand))
    for rule in asked.equity:
        belongs = [_belongs(one, rule) for one in demand]
        weight[belongs] *= rule.weight
    if asked.worst_first:
        where = [(one.key, one.category) for one in demand]
        _, group = np.unique([f"{key} {category}" for key, category in where], return_inverse=True)
        missing = np.bincount(group, 1.0 - np.array(before.served, float)) / np.bincount(group)
        # in tenths, since each weight there is takes a search of its own
        weight *= 1.0 + asked.worst_first * np.round(missing, 1)[group]
    return weight


def _belongs(one: Asked, rule: EquityWeight) -> bool:
    """Tell whether a need is of a group; whoever speaks ``pt-BR`` also speaks ``pt``."""
    traits = {
        EquityGroup.AREA: {one.key},
        EquityGroup.URGENCY: {one.urgency.value},
        EquityGroup.ACCESS: {word.value for word in one.access},
        EquityGroup.LANGUAGE: {*one.languages, *(main_part(code) for code in one.languages)},
    }
    return rule.value in traits[rule.group]


def _describe(session: Session, places: Sequence[CandidatePlace], served: Sequence[float]) -> tuple[ProposedSite, ...]:
    around = LocalReverse(session).find_many([place.point for place in places])
    return tuple(
        ProposedSite(
            point=place.point,
            cell=cell_of(place.point),
            label=place.label or near.address or near.street or near.area or "no street around",
            newly_served=round(served[at + 1] - served[at]),
            cumulative=round(served[at + 1] - served[0]),
        )
        for at, (place, near) in enumerate(zip(places, around, strict=True))
    )


def _totals(outcome: Outcome, category: Category | None = None) -> Totals:
    found = total_up(outcome)
    if category is not None:
        return found.get(category, Totals(0, 0, 0))
    every = list(found.values())
    return Totals(*(sum(getattr(one, name) for one in every) for name in ("demand", "covered", "covered_best")))


def _count_unreached(scene: _Scene, asked: SitesAsked) -> int:
    wanted = np.array([one.category is asked.category for one in scene.asked], bool)
    able = scene.capacity[scene.pairs.supply] > 0
    reached = np.bincount(scene.pairs.demand[able], minlength=len(wanted)) > 0
    return int((wanted & ~reached).sum())
