"""How reach is found: by the shapes that are kept, by shapes drawn for once, or as the crow flies."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import SmallInteger, Text, Uuid

from geo.analysis.catchments import CatchmentReach
from geo.analysis.gaps import MODES
from geo.analysis.reach import StraightReach
from geo.crs import shapes_to_metres
from geo.domain.words import Mode
from geo.errors import InvalidInput
from geo.store.catchments import BANDS_MIN
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS
    from sqlalchemy.orm import Session

    from geo.analysis.reach import ReachFinder
    from geo.domain.travel import TravelModel
    from geo.store.supply import Helping

    FloatArray = NDArray[np.float64]
    ShapeArray = NDArray[np.object_]
    Wanted = tuple[int, Mode, float]

MOST_DRAWN: Final = 400
"""So many shapes that are not kept are drawn for one question."""
STRAIGHT: Final = "straight_line"
_queries = load_queries("catchments")


def find_reach_finder(
    session: Session,
    model: TravelModel,
    helping: Sequence[Helping],
    standard_min: float,
    *,
    crs: CRS,
    modes: Collection[Mode] = MODES,
) -> ReachFinder:
    """Choose how reach is found: by shapes along streets, or as the crow flies where there are no streets.

    Parameters
    ----------
    helping
        The places, in the order in which the finder is asked about them.
    standard_min
        The service standard; a helper goes no farther than they said they would.
    crs
        The plane system of the needs and places the finder is asked about.
    modes
        In which households travel; for others nothing is within reach of an asset.

    Raises
    ------
    InvalidInput
        If more than ``MOST_DRAWN`` shapes of this standard would have to be drawn.
    TravelFailed
        If the engine gives no answer.
    """
    if model.info.name == STRAIGHT:
        return StraightReach.of(model, standard_min)
    return CatchmentReach(find_shapes(session, model, helping, standard_min, crs=crs, modes=modes))


def find_shapes(
    session: Session,
    model: TravelModel,
    helping: Sequence[Helping],
    standard_min: float,
    *,
    crs: CRS,
    modes: Collection[Mode] = MODES,
) -> ShapeArray:
    """Find what is within reach along streets around each place, shape ``(len(MODES), m)``, metres.

    Parameters, and what is raised, are those of :func:`find_reach_finder`.
    """
    wanted = [
        (column, mode, minutes_of(help_, standard_min))
        for column, help_ in enumerate(helping)
        for mode in ([help_.mode or Mode.WALK] if help_.is_helper else [m for m in MODES if m in modes])
    ]
    stored = _read_bands(session, model, helping, wanted)
    lacking = [each for each in wanted if each not in stored]
    if len(lacking) > MOST_DRAWN:
        raise InvalidInput(
            f"for this standard {len(lacking)} shapes would have to be drawn, more than {MOST_DRAWN}; ask for one of "
            f"{', '.join(map(str, BANDS_MIN))} minutes, and draw what is missing: barnraiser catchments",
            field="standard_min",
        )
    stored |= _draw_for_once(model, helping, lacking)
    shapes = np.full((len(MODES), len(helping)), None, dtype=object)
    order = list(stored)
    for (column, mode, _), shape in zip(order, _to_metres([stored[each] for each in order], crs), strict=True):
        rows = range(len(MODES)) if helping[column].is_helper else [MODES.index(mode)]
        for row in rows:
            shapes[row, column] = shape
    return shapes


def _to_metres(shapes: Sequence[Any], crs: CRS) -> ShapeArray:
    together = np.full(len(shapes), None, dtype=object)
    together[:] = shapes
    return shapes_to_metres(together, crs)


def find_own_reach_m(model: TravelModel, helping: Sequence[Helping], standard_min: float) -> FloatArray:
    """Say how far in a straight line help goes that goes to the household: in its own way, for as long as it said.

    Parameters
    ----------
    standard_min
        The service standard; a helper goes no farther than they said they would.

    Returns
    -------
    numpy.ndarray
        Metres for each place; not a number for an asset, to which the household goes.
    """
    asked = [
        (help_.mode or Mode.WALK, minutes_of(help_, standard_min)) if help_.is_helper else None for help_ in helping
    ]
    known = {each: model.reach_m(each[1], each[0]) for each in set(asked) if each is not None}
    return np.array([np.nan if each is None else known[each] for each in asked], dtype=np.float64)


def minutes_of(help_: Helping, standard_min: float) -> float:
    """Say within how many minutes help counts: those of the standard, or fewer where a helper goes less far."""
    return standard_min if help_.max_travel_min is None else min(standard_min, float(help_.max_travel_min))


def _read_bands(
    session: Session, model: TravelModel, helping: Sequence[Helping], wanted: Sequence[Wanted]
) -> dict[Wanted, Any]:
    whole = [each for each in wanted if each[2] == int(each[2])]
    bound = {
        "ids": [helping[column].id for column, _, _ in whole],
        "modes": [mode.value for _, mode, _ in whole],
        "minutes": [int(minutes) for _, _, minutes in whole],
        "model": model.info.version,
    }
    types = (
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("modes", type_=ARRAY(Text)),
        bindparam("minutes", type_=ARRAY(SmallInteger)),
    )
    rows = session.execute(text(_queries["bands"]).bindparams(*types), bound).all()
    shapes = shapely.from_wkb([None if row.shape is None else bytes(row.shape) for row in rows])
    return {whole[row.place - 1]: shape for row, shape in zip(rows, shapes, strict=True)}


def _draw_for_once(model: TravelModel, helping: Sequence[Helping], lacking: Sequence[Wanted]) -> dict[Wanted, Any]:
    grouped: defaultdict[tuple[Mode, float, bool], list[Wanted]] = defaultdict(list)
    for each in lacking:
        grouped[each[1], each[2], helping[each[0]].is_helper].append(each)
    found: dict[Wanted, Any] = {}
    for (mode, minutes, is_helper), some in grouped.items():
        points = [[helping[column].lon, helping[column].lat] for column, _, _ in some]
        drawn = model.isochrones(points, [minutes], mode, towards=not is_helper)
        found |= {each: None if shape.is_empty else shape for each, (shape,) in zip(some, drawn, strict=True)}
    return found
