"""Which column of somebody else's table means what: guessed from its header, checked, written down and read back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from geo.domain.imports import MAX_WORDS, ColumnMap
from geo.domain.words import EntryKind
from geo.errors import InvalidInput
from geo.interchange.column_words import HEADERS, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLACE: Final = ("address", "lon", "lat", "geopoint", "accuracy_m")
_REACH: Final = ("consent", "contact_name", "phone", "email", "contact_note")
FIELDS: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.NEED: (
        "key", "category", "urgency", "household_size", "languages", "access", *_PLACE, "received_at", "withheld",
        *_REACH,
    ),
    EntryKind.HELPER: (
        "key", "public_name", "categories", "languages", "vehicle", "status", "capacity_per_week", "max_travel_min",
        *_PLACE, *(name for name in _REACH if name != "contact_name"),
    ),
    EntryKind.ASSET: (
        "key", "name", "kind", "categories", "description", "status", *_PLACE, "capacity_per_week", "opening_hours",
        "step_free", "languages",
    ),
}  # fmt: skip
"""What a row of each kind may say."""
NEEDED: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.NEED: ("category",),
    EntryKind.HELPER: ("public_name", "categories"),
    EntryKind.ASSET: ("name", "kind", "categories"),
}
"""What must have a column, or a value for all rows."""
_ADDRESS_PARTS: Final = ("street", "house_number", "postcode", "town")
"""Columns that are an address together, in this order."""
MAX_JOINED: Final = 6
MAX_TEXT: Final = 200
_GROUP: Final = re.compile(r"[/:.]|-(?=[^\s-]+$)")


_KNOWN: Final = {name: {fold(word): rank for rank, word in enumerate(words)} for name, words in HEADERS.items()}


def guess_columns(kind: EntryKind, headers: Sequence[str]) -> ColumnMap:
    """Guess which column means what from the headers alone.

    Parameters
    ----------
    kind
        What each row tells of.
    headers
        The first row. Groups of an ODK or Kobo export (``group/field``, ``group-field``) are seen through, and a
        geopoint that was split into ``…-Latitude`` and ``…-Longitude`` is put together, and so is an address that
        stands in a street and what belongs to it.

    Returns
    -------
    ColumnMap
        Each header is used once; a field for which none fits has no column.
    """
    best = _best(FIELDS[kind], headers)
    found: dict[str, tuple[str, ...]] = {name: (header,) for name, header in best.items()}
    if "address" not in found:
        parts = _best(_ADDRESS_PARTS, [header for header in headers if header not in best.values()])
        if "street" in parts:
            found["address"] = tuple(parts[name] for name in _ADDRESS_PARTS if name in parts)
    return ColumnMap({name: found[name] for name in FIELDS[kind] if name in found})


def _best(names: Sequence[str], headers: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    scores = sorted(
        (score, order, at, name, header)
        for order, name in enumerate(names)
        for at, header in enumerate(headers)
        if (score := _score(name, header)) is not None
    )
    for _, _, _, name, header in scores:
        if name not in found and header not in found.values():
            found[name] = header
    return found


def _score(name: str, header: str) -> tuple[int, int] | None:
    """Tell how well a header fits a field, the least being the best."""
    known = _KNOWN.get(name, {})
    names = (header, _GROUP.split(header)[-1])
    for step, written in enumerate(names):
        rank = 0 if fold(written) == fold(name) else known.get(fold(written))
        if rank is not None:
            return step, rank
    return None


def check_map(mapping: ColumnMap, kind: EntryKind, headers: Sequence[str]) -> None:
    """Check that a map fits a file.

    Raises
    ------
    InvalidInput
        Naming the field that is unknown, wanting or without its column.
    """
    for name, columns in mapping.columns.items():
        if name not in FIELDS[kind]:
            raise InvalidInput(f"a {kind.value} has no such field", field="columns")
        if not 1 <= len(columns) <= MAX_JOINED or not set(columns) <= set(headers):
            raise InvalidInput(f"the file has no such column for {name}", field=f"columns/{name}")
    for name, value in mapping.defaults.items():
        if name not in FIELDS[kind] or name == "key" or not 0 < len(value) <= MAX_TEXT:
            raise InvalidInput("this field takes no value for all rows", field="defaults")
    if len(mapping.words) > MAX_WORDS or any(len(text) > MAX_TEXT for pair in mapping.words.items() for text in pair):
        raise InvalidInput(f"at most {MAX_WORDS} words can be explained", field="words")
    for name in NEEDED[kind]:
        if name not in mapping.columns and name not in mapping.defaults:
            raise InvalidInput(f"say which column is the {name.replace('_', ' ')}", field=f"columns/{name}")


def map_to_json(mapping: ColumnMap) -> dict[str, Any]:
    """Write a map down."""
    columns = {name: list(headers) for name, headers in mapping.columns.items()}
    return {"columns": columns, "words": dict(mapping.words), "defaults": dict(mapping.defaults)}


def map_from_json(kept: Mapping[str, Any]) -> ColumnMap:
    """Read a map back."""
    columns = {name: tuple(headers) for name, headers in kept.get("columns", {}).items()}
    return ColumnMap(columns, dict(kept.get("words", {})), dict(kept.get("defaults", {})))
