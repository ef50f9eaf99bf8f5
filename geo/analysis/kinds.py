"""Needs and places that are alike, numbered, so that which suits which is asked once for each two kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from geo.analysis.gaps import Suits

    Judge = Callable[[Sequence[Any], Sequence[Any]], Suits]


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
