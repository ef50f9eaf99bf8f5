"""Cells turned into values; whatever does not fit is a bad row with its reason."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from geo.analysis.opening import is_readable
from geo.analysis.schedule import read_schedule
from geo.domain.hours import MAX_HOURS
from geo.domain.place import MAX_LAT, MAX_LON, Point
from geo.errors import InvalidInput

from data.loaders.csv_rows import BadRow
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from enum import StrEnum

    from data.loaders.csv_rows import Row

    W = TypeVar("W", bound=StrEnum)

_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_SEVERAL: Final = re.compile(r"[\s,;|]+")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_YES: Final = frozenset({"1", "yes", "y", "true", "x"})
_NO: Final = frozenset({"", "0", "no", "n", "false"})
_NULL_ISLAND_DEG: Final = 0.001
MAX_LANGUAGES: Final = 20


def number(written: str, reason: str) -> float:
    """Read a plain decimal number; NaN, infinity, commas and digits of other scripts are refused."""
    value = float(written) if _NUMBER.fullmatch(written) else math.nan
    if not math.isfinite(value):
        raise BadRow(reason)
    return value


def whole(row: Row, column: str, *, least: int, most: int, default: int) -> int:
    """Read a whole number within bounds."""
    written = row.text(column)
    if not written:
        return default
    if not (
        written.isascii() and written.isdecimal() and len(written) <= len(str(most)) and least <= int(written) <= most
    ):
        raise BadRow(f"bad_{column}")
    return int(written)


def point(lon: str, lat: str) -> Point | None:
    """Read a WGS 84 point; two empty cells are none."""
    if not lon and not lat:
        return None
    x, y = number(lon, "bad_coordinates"), number(lat, "bad_coordinates")
    if abs(x) > MAX_LON or abs(y) > MAX_LAT:
        raise BadRow("coordinates_out_of_range")
    if abs(x) + abs(y) < _NULL_ISLAND_DEG:
        raise BadRow("coordinates_are_zero")
    return Point(x, y)


def word(row: Row, column: str, words: type[W], default: W | None = None) -> W:
    """Read one word of a vocabulary; an empty cell is the default, if there is one."""
    written = row.text(column).lower()
    if not written and default is not None:
        return default
    if written not in set(words):
        raise BadRow(f"unknown_{column}" if written else f"no_{column}")
    return words(written)


def several(row: Row, column: str, words: type[W]) -> tuple[W, ...]:
    """Read several words of a vocabulary, parted by spaces, commas, semicolons or bars."""
    written = dict.fromkeys(part for part in _SEVERAL.split(row.text(column).lower()) if part)
    if not written.keys() <= set(words):
        raise BadRow(f"unknown_{column}")
    return tuple(words(part) for part in written)


def languages(row: Row) -> tuple[str, ...]:
    """Read language codes (ISO 639) from the column ``languages``."""
    codes = tuple(dict.fromkeys(part for part in _SEVERAL.split(row.text("languages").lower()) if part))
    if len(codes) > MAX_LANGUAGES or not all(_LANGUAGE.fullmatch(code) for code in codes):
        raise BadRow("bad_languages")
    return codes


def yes(row: Row, column: str) -> bool:
    """Read a yes or no; an empty cell is no."""
    written = row.text(column).lower()
    if written not in _YES | _NO:
        raise BadRow(f"bad_{column}")
    return written in _YES


def line(row: Row, column: str, most: int, *, needed: bool = False) -> str | None:
    """Read one line of text, at most so many characters."""
    written = row.text(column)
    found = clean_text(written, most)
    if (needed and not written) or (written and found is None):
        raise BadRow(f"{column}_too_long" if len(written) > most else f"no_{column}")
    return found


def opening_hours(row: Row) -> str | None:
    """Read opening hours as OpenStreetMap writes them."""
    written = line(row, "opening_hours", MAX_HOURS)
    if written is not None and not is_readable(written):
        raise BadRow("bad_opening_hours")
    return written


def schedule(row: Row, column: str) -> str | None:
    """Read a schedule (RFC 5545); its lines are parted by line breaks or by bars."""
    written = row.text(column).replace("|", "\n")
    if not written:
        return None
    try:
        read_schedule(written, ZoneInfo("UTC"))
    except InvalidInput:
        raise BadRow(f"bad_{column}") from None
    return written


def instant(row: Row, column: str) -> datetime | None:
    """Read an instant (RFC 3339); without an offset it is UTC, and the future is refused."""
    written = row.text(column)
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRow(f"bad_{column}") from None
    if not datetime(2000, 1, 1, tzinfo=UTC) <= found <= datetime.now(UTC):
        raise BadRow(f"bad_{column}")
    return found


def identifier(row: Row, column: str = "id") -> UUID | None:
    """Read a UUID."""
    written = row.text(column)
    if not written:
        return None
    try:
        return UUID(written)
    except ValueError:
        raise BadRow(f"bad_{column}") from None
