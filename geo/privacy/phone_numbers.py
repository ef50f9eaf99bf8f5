"""Phone numbers as keyed hashes: somebody who writes again is known again, and no table says who it is."""

from __future__ import annotations

import hmac
import re
from typing import Final

_NUMBER: Final = re.compile(r"(?:[a-z]{1,20}:)?\+?[0-9 ().\-/]{3,40}")
_LEAST_DIGITS, _MOST_DIGITS = 3, 15
_TAIL: Final = 8
_SENDER, _STOPPED, _REACH = b"sender\0", b"stopped\0", b"reach\0"


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


def reach_fingerprint(key: bytes, written: str, *, region: str | None = None) -> bytes | None:
    """Hash a number so that one telephone is known however it is written: its form in E.164, or its bare digits.

    Parameters
    ----------
    region
        Two letters of the country that a number without a country's code is of (ISO 3166-1); where that is not known,
        such a number is only equal to itself.

    Returns
    -------
    bytes or None
        HMAC-SHA-256, 32 bytes; nothing for what is no number.
    """
    number = read_number(written)
    return None if number is None else hmac.digest(key, _REACH + _e164(number, region).encode(), "sha256")


def _e164(number: str, region: str | None) -> str:
    # large, and wanted only where a number is at hand
    import phonenumbers

    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number.lstrip("0")
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def region_of(time_zone: str) -> str | None:
    """Tell the country whose clocks go by a zone, as two letters; nothing for a zone of no country."""
    # as large, likewise
    from babel.core import get_global

    region = get_global("zone_territories").get(time_zone)
    return region if isinstance(region, str) and len(region) == 2 and region.isalpha() else None  # noqa: PLR2004 - the form of ISO 3166-1
