"""Gap by time slot: in which hours of a week, and for whom, help within reach does not suffice.

Each hour of the week is judged by itself, as if all open needs had to be met by whoever is there then with the room
left this week. Hours with the same help are worked out once. What is within reach does not change with the hour, so
it is found once for the whole week and masked. Help whose hours are not known serves at best and never surely.

Whoever is served with some places open is served with more of them open too: room that is added lets one more need in
and puts nobody out (see :mod:`geo.analysis.gaps`). So no gap is wider in an hour in which more is open.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from geo.analysis.gaps import allocate
from geo.analysis.opening import CLOSED, OPEN
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from geo.analysis.reach import Reached

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]
    OpeningArray = NDArray[np.int8]

DAYS: Final = 7
HOURS: Final = 24
MAX_WORK: Final = 5_000_000
"""Needs times different sets of open places: what is worked out at most."""


class Week(NamedTuple):
    """The hours of a week, shape ``(s,)`` each; ``start`` and ``end`` in seconds since 1970."""

    weekday: IntArray
    hour: IntArray
    start: FloatArray
    end: FloatArray


def week_of(monday: date, zone: ZoneInfo) -> Week:
    """List the hours of a week by the clock of a zone.

    Where the clock jumps forward an hour is missing; where it falls back, the hour it shows twice is one slot of two.

    Raises
    ------
    InvalidInput
        If the week does not begin on a Monday.
    """
    if monday.weekday():
        raise InvalidInput("a week begins on a Monday", field="week_of")
    days = np.repeat(np.arange(DAYS), HOURS)
    hours = np.tile(np.arange(HOURS), DAYS)
    midnight = datetime.combine(monday, time())
    starts = np.array(
        [(midnight + timedelta(hours=n)).replace(tzinfo=zone).timestamp() for n in range(DAYS * HOURS + 1)]
    )
    there = starts[1:] > starts[:-1]
    return Week(days[there], hours[there], starts[:-1][there], starts[1:][there])


class SlotOutcome(NamedTuple):
    """What became of each need in each slot.

    ``of_slot`` has shape ``(s,)`` and names the row of the others, which have shape ``(d, n)`` for ``d`` different
    sets of open places: whether the need is surely served, served at best, has help within reach that is surely open,
    has such help at best, and has any at best within the whole network.
    """

    of_slot: IntArray
    sure: BoolArray
    best: BoolArray
    surely_within: BoolArray
    within: BoolArray
    anywhere: BoolArray


def serve_slots(
    reached: Reached, capacity: IntArray, order: IntArray, opening: OpeningArray, fits: BoolArray, kind: IntArray
) -> SlotOutcome:
    """Serve the needs in each slot by the places open in it.

    Parameters
    ----------
    reached
        Help within reach as if all places were open, shape ``(n, m)``.
    capacity, order
        As :func:`geo.analysis.gaps.allocate` takes them.
    opening
        Shape ``(m, s)``: ``OPEN``, ``UNKNOWN`` or ``CLOSED`` for each place and slot.
    fits
        Shape ``(kinds, m)``: whether each place suits each kind of need at best.
    kind
        Shape ``(n,)``: the kind of each need.

    Returns
    -------
    SlotOutcome
        Of all sets of open places.

    Raises
    ------
    InvalidInput
        If that would be more than ``MAX_WORK``.
    """
    sets, of_slot = np.unique(opening.T, axis=0, return_inverse=True)
    if len(sets) * len(kind) > MAX_WORK:
        raise InvalidInput("there are too many needs and different hours to work out every hour of the week")
    rows = []
    for places in sets:
        surely, maybe = _open_only(reached.sure, places == OPEN), _open_only(reached.best, places != CLOSED)
        served = [allocate(table, capacity, order).served for table in (surely, maybe)]
        within = [np.diff(table.indptr) > 0 for table in (surely, maybe)]
        rows.append([*served, *within, (fits & (places != CLOSED)).any(axis=1)[kind]])
    stacked = np.array(rows, dtype=bool).reshape(len(sets), len(SlotOutcome._fields) - 1, len(kind))
    return SlotOutcome(of_slot.reshape(-1).astype(np.int64), *stacked.swapaxes(0, 1))


def _open_only(table: csr_array, is_open: BoolArray) -> csr_array:
    kept = is_open[table.indices]
    ends = np.concatenate([[0], np.cumsum(kept)])[table.indptr].astype(table.indptr.dtype)
    return csr_array((table.data[kept], table.indices[kept], ends), shape=table.shape)


class SlotCounts(NamedTuple):
    """Needs by slot and group, shape ``(s, g)`` each; ``demand`` has shape ``(g,)``.

    ``unsure`` counts needs without help within reach that is surely open, ``isolated`` those without any that may be,
    ``without`` those without any in the whole network.
    """

    demand: IntArray
    covered: IntArray
    covered_best: IntArray
    unsure: IntArray
    isolated: IntArray
    without: IntArray

    @property
    def gap(self) -> IntArray:
        """Demand that is not surely covered, shape ``(s, g)``."""
        return self.demand - self.covered


def count_slots(outcome: SlotOutcome, group: IntArray, groups: int) -> SlotCounts:
    """Count each slot's needs by group; each group's demand is its covered needs and its gap, in every slot.

    Parameters
    ----------
    group
        Shape ``(n,)``: the group of each need, below ``groups``; below zero where it counts in none.
    """
    kept = group >= 0

    def count(flags: BoolArray) -> IntArray:
        rows = [np.bincount(group[kept & row], minlength=groups) for row in flags]
        found: IntArray = np.array(rows, dtype=np.int64).reshape(len(flags), groups)[outcome.of_slot]
        return found

    demand, sure = np.bincount(group[kept], minlength=groups), count(outcome.sure)
    # at best more help is within reach of all, so others may be served than surely are, though never fewer of them
    best = np.maximum(sure, count(outcome.best))
    missing = (outcome.surely_within, outcome.within, outcome.anywhere)
    return SlotCounts(demand, sure, best, *(count(~there) for there in missing))
