"""Coverage as everybody may have it: what the weekly release says of a hexagon, beside the public places near it.

Nothing here looks at needs. Each row is worked out from a line of the newest release and from places that are public
anyway, so whoever has both could do the same, and asking for another standard, another day or a total tells nothing
more of any household than the release did. Gaps are not among the figures: how many needs go unserved, day by day and
standard by standard, could be subtracted until a single household is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.crs import geodesic_m
from geo.privacy.cells import cell_centre

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geo.privacy.release import ShownCell
    from geo.privacy.rules import PublicKind


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """A place that is open to everybody anyway: where, and for what."""

    lon: float
    lat: float
    kinds: frozenset[PublicKind]


@dataclass(frozen=True, slots=True)
class PublicCoverageRow:
    """One hexagon and one kind of need.

    Attributes
    ----------
    cell, kind, band
        As the weekly release has them: never fewer than k households.
    places
        Public places with help of this kind within the standard, from the middle of the hexagon.
    nearest_min
        Whole minutes to the nearest of them, wherever it is; nothing if there is none.
    standard_min
        The standard in minutes.
    travel_model
        How minutes were reckoned.
    """

    cell: str
    kind: PublicKind
    band: str
    places: int
    nearest_min: int | None
    standard_min: float
    travel_model: str


def cover_publicly(
    shown: Iterable[ShownCell],
    places: Sequence[PublicPlace],
    *,
    minutes: Callable[[float], float],
    standard_min: float,
    travel_model: str,
) -> list[PublicCoverageRow]:
    """Set what is shown beside the public places.

    Parameters
    ----------
    shown
        The lines of a release.
    places
        In degrees.
    minutes
        Turns straight-line metres into minutes, never fewer for more.
    standard_min
        The service standard.
    travel_model
        What ``minutes`` is called.

    Returns
    -------
    list of PublicCoverageRow
        One for each line, in its order.
    """
    lon, lat = np.array([p.lon for p in places]), np.array([p.lat for p in places])
    rows = []
    for line in shown:
        middle = cell_centre(line.cell)
        helps = np.array([line.kind in place.kinds for place in places], dtype=bool)
        metres = geodesic_m(middle.lon, middle.lat, lon[helps], lat[helps]).ravel()
        taken = [minutes(one) for one in metres.tolist()]
        within = sum(one <= standard_min for one in taken)
        nearest = max(1, int(-(-min(taken) // 1))) if taken else None
        rows.append(PublicCoverageRow(line.cell, line.kind, line.band, within, nearest, standard_min, travel_model))
    return rows
