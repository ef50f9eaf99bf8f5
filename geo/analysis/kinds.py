"""Needs and places that are alike, numbered, so that which suits which is asked once for each two kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

    from geo.analysis.gaps import Suits

    Judge = Callable[[Sequence[Any], Sequence[Any]], Suits]


Value = TypeVar("Value")


def number_different(values: Sequence[Value]) -> tuple[NDArray[np.int64], list[Value]]:
    """Give each different value a number, in the order in which they come.

    Parameters
    ----------
    values
        ``n`` of them, each hashable.

    Returns
    -------
    tuple
        The numbers, of shape ``(n,)``, and the different values by their number. Costs one look at each value.
    """
    known: dict[Value, int] = {}
    numbers = np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(values))
    return numbers, list(known)


class Once:
    """Gives the first of all equal values for each, so that a million needs hold what they share once."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def __call__(self, value: Value) -> Value:
        """Give the first value that equalled this one."""
        known: Value = self._known.setdefault(value, value)
        return known


class Kinds:
    """Gives a number to each kind of need and of place, in the order in which they come.

    Parameters
    ----------
    judge
        Told what needs and what places are like, says which suits which: a row for each need, a column for each place.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._needs: dict[Hashable, int] = {}
        self._places: dict[Hashable, int] = {}
        self._suits: Suits | None = None

    def of_need(self, like: Hashable) -> int:
        """Give the number of what a need is like."""
        return self._number(self._needs, like)

    def of_place(self, like: Hashable) -> int:
        """Give the number of what a place is like."""
        return self._number(self._places, like)

    @property
    def suits(self) -> Suits:
        """Which kind of place suits which kind of need, of all that have a number."""
        if self._suits is None:
            self._suits = self._judge(list(self._needs), list(self._places))
        return self._suits

    def _number(self, known: dict[Hashable, int], like: Hashable) -> int:
        if like not in known:
            known[like] = len(known)
            self._suits = None
        return known[like]
