"""Phone numbers as keyed hashes: somebody who writes again is known again, and no table says who it is."""

from __future__ import annotations

import hmac
import re
from typing import Final

_NUMBER: Final = re.compile(r"(?:[a-z]{1,20}:)?\+?[0-9 ().\-/]{3,40}")
_LEAST_DIGITS, _MOST_DIGITS = 3, 15
_TAIL: Final = 8
_SENDER, _STOPPED = b"sender\0", b"stopped\0"


def read_number(written: str) -> str | None:
    """Read a phone number, with or without a channel such as ``whatsapp:`` before it.

    Returns
    -------
    str or None
        Its digits, after a plus where it had one; nothing for what is no number, such as a name that a company sends
        under.
    """
    if not _NUMBER.fullmatch(written.strip()):
        return None
    digits = re.sub(r"[^0-9]", "", written)
    if not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return None
    return f"+{digits}" if "+" in written else digits


def sender_fingerprint(key: bytes, number: str) -> bytes:
    """Hash whoever writes, for finding their conversation again: HMAC-SHA-256, 32 bytes.

    Parameters
    ----------
    key
        Derived for this network from what is kept outside the database.
    """
    return hmac.digest(key, _SENDER + re.sub(r"[^0-9]", "", number).lstrip("0").encode(), "sha256")


def stop_fingerprint(key: bytes, number: str) -> bytes:
    """Hash a number for the list of those who want no messages: its last eight digits, however it is written.

    The same number is written with the code of its country by a gateway and without it by neighbours. Two numbers that
    agree in eight digits count as one here, which can only make this program quieter.
    """
    return hmac.digest(key, _STOPPED + re.sub(r"[^0-9]", "", number).lstrip("0")[-_TAIL:].encode(), "sha256")
