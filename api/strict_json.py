"""JSON read more strictly than the standard library reads it.

What is refused here is what PostgreSQL, JavaScript and people read differently: ``NaN``, numbers too large for a
double, keys given twice, a byte order mark, text that is no UTF-8, NUL characters and halves of surrogate pairs.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

MAX_DEPTH: Final = 32
MAX_MEMBERS: Final = 1000
_MAX_INT_DIGITS = 400
_NUL = chr(0)
_SURROGATES = re.compile("[\ud800-\udfff]")
_STRUCTURE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


class Unreadable(ValueError):
    """The body is not JSON as RFC 8259 and RFC 7493 (I-JSON) want it."""


class BadText(ValueError):
    """A text holds a character that cannot be stored."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer
        self.reason = reason


def check_depth(raw: bytes, *, most: int = MAX_DEPTH) -> None:
    """Refuse deep nesting before a recursive parser sees it.

    Raises
    ------
    Unreadable
        If arrays and objects are nested more than ``most`` deep.
    """
    depth = 0
    for found in _STRUCTURE.finditer(raw):
        first = raw[found.start()]
        if first in b"[{":
            depth += 1
            if depth > most:
                raise Unreadable(f"arrays and objects may be nested {most} deep")
        elif first in b"]}":
            depth -= 1


def _refuse_constant(_name: str) -> float:
    raise Unreadable("a number must be finite")


def _read_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Unreadable("a number must be finite")
    return value


def _read_int(text: str) -> int:
    if len(text) > _MAX_INT_DIGITS:
        raise Unreadable("a number has too many digits")
    return int(text)


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise Unreadable(f"an object may have {MAX_MEMBERS} members")
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("an object has the same key twice")
    return found


def loads(raw: bytes) -> object:
    """Read JSON strictly.

    Parameters
    ----------
    raw
        The body as it came.

    Returns
    -------
    object
        What the standard library would give.

    Raises
    ------
    Unreadable
        If it is not UTF-8, has a byte order mark, a number that is not finite, a key twice, is nested too deep, or
        is no JSON at all.
    BadText
        If a string holds NUL or half a surrogate pair.
    """
    check_depth(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("the body must be UTF-8") from None
    if text.startswith("\ufeff"):
        raise Unreadable("the body must not begin with a byte order mark")
    try:
        found: object = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_read_float,
            parse_int=_read_int,
            object_pairs_hook=_read_object,
        )
    except (json.JSONDecodeError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    check_texts(found)
    return found


def check_texts(found: object) -> None:
    """Refuse strings PostgreSQL cannot store, keys included.

    Raises
    ------
    BadText
        Naming where, and why.
    """
    waiting: list[tuple[str, Any]] = [("/body", found)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            _check_text(where, value)
        elif isinstance(value, list):
            waiting.extend((f"{where}/{index}", item) for index, item in enumerate(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                _check_text(where, key)
                waiting.append((f"{where}/{_step(key)}", item))


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")[:60]


def _check_text(where: str, text: str) -> None:
    if _NUL in text:
        raise BadText(where, "text must not hold the NUL character")
    if _SURROGATES.search(text):
        raise BadText(where, "text must not hold half of a surrogate pair")
