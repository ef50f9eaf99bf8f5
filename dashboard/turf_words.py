"""Words for outcomes at doors and for what became of typed codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo.domain.door_codes import LENGTH, spaced
from geo.domain.turf import KEYS, Outcome

from dashboard.translation import Phrases, number, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.turf_answers import Entered

OUTCOMES: Final = Phrases(
    {
        Outcome.VISITED.value: "visited",
        Outcome.NOBODY_HOME.value: "nobody home",
        Outcome.REFUSED.value: "refused",
        Outcome.COME_BACK.value: "come back",
        Outcome.NOT_FOUND.value: "not found",
    }
)
LETTERS: Final[Mapping[str, str]] = {letter: outcome.value for outcome, letter in KEYS.items()}
"""The outcome that each letter of a sheet stands for."""
_ROW: Final = LENGTH + 1
_NO_CODE: Final = re.compile(r"[^0-9A-Z]")
_CORNER: Final = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,15})?)\s*[,;\s]\s*([+-]?\d{1,2}(?:\.\d{1,15})?)\s*[,;]?\s*")
_HALF_TURN, _POLE = 180.0, 90.0


def read_rows(text: str) -> list[tuple[str, str]]:
    """Read rows as they are typed: the six characters of a code and the letter of its outcome, one after the other.

    Raises
    ------
    ValueError
        If something is left over, or a letter stands for nothing.
    """
    found = _NO_CODE.sub("", text.upper())
    if not found or len(found) % _ROW:
        raise ValueError(tr("Each row is {length} characters and one letter.", length=number(LENGTH)))
    rows = [found[at : at + _ROW] for at in range(0, len(found), _ROW)]
    wrong = next((row for row in rows if row[-1] not in LETTERS), None)
    if wrong:
        told = {"letters": tr(", ").join(LETTERS), "code": spaced(wrong[:-1])}
        raise ValueError(tr("The letter behind a code is one of {letters}; behind {code} it is not.", **told))
    return [(row[:-1], LETTERS[row[-1]]) for row in rows]


def read_corners(text: str, *, most: int) -> list[tuple[float, float]]:
    """Read corners as they are typed: one a line, longitude and latitude in degrees, WGS 84.

    Raises
    ------
    ValueError
        If a line is no such pair, names the line; or if there are more than ``most``.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > most:
        raise ValueError(tr("A shape has {most} corners at most.", most=number(most)))
    return [_corner(at, line) for at, line in enumerate(lines, 1)]


def _corner(at: int, line: str) -> tuple[float, float]:
    found = _CORNER.fullmatch(line)
    lon, lat = (float(found[1]), float(found[2])) if found else (_HALF_TURN + 1, 0.0)
    if abs(lon) > _HALF_TURN or abs(lat) > _POLE:
        raise ValueError(
            tr("Corner {at} is no longitude and latitude in degrees, such as 24.95, 60.17.", at=number(at))
        )
    return lon, lat


def entered_words(one: Entered) -> str:
    """Say in one line what became of a typed code."""
    code, outcome = spaced(one.code), OUTCOMES.get(one.outcome or "", "")
    if one.state == "created":
        return f"{code} — {one.label}: {outcome}"
    if one.state == "unchanged":
        return tr("{code} — {door}: {outcome}, as it was", code=code, door=one.label, outcome=outcome)
    why = one.reason or tr("not taken")
    if not one.meant:
        return f"{code} — {why}."
    meant = one.meant[0]
    for other in one.meant[1:]:
        meant = tr("{one} or {other}", one=meant, other=other)
    return tr("{code} — {why}. It may be {codes}.", code=code, why=why, codes=meant)


def is_taken(one: Entered) -> bool:
    """Tell whether a row needs no second look."""
    return one.state in ("created", "unchanged")
