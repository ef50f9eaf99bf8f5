"""Which column of an address file is which: told by the caller, or known from the file's own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FIELDS: Final = ("number", "street", "city", "postcode", "lon", "lat", "unit", "premise")
NEEDED: Final = ("number", "street", "lon", "lat")
PLACED: Final = ("lon", "lat")
_LIST: Final = ", ".join(FIELDS)

Columns = dict[str, tuple[str, ...]]
"""Each field with the columns that make it, joined by a space."""


def read_map(columns: Mapping[str, str], header: Collection[str], *, has_shapes: bool) -> Columns:
    """Read a column map: ``{"street": "PREDIR+NAME+TYPE"}`` joins three columns.

    Parameters
    ----------
    columns
        Field and column, or several columns with ``+`` between; upper or lower case.
    header
        The file's columns, in lower case; one whose name has a ``+`` in it is taken as it is.
    has_shapes
        Whether the file says where things are in its own way, so that ``lon`` and ``lat`` are not needed.

    Raises
    ------
    InvalidInput
        If a field does not exist, or one that is needed lacks.
    """
    unknown = sorted(set(columns) - set(FIELDS))
    missing = [name for name in NEEDED if not columns.get(name) and not (has_shapes and name in PLACED)]
    if unknown or missing:
        what = f"there is no field {unknown[0]}" if unknown else f"say which column is the {missing[0]}"
        raise InvalidInput(f"{what}; the fields are {_LIST}", field="map")
    read = {}
    for field, written in columns.items():
        whole = written.strip().lower()
        parts = (whole,) if whole in header else tuple(part.strip() for part in whole.split("+"))
        if whole:
            read[field] = tuple(part for part in parts if part)
    if any(len(read.get(name, ())) > 1 for name in PLACED):
        raise InvalidInput("lon and lat are one column each", field="map")
    return read


def known_map(header: Collection[str], *, has_shapes: bool) -> Columns:
    """Find the columns of a file that names them as OpenAddresses does, in any case and order.

    Raises
    ------
    InvalidInput
        If it does not; then a map is needed.
    """
    needed = [name for name in NEEDED if not (has_shapes and name in PLACED)]
    if not all(name in header for name in needed):
        raise InvalidInput(
            f"the columns are not those of OpenAddresses; say with --map which is which. The fields are {_LIST}",
            field="map",
        )
    return {name: (name,) for name in FIELDS if name in header and not (has_shapes and name in PLACED)}
