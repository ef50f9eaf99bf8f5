"""Names for cells, so that nobody has to read an index: the two streets nearest to the middle."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from geo.privacy.cells import cell_centre
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

MAX_NAMED: Final = 1000
"""So many cells are named at most; the others go by their index."""
_NEAR = load_queries("cell_names")["near_streets"]


def name_cells(session: Session, cells: Sequence[str]) -> dict[str, str]:
    """Name cells by the streets they lie at, such as ``Fabianinkatu / Hallituskatu``.

    Parameters
    ----------
    cells
        H3 cells; only the first ``MAX_NAMED`` are named.

    Returns
    -------
    dict
        Name by cell; a cell with no street around is left out.
    """
    named = list(cells)[:MAX_NAMED]
    if not named:
        return {}
    centres = [cell_centre(cell) for cell in named]
    values = {"cells": named, "lons": [c.lon for c in centres], "lats": [c.lat for c in centres]}
    streets: dict[str, list[str]] = defaultdict(list)
    for row in session.execute(text(_NEAR), values):
        streets[row.cell].append(row.name)
    return {cell: " / ".join(names) for cell, names in streets.items()}
