"""Gaps by time slot of the network's own needs: each hour of a week, by what is open then, for each group."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from geo.analysis.opening import CLOSED, UNKNOWN, find_spans, judge
from geo.analysis.slot_words import AWAKE, Named, find_worst
from geo.analysis.slots import SlotCounts, Week, count_slots, serve_slots, week_of
from geo.analysis.suiting import main_part
from geo.analysis.travel import check_standard
from geo.domain.coverage import Totals
from geo.domain.hours import Window
from geo.domain.slots import EVERYBODY, NOT_STATED, OTHERS, WEEKDAYS, GroupBy, SlotReport, SlotRow
from geo.domain.words import MODE_WORDS, Access, Category, Mode
from geo.errors import InvalidInput
from geo.store.coverage import by_priority, lay_ground, reach
from geo.store.demand import Asked, list_demand
from geo.store.needs import count_balance
from geo.store.network import get_network
from geo.store.supply import count_excluded, list_supply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel
    from geo.store.supply import Helping

MOST_LANGUAGES: Final = 8
"""So many languages are told apart, those of the most needs; the others are one group."""


def compute_slots(
    session: Session,
    *,
    model: TravelModel,
    standard_min: float,
    mode: Mode = Mode.WALK,
    category: Category | None = None,
    group_by: GroupBy = "none",
    day: date | None = None,
    now: datetime | None = None,
) -> SlotReport:
    """Work out, for each hour of a week, which open needs the help that is there then can serve.

    Parameters
    ----------
    model, standard_min, mode
        As for :func:`geo.store.coverage.compute_coverage`.
    category
        Keep only this category's figures; all are worked out together, since a place has its room only once.
    group_by
        ``language`` groups needs by the first they name, ``access`` by the first of wheelchair, no car and no
        telephone, ``urgency`` by how urgent they are.
    day
        The week of this day, by the network's clock; the present week when left out.
    now
        An aware instant, for the present week and the room left in it; the present when left out.

    Returns
    -------
    SlotReport
        In each row demand is covered plus gap.

    Raises
    ------
    InvalidInput
        For a standard out of bounds, an unknown way to group, or too many needs to work out every hour.
    """
    check_standard(standard_min)
    if group_by not in get_args(GroupBy):
        raise InvalidInput("group by none, language, access or urgency", field="group")
    network = get_network(session)
    local = (now or datetime.now(UTC)).astimezone(network.zone).date() if day is None else day
    monday = local - timedelta(days=local.weekday())
    week = week_of(monday, network.zone)
    asked, helping = list_demand(session, by="hex", mode=mode), list_supply(session, now=now)
    opening = judge_week(helping, week, network.zone)
    groups, group = _groups(asked, category, group_by)
    minutes = f"{standard_min:g} minutes {MODE_WORDS[mode]}"
    counts, solved = _count(
        session, asked, helping, opening, group, len(groups), model=model, standard_min=standard_min
    )
    return SlotReport(
        rows=tuple(_rows(week, counts, groups)),
        worst=tuple(find_worst(week, counts, groups, by=group_by, minutes=minutes)),
        by_day=_means(week.weekday, counts, np.isin(week.hour, AWAKE), len(WEEKDAYS)),
        by_hour=_means(week.hour, counts, np.ones(len(week.hour), dtype=bool), 24),
        week_of=monday,
        time_zone=network.time_zone,
        group_by=group_by,
        solved=solved,
        balance=count_balance(session, category=category),
        excluded_supply=count_excluded(session, now=now) | _count_shut(helping, opening),
        travel_model=model.info,
        standard_min=standard_min,
        mode=mode,
    )


def judge_week(helping: Sequence[Helping], week: Week, zone: ZoneInfo) -> NDArray[np.int8]:
    """Judge each place in each hour of a week, shape ``(m, s)``; see :func:`geo.analysis.opening.judge`."""
    if not len(helping):
        return np.empty((0, len(week.start)), dtype=np.int8)
    window = Window(datetime.fromtimestamp(week.start[0], UTC), datetime.fromtimestamp(week.end[-1], UTC))
    return np.array([judge(find_spans(h.hours(zone), window), week.start, week.end) for h in helping], dtype=np.int8)


def _count(
    session: Session, asked: Sequence[Asked], helping: Sequence[Helping], opening: NDArray[np.int8],
    group: NDArray[np.int64], groups: int, *, model: TravelModel, standard_min: float,
) -> tuple[SlotCounts, int]:  # fmt: skip
    if not asked:
        nothing = np.zeros((opening.shape[1], groups), dtype=np.int64)
        return SlotCounts(np.zeros(groups, dtype=np.int64), *[nothing] * 5), 0
    ground = lay_ground(asked, helping)
    reached = reach(session, ground, helping, model=model, standard_min=standard_min)
    fits = ground.suits.best[:, ground.supply.kind]
    outcome = serve_slots(reached, ground.supply.capacity, by_priority(asked), opening, fits, ground.demand.kind)
    return count_slots(outcome, group, groups), len(outcome.sure)


def _groups(asked: Sequence[Asked], category: Category | None, by: GroupBy) -> tuple[list[Named], NDArray[np.int64]]:
    """Name the groups there are, and the number of each need's; below zero where its category is not asked for."""
    found = [Named(a.category, key) for a, key in zip(asked, list_groups(asked, by), strict=True)]
    groups = sorted({name for name in found if category in (None, name.category)})
    number = {name: index for index, name in enumerate(groups)}
    return groups, np.array([number.get(name, -1) for name in found], dtype=np.int64)


def list_groups(asked: Sequence[Asked], by: GroupBy) -> list[str]:
    """Name the one group each need is in, in their order."""
    keys = [_group_of(a, by) for a in asked]
    if by != "language":
        return keys
    often = Counter(key for key in keys if key != NOT_STATED)
    kept = {NOT_STATED, *sorted(often, key=lambda key: (-often[key], key))[:MOST_LANGUAGES]}
    return [key if key in kept else OTHERS for key in keys]


def _group_of(asked: Asked, by: GroupBy) -> str:
    if by == "language":
        return main_part(asked.languages[0]) if asked.languages else NOT_STATED
    if by == "access":
        order = (Access.WHEELCHAIR, Access.NO_CAR, Access.NO_PHONE)
        return next((word.value for word in order if word in asked.access), OTHERS)
    return asked.urgency.value if by == "urgency" else EVERYBODY


def _rows(week: Week, counts: SlotCounts, groups: Sequence[Named]) -> Iterator[SlotRow]:
    covered, best, isolated = counts.covered.tolist(), counts.covered_best.tolist(), counts.isolated.tolist()
    demand = counts.demand.tolist()
    for slot, (weekday, hour) in enumerate(zip(week.weekday.tolist(), week.hour.tolist(), strict=True)):
        for g, name in enumerate(groups):
            totals = Totals(demand[g], covered[slot][g], best[slot][g])
            yield SlotRow(weekday, hour, name.category, name.group, totals, isolated[slot][g])


def _means(key: NDArray[np.int64], counts: SlotCounts, kept: NDArray[np.bool_], size: int) -> tuple[float, ...]:
    gap = counts.gap.sum(axis=1)
    chosen = [gap[kept & (key == value)] for value in range(size)]
    return tuple(round(float(part.mean()), 1) if part.size else 0.0 for part in chosen)


def _count_shut(helping: Sequence[Helping], opening: NDArray[np.int8]) -> dict[str, int]:
    """Count help that is open in no hour, and help of which it is not known in any."""
    found: Counter[str] = Counter()
    for h, states in zip(helping, opening, strict=True):
        if (states == CLOSED).all():
            found[f"{'helper' if h.is_helper else 'asset'} closed all week"] += 1
        elif (states == UNKNOWN).all():
            found[f"{'helper' if h.is_helper else 'asset'} hours not known"] += 1
    return dict(sorted(found.items()))
