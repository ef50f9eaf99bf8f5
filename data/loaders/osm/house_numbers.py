"""House numbers as mappers write them: "12 B", "1-3", "2a;2b", "2, 2. krs."."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"\d{1,6}(?: ?[A-Za-z](?![^\W\d_]))?"
_FIRST: Final = re.compile(rf"{_NUMBER}(?: ?[-\u2013/] ?{_NUMBER})?½?")
_WHOLE: Final = re.compile(rf"{_NUMBER}(?: ?[-\u2013] ?{_NUMBER})?")
_AFTER_NAME: Final = re.compile(rf"[^\d;,]{{2,60}} ({_NUMBER})")
_RANGE: Final = re.compile(r"(\d{1,4}) ?[-\u2013] ?(\d{1,4})")
_CODE: Final = re.compile(r"(?=\S*\d)[^\s;,]{1,30}")
_MAX_SPAN: Final = 20


def split_numbers(raw: str) -> tuple[str, ...]:
    """Take the house numbers out of what a mapper wrote.

    Parameters
    ----------
    raw
        The value of ``addr:housenumber``.

    Returns
    -------
    tuple of str
        Lists ("2a;2b", "5, 7") give one each; floors, courtyards and flats after the number are left out
        ("2, 2. krs." and "2 A 9" give "2" and "2 A"); a street's name before it is left out too. Grid numbers
        ("N6W23001") stay as they are. Empty if there is no number.
    """
    first, *others = (piece.strip() for piece in re.split("[;,]", raw))
    found = _FIRST.match(first) or _WHOLE.match(first)
    if found:
        numbers = [found[0].strip()]
    elif named := _AFTER_NAME.fullmatch(first):
        numbers = [named[1]]
    else:
        numbers = [first] if _CODE.fullmatch(first) else []
    numbers += [piece for piece in others if _WHOLE.fullmatch(piece)]
    return tuple(dict.fromkeys(numbers))


def within_range(number: str) -> tuple[str, ...]:
    """List the doors that a range stands for: "1-5" for 1, 3 and 5 on one side of the street.

    Returns
    -------
    tuple of str
        Empty unless both ends are of the same parity, at most twenty apart. "29-27" counts as "27-29"; "216-17" is
        one number and gives nothing.
    """
    found = _RANGE.fullmatch(number)
    if not found:
        return ()
    low, high = sorted((int(found[1]), int(found[2])))
    is_number = len(found[1]) != len(found[2]) and int(found[1]) > int(found[2])
    if is_number or low == high or (high - low) % 2 or high - low > _MAX_SPAN:
        return ()
    return tuple(str(n) for n in range(low, high + 1, 2))
