"""What new places of help can be chosen for."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """What the places are to be best at."""

    MCLP = "mclp"
    """Cover the most demand within the standard (Church and ReVelle 1974, doi:10.1007/BF01942293)."""
    LSCP = "lscp"
    """Cover all demand within the standard with the fewest places (Toregas et al. 1971, doi:10.1287/opre.19.6.1363)."""
    P_MEDIAN = "pmedian"
    """Make the sum of weight times cost least (Hakimi 1964, doi:10.1287/opre.12.3.450)."""
    P_CENTER = "pcenter"
    """Make the longest way least (Hakimi 1964)."""
