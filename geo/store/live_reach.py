"""What is within reach of each place of figures that are kept: as the crow flies, or by shapes along streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np
import shapely

from geo.analysis.live.reach import PlainReach, ShapedReach
from geo.analysis.reach import StraightReach
from geo.store.reaching import STRAIGHT, find_own_reach_m, find_shapes, minutes_of

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence
    from uuid import UUID

    from pyproj import CRS
    from sqlalchemy.orm import Session

    from geo.analysis.live.reach import LiveReach
    from geo.domain.travel import TravelModel
    from geo.domain.words import Mode
    from geo.store.supply import Helping

CORNERS_OF_A_NEED: Final = 16
"""So many corners of shapes, made ready for comparing, take about as much room as one need."""


class Within(NamedTuple):
    """What is within reach of one place; see :class:`geo.analysis.live.coverage.LivePlace`."""

    reach_m: float | None = None
    shapes: tuple[Any, ...] = ()


class Around(Protocol):
    """Finds what is within reach of places, of new ones and of those that have changed."""

    @property
    def size(self) -> int:
        """How many needs would take as much room as what is kept."""

    def reach(self) -> LiveReach:
        """Begin a state of who reaches whom."""

    def serves(self, modes: Collection[Mode]) -> bool:
        """Tell whether households may travel in these ways too, without all places being looked at again."""

    def find(self, session: Session, helping: Sequence[Helping], crs: CRS) -> list[Within]:
        """Find what is within reach of each place, in a plane system that is always the same."""

    def forget(self, ids: Collection[UUID]) -> None:
        """Forget places that do not help any more."""


def find_around(model: TravelModel, standard_min: float, modes: Collection[Mode]) -> Around:
    """Choose as :func:`geo.store.reaching.find_reach_finder` does.

    Parameters
    ----------
    modes
        In which households travel.
    """
    return _Crow(model, standard_min) if model.info.name == STRAIGHT else _Streets(model, standard_min, modes)


class _Crow:
    def __init__(self, model: TravelModel, standard_min: float) -> None:
        self._model, self._standard_min = model, standard_min
        self.size = 0

    def reach(self) -> LiveReach:
        return PlainReach(StraightReach.of(self._model, self._standard_min))

    def serves(self, modes: Collection[Mode]) -> bool:  # noqa: ARG002 - any
        return True

    def find(self, session: Session, helping: Sequence[Helping], crs: CRS) -> list[Within]:  # noqa: ARG002
        own_m = find_own_reach_m(self._model, helping, self._standard_min).tolist()
        return [Within(None if np.isnan(each) else each) for each in own_m]

    def forget(self, ids: Collection[UUID]) -> None:
        """Nothing is kept."""


class _Streets:
    """Shapes are kept with what they were drawn for, so that a place whose room alone changes is not drawn again."""

    def __init__(self, model: TravelModel, standard_min: float, modes: Collection[Mode]) -> None:
        self._model, self._standard_min = model, standard_min
        self._modes = frozenset(modes)
        self._kept: dict[UUID, tuple[Hashable, Within]] = {}
        self._corners = 0

    @property
    def size(self) -> int:
        return self._corners // CORNERS_OF_A_NEED

    def reach(self) -> LiveReach:
        return ShapedReach()

    def serves(self, modes: Collection[Mode]) -> bool:
        return self._modes.issuperset(modes)

    def find(self, session: Session, helping: Sequence[Helping], crs: CRS) -> list[Within]:
        new = [each for each in helping if self._kept.get(each.id, (None,))[0] != self._from(each)]
        shapes = find_shapes(session, self._model, new, self._standard_min, crs=crs, modes=self._modes)
        self.forget([each.id for each in new])
        for each, drawn in zip(new, shapes.T, strict=True):
            self._kept[each.id] = self._from(each), Within(None, tuple(drawn))
            self._corners += _count_corners(drawn)
        return [self._kept[each.id][1] for each in helping]

    def forget(self, ids: Collection[UUID]) -> None:
        for key in ids:
            before = self._kept.pop(key, None)
            if before is not None:
                self._corners -= _count_corners(before[1].shapes)

    def _from(self, help_: Helping) -> Hashable:
        return help_.lon, help_.lat, help_.is_helper, help_.mode, minutes_of(help_, self._standard_min)


def _count_corners(shapes: Collection[Any]) -> int:
    # a helper's shape is the same for all modes, and kept once
    return sum(int(shapely.get_num_coordinates(each)) for each in {id(one): one for one in shapes}.values())
