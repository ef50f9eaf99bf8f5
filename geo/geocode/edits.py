"""How many slips of the hand lie between two words."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA


@lru_cache(maxsize=65_536)
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
        The distance, or ``most + 1`` if it is larger than ``most``.
    """
    return OSA.distance(one, other, score_cutoff=most)
