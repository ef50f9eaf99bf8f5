"""Arrays of one length that grow, and whose rows come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]


class Numbers:
    """Gives each key a number as low as there is; that of a key that is gone is given again.

    Parameters
    ----------
    keys
        Those that have the numbers from 0 to begin with.
    """

    def __init__(self, keys: Iterable[Hashable]) -> None:
        self._of = {key: number for number, key in enumerate(keys)}
        self._free: list[int] = []

    def find(self, key: Hashable) -> int | None:
        """Find the number of a key."""
        return self._of.get(key)

    def give(self, key: Hashable) -> int:
        """Give a number to a key that has none."""
        number = self._free.pop() if self._free else len(self._of)
        self._of[key] = number
        return number

    def take_back(self, key: Hashable) -> None:
        """Take the number of a key that is gone."""
        self._free.append(self._of.pop(key))


class LiveColumns:
    """Some arrays, a row for each number.

    Parameters
    ----------
    columns
        Arrays of one length, by name.
    """

    def __init__(self, **columns: NDArray[Any]) -> None:
        self._columns = columns
        self._here = np.ones(len(next(iter(columns.values()))), dtype=bool)

    def put(self, number: int, **values: object) -> None:
        """Write a row; it may be the one after the last."""
        while number >= len(self._here):
            more = len(self._here) // 2 + 1
            self._here = np.concatenate([self._here, np.zeros(more, dtype=bool)])
            for name, column in self._columns.items():
                empty = np.zeros((more, *column.shape[1:]), dtype=column.dtype)
                self._columns[name] = np.concatenate([column, empty])
        self._here[number] = True
        for name, value in values.items():
            self._columns[name][number] = value

    def drop(self, number: int) -> None:
        """Leave a row out from now on."""
        self._here[number] = False

    def here(self) -> IntArray:
        """List the rows there are."""
        return np.flatnonzero(self._here)

    def take(self, rows: IntArray) -> dict[str, NDArray[Any]]:
        """Read some rows of all arrays."""
        return {name: column[rows] for name, column in self._columns.items()}
