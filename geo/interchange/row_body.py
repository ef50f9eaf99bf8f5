"""A row of somebody else's table read as what it tells of: in our words, with what cannot be read named by field."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from geo.domain.entries import Fault
from geo.domain.place import MAX_LAT, MAX_LON
from geo.domain.words import EntryKind
from geo.interchange.column_words import WORDS, fold
from geo.interchange.table import EXTRA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.imports import ColumnMap

MAX_CELL: Final = 10_000
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,20})?", re.ASCII)
_SEVERAL: Final = re.compile(r"[;,|\n]+")
_ODK_POINT: Final = re.compile(r"\s+")
_DAY: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(\d{1,2})[:.](\d{2}))?", re.ASCII)
_SERIAL_DAY_0: Final = datetime(1899, 12, 30, tzinfo=UTC)
_SERIALS: Final = (36_526, 73_051)
"""Days of 2000 to 2100 as spreadsheets count them."""
_WHOLE: Final = frozenset({"household_size", "capacity_per_week", "max_travel_min"})
_LISTS: Final = frozenset({"categories", "languages", "access"})
_FLAGS: Final = frozenset({"withheld", "consent"})
_CONTACT: Final = {"contact_name": "name", "phone": "phone", "email": "email", "contact_note": "note"}
_APART: Final = frozenset(
    {"key", "address", "lon", "lat", "geopoint", "accuracy_m", "received_at", "consent", *_CONTACT}
)
Body = dict[str, Any]


@dataclass(slots=True)
class RowRead:
    """A row as far as it can be read; ``faults`` hold it, ``notes`` only say what was left aside."""

    body: Body = field(default_factory=dict)
    key: str = ""
    received_at: datetime | None = None
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        """Note that a field cannot be read."""
        self.faults.append(Fault(f"/{name}", reason))


def read_row(kind: EntryKind, cells: Mapping[str, Any], mapping: ColumnMap, *, now: datetime) -> RowRead:
    """Read one row.

    Parameters
    ----------
    kind
        What it tells of.
    cells
        Texts by header.
    mapping
        Which column means what.
    now
        An instant that no row can come after.

    Returns
    -------
    RowRead
        The body as an entry of that kind is written, and what is wrong by field; no value is repeated in it.
    """
    found = RowRead()
    if cells.get(EXTRA) and EXTRA not in {header for headers in mapping.columns.values() for header in headers}:
        found.refuse("row", "there are more cells than columns")
    texts = {name: _text(cells, mapping, name, found) for name in {*mapping.columns, *mapping.defaults}}
    found.key = texts.pop("key", "")[:MAX_CELL]
    for name, text in sorted(texts.items()):
        if text and name not in _APART:
            found.body[name] = _value(name, text, mapping, found)
    _read_place(kind, texts, found)
    _read_contact(texts, mapping, found)
    if texts.get("received_at"):
        found.received_at = _instant(texts["received_at"], now, found)
    return found


def _text(cells: Mapping[str, Any], mapping: ColumnMap, name: str, found: RowRead) -> str:
    parts = [str(cells.get(header) or "").strip() for header in mapping.columns.get(name, ())]
    joined = " ".join(part for part in parts if part)
    if len(joined) > MAX_CELL:
        found.refuse(name, f"a cell may have {MAX_CELL} characters")
        return ""
    if "\0" in joined:
        found.refuse(name, "holds a NUL, which is no text")
        return ""
    return joined or mapping.defaults.get(name, "")


def _value(name: str, text: str, mapping: ColumnMap, found: RowRead) -> object:
    if name in _WHOLE:
        return _whole(name, text, found)
    if name in _FLAGS:
        return _flag(name, text, mapping, found)
    if name in _LISTS:
        return _several(name, text, mapping)
    return _meaning(name, text, mapping) if name in WORDS or fold(text) in _folded(mapping) else text


def _folded(mapping: ColumnMap) -> dict[str, str]:
    return {fold(word): meant for word, meant in mapping.words.items()}


def _meaning(name: str, text: str, mapping: ColumnMap) -> str:
    """Give our word for what a cell says; a word that is not known stays, and is refused later by its field."""
    # folding would make a word of a formula
    folded = "" if text.startswith(("=", "@")) else fold(text)
    return _folded(mapping).get(folded) or WORDS.get(name, {}).get(folded) or text.lower()


def _several(name: str, text: str, mapping: ColumnMap) -> list[str]:
    known = {**WORDS.get(name, {}), **_folded(mapping)}
    if fold(text) in known:
        return [known[fold(text)]]
    parts = [part for part in _SEVERAL.split(text) if part.strip()]
    # select_multiple of an ODK export parts its words by spaces
    if len(parts) == 1 and fold(text) not in known:
        parts = text.split()
    return list(dict.fromkeys(_meaning(name, part.strip(), mapping) for part in parts))


def _whole(name: str, text: str, found: RowRead) -> int | None:
    bare = text.removesuffix(".0").removesuffix(",0")
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 10):  # noqa: PLR2004 - no count here is longer
        found.refuse(name, "must be a whole number")
        return None
    return int(bare)


def _flag(name: str, text: str, mapping: ColumnMap, found: RowRead) -> bool | None:
    meant = _meaning(name, text, mapping)
    if meant not in ("yes", "no"):
        found.refuse(name, "must be yes or no")
        return None
    return meant == "yes"


def _number(name: str, text: str, found: RowRead) -> float | None:
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        found.refuse(name, "must be a number in degrees or metres, such as 60.17")
        return None
    return value


def _read_place(kind: EntryKind, texts: Mapping[str, str], found: RowRead) -> None:
    lon, lat, accuracy = (texts.get(name, "") for name in ("lon", "lat", "accuracy_m"))
    point = texts.get("geopoint", "")
    is_joined = bool(point) and not (lon or lat)
    if is_joined:
        # ODK writes latitude first, then longitude, altitude and accuracy
        parts = _ODK_POINT.split(point.replace(", ", " "))
        if len(parts) == 1 and point.count(",") == 1:
            parts = point.split(",")
        if not 2 <= len(parts) <= 4:  # noqa: PLR2004 - as ODK writes them
            found.refuse("geopoint", "must be latitude and longitude, such as 60.17 24.94")
            return
        lat, lon = parts[0], parts[1]
        accuracy = accuracy or (parts[3] if len(parts) == 4 else "")  # noqa: PLR2004 - the fourth is the accuracy
    if lon or lat:
        _read_point(lon, lat, accuracy, found, ("geopoint", "geopoint") if is_joined else ("lon", "lat"))
    elif texts.get("address"):
        found.body["location"] = {"address": " ".join(texts["address"].split())}
    elif kind is EntryKind.ASSET:
        found.refuse("address", "an asset needs an address, or longitude and latitude")


def _read_point(lon: str, lat: str, accuracy: str, found: RowRead, names: tuple[str, str]) -> None:
    x, y = _number(names[0], lon, found), _number(names[1], lat, found)
    if x is None or y is None:
        return
    if abs(y) > MAX_LAT >= abs(x):
        found.refuse(names[1], "longitude and latitude seem to have changed places")
    elif abs(x) > MAX_LON or abs(y) > MAX_LAT:
        found.refuse(names[abs(x) <= MAX_LON], "is no place on earth; degrees are wanted")
    elif x == 0 and y == 0:
        found.refuse(names[0], "zero and zero is what an empty cell becomes, and no place here")
    else:
        metres = _number("accuracy_m", accuracy, found) if accuracy else None
        found.body["location"] = {"lon": x, "lat": y, "method": "manual"} | ({"accuracy_m": metres} if metres else {})


def _read_contact(texts: Mapping[str, str], mapping: ColumnMap, found: RowRead) -> None:
    given = {ours: texts[name] for name, ours in _CONTACT.items() if texts.get(name)}
    if not given:
        return
    agreed = _flag("consent", texts["consent"], mapping, found) if texts.get("consent") else False
    if agreed:
        found.body["contact"] = given | {"consent": True}
    elif agreed is False:
        found.notes.append(Fault("/consent", "how to reach them was not taken over: nobody says they agreed"))


def _instant(text: str, now: datetime, found: RowRead) -> datetime | None:
    at = _read_instant(text)
    if at is None or not datetime(2000, 1, 1, tzinfo=UTC) <= at <= now:
        found.refuse("received_at", "must be a day such as 2026-04-03, from 2000 until now")
        return None
    return at


def _read_instant(text: str) -> datetime | None:
    written = _DAY.fullmatch(text)
    try:
        if written:
            day, month, year, hour, minute = (int(part or 0) for part in written.groups())
            return datetime(year, month, day, hour, minute, tzinfo=UTC)
        if _NUMBER.fullmatch(text) and _SERIALS[0] <= float(text.replace(",", ".")) <= _SERIALS[1]:
            return _SERIAL_DAY_0 + timedelta(days=float(text.replace(",", ".")))
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
