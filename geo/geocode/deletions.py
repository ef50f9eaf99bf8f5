"""What is left of a name when letters are taken out: two spellings that share a rest are alike.

Symmetric deletion (W. Garbe, SymSpell, 2012): instead of trying every slip of the hand on the typed name, one or two
letters are taken out of both names; whatever the slip was, some rest is the same. Rests are kept as 32-bit checksums,
which may collide: whoever looks names up compares them afterwards.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from itertools import combinations
from typing import Final

PREFIX: Final = 10
"""So many letters of a name are looked at; what differs later is found by the rest of its beginning."""
BEGINNING: Final = 7
"""So many letters of a name that is still being typed."""
_SHORT: Final = 4
_HALF, _WHOLE = 1 << 31, 1 << 32


@lru_cache(maxsize=16_384)
def deletions(base: str, prefix: int = PREFIX) -> tuple[int, ...]:
    """List the checksums of everything that is left of a name's beginning.

    Parameters
    ----------
    base
        A street's name without its type, as keys have it; spaces do not count.
    prefix
        How many of its letters are looked at.

    Returns
    -------
    tuple of int
        Signed 32-bit checksums of its first letters with none, one or (beyond four letters) two of them taken
        out; at most 56 of ten letters. Empty for a name without letters, because a number is never a slip for another.
    """
    letters = base.replace(" ", "")[:prefix]
    if not any(c.isalpha() for c in letters) and letters == base.replace(" ", ""):
        return ()
    most = 1 if len(letters) <= _SHORT else 2
    rests = {letters}
    for count in range(1, most + 1):
        for gone in combinations(range(len(letters)), count):
            rests.add("".join(c for at, c in enumerate(letters) if at not in gone))
    return tuple(sorted(_signed(zlib.crc32(rest.encode())) for rest in rests))


def _signed(checksum: int) -> int:
    return checksum - _WHOLE if checksum >= _HALF else checksum
