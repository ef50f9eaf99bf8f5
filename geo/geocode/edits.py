"""How many slips of the hand lie between two words."""

from __future__ import annotations


def count_edits(one: str, other: str, most: int) -> int:
    """Count insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).

    Parameters
    ----------
    one, other
        Words to compare.
    most
        Where counting stops to matter.

    Returns
    -------
    int
        The distance, or ``most + 1`` if it is larger than ``most``. Time is ``O(len(one) * len(other))``.
    """
    if one == other:
        return 0
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        below = _next_row(i, a, one[i - 2] if i > 1 else "", other, row, before)
        if min(below) > most:
            return most + 1
        before, row = row, below
    return min(row[-1], most + 1)


def _next_row(i: int, a: str, a_before: str, other: str, row: list[int], before: list[int]) -> list[int]:
    below = [i]
    for j, b in enumerate(other, 1):
        best = min(row[j] + 1, below[j - 1] + 1, row[j - 1] + (a != b))
        if j > 1 and a_before and a == other[j - 2] and a_before == b:
            best = min(best, before[j - 2] + 1)
        below.append(best)
    return below
